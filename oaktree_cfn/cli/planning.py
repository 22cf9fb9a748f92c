"""Offline plans: what a deploy would change, foretold from templates, with no account asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.cli.reviewing import TERMINAL, present
from oaktree_cfn.cli.ruling import check_rules
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import connect
from oaktree_cfn.deploy import parameters
from oaktree_cfn.deploy.explain import explain, learn
from oaktree_cfn.deploy.plan import deployed_stack
from oaktree_cfn.deploy.versions import ROOT, expanded, of_environment, of_revision
from oaktree_cfn.environment import IMPLIED, Environment, load
from oaktree_cfn.errors import InvalidInput, Refused
from oaktree_cfn.models import ChangeSet
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.hidden import hidden
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.template import tree
from oaktree_cfn.template.stacks import Place, parameters_of

DEPLOYED = "deployed"
"""What ``--against`` takes besides folders and git revisions: the stack as it stands (this one asks AWS)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a plan is shown and judged: its face, the folder whose lines findings point at, what is allowed, whose policy,
    and whether invariants count.
    """

    allow: tuple[str, ...] = ()
    face: str = TERMINAL
    templates: Path = TEMPLATES
    policy: Policy = field(default_factory=Policy)
    linting: bool = True
    saves: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Files:
    """Two template files to compare, with their root parameters."""

    old: Path
    new: Path
    old_parameters: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def plan_files(files: Files, shown: Shown) -> None:
    """Foretell the update from one template file to another. Raises Refused when a gate refuses."""
    old, new = (Version(tree.load(path)) for path in (files.old, files.new))
    known = old.tree.template.get("Parameters", {})
    inherited = {key: value for key, value in files.parameters.items() if key in known}
    old = replace(old, parameters={**inherited, **files.old_parameters})
    new = replace(new, parameters=files.parameters)
    _complete(files.old, old, "--old-param")
    _complete(files.new, new, "--param")
    change_set = forecast(expanded(old), expanded(new)).change_set
    made = _offline(review(change_set, secrets=hidden(old) | hidden(new)))
    _finish(Screen(), made, change_set, replace(shown, templates=files.new.parent))


def _complete(file: Path, version: Version, option: str) -> None:
    """Raise InvalidInput where a parameter has neither a value nor a default."""
    declared = version.tree.template.get("Parameters", {})
    missing = [key for key, each in declared.items() if key not in version.parameters and "Default" not in each]
    if missing:
        raise InvalidInput(
            f"{file} has no default for {', '.join(missing)}, and no value is given.",
            f"Give each with {option} KEY=VALUE (--param is for both files, --old-param for OLD alone).",
        )


def plan_environment(name: str, environments: Path, against: str, given: Mapping[str, str], shown: Shown) -> None:
    """Foretell what deploying an environment would change. Raises Refused when a gate refuses."""
    screen = Screen()
    environment = load(name, environments)
    shown = replace(shown, policy=Policy.of(environment))
    wanted = of_environment(environment, shown.templates, given)
    file = {key: value for key, value in environment.parameters.items() if key not in IMPLIED}
    said = parameters.Given(str(environment.path), file, given, kept=environment.kept_parameters)
    parameters.check(parameters_of(wanted.tree), said)
    if against == DEPLOYED:
        _against_deployed(screen, environment, wanted, shown)
        return
    _check_rules(environment, wanted, shown)
    old = _old(environment, against)
    if old is None:
        screen.say(f"{against} has no templates for {name}: everything is new.")
    place = Place(environment.stack_name, environment.region, environment.account)
    change_set = forecast(expanded(old) if old else None, expanded(wanted), place).change_set
    secrets = hidden(wanted, place) | (hidden(old, place) if old is not None else frozenset())
    made = _offline(review(change_set, creates=old is None, secrets=secrets))
    _finish(screen, made, change_set, shown)


def _check_rules(environment: Environment, wanted: Version, shown: Shown) -> None:
    if shown.linting:
        check_rules(wanted.tree, shown.templates / ROOT, environment, wanted.parameters)


def _old(environment: Environment, against: str) -> Version | None:
    if Path(against).is_dir():
        return of_environment(environment, Path(against))
    return of_revision(against, environment.name)


def _against_deployed(screen: Screen, environment: Environment, wanted: Version, shown: Shown) -> None:
    session = connect(environment, start=False)
    stack = deployed_stack(session.target.cloudformation, environment.stack_name, environment.name)
    kept = {key: stack.parameters[key] for key in environment.kept_parameters if key in stack.parameters}
    wanted = replace(wanted, parameters={**kept, **wanted.parameters})
    _check_rules(environment, wanted, shown)
    place = Place(environment.stack_name, environment.region, session.target.account)
    knowledge = learn(session.target.cloudformation, stack, wanted, place)
    if knowledge.foretold is None:
        raise InvalidInput(" ".join(knowledge.remarks))
    change_set = knowledge.foretold.change_set
    secrets = hidden(wanted, place) | knowledge.secrets
    made = explain(review(change_set, secrets=secrets), replace(knowledge, foretold=None, secrets=secrets))
    _finish(screen, made, change_set, shown)


def _offline(made: Review) -> Review:
    return replace(label(made), offline=True)


def _finish(screen: Screen, made: Review, change_set: ChangeSet, shown: Shown) -> None:
    """Show a foretold change set as a review, and raise Refused when a gate refuses."""
    if change_set.no_change and not made.consequences:
        screen.say("Nothing would change.")
        if shown.face == TERMINAL and not shown.saves:
            return
        made = replace(made, unchanged=True)
    verdict = judge(made, shown.allow, shown.policy)
    present(screen, shown.face, made, verdict, shown.templates, shown.saves)
    if verdict.refused:
        raise Refused(verdict.message, verdict.advice)
