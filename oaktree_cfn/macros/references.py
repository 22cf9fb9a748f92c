"""References to shorthand resources, turned into references to what they became."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")

_NESTED = frozenset({dict, list})

Resolve = Callable[[str, str, str], Any]
"""Logical id of a shorthand, attribute (empty for Ref), path -> an intrinsic function. Raises BadFragment."""


class Rewriter:
    """Replaces references to the shorthands of one template; everything else stays the same object."""

    def __init__(self, titles: Iterable[str], resolve: Resolve) -> None:
        self._titles = frozenset(titles)
        self._resolve = resolve

    def rewrite(self, value: Any, path: str) -> Any:
        """The value with its references resolved."""
        kind = type(value)
        if kind is list:
            return [
                self.rewrite(item, f"{path}/{index}") if type(item) in _NESTED else item
                for index, item in enumerate(value)
            ]
        if kind is not dict:
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref":
                return self._resolve(argument, "", path) if self._ours(argument) else value
            if key == "Fn::GetAtt":
                return self._get_att(value, path)
            if key == "Fn::Sub":
                return self._sub(argument, path)
        return {
            key: self.rewrite(item, f"{path}/{key}") if type(item) in _NESTED else item for key, item in value.items()
        }

    def _ours(self, title: Any) -> bool:
        return isinstance(title, str) and title in self._titles

    def _get_att(self, value: Mapping[str, Any], path: str) -> Any:
        argument = value["Fn::GetAtt"]
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        pair = isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts)
        return self._resolve(parts[0], parts[1], path) if pair and parts[0] in self._titles else value

    def _sub(self, argument: Any, path: str) -> Any:
        """Variables that speak of a shorthand become variables of the function's own map."""
        text, given = argument, {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            text, given = argument[0], {key: self.rewrite(item, path) for key, item in argument[1].items()}
        if not isinstance(text, str):
            return {"Fn::Sub": argument}
        taken = {*given, *(name.strip() for name in _VARIABLE.findall(text))}
        more: dict[str, Any] = {}

        def variable(found: re.Match[str]) -> str:
            title, _, attribute = found[1].strip().partition(".")
            if title not in self._titles or found[1].strip() in given:
                return found[0]
            name = _free(f"{title}{attribute or 'Ref'}".replace(".", ""), taken)
            more[name] = self._resolve(title, attribute, path)
            return "${" + name + "}"

        changed = _VARIABLE.sub(variable, text)
        if not given and not more:
            return {"Fn::Sub": argument}
        return {"Fn::Sub": [changed, {**given, **more}]}


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or one like it that the text does not use for something else."""
    return name if name not in taken else _free(f"{name}Of", taken)
