"""Offline plans: what a deploy would change, foretold from templates, with no account asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import connect
from oaktree_cfn.deploy.explain import explain, learn
from oaktree_cfn.deploy.plan import deployed_stack
from oaktree_cfn.deploy.versions import of_environment, of_revision
from oaktree_cfn.environment import Environment, load
from oaktree_cfn.errors import InvalidInput, Refused
from oaktree_cfn.models import ChangeSet
from oaktree_cfn.review.forecast import Foretold, Place, Version, forecast
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.template import parameters, tree
from oaktree_cfn.terminal import review_text

DEPLOYED = "deployed"
"""What ``--against`` takes besides folders and git revisions: the stack as it stands (this one asks AWS)."""


@dataclass(frozen=True, slots=True)
class Files:
    """Two template files to compare, with their root parameters."""

    old: Path
    new: Path
    old_parameters: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def plan_files(files: Files, allow: tuple[str, ...] = ()) -> None:
    """Foretell the update from one template file to another. Raises Refused when a gate refuses."""
    old, new = (Version(tree.load(path)) for path in (files.old, files.new))
    known = old.tree.template.get("Parameters", {})
    inherited = {key: value for key, value in files.parameters.items() if key in known}
    foretold = forecast(
        replace(old, parameters={**inherited, **files.old_parameters}), replace(new, parameters=files.parameters)
    )
    show(Screen(), foretold.change_set, _secrets(new), allow)


def plan_environment(
    name: str,
    environments: Path,
    against: str,
    templates: Path | None,
    given: Mapping[str, str],
    allow: tuple[str, ...],
) -> None:
    """Foretell what deploying an environment would change. Raises Refused when a gate refuses."""
    screen = Screen()
    environment = load(name, environments)
    folder = templates or TEMPLATES
    wanted = of_environment(environment, folder, given)
    if against == DEPLOYED:
        _against_deployed(screen, environment, wanted, allow)
        return
    old = _old(environment, against)
    if old is None:
        screen.say(f"{against} has no templates for {name}: everything is new.")
    change_set, policy = _foretell(environment, old, wanted).change_set, Policy.of(environment)
    show(screen, change_set, _secrets(wanted), allow, creates=old is None, policy=policy)


def _old(environment: Environment, against: str) -> Version | None:
    if Path(against).is_dir():
        return of_environment(environment, Path(against))
    return of_revision(against, environment.name)


def _foretell(environment: Environment, old: Version | None, new: Version) -> Foretold:
    return forecast(old, new, Place(environment.stack_name, environment.region, environment.account))


def _against_deployed(screen: Screen, environment: Environment, wanted: Version, allow: tuple[str, ...]) -> None:
    session = connect(environment, start=False)
    stack = deployed_stack(session.target.cloudformation, environment.stack_name, environment.name)
    kept = {key: stack.parameters[key] for key in environment.kept_parameters if key in stack.parameters}
    wanted = replace(wanted, parameters={**kept, **wanted.parameters})
    place = Place(environment.stack_name, environment.region, session.target.account)
    knowledge = learn(session.target.cloudformation, stack, wanted, place)
    if knowledge.foretold is None:
        raise InvalidInput(" ".join(knowledge.remarks))
    change_set = knowledge.foretold.change_set
    made = explain(review(change_set, secrets=_secrets(wanted)), replace(knowledge, foretold=None))
    _finish(screen, made, change_set, allow, Policy.of(environment))


def _secrets(version: Version) -> list[str]:
    declared = version.tree.template.get("Parameters", {})
    return [value for key, value in version.parameters.items() if parameters.no_echo(declared.get(key, {}))]


def show(
    screen: Screen,
    change_set: ChangeSet,
    secrets: list[str],
    allow: tuple[str, ...],
    *,
    creates: bool = False,
    policy: Policy | None = None,
) -> None:
    """Show a foretold change set as a review, and raise Refused when a gate refuses."""
    made = label(review(change_set, creates=creates, secrets=secrets))
    _finish(screen, made, change_set, allow, policy or Policy())


def _finish(screen: Screen, made: Review, change_set: ChangeSet, allow: tuple[str, ...], policy: Policy) -> None:
    if change_set.no_change and not made.consequences:
        screen.say("Nothing would change.")
        return
    screen.out.print(review_text.render(made))
    verdict = judge(made, allow, policy)
    if verdict.refused:
        raise Refused(verdict.message, verdict.advice)
