"""Deploy, review and watch: the two decisions with a person between them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from oaktree_cfn.aws.failures import NO_ANSWER
from oaktree_cfn.aws.stock import stock
from oaktree_cfn.cli import approving
from oaktree_cfn.cli.preflight import check_lint, root_template
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session, connect
from oaktree_cfn.deploy import approval, parameters, plan
from oaktree_cfn.deploy.approval import Approval, Found
from oaktree_cfn.deploy.bundle import Bundle, package
from oaktree_cfn.deploy.decide import Consent, Discard, decide
from oaktree_cfn.deploy.diagnose import failure
from oaktree_cfn.deploy.explain import Knowledge, explain, learn
from oaktree_cfn.deploy.freeze import freeze
from oaktree_cfn.deploy.plan import Planned, Unchanged
from oaktree_cfn.deploy.prepare import UPDATE, Deployed, Wanted, kind
from oaktree_cfn.deploy.versions import of_bundle
from oaktree_cfn.deploy.watch import Watch, Watcher
from oaktree_cfn.environment import Environment, load
from oaktree_cfn.errors import AwsError, OaktreeError, Unknown
from oaktree_cfn.models import ChangeSet, Stack
from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequences.data import at_stake
from oaktree_cfn.review.forecast import Place
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.terminal import outcome, review_json, review_text
from oaktree_cfn.terminal.words import count, duration

SUCCESS = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})

_IMPLIED = ("Prefix", "Environment")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    name: str
    environments: Path
    templates: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    yes: bool = False
    linting: bool = True
    recreate: bool = False
    out: Path | None = None
    plan: Path | None = None


@dataclass(frozen=True, slots=True)
class _Packed:
    """Everything that is known before AWS is asked."""

    environment: Environment
    bundle: Bundle
    declared: Mapping[str, Mapping[str, object]]
    given: parameters.Given


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """A change set with what it means and what the gates say of it."""

    planned: Planned
    review: Review
    verdict: Verdict


def deploy(request: Request) -> None:
    """The whole way to a deployed stack, or an error that says where and why it ended."""
    if request.plan is not None:
        deploy_plan(request, approving.load(request.plan))
        return
    screen = Screen()
    packed = _pack(screen, request)
    session = connect(packed.environment)
    planned = _plan(screen, session, packed, request)
    if planned is None:
        return
    with _taken_back(session, planned):
        reviewed = _review(screen, request, session, packed, planned)
        reviewed = _open_gates(screen, request, session, reviewed)
        decision = decide(planned.change_set.id, reviewed.verdict, _consent(screen, request, session, reviewed))
        if isinstance(decision, Discard):
            raise decision.error
    stack = _execute(screen, session, planned)
    _protect(screen, session, stack)
    show_outputs(screen, stack)


def deploy_plan(request: Request, approved: Approval) -> None:
    """Execute exactly the change set that was reviewed, or say what moved since. The plan is the consent."""
    screen = Screen()
    packed = _pack(screen, request)
    session = connect(packed.environment)
    stack = session.target.cloudformation.stack(packed.environment.stack_name)
    change_set = approving.find(session.target.cloudformation, approved)
    approving.refuse_moved(approved, _found(session, packed, stack, change_set))
    if change_set is None:
        screen.say(f"{packed.environment.stack_name} already is as it should be: nothing to change.")
        return
    planned = Planned(change_set, stack, 0)
    reviewed = _review(screen, request, session, packed, planned)
    decision = decide(change_set.id, reviewed.verdict, Consent.GIVEN)
    if isinstance(decision, Discard):
        raise decision.error
    done = _execute(screen, session, planned)
    _protect(screen, session, done)
    show_outputs(screen, done)


def show(request: Request) -> None:
    """Make the change set, show it, and take it back: nothing is executed. Raises Refused when a gate refuses.

    With ``out`` the change set is kept, and the plan to execute it later is written there.
    """
    screen = Screen()
    packed = _pack(screen, request)
    session = connect(packed.environment)
    planned = _plan(screen, session, packed, request)
    if planned is None:
        _write_plan(screen, request, session, packed, None)
        return
    with _kept(session, planned, request.out is not None):
        reviewed = _review(screen, request, session, packed, planned)
        _write_plan(screen, request, session, packed, reviewed)
    decision = decide(planned.change_set.id, reviewed.verdict, Consent.GIVEN)
    if isinstance(decision, Discard):
        raise decision.error


def watch(name: str, environments: Path) -> None:
    """Follow whatever runs on the environment's stack to its end. Raises DeployFailed when that end is a bad one."""
    screen, session = Screen(), connect(load(name, environments), start=False)
    stack = session.target.cloudformation.stack(session.environment.stack_name)
    if stack is None or stack.status == "REVIEW_IN_PROGRESS":
        screen.say(f"{session.environment.stack_name} is not deployed, and nothing runs.")
        return
    show_outputs(screen, _follow(screen, session, Watch(stack.id)))


# Before AWS is asked


def _pack(screen: Screen, request: Request) -> _Packed:
    environment = load(request.name, request.environments)
    Policy.of(environment)  # a rule that is none is told before anything is asked of AWS
    root = root_template(request.templates)
    bundle = package(
        root, plan.location(environment.account, environment.region), partial(_frozen, environment, request)
    )
    packed = _Packed(environment, bundle, bundle.root.document.get("Parameters") or {}, _given(environment, request))
    parameters.check(packed.declared, packed.given)
    if request.linting:
        check_lint(screen, root.parent, [environment.region])
    return packed


def _frozen(environment: Environment, request: Request, template: Mapping[str, Any]) -> Mapping[str, Any]:
    """The root template with the environment's frozen exports."""
    declared = template.get("Parameters") or {}
    values = {key: value for key, value in {**environment.parameters, **request.parameters}.items() if key in declared}
    place = Place(environment.stack_name, environment.region, environment.account)
    return freeze(template, values, place, environment.frozen_exports)


def _given(environment: Environment, request: Request) -> parameters.Given:
    file = {key: value for key, value in environment.parameters.items() if key not in _IMPLIED}
    implied = {key: value for key, value in environment.parameters.items() if key in _IMPLIED}
    return parameters.Given(str(environment.path), file, request.parameters, implied, environment.kept_parameters)


# The change set


def _plan(screen: Screen, session: Session, packed: _Packed, request: Request) -> Planned | None:
    """The change set, or None (and the outputs shown) when there is nothing to change."""
    made: list[Planned | Unchanged] = []
    with screen.step(lambda: _made(made[0])):
        deployed = plan.look(session.target, packed.environment.stack_name, packed.bundle)
        made.append(plan.plan(session.target, _wanted(packed, deployed, request), deployed))
    if isinstance(made[0], Planned):
        return made[0]
    screen.say(f"{made[0].stack.name} already is as it should be: nothing to change.")
    show_outputs(screen, made[0].stack)
    return None


def _made(made: Planned | Unchanged) -> str:
    if isinstance(made, Unchanged):
        return "Compared with what is deployed"
    uploads = count(made.uploaded, "template") if made.uploaded else "no template"
    return f"Change set ready, {uploads} uploaded"


def _wanted(packed: _Packed, deployed: Deployed, request: Request) -> Wanted:
    stack = deployed.stack
    keys: Collection[str] | None = stack.parameters if stack is not None and kind(stack) == UPDATE else None
    return Wanted(
        name=packed.environment.stack_name,
        bundle=packed.bundle,
        parameters=parameters.choose(packed.declared, packed.given, keys),
        tags=packed.environment.tags,
        token=secrets.token_hex(4),
        recreate=request.recreate,
    )


# Review and consent


@contextmanager
def _taken_back(session: Session, planned: Planned) -> Iterator[None]:
    """Whatever ends the deliberation, an error, a no or ^C, takes the change set back."""
    try:
        yield
    except BaseException:
        plan.take_back(session.target, planned)
        raise


@contextmanager
def _kept(session: Session, planned: Planned, keep: bool) -> Iterator[None]:
    """Take the change set back in the end, unless all went well and it is to be kept."""
    try:
        yield
    except BaseException:
        plan.take_back(session.target, planned)
        raise
    if not keep:
        plan.take_back(session.target, planned)


def _write_plan(
    screen: Screen, request: Request, session: Session, packed: _Packed, reviewed: _Reviewed | None
) -> None:
    if request.out is None:
        return
    stack = session.target.cloudformation.stack(packed.environment.stack_name)
    change_set = reviewed.planned.change_set if reviewed is not None else None
    now = _found(session, packed, stack, change_set)
    approved = Approval(
        now.environment,
        now.account,
        now.region,
        packed.environment.stack_name,
        stack_id=stack.id if stack is not None else "",
        updated=approval.last_change(stack),
        templates=now.templates,
        parameters=now.parameters,
    )
    if reviewed is not None and change_set is not None:
        approved = replace(
            approved,
            change_set=change_set.id,
            change_sets=approval.arns(change_set),
            content=approval.content(change_set),
            refused=tuple(refusal.place for refusal in reviewed.verdict.refusals),
            review=review_json.document(reviewed.review, reviewed.verdict),
        )
    approving.save(approved, request.out)
    screen.say(f"The plan is in {request.out}: `oaktree deploy --env {request.name} --plan {request.out}` executes it.")


def _found(session: Session, packed: _Packed, stack: Stack | None, change_set: ChangeSet | None) -> Found:
    environment = packed.environment
    keys = stack.parameters if stack is not None and kind(stack) == UPDATE else None
    sent = parameters.choose(packed.declared, packed.given, keys)
    return Found(
        environment.name,
        session.target.account,
        environment.region,
        stack,
        change_set,
        packed.bundle.root.key,
        approval.parameters_hash((each.key, each.value) for each in sent),
    )


def _review(screen: Screen, request: Request, session: Session, packed: _Packed, planned: Planned) -> _Reviewed:
    secret = parameters.hidden(packed.declared, packed.given)
    made = review(planned.change_set, creates=planned.creates, secrets=secret, known=_stock(session, planned))
    if planned.before is not None and not planned.creates:
        made = explain(made, _learn(session, packed, planned.before))
    verdict = judge(made, request.allow, Policy.of(packed.environment))
    screen.out.print(review_text.render(made))
    for path in verdict.unused:
        screen.say(f"--allow {path}: no gate asks about this.")
    return _Reviewed(planned, made, verdict)


def _stock(session: Session, planned: Planned) -> Mapping[str, str]:
    """What is in the resources that the change set endangers, as far as anybody can tell."""
    if planned.creates:
        return {}
    return stock(session.target.aws.connection, at_stake(Changes.of(planned.change_set)))


def _learn(session: Session, packed: _Packed, stack: Stack) -> Knowledge:
    """Foretell the update from the templates, with the parameter values that are sent."""
    environment = packed.environment
    sent = parameters.choose(packed.declared, packed.given, stack.parameters)
    values = {each.key: stack.parameters[each.key] if each.value is None else each.value for each in sent}
    place = Place(environment.stack_name, environment.region, session.target.account)
    return learn(session.target.cloudformation, stack, of_bundle(packed.bundle, values, environment.tags), place)


def _open_gates(screen: Screen, request: Request, session: Session, reviewed: _Reviewed) -> _Reviewed:
    """Let a person at a terminal open gates by typing their paths."""
    if request.yes or not screen.can_ask:
        return reviewed
    allowed = list(request.allow)
    for place in dict.fromkeys(refusal.place for refusal in reviewed.verdict.refusals):
        for refusal in reviewed.verdict.refusals:
            if refusal.place == place:
                screen.say(f"{place}: {refusal.reason}")
        if screen.read(f"Type {place} to allow this, anything else to stop: ") != place:
            break
        allowed.append(place)
    policy = Policy.of(session.environment)
    return _Reviewed(reviewed.planned, reviewed.review, judge(reviewed.review, allowed, policy))


def _consent(screen: Screen, request: Request, session: Session, reviewed: _Reviewed) -> Consent:
    environment = session.environment
    if request.yes or not environment.ask or reviewed.verdict.refused:
        return Consent.GIVEN  # where a gate refuses, nothing will be executed and there is nothing to ask
    verb = "Create" if reviewed.planned.creates else "Update"
    return screen.ask(f"{verb} {environment.stack_name} in account {environment.account}, {environment.region}?")


# Execution


def _execute(screen: Screen, session: Session, planned: Planned) -> Stack:
    change_set = planned.change_set
    try:
        session.target.cloudformation.execute(change_set)
    except AwsError as error:
        if error.code == NO_ANSWER:
            raise _unseen(session, "No reply came when the change set was executed: it may be running.") from error
        plan.take_back(session.target, planned)
        raise
    except KeyboardInterrupt:
        raise _unseen(session, "Interrupted while the change set was being executed: it may be running.") from None
    return _follow(screen, session, Watch(change_set.stack_id, planned.before, change_set))


def _follow(screen: Screen, session: Session, watched: Watch) -> Stack:
    """The stack once it rests well. ^C ends the watching, never the operation."""
    watcher = Watcher(session.target.cloudformation, watched, session.target.time, session.patience)
    try:
        with screen.progress(session.environment.stack_name) as report:
            stack = watcher.follow(report)
    except KeyboardInterrupt:
        raise _unseen(session, "Interrupted: the operation goes on without us.") from None
    if stack.status not in SUCCESS:
        raise failure(stack, watcher.told())
    screen.say(f"{stack.name}: {stack.status} after {duration(watcher.elapsed)}.")
    return stack


def _unseen(session: Session, message: str) -> Unknown:
    name = session.environment.name
    cancel = f"aws cloudformation cancel-update-stack --stack-name {session.environment.stack_name}"
    return Unknown(message, f"`oaktree watch --env {name}` follows it; `{cancel}` stops an update.")


def _protect(screen: Screen, session: Session, stack: Stack) -> None:
    if not session.environment.termination_protection or stack.termination_protection:
        return
    try:
        session.target.cloudformation.protect(stack.id, True)
    except OaktreeError as error:
        screen.say(f"Deployed, but termination protection could not be switched on: {error.message}")


def show_outputs(screen: Screen, stack: Stack) -> None:
    """What the stack says of itself; outputs of several lines as blocks to paste."""
    screen.show(outcome.table(stack.outputs))
    for title, block in outcome.blocks(stack.outputs):
        screen.show(f"\n{title}\n\n{block}")
