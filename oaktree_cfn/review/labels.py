"""Real, conditional or noise: what to make of each thing that CloudFormation says would change. Pure.

CloudFormation cannot know what a nested stack's outputs will be, so whatever takes one as a parameter reads as changed,
and as replaced where the property is create-only. With both templates at hand the forecast knows better: a value that
rests on nothing replaced stays. Only then is a change called noise; without templates it is conditional at worst.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from oaktree_cfn.models import KNOWN_AFTER_APPLY, STACK_TYPE, Change, ChangeSet
from oaktree_cfn.review.consequence import Consequence, Severity, worst_first
from oaktree_cfn.review.review import Action, Entry, Label, PropertyChange, Review
from oaktree_cfn.template.tree import Tree

_REPLACING = (Action.REPLACE, Action.MAY_REPLACE)
_CHANGING = (*_REPLACING, Action.MODIFY)

Path = tuple[str, ...]


def label(review: Review, foretold: ChangeSet | None = None, tree: Tree | None = None) -> Review:
    """The review with every entry labelled. ``foretold`` is the forecast of the same update, ``tree`` its new templates."""
    forecast = dict(foretold.walk()) if foretold is not None else None
    entries = tuple(_labelled(entry, forecast, tree) for entry in review.entries)
    noise = {entry.place: entry for entry in entries if entry.label is Label.NOISE}
    remarks = tuple(_disagreements(review, forecast)) if forecast is not None else ()
    return replace(
        review,
        entries=entries,
        consequences=worst_first(_calmed(consequence, noise) for consequence in review.consequences),
        remarks=(*review.remarks, *remarks),
    )


def _labelled(entry: Entry, forecast: Mapping[Path, Change] | None, tree: Tree | None) -> Entry:
    if entry.action not in _CHANGING or entry.type == STACK_TYPE:
        return entry
    if forecast is None:
        verdict, why = _from_values(entry)
    else:
        verdict, why = _from_forecast(entry, forecast.get(entry.path), tree)
        doubt = _in_doubt(forecast) if verdict is Label.NOISE else ""
        verdict, why = (Label.CONDITIONAL, doubt) if doubt else (verdict, why)
    return replace(entry, label=verdict, why=why)


def _in_doubt(forecast: Mapping[Path, Change]) -> str:
    """What may or may not be replaced: while that is open, nothing that waits for a value can be called noise."""
    open_ = ["/".join(path) for path, change in forecast.items() if change.replacement == "Conditional"]
    return f"hangs on whether {', '.join(open_)} {'is' if len(open_) == 1 else 'are'} replaced" if open_ else ""


def _from_values(entry: Entry) -> tuple[Label, str]:
    """Without templates: what rests only on values that are not known yet is conditional."""
    decisive = [change for change in entry.properties if entry.action not in _REPLACING or change.recreates == "Always"]
    if not entry.certain or entry.action is Action.MAY_REPLACE or (decisive and all(map(_awaited, decisive))):
        return Label.CONDITIONAL, _hangs_on(entry)
    return Label.REAL, ""


def _from_forecast(entry: Entry, foretold: Change | None, tree: Tree | None) -> tuple[Label, str]:
    if foretold is None and any(map(_moved, entry.properties)):
        return Label.REAL, ""
    if foretold is None:
        return Label.NOISE, f"cannot change: {_feeds(entry, tree)}"
    if foretold.before is None and foretold.after is None:
        return Label.CONDITIONAL, _hangs_on(entry)
    if entry.action in _REPLACING and foretold.replacement == "False":
        return Label.NOISE, f"changes in place, no replacement: {_feeds(entry, tree)}"
    if entry.action is Action.REPLACE and foretold.replacement == "Conditional":
        return Label.CONDITIONAL, _hangs_on(entry)
    return Label.REAL, ""


def _awaited(change: PropertyChange) -> bool:
    """Whether the new value is not known before the change set has run."""
    return change.after is not None and KNOWN_AFTER_APPLY in change.after


def _moved(change: PropertyChange) -> bool:
    """Whether both values are told, and differ: what templates cannot see (an SSM parameter's value) has moved."""
    told = change.before is not None and change.after is not None
    return told and change.before != change.after and not _awaited(change)


def _hangs_on(entry: Entry) -> str:
    causes = dict.fromkeys(cause for change in entry.properties for cause in change.causes)
    names = dict.fromkeys(change.name for change in entry.properties)
    return f"hangs on {', '.join(causes or names) or 'values that are not told'}"


def _feeds(entry: Entry, tree: Tree | None) -> str:
    """Which awaited values stay, and where they come from."""
    awaited = [change for change in entry.properties if _awaited(change)] or list(entry.properties)
    sources = dict.fromkeys(_source(cause, entry, tree) for change in awaited for cause in change.causes)
    named = ", ".join(change.name for change in awaited) or "its values"
    stays = f"{', '.join(sources)} stays what it is" if sources else "the values that feed it stay"
    return f"{named} counts as known after apply, but {stays}"


def _source(cause: str, entry: Entry, tree: Tree | None) -> str:
    """Where a parameter's value comes from, read in the parent's template: ``VpcId (Network.Outputs.VpcId)``."""
    parent = _at(tree, entry.path[:-2]) if tree is not None and len(entry.path) > 1 else None
    resource = parent.template["Resources"].get(entry.path[-2], {}) if parent is not None else {}
    value = resource.get("Properties", {}).get("Parameters", {}).get(cause)
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        parts = value["Fn::GetAtt"]
        return f"{cause} ({parts if isinstance(parts, str) else '.'.join(map(str, parts))})"
    return cause


def _at(tree: Tree, path: Path) -> Tree | None:
    found: Tree | None = tree
    for name in path:
        found = found.children.get(name) if found is not None else None
    return found


def _calmed(consequence: Consequence, noise: Mapping[str, Entry]) -> Consequence:
    """A consequence of something that cannot happen is only a note. What changes in place still means what it means."""
    entry = noise.get(consequence.place)
    if entry is None or not consequence.place:
        return consequence
    if entry.action in _REPLACING and "in place" in entry.why and "replaced" not in consequence.text:
        return consequence
    return replace(consequence, severity=Severity.NOTE, details=(*consequence.details, f"noise: {entry.why}"))


def _disagreements(review: Review, forecast: Mapping[Path, Change]) -> Iterator[str]:
    """What was foretold and CloudFormation does not say, or says more mildly."""
    said = {entry.path: entry for entry in review.entries}
    for path, change in forecast.items():
        told = change.before is not None or change.after is not None
        if change.type == STACK_TYPE or not told:
            continue
        entry = said.get(path)
        place = "/".join(path)
        if entry is None:
            yield f"{place}: foretold to {_word(change)}, but CloudFormation does not list it"
        elif change.replacement == "True" and entry.action is Action.MODIFY:
            yield f"{place}: foretold to be replaced, but CloudFormation says modify"


def _word(change: Change) -> str:
    return {"Add": "be added", "Remove": "be removed"}.get(
        change.action, "be replaced" if change.replacement == "True" else "change"
    )
