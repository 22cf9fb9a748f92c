"""The macro ``OakTree``: a template with shorthand resources -> the same template with what they are short for.

Everything that is not ours passes through untouched, in its order; what a shorthand becomes stands where it stood.
``Globals`` holds properties for all shorthands of a kind (``Globals: {WebService: {Cpu: 512}}``) or of every kind
(``All``), as in SAM: maps are merged, lists joined, single values are the resource's own where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from oaktree_cfn.macros.fragment import (
    MOST_FAULTS,
    MOST_RESOURCES,
    BadFragment,
    Fault,
    Fragment,
    bound,
    mapping,
    meant,
    refuse,
)
from oaktree_cfn.macros.parameters import Known, hidden, referred, resolved
from oaktree_cfn.macros.plain import plain
from oaktree_cfn.macros.platform import WebPlacement, lacking
from oaktree_cfn.macros.properties import is_intrinsic
from oaktree_cfn.macros.references import Rewriter
from oaktree_cfn.macros.shorthand import SHORTHANDS, described
from oaktree_cfn.models import RESOURCE_ATTRIBUTES
from oaktree_cfn.services.ground import Lacking

PREFIX = "OakTree::"
_CARRIED = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")
ATTRIBUTES = {"Type", "Properties", "DependsOn", "Metadata", *_CARRIED}
_EVERY_KIND = "All"


def expand(template: Fragment, version: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The expanded template.

    ``version`` is the macro's, for the Metadata of what it made. ``values`` are the template's parameter values: what is
    given through a parameter is judged too, but references stay references. Raises BadFragment.
    """
    bound(template)
    mapping(template, "template")
    ours = _shorthands(template)
    if not ours:
        return _without_globals(template)
    _refuse_many(len(template["Resources"]))
    _refuse_unknown_globals(template)
    references = _References(ours, template)
    composer = _Composer(template, version, Known.of(template, values or {}), Rewriter(ours, references.resolve))
    made, faults = composer.all(ours)
    if faults:
        raise BadFragment(faults)
    out = _assembled(template, ours, made, composer.rewriter)
    references.refuse_missing(made)
    return out


def _shorthands(template: Fragment) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for title, body in mapping(template.get("Resources", {}), "Resources").items():
        kind = body.get("Type") if isinstance(body, dict) else None
        if isinstance(kind, str) and kind.startswith(PREFIX):
            found[title] = body
    return found


# Composing


@dataclass(frozen=True)
class _Composer:
    """Makes resources of the shorthands of one template. What they say is rewritten before: it is less than what they
    become, and a reference that means nothing is told where it was written.
    """

    template: Fragment
    version: str
    known: Mapping[str, Known]
    rewriter: Rewriter

    def all(self, ours: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
        """What each shorthand becomes, and everything that is wrong."""
        made: dict[str, dict[str, Any]] = {}
        faults: list[Fault] = []
        for title, body in ours.items():
            try:
                made[title] = self._resources(title, body)
            except BadFragment as error:
                faults += error.faults
        faults += _clashes(self.template, made)
        return made, list(dict.fromkeys(faults))

    def _resources(self, title: str, body: Mapping[str, Any]) -> dict[str, Any]:
        path = f"Resources/{title}"
        kind = str(body["Type"])
        _refuse_odd(title, kind, body, path)
        said = _with_globals(mapping(body.get("Properties", {}), f"{path}/Properties"), kind, self.template)
        properties = self.rewriter.rewrite(said, f"{path}/Properties")
        if self.known:
            _judge_as_it_will_be(kind, properties, f"{path}/Properties", self.known)
        description, placement = described(kind, properties, f"{path}/Properties")
        try:
            composed = description.render(title) if placement is None else description.compose(placement.ground(title))
        except Lacking as error:
            raise BadFragment([lacking(error, f"{path}/Properties")]) from error
        except (TypeError, ValueError) as error:
            raise refuse(path, f"these properties make no {kind}: {str(error)[:300]}") from error
        around = {**body, "Metadata": self.rewriter.rewrite(body.get("Metadata", {}), f"{path}/Metadata")}
        rendered = {resource.title: plain(resource) for resource in composed}
        return {
            name: _for_readers(_carried(resource, name, title, around, self.version))
            for name, resource in rendered.items()
        }


def _judge_as_it_will_be(kind: str, properties: Mapping[str, Any], path: str, known: Mapping[str, Known]) -> None:
    """Refuse what is wrong with the parameters' values in it. Raises BadFragment."""
    whole = resolved(properties, known)
    if whole == properties:
        return
    try:
        described(kind, whole, path)
    except BadFragment as error:
        values = referred(properties, known)
        raise BadFragment(replace(each, message=hidden(each.message, values)) for each in error.faults) from None


def _refuse_odd(title: str, kind: str, body: Mapping[str, Any], path: str) -> None:
    if kind not in SHORTHANDS:
        raise refuse(f"{path}/Type", f"there is no {kind}{meant(kind, SHORTHANDS)}", f"Take {', '.join(SHORTHANDS)}")
    for name in body:
        if name not in ATTRIBUTES:
            raise refuse(f"{path}/{name}", f"{kind} has no attribute of that name{meant(name, ATTRIBUTES)}")
    if not title.isalnum() or not title.isascii():
        raise refuse(path, "a logical id is made of letters and digits")


def _for_readers(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {name: resource[name] for name in RESOURCE_ATTRIBUTES if name in resource}


def _carried(resource: dict[str, Any], name: str, title: str, body: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The resource with what the shorthand said besides its properties: condition and policies on all, dependencies and
    metadata on the main one.
    """
    found = {**resource, **{key: body[key] for key in _CARRIED if key in body}}
    if name != f"{title}{SHORTHANDS[str(body['Type'])].main}":
        return found
    if "DependsOn" in body:
        after = body["DependsOn"] if isinstance(body["DependsOn"], list) else [body["DependsOn"]]
        found["DependsOn"] = [*found.get("DependsOn", ()), *after]
    given = mapping(body.get("Metadata", {}), f"Resources/{title}/Metadata")
    found["Metadata"] = {**given, "OakTree": {"Type": body["Type"], "LogicalId": title, "Version": version}}
    return found


def _clashes(template: Fragment, made: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    taken = {title: "the template" for title in template["Resources"] if title not in made}
    for title, resources in made.items():
        for name in resources:
            owner = taken.setdefault(name, title)
            if owner != title:
                fix = f"Rename {title}, or the other"
                yield Fault(f"Resources/{title}", f"it makes a resource {name}, which {owner} has already", fix)


# Globals


def _refuse_unknown_globals(template: Fragment) -> None:
    """Refuse what in Globals is for us and no property of what it is for."""
    if faults := list(islice(_unknown_globals(template), MOST_FAULTS)):
        raise BadFragment(faults)


def _unknown_globals(template: Fragment) -> Iterator[Fault]:
    kinds = {kind.removeprefix(PREFIX): shorthand for kind, shorthand in SHORTHANDS.items()}
    for section, said in mapping(template.get("Globals", {}), "Globals").items():
        if section not in (*kinds, _EVERY_KIND):
            continue
        every = [shorthand.properties for shorthand in kinds.values()]
        known = kinds[section].properties if section in kinds else tuple({name for names in every for name in names})
        for name in mapping(said, f"Globals/{section}"):
            if name not in known:
                yield Fault(f"Globals/{section}/{name}", f"there is no such property{meant(name, known)}")


def _with_globals(properties: Mapping[str, Any], kind: str, template: Fragment) -> dict[str, Any]:
    said = mapping(template.get("Globals", {}), "Globals")
    known = SHORTHANDS[kind].properties
    merged: dict[str, Any] = {}
    for section in (_EVERY_KIND, kind.removeprefix(PREFIX)):
        merged = _merged(merged, {name: value for name, value in said.get(section, {}).items() if name in known})
    return _merged(merged, properties)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for name, value in above.items():
        under = out.get(name)
        maps = isinstance(under, dict) and isinstance(value, dict)
        if maps and not is_intrinsic(under) and not is_intrinsic(value):
            out[name] = {**under, **value}  # type: ignore[dict-item]  # both are maps: asked just above
        elif isinstance(under, list) and isinstance(value, list):
            out[name] = [*under, *value]
        else:
            out[name] = value
    return out


def _without_globals(template: Fragment) -> dict[str, Any]:
    """The template without what Globals said to us; other transforms' part of it stays."""
    kinds = {kind.removeprefix(PREFIX) for kind in SHORTHANDS} | {_EVERY_KIND}
    out = dict(template)
    if isinstance(out.get("Globals"), dict):
        rest = {section: said for section, said in out["Globals"].items() if section not in kinds}
        out["Globals"] = rest
        if not rest:
            del out["Globals"]
    return out


# Putting together


def _assembled(
    template: Fragment,
    ours: Mapping[str, Mapping[str, Any]],
    made: Mapping[str, Mapping[str, Any]],
    rewriter: Rewriter,
) -> dict[str, Any]:
    resources: dict[str, Any] = {}
    for title, body in template["Resources"].items():
        resources |= made[title] if title in made else {title: rewriter.rewrite(body, f"Resources/{title}")}
    _refuse_many(len(resources))
    out = _without_globals(template)
    out |= {section: rewriter.rewrite(out[section], section) for section in ("Outputs", "Conditions") if section in out}
    out["Resources"] = {name: _after(body, ours) for name, body in resources.items()}
    return out


def _refuse_many(count: int) -> None:
    if count > MOST_RESOURCES:
        raise refuse("Resources", f"{count} resources; a template may have {MOST_RESOURCES}")


def _after(body: Any, ours: Mapping[str, Mapping[str, Any]]) -> Any:
    """``DependsOn`` a shorthand is ``DependsOn`` its main resource."""
    if not isinstance(body, dict) or "DependsOn" not in body:
        return body
    given = body["DependsOn"]

    def main(name: Any) -> Any:
        return f"{name}{SHORTHANDS[str(ours[name]['Type'])].main}" if isinstance(name, str) and name in ours else name

    return {**body, "DependsOn": [main(name) for name in given] if isinstance(given, list) else main(given)}


class _References:
    """What references to shorthands mean."""

    def __init__(self, ours: Mapping[str, Mapping[str, Any]], template: Fragment) -> None:
        self._ours, self._template = ours, template
        self._asked: list[tuple[str, str, str, str]] = []

    def resolve(self, title: str, attribute: str, path: str) -> Any:
        """The intrinsic function for ``Ref`` (an empty attribute) or ``Fn::GetAtt``. Raises BadFragment."""
        shorthand = SHORTHANDS.get(str(self._ours[title]["Type"]))
        if shorthand is None or not attribute:  # a type that there is not is told of the shorthand itself
            return {"Ref": f"{title}{shorthand.main if shorthand else ''}"}
        if attribute not in shorthand.attributes:
            kind, known = self._ours[title]["Type"], shorthand.attributes
            fix = f"It has {', '.join(known)}"
            raise refuse(path, f"an {kind} has no attribute {attribute}{meant(attribute, known)}", fix)
        if attribute == "Url":
            return self._url(title, path)
        resource, inner = shorthand.attributes[attribute]
        self._asked.append((path, title, resource, attribute))
        name = f"{title}{resource}"
        return {"Fn::GetAtt": [name, inner]} if inner else {"Ref": name}

    def refuse_missing(self, made: Mapping[str, Mapping[str, Any]]) -> None:
        """Refuse references to what the shorthands did not make. Raises BadFragment."""
        faults = [
            Fault(path, f"{title} has no {resource} of its own, so there is no {attribute}")
            for path, title, resource, attribute in self._asked
            if f"{title}{resource}" not in made[title]
        ]
        if faults:
            raise BadFragment(faults)

    def _url(self, title: str, path: str) -> Any:
        """The platform's address and the route's path; with a host of its own, that one, in the platform's scheme."""
        body = self._ours[title]
        place = f"Resources/{title}/Properties"
        properties = _with_globals(mapping(body.get("Properties", {}), place), str(body["Type"]), self._template)
        _, placement = described(str(body["Type"]), properties, place)
        platform = placement.url() if isinstance(placement, WebPlacement) else None
        if platform is None:
            raise refuse(path, f"{title} names no Platform, so its address is not known")
        said = properties.get("Route")
        route = said if isinstance(said, dict) else {}
        return _address(platform.to_dict(), _first(route.get("Hosts")), _first(route.get("Paths")))


def _address(platform: Any, host: Any, way: Any) -> dict[str, Any]:
    text, values = "${Address}", {"Address": platform}
    if is_intrinsic(host) or _plain(host):
        text, values = "${Scheme}://", {"Scheme": {"Fn::Select": [0, {"Fn::Split": ["://", platform]}]}}
    if is_intrinsic(host):
        text, values = text + "${Host}", {**values, "Host": host}
    else:
        text += _plain(host)
    if is_intrinsic(way):
        return {"Fn::Sub": [text + "${Path}", {**values, "Path": {"Fn::Select": [0, {"Fn::Split": ["*", way]}]}}]}
    return {"Fn::Sub": [text + (_plain(way) or "/"), values]}


def _first(patterns: Any) -> Any:
    return next(iter(patterns), None) if isinstance(patterns, list) else patterns


def _plain(pattern: Any) -> str:
    """The part of a pattern before its first wildcard; nothing where that is no address."""
    if not isinstance(pattern, str) or "$" in pattern:
        return ""
    start = re.split(r"[*?]", pattern)[0]
    return start if start == pattern or start.startswith("/") else ""
