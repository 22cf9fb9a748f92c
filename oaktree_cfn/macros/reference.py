"""The shorthand's reference page, drawn from the typed fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from oaktree_cfn.macros.platform import Placement
from oaktree_cfn.macros.properties import parts_of, word
from oaktree_cfn.macros.shorthand import SHORTHANDS, Shorthand
from oaktree_cfn.macros.transform import expand
from oaktree_cfn.services.fields import Kind, Named, Part, Several, kind_of, says_of

SAMPLES: dict[str, dict[str, Any]] = {
    "OakTree::WebService": {
        "Image": "app:1",
        "Route": {"Priority": 10, "Paths": ["/*"]},
        "Scaling": {"MaxCapacity": 4},
    },
    "OakTree::Worker": {"Image": "app:1", "Scaling": {"MaxCapacity": 4}},
    "OakTree::ScheduledTask": {"Image": "app:1", "Schedule": "rate(1 hour)"},
    "OakTree::Table": {"Partition": {"Name": "id", "Type": "S"}},
}
"""A usual use of each type, from which the list of resulting resources is made."""


def usual(kind: str) -> dict[str, Any]:
    """A resource of the type as it is usually written."""
    where = {"Platform": "oaktree-dev"} if SHORTHANDS[kind].place else {}
    return {"Type": kind, "Properties": {**where, **SAMPLES[kind]}}


def page() -> str:
    """All shorthand types and their parts, as Markdown."""
    parts: dict[str, type] = {}
    types = [_type(kind, shorthand, parts) for kind, shorthand in SHORTHANDS.items()]
    placement = ["## Where it runs\n", *_table(Placement, parts), ""]
    return "\n".join([*types, "\n".join(placement), *_parts(parts)]) + "\n"


def _type(kind: str, shorthand: Shorthand, parts: dict[str, type]) -> str:
    lines = [f"## {kind}\n", f"{_first(shorthand.describes)}\n", *_table(shorthand.describes, parts)]
    if shorthand.place:
        lines += [row for row in _rows(shorthand.place, parts) if row not in {*_rows(Placement, parts)}]
        lines.append("\nAnd [where it runs](#where-it-runs).")
    lines += ["", f"`Ref` is {_main(shorthand)}. `Fn::GetAtt`:", ""]
    lines += [f"- `{name}`: {_meaning(*found)}" for name, found in shorthand.attributes.items()]
    lines += ["", "A usual one (logical id `App`) becomes:", "", *_resulting(kind), ""]
    return "\n".join(lines)


def _first(cls: Any) -> str:
    return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())


def _main(shorthand: Shorthand) -> str:
    return f"the `{shorthand.main}`'s" if shorthand.main else "the resource's own"


def _meaning(resource: str, attribute: str) -> str:
    if resource == "Url":
        return "where it answers: its host, or the platform's address"
    return f"`{attribute or 'Ref'}` of {f'the generated `{resource}`' if resource else 'the resource itself'}"


def _resulting(kind: str) -> Iterator[str]:
    made = expand({"Resources": {"App": usual(kind)}}, "")
    for title, resource in made["Resources"].items():
        yield f"- `{title}`: {resource['Type']}"


def _table(cls: type, parts: dict[str, type]) -> Iterator[str]:
    yield "| property | takes | default | meaning |"
    yield "|---|---|---|---|"
    yield from _rows(cls, parts)


def _rows(cls: type, parts: dict[str, type]) -> Iterator[str]:
    for declared in fields(cls):
        kind = kind_of(cls, declared.name)
        parts |= {found.__name__: found for found in parts_of(kind)}
        cells = (f"`{word(declared.name)}`", _takes(kind), _default(declared), says_of(cls, declared.name))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _takes(kind: Kind) -> str:
    match kind:
        case Part(classes):
            return " or ".join(f"[{cls.__name__}](#{cls.__name__.lower()})" for cls in classes)
        case Several():
            return f"list of {_takes(kind.kind)}"
        case Named():
            return f"map from {kind.names} to {_takes(kind.kind)}"
    return kind.says


def _default(declared: Any) -> str:
    if declared.default is MISSING and declared.default_factory is MISSING:
        return "**required**"
    value = declared.default_factory() if declared.default is MISSING else declared.default
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, str):
        return f"`{value}`"
    return (
        f"`{json.dumps(value)}`"
        if isinstance(value, int | float | dict)
        else f"{type(value).__name__} with its defaults"
    )


def _parts(parts: dict[str, type]) -> Iterator[str]:
    """Every part that is spoken of, and the parts of parts."""
    told: set[str] = set()
    while waiting := [name for name in parts if name not in told]:
        for name in waiting:
            told.add(name)
            yield "\n".join([f"### {name}\n", f"{_first(parts[name])}\n", *_table(parts[name], parts), ""])
