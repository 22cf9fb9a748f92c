"""Rehearse: what a version would do to everything that is provisioned, shown in any face; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from oaktree_cfn.aws.connection import together
from oaktree_cfn.aws.service_catalog import Provisioned
from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.catalog.publishing import find
from oaktree_cfn.catalog.rehearsal import Deployed, Report, Target, rehearse
from oaktree_cfn.cli.cataloguing import PRODUCT, Offer, offer
from oaktree_cfn.cli.reviewing import TERMINAL, present
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.deploy.versions import of_stack
from oaktree_cfn.errors import Refused
from oaktree_cfn.review.forecast import Version
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.template import read
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

HERE = "here"
"""What ``--version`` takes besides versions: the template in this folder, not yet published."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    name: str
    environments: Path
    version: str = HERE
    templates: Path | None = None
    allow: tuple[str, ...] = ()
    face: str = TERMINAL


def show(request: Request) -> None:
    """Show the report. Raises Refused when anything needs attention, InvalidInput for a version that there is not."""
    screen, found = Screen(), offer(request.name, request.environments)
    folder = request.templates or TEMPLATES
    target = _target(found, request.version, folder)
    policy = Policy.of(found.session.environment)
    deployed = [each for each in together(*_questions(found)) if each is not None]
    report = Report(target, tuple(rehearse(each, target, policy) for each in deployed))
    if not report.rehearsals and request.face == TERMINAL:
        screen.show(report.summary)
        return
    made = report.review()
    verdict = judge(made, request.allow, policy)
    present(screen, request.face, made, verdict, folder)
    if request.face != TERMINAL:
        screen.say(report.summary)
    if verdict.refused:
        lines = "\n".join(f"  {refusal.place}: {refusal.reason}" for refusal in verdict.refusals)
        raise Refused(f"{report.summary} with {target.name}; nothing was changed.\n{lines}", verdict.advice)


def _target(found: Offer, version: str, folder: Path) -> Target:
    bounds = found.catalog.bounds(found.portfolio, found.product)
    if version == HERE:
        return Target(f"{folder / PRODUCT}", read.load(folder / PRODUCT), bounds)
    chosen = find(found.versions(), version)
    return Target(chosen.name, found.template(chosen), bounds)


def _questions(found: Offer) -> list[partial[Deployed | None]]:
    return [partial(_deployed, found, each) for each in found.catalog.provisioned(found.product)]


def _deployed(found: Offer, product: Provisioned) -> Deployed | None:
    """What one provisioned product is; one whose stack is gone is told of all the same."""
    target = found.session.target
    cloudformation, region = target.cloudformation, target.aws.region
    stack = cloudformation.stack(product.stack) if product.stack else None
    if stack is None or stack.status in {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}:
        lost = replace(product, status="ERROR", message=product.message or "it has no stack")
        nothing = Version(Tree(product.name, {"Resources": {}}))
        return Deployed(lost, nothing, Place(product.name, region, target.account))
    deployed = of_stack(cloudformation, stack)
    place = Place(stack.name, region, target.account, cloudformation.exports(), deployed.physical_ids)
    return Deployed(product, deployed.version, place)
