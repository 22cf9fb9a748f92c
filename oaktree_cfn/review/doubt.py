"""How sure an unknown value is to change. Pure.

That a value is not known yet does not mean that it changes. The id of a resource that is made anew does, and so does every
text it is a part of. But a *piece* of such a text (Select, Split), what is looked up by it, what hangs on a condition about
it, or an attribute that says nothing about identity may well come out as it is today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.template.evaluate import Scope, function_of
from oaktree_cfn.template.values import UNKNOWN, TemplateError

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_IDENTITY = ("Arn", "Id", "Name")
"""How attributes end that no two resources share."""
_WHOLE = frozenset({"Fn::Join", "Fn::Base64", "Fn::Sub", "Fn::Split", "Fn::ToJsonString"})
"""Functions of which every part is seen in the result: it changes for sure when one part does."""


@dataclass(frozen=True)
class Doubt:
    """Judges expressions of one template, in the ``scope`` of the new one.

    ``parameters`` are those whose unknown value may stay; ``output`` says the same of a nested stack's output.
    """

    scope: Scope
    parameters: Collection[str]
    output: Callable[[str, str], bool]

    def of(self, expression: Any) -> bool:
        """Whether an expression whose value is not known may have today's value all the same."""
        name = function_of(expression)
        if name is None:
            return self._all(_parts(expression))
        arguments = expression[name]
        match name:
            case "Ref":
                return arguments in self.parameters
            case "Fn::GetAtt":
                return self._attribute(arguments)
            case "Fn::If":
                branch = self.scope.branch(arguments)
                return branch is UNKNOWN or self.of(branch)
            case "Fn::Select":
                return self._selected(arguments)
            case "Fn::Sub":
                return self._all(_substituted(arguments))
        return name not in _WHOLE or self._all(_parts(arguments))

    def _all(self, parts: Collection[Any]) -> bool:
        """Whether every unknown part is in doubt: one that is not decides."""
        return all(self.of(part) for part in parts if self.unknown(part))

    def unknown(self, expression: Any) -> bool:
        """Whether something in a value is not known."""
        try:
            return has_unknown(self.scope.value(expression))
        except TemplateError:
            return True

    def _attribute(self, arguments: Any) -> bool:
        logical_id, _, name = (
            arguments.partition(".") if isinstance(arguments, str) else (arguments[0], "", arguments[1])
        )
        if str(name).startswith("Outputs."):
            return self.output(logical_id, name.removeprefix("Outputs."))
        return not str(name).endswith(_IDENTITY)

    def _selected(self, arguments: Any) -> bool:
        """One of a list that is written out is that one; of any other list it may be an item that stays."""
        index, items = arguments
        plain = str(index).isdigit() and isinstance(items, list) and int(str(index)) < len(items)
        return self.of(items[int(str(index))]) if plain else True


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and function_of(value) is None:
        return list(value.values())
    return list(value) if isinstance(value, list) else [value]


def _substituted(arguments: Any) -> list[Any]:
    """What Fn::Sub puts into its text, as expressions."""
    text, given = arguments if isinstance(arguments, list) else (arguments, {})
    names = _VARIABLE.findall(text)
    return [given[name] if name in given else _reference(name.strip()) for name in names]


def _reference(name: str) -> Any:
    return {"Fn::GetAtt": name} if "." in name else {"Ref": name}


def has_unknown(value: Any) -> bool:
    """Whether a value has a part that is not known."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return value is UNKNOWN
