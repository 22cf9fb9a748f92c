"""Provision, update and terminate from the command line: a plan shown as a review, a yes, and the watching of a deploy."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oaktree_cfn.aws.service_catalog import Launch, Planned, Provisioned, Record, Version
from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.catalog.publishing import find
from oaktree_cfn.cli.cataloguing import Offer, offer
from oaktree_cfn.cli.following import follow, follow_deletion, show_outputs
from oaktree_cfn.cli.reviewing import TERMINAL, present
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session
from oaktree_cfn.deploy.decide import Consent, Discard, decide
from oaktree_cfn.deploy.destroy import survey
from oaktree_cfn.deploy.explain import Knowledge, explain, learn
from oaktree_cfn.deploy.pace import Pace
from oaktree_cfn.deploy.watch import Watch
from oaktree_cfn.errors import DeployFailed, InvalidInput, OaktreeError, Refused, Unknown
from oaktree_cfn.models import ChangeSet, Stack
from oaktree_cfn.review.forecast import Version as Foreseen
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import nothing, review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.parameters import effective
from oaktree_cfn.template.stacks import Evaluator, Place
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.terminal.words import count

LONGEST_PLAN = 15 * 60
"""Seconds after which a plan that is still being made is given up."""

_ENDED = frozenset({"SUCCEEDED", "FAILED"})


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for. ``wanted`` is the provisioned product's name."""

    name: str
    environments: Path
    wanted: str
    version: str | None = None
    product: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    yes: bool = False
    face: str = TERMINAL


def provision(request: Request) -> None:
    """Make a new one. Raises InvalidInput for anything that can be told before it is launched."""
    found = offer(request.name, request.environments, request.product)
    if _of_name(found, request.wanted) is not None:
        raise InvalidInput(
            f"{request.wanted} is provisioned already.",
            f"Change it: `oaktree catalog update --env {request.name} {request.wanted}`.",
        )
    version = find(found.versions(), request.version)
    _launch(request, found, version, dict(request.parameters), None)


def update(request: Request) -> None:
    """Bring one to another version or other values; values that are not given stay."""
    found = offer(request.name, request.environments, request.product)
    product = _known(found, request.wanted)
    version = find(found.versions(), request.version or product.version)
    stack = found.session.target.cloudformation.stack(product.stack)
    _launch(request, found, version, dict(request.parameters), (product, stack))


def _of_name(found: Offer, name: str) -> Provisioned | None:
    return next((each for each in found.catalog.provisioned(found.product) if each.name == name), None)


def _known(found: Offer, name: str) -> Provisioned:
    product = _of_name(found, name)
    if product is None:
        names = ", ".join(each.name for each in found.catalog.provisioned(found.product)) or "nothing"
        raise InvalidInput(f"There is no provisioned product {name}.", f"Provisioned from this product: {names}.")
    return product


Existing = tuple[Provisioned, Stack | None] | None


def _launch(request: Request, found: Offer, version: Version, given: dict[str, str], existing: Existing) -> None:
    screen, session = Screen(), found.session
    template = found.template(version)
    before = existing[1] if existing is not None else None
    kept = {key: None for key in (before.parameters if before is not None else ()) if key in template["Parameters"]}
    _check_values(template, given, before)
    _check_platform(session, template, {**(before.parameters if before is not None else {}), **given})
    launch = Launch(
        name=request.wanted,
        product=found.product,
        version=version.id,
        path=found.catalog.path(found.product, found.portfolio),
        values={**kept, **given},
        tags={} if existing is not None else session.environment.tags,
        token=secrets.token_hex(8),
    )
    plan = _planned(session, found, launch)
    if plan is None:
        screen.say(f"{request.wanted} already is as it should be: nothing to change.")
        if request.face != TERMINAL and before is not None:
            present(screen, request.face, nothing(before.name, before.id), Verdict(), TEMPLATES)
        return
    with _dropped(found, plan):
        change_set = _change_set(session, plan)
        _decide(request, screen, session, change_set, _knowledge(session, template, given, before))
    record = found.catalog.execute(plan, f"execute-{launch.token}")
    own = Session(replace(session.environment, prefix=change_set.stack_name), session.target)
    stack = follow(screen, own, Watch(change_set.stack_id, before, change_set))
    _settled(session, found, record)
    if request.face == TERMINAL:  # what a program reads is the review alone
        show_outputs(screen, stack)


# What can be told before anything is launched


def _check_values(template: Mapping[str, Any], given: Mapping[str, str], before: Stack | None) -> None:
    """Refuse values that the product does not take, and a form that is not filled in."""
    declared = template.get("Parameters", {})
    kept = {key: value for key, value in (before.parameters if before else {}).items() if key in declared}
    try:
        effective(declared, {**kept, **given})
    except InvalidInput as error:
        raise InvalidInput(f"{error.message}. Nothing was launched.", _form(declared)) from error


def _form(declared: Mapping[str, Any]) -> str:
    needed = [name for name, each in declared.items() if "Default" not in each]
    return f"Give --parameter NAME=VALUE. Must be given: {', '.join(needed)}; may be: {', '.join(declared)}."


def _check_platform(session: Session, template: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Refuse a platform that is not there, or lacks something that the product imports from it."""
    exports = session.target.cloudformation.exports()
    missing = sorted(name for name in imports(template, values) if name not in exports)
    if missing:
        platform = values.get("Platform", "")
        there = any(name.startswith(f"{platform}-") for name in exports)
        what = f"lacks the export {', '.join(missing)}" if there else "is not deployed here: it exports nothing"
        fix = f"Deploy it with this version of the library: `make deploy ENV=…` (its prefix is {platform})."
        raise InvalidInput(f"The platform {platform} {what}. Nothing was launched.", fix)


def imports(template: Mapping[str, Any], values: Mapping[str, str]) -> frozenset[str]:
    """Names of the exports that a template imports with these values."""
    place = Place()
    found = Evaluator(place).evaluate(Tree("product", template), effective(template.get("Parameters", {}), values), {})
    return frozenset(str(found.scope.value(name)) for name in _named(template))


def _named(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Fn::ImportValue":
                yield inner
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


# The plan


def _planned(session: Session, found: Offer, launch: Launch) -> Planned | None:
    """The plan once it is made; None when there is nothing to change. Raises InvalidInput when it cannot be."""
    plan = found.catalog.plan(launch)
    pace, end = Pace(session.target.time), session.target.time.now() + LONGEST_PLAN
    with _dropped(found, plan):
        while (plan := found.catalog.planned(plan)).status == "CREATE_IN_PROGRESS":
            if session.target.time.now() > end:
                raise Unknown(
                    f"Service Catalog is still making the plan {plan.id}.", "Nothing was launched; repeat it."
                )
            pace.pause()
    if plan.status == "CREATE_SUCCESS":
        return plan
    found.catalog.drop(plan)
    if ChangeSet("", "", "", "", "FAILED", reason=plan.message).no_change:
        return None
    raise InvalidInput(f"The plan failed: {plan.message}", "Nothing was launched.")


@contextmanager
def _dropped(found: Offer, plan: Planned) -> Iterator[None]:
    """Whatever ends the deliberation takes the plan back."""
    try:
        yield
    except BaseException:
        with suppress(OaktreeError):  # the first error is the one to tell
            found.catalog.drop(plan)
        raise


def _change_set(session: Session, plan: Planned) -> ChangeSet:
    """The change set that the plan is, with values: Service Catalog itself tells of a plan without them."""
    cloudformation = session.target.cloudformation
    name = f"SC-{session.target.account}-{plan.provisioned}"
    found = [cloudformation.change_set(arn) for arn in cloudformation.change_sets(name)]
    mine = [each for each in found if plan.id in each.name] or found
    if not mine:
        raise InvalidInput(
            f"The plan's change set in {name} cannot be seen, so it cannot be reviewed.", "Nothing was launched."
        )
    return cloudformation.tree(mine[-1])


def _knowledge(
    session: Session, template: Mapping[str, Any], given: Mapping[str, str], before: Stack | None
) -> Knowledge | None:
    """What an update will really do, foretold from both templates; None where there is nothing yet."""
    if before is None:
        return None
    kept = {key: value for key, value in before.parameters.items() if key in template.get("Parameters", {})}
    wanted = Foreseen(Tree("product", template), {**kept, **given}, before.tags)
    place = Place(before.name, session.target.aws.region, session.target.account)
    return learn(session.target.cloudformation, before, wanted, place)


def _decide(
    request: Request, screen: Screen, session: Session, change_set: ChangeSet, knowledge: Knowledge | None
) -> None:
    creates = knowledge is None
    plain = review(change_set, creates=creates, secrets=knowledge.secrets if knowledge else ())
    made = label(plain) if knowledge is None else explain(plain, knowledge)
    verdict = judge(made, request.allow, Policy.of(session.environment))
    present(screen, request.face, made, verdict, TEMPLATES)
    for path in verdict.unused:
        screen.say(f"--allow {path}: no gate asks about this.")
    if request.yes or not session.environment.ask or verdict.refused:
        said = Consent.GIVEN
    else:
        said = screen.ask(f"{'Provision' if creates else 'Update'} {request.wanted}?")
    decision = decide(change_set.id, verdict, said)
    if isinstance(decision, Discard):
        raise decision.error


def _settled(session: Session, found: Offer, record: Record) -> None:
    """Wait until Service Catalog has seen the end too. Raises DeployFailed where it calls it FAILED."""
    pace, end = Pace(session.target.time), session.target.time.now() + session.patience
    while (record := found.catalog.record(record.id)).status not in _ENDED:
        if session.target.time.now() > end:
            raise Unknown(f"Service Catalog still has {record.id} as {record.status}.", "Look at it again in a minute.")
        pace.pause()
    if record.status == "FAILED":
        raise DeployFailed(f"Service Catalog reports: {'; '.join(record.errors)}", "Correct it, and update again.")


# Terminate


def terminate(request: Request) -> None:
    """Delete one with everything its stack made, after its name was typed or --yes given."""
    screen, found = Screen(), offer(request.name, request.environments, request.product)
    product = _known(found, request.wanted)
    cloudformation = found.session.target.cloudformation
    stack = cloudformation.stack(product.stack) if product.stack else None
    if stack is not None:
        holdings = survey(cloudformation, stack.id)
        stays = [each for each in holdings if each.stays]
        screen.show(f"{request.wanted}: {count(len(holdings) - len(stays), 'resource')} will be deleted ({stack.name})")
        for each in stays:
            screen.show(f"stays: {'/'.join(each.path)} {each.type} {each.physical_id}")
    _ask(screen, request)
    last = cloudformation.last_event(stack.id) if stack is not None else None
    record = found.catalog.terminate(product.id, f"terminate-{secrets.token_hex(8)}")
    if stack is not None:
        follow_deletion(screen, found.session, stack, last.time if last is not None else None)
    _settled(found.session, found, record)


def _ask(screen: Screen, request: Request) -> None:
    if request.yes:
        return
    if not screen.can_ask:
        raise Refused("There is no terminal to ask on, and no consent was given: nothing was deleted.", "Add --yes.")
    if screen.read(f"Type {request.wanted} to delete all this: ") != request.wanted:
        raise Refused("Not the name: nothing was deleted.", "Run the same command again if you mean it.")
