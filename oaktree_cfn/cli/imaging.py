"""Another image at the command line: found, checked, reviewed, rolled out, and nothing else touched."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from oaktree_cfn.aws.ecr import Image, Repository, is_digest, is_tag, parted
from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.cli.deploying import taken_back
from oaktree_cfn.cli.following import carry_out, show_outputs
from oaktree_cfn.cli.judging import Reviewed, consent, open_gates
from oaktree_cfn.cli.opening import Request
from oaktree_cfn.cli.preflight import look_around, refuse
from oaktree_cfn.cli.reviewing import TERMINAL, present
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session, connect
from oaktree_cfn.deploy import image, plan
from oaktree_cfn.deploy.decide import Discard, decide
from oaktree_cfn.deploy.explain import compare, explain
from oaktree_cfn.deploy.plan import Planned, Unchanged
from oaktree_cfn.deploy.prepare import OpenChangeSet, refuse_unready
from oaktree_cfn.deploy.slot import Slot, slot_of
from oaktree_cfn.deploy.versions import Deployed, of_stack
from oaktree_cfn.environment import load
from oaktree_cfn.errors import InvalidInput, Refused
from oaktree_cfn.models import Stack
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.hidden import hidden
from oaktree_cfn.review.review import nothing, review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.stacks import Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """The image that the command line asks for: by tag, by digest, or (neither) the one before."""

    tag: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """The environment as it stands, and where its image goes."""

    stack: Stack
    deployed: Deployed
    slot: Slot


def ship(request: Request, wanted: Wanted) -> None:
    """Roll an image out. Raises InvalidInput for one that cannot run there, Refused for what would touch more, DeployFailed
    when ECS goes back to the image before.
    """
    _check(wanted)
    screen = Screen()
    environment = load(request.name, request.environments)
    environment = replace(environment, service_role=request.role_arn or environment.service_role)
    Policy.of(environment)
    session = connect(environment, start=False)
    standing = _stand(session)
    version = wanted.tag or wanted.digest or _before(session, standing)
    found = _find(session, standing.slot.repository, version)
    _look(screen, session, standing, found)
    screen.say(
        f"{standing.slot.repository.uri}:{version} is {found.digest}." if not is_digest(version) else _named(found)
    )
    planned = _open(screen, session, standing, found.digest)
    if planned is None:
        _nothing(screen, request, standing)
        return
    with taken_back(session, planned):
        reviewed = open_gates(screen, request, session, _reviewed(screen, request, session, standing, planned, found))
        decision = decide(reviewed.change_set.id, reviewed.verdict, consent(screen, request, session, reviewed))
        if isinstance(decision, Discard):
            raise decision.error
        _refuse_moved(session, found, version)
    hide = hidden(standing.deployed.version, _place(session))
    carry_out(screen, session, planned, hide, outputs=request.face == TERMINAL)  # a program reads the review alone


def _named(found: Image) -> str:
    return f"{found.repository.uri}@{found.digest}"


def _check(wanted: Wanted) -> None:
    if wanted.tag and not is_tag(wanted.tag):
        raise InvalidInput(
            f"--tag {wanted.tag} is no tag: letters, digits, dots, hyphens and underscores, up to 128.",
            "Give the tag alone: the repository is the environment's own, a digest goes with --digest.",
        )
    if wanted.digest and not is_digest(wanted.digest):
        raise InvalidInput(
            f"--digest {wanted.digest} is no digest: sha256: and 64 hexadecimal digits.",
            "`docker push` says it, and `aws ecr describe-images` does.",
        )


# What is there


def _stand(session: Session) -> Standing:
    environment, cloudformation = session.environment, session.target.cloudformation
    stack = plan.deployed_stack(cloudformation, environment.stack_name, environment.name)
    refuse_unready(stack)
    deployed = of_stack(cloudformation, stack)
    return Standing(stack, deployed, slot_of(deployed, environment, session.target.account))


def _before(session: Session, standing: Standing) -> str:
    """The version of the image before the present one."""
    now = parted(standing.slot.value)[1] if standing.slot.whole else standing.slot.value
    for task_definition, container in standing.slot.containers.items():
        version = image.before(session.target.aws.ecs.earlier(task_definition), container, now)
        if version:
            return version
    raise InvalidInput(
        f"{session.environment.stack_name}: ECS remembers no image before the present one ({now or 'none'}).",
        "Name the image to go back to: --tag or --digest.",
    )


def _find(session: Session, repository: Repository, version: str) -> Image:
    found = session.target.aws.ecr.image(repository, version)
    if found is None:
        raise InvalidInput(
            f"{repository.uri} has no image {version}. Nothing was changed.",
            "Only images of the environment's own repository can run there: push it, then repeat the command.",
        )
    return found


def _look(screen: Screen, session: Session, standing: Standing, found: Image) -> None:
    """Raise InvalidInput for an image that cannot run here, and for whatever else stands in the way of a rollout."""
    values = {**standing.deployed.version.parameters, standing.slot.parameter: standing.slot.said(found.digest)}
    looked = look_around(session, standing.deployed.version.tree, values, standing.stack)
    refuse(screen, looked, TEMPLATES / "root.yaml", "Mend it, then repeat the command (docs/preflight.md).")


# The change set


def _open(screen: Screen, session: Session, standing: Standing, digest: str) -> Planned | None:
    """The change set; None when that image is what the stack has."""
    if standing.slot.value == standing.slot.said(digest):
        return None
    environment, target = session.environment, session.target
    role = plan.role_arn(environment.service_role, target.account, environment.region)
    request = image.request(standing.stack, standing.slot, digest, secrets.token_hex(4), role)
    with screen.step(lambda: "Change set ready, with the templates as they are"):
        made = plan.carry_out(target, (OpenChangeSet(request),), standing.stack)
    if isinstance(made, Unchanged):
        raise Refused(
            f"CloudFormation finds nothing to change in {standing.stack.name}, although {standing.slot.parameter} would be "
            "another image.",
            f"Ship it with `oaktree deploy --env {environment.name} --parameter "
            f"{standing.slot.parameter}={standing.slot.said(digest)}`.",
        )
    return made


def _place(session: Session) -> Place:
    return Place(session.environment.stack_name, session.environment.region, session.target.account)


def _nothing(screen: Screen, request: Request, standing: Standing) -> None:
    screen.say(f"{standing.stack.name} already has this image: nothing to change.")
    if request.face == TERMINAL:
        show_outputs(screen, standing.stack)
    else:
        unchanged = nothing(standing.stack.name, standing.stack.id)
        present(screen, request.face, unchanged, Verdict(), TEMPLATES, request.saves)


def _reviewed(
    screen: Screen, request: Request, session: Session, standing: Standing, planned: Planned, found: Image
) -> Reviewed:
    """The change set reviewed, shown and judged. Raises Refused when it touches more than the image."""
    environment, slot, old = session.environment, standing.slot, standing.deployed.version
    wanted = replace(old, parameters={**old.parameters, slot.parameter: slot.said(found.digest)})
    known = compare(session.target.cloudformation, standing.stack, standing.deployed, wanted, _place(session))
    made = explain(review(planned.change_set, secrets=known.secrets), known)
    verdict = judge(made, request.allow, Policy.of(environment))
    present(screen, request.face, made, verdict, TEMPLATES, request.saves)
    others = image.strangers(made, slot, known.foretold.change_set if known.foretold is not None else None)
    if others:
        lines = "\n".join(f"  {line}" for line in others)
        raise Refused(
            f"More than the image would change; nothing was changed.\n{lines}",
            f"`oaktree deploy --env {environment.name}` brings the rest to what it should be, then repeat the command.",
        )
    for path in verdict.unused:
        screen.say(f"--allow {path}: no gate asks about this.")
    return Reviewed(planned, made, verdict)


def _refuse_moved(session: Session, found: Image, version: str) -> None:
    """Raise Refused when the tag names another image than the one that was reviewed, or the image is gone."""
    now = session.target.aws.ecr.image(found.repository, version)
    if now is None or now.digest != found.digest:
        raise Refused(
            f"{version} was moved since the review: it was {found.digest}, it is {now.digest if now else 'gone'}. "
            "Nothing was changed.",
            "Run the same command again, and read what it is now.",
        )
