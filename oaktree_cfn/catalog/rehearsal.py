"""What a version would do to everything provisioned from the product, in one review. Pure.

Each provisioned product is foretold by itself: its stack's template and values against the new version's. The reviews
are put together under the products' names, so that one review, in whatever face, says what becomes of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oaktree_cfn.aws.service_catalog import Provisioned
from oaktree_cfn.catalog import form
from oaktree_cfn.errors import OaktreeError
from oaktree_cfn.review.consequence import Consequence, Severity, worst_first
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.hidden import hidden
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.redact import Redactor
from oaktree_cfn.review.review import Part, Review, review
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

STATE = "state"

_HEALTHY = frozenset({"AVAILABLE"})


@dataclass(frozen=True)
class Deployed:
    """A provisioned product as it stands: what its stack was made from, and where."""

    product: Provisioned
    version: Version
    place: Place


@dataclass(frozen=True)
class Target:
    """The version that is rehearsed: its name, its template, and the catalog's bounds."""

    name: str
    template: Mapping[str, Any]
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """What becomes of one provisioned product. It needs attention where a gate would refuse."""

    product: Provisioned
    review: Review
    reasons: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether the upgrade may simply be made."""
        return not self.reasons


def rehearse(deployed: Deployed, target: Target, policy: Policy) -> Rehearsal:
    """Foretell the upgrade of one provisioned product."""
    name, old = deployed.product.name, deployed.version
    declared = target.template.get("Parameters", {})
    values = form.kept(declared, old.parameters)
    found = [
        *_state(deployed.product),
        *form.changes(name, old.tree.template.get("Parameters", {}), declared, old.parameters),
        *form.broken(name, target.template, target.bounds, values),
    ]
    made, more = _foretold(deployed, Version(Tree(name, target.template), values, old.tags))
    whole = replace(made, consequences=worst_first([*_placed(name, made.consequences), *found, *more]))
    whole = replace(
        whole, stack_name=name, entries=tuple(replace(each, path=(name, *each.path)) for each in made.entries)
    )
    reasons = tuple(refusal.reason for refusal in judge(whole, (), policy).refusals)
    return Rehearsal(deployed.product, whole, reasons)


def _foretold(deployed: Deployed, wanted: Version) -> tuple[Review, list[Consequence]]:
    name = deployed.product.name
    try:
        secrets = hidden(deployed.version, deployed.place) | hidden(wanted, deployed.place)
        change_set = forecast(deployed.version, wanted, deployed.place).change_set
    except OaktreeError as error:
        said = f"It cannot be upgraded as it is filled in: {error.message}"
        return Review(name, "", ""), [Consequence(form.KIND, name, Severity.REFUSE, said)]
    made = label(review(change_set, secrets=secrets))
    hide = Redactor.of((), secrets).text
    return replace(
        made, parts=tuple(_part(name, each) for each in made.parts), remarks=tuple(map(hide, made.remarks))
    ), []


def _part(name: str, part: Part) -> Part:
    return replace(part, place="/".join(filter(None, (name, part.place))))


def _state(product: Provisioned) -> Iterable[Consequence]:
    if product.status not in _HEALTHY:
        why = f": {product.message}" if product.message else ""
        said = f"It is {product.status} already, before any upgrade{why}"
        yield Consequence(STATE, product.name, Severity.REFUSE, said)


def _placed(name: str, found: Iterable[Consequence]) -> Iterable[Consequence]:
    return (replace(each, place="/".join(filter(None, (name, each.place)))) for each in found)


@dataclass(frozen=True)
class Report:
    """All rehearsals of one version."""

    target: Target
    rehearsals: tuple[Rehearsal, ...] = field(default_factory=tuple)

    @property
    def summary(self) -> str:
        """How many are safe, and how many need attention."""
        if not self.rehearsals:
            return "Nothing is provisioned from this product."
        safe = sum(each.safe for each in self.rehearsals)
        others = len(self.rehearsals) - safe
        return f"{safe} safe, {others} need{'s' if others == 1 else ''} attention"

    def review(self) -> Review:
        """One review of all, under the products' names, worst first."""
        reviews = [each.review for each in self.rehearsals]
        return Review(
            stack_name=f"Rehearsal of {self.target.name}",
            stack_id="",
            change_set_id=f"rehearsal:{self.target.name}",
            entries=tuple(sorted((each for one in reviews for each in one.entries), key=lambda e: (-e.risk, e.path))),
            consequences=worst_first(each for one in reviews for each in one.consequences),
            remarks=(self.summary, *map(_line, self.rehearsals), *(each for one in reviews for each in one.remarks)),
            parts=tuple(part for one in reviews for part in one.parts),
        )


def _line(rehearsal: Rehearsal) -> str:
    name = rehearsal.product.name
    if rehearsal.safe:
        return f"{name}: safe" if rehearsal.review.entries else f"{name}: safe, no resource changes"
    count = len(rehearsal.reasons)
    return f"{name}: needs attention, for {count} reason{'s' if count > 1 else ''}"
