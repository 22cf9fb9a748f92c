"""From a request to an open change set: what can be said before AWS is asked, then what AWS says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from oaktree_cfn.aws.cloudformation import NewParameter
from oaktree_cfn.cli.following import show_outputs
from oaktree_cfn.cli.linting import check_lint, root_template
from oaktree_cfn.cli.preflight import look_around, refuse
from oaktree_cfn.cli.reviewing import TERMINAL, present
from oaktree_cfn.cli.ruling import check_rules
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session
from oaktree_cfn.deploy import parameters, plan
from oaktree_cfn.deploy.bundle import Bundle, package
from oaktree_cfn.deploy.explain import Knowledge, learn
from oaktree_cfn.deploy.freeze import freeze
from oaktree_cfn.deploy.plan import Planned, Unchanged
from oaktree_cfn.deploy.preflight import Looked
from oaktree_cfn.deploy.prepare import UPDATE, Deployed, Wanted, kind, prepare
from oaktree_cfn.deploy.versions import of_bundle, of_change_set, readers
from oaktree_cfn.environment import IMPLIED, Environment, load
from oaktree_cfn.models import ChangeSet, Stack
from oaktree_cfn.review.gates import Policy
from oaktree_cfn.review.review import nothing
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.terminal.words import count

MEND = "Mend it, then repeat the command; --no-preflight goes on without having looked (docs/preflight.md)."


@dataclass(frozen=True, slots=True)
class Beside:
    """A stack that stands beside an environment's own: its name, its template file, and what the environment says of its
    parameters: ``values`` under ``[table]`` of its file, ``implied`` by the environment itself.
    """

    stack: str
    root: Path
    table: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, str] = field(default_factory=dict)


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
    preflight: bool = True
    recreate: bool = False
    out: Path | None = None
    plan: Path | None = None
    face: str = TERMINAL
    saves: Mapping[str, Path] = field(default_factory=dict)
    beside: Beside | None = None
    role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """Everything that is known before AWS is asked."""

    environment: Environment
    bundle: Bundle
    declared: Mapping[str, Mapping[str, object]]
    given: parameters.Given
    templates: Path


@dataclass(frozen=True, slots=True)
class Opened:
    """A change set that waits for a decision, and what was learned of it besides (None for a first create)."""

    planned: Planned
    knowledge: Knowledge | None = None


# Before AWS is asked


def pack(screen: Screen, request: Request) -> Packed:
    """Read, check and pack everything that is needed. Raises InvalidInput; nothing has left this machine yet."""
    environment = load(request.name, request.environments)
    Policy.of(environment)  # a rule that is none is told before anything is asked of AWS
    root = root_template(request.templates) if request.beside is None else request.beside.root
    if request.role_arn:
        environment = replace(environment, service_role=request.role_arn)
    environment = environment if request.beside is None else environment.beside(request.beside.stack)
    bundle = package(
        root, plan.location(environment.account, environment.region), partial(_frozen, environment, request)
    )
    packed = Packed(
        environment, bundle, bundle.root.document.get("Parameters") or {}, _given(environment, request), root.parent
    )
    parameters.check(packed.declared, packed.given)
    if request.linting:
        check_lint(screen, root.parent, [environment.region], request.beside.stack if request.beside else "")
        _check_rules(packed)
    return packed


def _check_rules(packed: Packed, deployed: Mapping[str, str] | None = None) -> None:
    """Invariants, with the values that will be sent; ``deployed`` are those that stay as the stack has them."""
    tree = of_bundle(packed.bundle, {}, {}).tree
    check_rules(tree, packed.bundle.root.path, packed.environment, packed.given.command_line, deployed)


def _frozen(environment: Environment, request: Request, template: Mapping[str, Any]) -> Mapping[str, Any]:
    """The root template with the environment's frozen exports."""
    declared = template.get("Parameters") or {}
    values = {key: value for key, value in {**environment.parameters, **request.parameters}.items() if key in declared}
    place = Place(environment.stack_name, environment.region, environment.account)
    return freeze(template, values, place, environment.frozen_exports)


def secrets_of(packed: Packed) -> frozenset[str]:
    """The values of NoEcho parameters, of the root's and of every nested template's."""
    environment, given = packed.environment, packed.given
    values = {**given.implied, **given.file, **given.command_line}
    version = of_bundle(packed.bundle, values, environment.tags)
    place = Place(environment.stack_name, environment.region, environment.account)
    return parameters.hidden(version, given, place)


def _given(environment: Environment, request: Request) -> parameters.Given:
    if request.beside is not None:
        place = f"{environment.path} [{request.beside.table}]" if request.beside.table else str(environment.path)
        return parameters.Given(place, request.beside.values, request.parameters, request.beside.implied)
    file = {key: value for key, value in environment.parameters.items() if key not in IMPLIED}
    implied = {key: value for key, value in environment.parameters.items() if key in IMPLIED}
    return parameters.Given(str(environment.path), file, request.parameters, implied, environment.kept_parameters)


# The change set


def open_change_set(screen: Screen, session: Session, packed: Packed, request: Request) -> Opened | None:
    """The change set, or None (and the outputs shown) when there is nothing to change.

    Beside the uploads the account is looked at (preflight), and while CloudFormation makes the change set the deployed templates
    are read, so that neither costs time of its own. Making stays in this thread: ^C must reach whoever has to take it back.
    What transforms make is known when it is made.
    """
    opened: list[tuple[Planned | Unchanged, Knowledge | None]] = []
    with screen.step(lambda: _made(opened[0][0], packed)):
        deployed = plan.look(session.target, packed.environment.stack_name, packed.bundle)
        wanted = _wanted(packed, deployed, request)
        kept = [each.key for each in wanted.parameters if each.value is None]
        if request.linting and kept and deployed.stack is not None:
            _check_rules(packed, {key: deployed.stack.parameters[key] for key in kept})
        changes = bool(prepare(wanted, deployed))
        with ThreadPoolExecutor(2) as beside:
            looked = beside.submit(look_now, session, packed, deployed.stack) if changes and request.preflight else None
            updates = bool(deployed.stack) and changes and not packed.bundle.transformed
            learned = beside.submit(learn_now, session, packed, deployed.stack) if updates else None
            made = plan.plan(session.target, wanted, deployed, partial(_agree, screen, packed, looked))
            opened.append((made, _known(session, packed, made, learned)))
    if isinstance(made, Planned):
        return Opened(made, opened[0][1])
    screen.say(f"{made.stack.name} already is as it should be: nothing to change.")
    if request.face == TERMINAL:
        show_outputs(screen, made.stack)
    if request.face != TERMINAL or request.saves:
        unchanged = nothing(made.stack.name, made.stack.id)
        present(screen, request.face, unchanged, Verdict(), packed.templates, request.saves)
    return None


def look_now(session: Session, packed: Packed, stack: Stack | None) -> Looked:
    """What stands in the way of a deploy to the stack as it stands."""
    tree = of_bundle(packed.bundle, {}, {}).tree
    return look_around(session, tree, _values(packed, stack), stack if stack and kind(stack) == UPDATE else None)


def _agree(screen: Screen, packed: Packed, looked: Future[Looked] | None) -> None:
    """Raise InvalidInput where something stands in the way."""
    if looked is not None:
        refuse(screen, looked.result(), packed.bundle.root.path, MEND)


def _known(
    session: Session, packed: Packed, made: Planned | Unchanged, learned: Future[Knowledge | None] | None
) -> Knowledge | None:
    """What was learned beside. Whatever keeps it from being known, an error or ^C, takes the change set back."""
    if isinstance(made, Unchanged):
        return None
    try:
        if packed.bundle.transformed:
            return learn_now(session, packed, made.before, made.change_set)
        return learned.result() if learned is not None else None
    except BaseException:
        plan.take_back(session.target, made)
        raise


def _made(made: Planned | Unchanged, packed: Packed) -> str:
    if isinstance(made, Unchanged):
        return "Compared with what is deployed"
    noun = "file" if packed.bundle.codes else "template"
    uploads = count(made.uploaded, noun) if made.uploaded else f"no {noun}"
    return f"Change set ready, {uploads} uploaded"


def _wanted(packed: Packed, deployed: Deployed, request: Request) -> Wanted:
    environment = packed.environment
    return Wanted(
        name=environment.stack_name,
        bundle=packed.bundle,
        parameters=sent_parameters(packed, deployed.stack),
        tags=environment.tags,
        token=secrets.token_hex(4),
        recreate=request.recreate,
        role_arn=plan.role_arn(environment.service_role, environment.account, environment.region),
    )


def learn_now(
    session: Session, packed: Packed, stack: Stack | None, change_set: ChangeSet | None = None
) -> Knowledge | None:
    """Foretell the update from the templates, with the parameter values that are sent; None where nothing is deployed.

    Where transforms take part, ``change_set`` is asked for what they made.
    """
    if stack is None or kind(stack) != UPDATE:
        return None
    environment, values = packed.environment, _values(packed, stack)
    place = Place(environment.stack_name, environment.region, session.target.account)
    wanted = of_bundle(packed.bundle, values, environment.tags)
    if packed.bundle.transformed and change_set is not None:
        wanted = of_change_set(session.target.cloudformation, change_set, packed.bundle, wanted)
    return learn(session.target.cloudformation, stack, wanted, place, readers(packed.templates))


def _values(packed: Packed, stack: Stack | None) -> dict[str, str]:
    """The values of the parameters that would be sent, those that stay as the stack has them among them."""
    deployed = stack.parameters if stack is not None else {}
    sent = sent_parameters(packed, stack)
    return {each.key: deployed[each.key] if each.value is None else each.value for each in sent}


def sent_parameters(packed: Packed, stack: Stack | None) -> tuple[NewParameter, ...]:
    """The parameters that would be sent to a stack as it stands."""
    keys = stack.parameters if stack is not None and kind(stack) == UPDATE else None
    return parameters.choose(packed.declared, packed.given, keys)
