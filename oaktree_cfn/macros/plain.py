"""Resources as plain data, as troposphere's ``to_dict`` gives them, in one pass.

troposphere encodes what is nested anew at every level above it; for a large template that is most of an expansion's time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from troposphere import AWSHelperFn, BaseAWSObject

_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Whatever troposphere or awacs made, as a template writes it.

    Raises ValueError, as ``to_dict`` does, for a resource that lacks a property or contradicts itself.
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is dict:
        return _map(value)
    if kind is list or kind is tuple:
        return [plain(item) for item in value]
    if isinstance(value, BaseAWSObject) and kind.to_dict is BaseAWSObject.to_dict:
        return _object(value)
    if isinstance(value, AWSHelperFn) and kind.to_dict is AWSHelperFn.to_dict:
        return plain(value.data)
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    return plain(value.JSONrepr()) if hasattr(value, "JSONrepr") else value


def _map(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item if type(item) in _AS_IT_IS else plain(item) for key, item in value.items()}


def _object(value: Any) -> dict[str, Any]:
    if value.do_validation:
        for name in _required(type(value)):  # type: ignore[arg-type]  # a class can be hashed
            if name not in value.properties:
                raise ValueError(f"{name} is missing in {type(value).__name__}")
        value.validate()
    whole: dict[str, Any] = value.resource
    if value.properties:
        return _map(whole)
    return {key: item for key, item in whole.items() if key != "Properties"} if hasattr(value, "resource_type") else {}


@cache
def _required(cls: type[BaseAWSObject]) -> tuple[str, ...]:
    return tuple(name for name, (_, required) in cls.props.items() if required)
