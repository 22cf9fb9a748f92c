"""Names made from a prefix, written the way a reader of the template would write them."""

from __future__ import annotations

from typing import Any

from troposphere import Ref, Sub


def named(pattern: str, prefix: Any) -> Any:
    """``pattern`` with ``{}`` replaced by the prefix: text stays text, a parameter becomes ``!Sub ${Prefix}-task``.

    >>> named("{}-task", "oaktree-dev")
    'oaktree-dev-task'
    >>> named("{}-task", Ref("Prefix")).to_dict()
    {'Fn::Sub': '${Prefix}-task'}
    >>> named("{}-task", named("{}-api", Ref("Prefix"))).to_dict()
    {'Fn::Sub': '${Prefix}-api-task'}
    """
    if isinstance(prefix, str):
        return pattern.format(prefix)
    if isinstance(prefix, Ref):
        return Sub(pattern.format("${" + prefix.data["Ref"] + "}"))
    if isinstance(prefix, Sub) and isinstance(prefix.data["Fn::Sub"], str):
        return Sub(pattern.format(prefix.data["Fn::Sub"]))
    return Sub(pattern.format("${Prefix}"), Prefix=prefix)
