"""Destroy: what would be lost, a name typed in full, and the deletion watched to its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from rich.tree import Tree

from oaktree_cfn.cli.following import follow_deletion
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import LOCAL, Session, connect, running
from oaktree_cfn.deploy.destroy import Holding, check, check_policy, survey
from oaktree_cfn.environment import Environment, load
from oaktree_cfn.errors import Refused
from oaktree_cfn.models import Stack
from oaktree_cfn.terminal.words import count


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    name: str
    environments: Path
    yes: bool = False
    artifacts: bool = False
    beside: str = ""
    """Name of a stack that stands beside the environment's own, to destroy that one."""


def destroy(request: Request) -> None:
    """Delete the environment's stack; ``artifacts`` also deletes the bucket of packaged templates."""
    screen = Screen()
    environment = load(request.name, request.environments)
    environment = environment.beside(request.beside) if request.beside else environment
    check_policy(environment.destroy, environment.name)
    session = _connect(environment)
    stack = session.target.cloudformation.stack(environment.stack_name) if session else None
    if session is None or stack is None or stack.status == "DELETE_COMPLETE":
        screen.say(f"{environment.stack_name} is not deployed: nothing to destroy.")
    else:
        check(stack)
        holdings = survey(session.target.cloudformation, stack.id)
        _show(screen, stack, holdings)
        _ask(screen, request)
        _delete(screen, session, stack)
        _tell_what_stays(screen, holdings)
    if request.artifacts and session is not None:
        _remove_artifacts(screen, session)


def _connect(environment: Environment) -> Session | None:
    """None where there is no local stage: nothing can be deployed on it, and starting one for that would be a waste."""
    if environment.name == LOCAL and not running():
        return None
    return connect(environment, start=False)


def _show(screen: Screen, stack: Stack, holdings: tuple[Holding, ...]) -> None:
    lost = [holding for holding in holdings if not holding.stays]
    stays = [holding for holding in holdings if holding.stays]
    screen.out.print(_tree(f"{stack.name}: {count(len(lost), 'resource')} will be deleted", lost, "-", "red"))
    if stays:
        screen.out.print(_tree(f"{count(len(stays), 'resource')} will stay in the account", stays, "=", "cyan"))


def _tree(title: str, holdings: list[Holding], sign: str, style: str) -> Tree:
    tree = Tree(Text(title, "bold"), guide_style="dim")
    branches: dict[tuple[str, ...], Tree] = {(): tree}
    for holding in holdings:
        for depth in range(1, len(holding.path)):
            path = holding.path[:depth]
            if path not in branches:
                branches[path] = branches[path[:-1]].add(Text(path[-1], "bold"))
        line = Text.assemble(
            (f"{sign} {holding.path[-1]}", style), " ", (holding.type, "dim"), " ", holding.physical_id
        )
        branches[holding.path[:-1]].add(line)
    return tree


def _ask(screen: Screen, request: Request) -> None:
    if request.yes:
        return
    if not screen.can_ask:
        raise Refused("There is no terminal to ask on, and no consent was given: nothing was deleted.", "Add --yes.")
    if screen.read(f"Type the environment's name ({request.name}) to delete all this: ") != request.name:
        raise Refused("Not the name: nothing was deleted.", "Run the same command again if you mean it.")


def _delete(screen: Screen, session: Session, stack: Stack) -> None:
    cloudformation = session.target.cloudformation
    last = cloudformation.last_event(stack.id)
    cloudformation.delete_stack(stack.id, _token(stack))
    follow_deletion(screen, session, stack, last.time if last is not None else None)


def _token(stack: Stack) -> str:
    """Unique to this deletion of this stack as it stands, so that a repeated request is the same one."""
    moment = stack.updated or stack.created
    return f"oaktree-destroy-{stack.id.rpartition('/')[2]}-{moment:%Y%m%d%H%M%S}-{stack.status}".replace("_", "-")[:128]


def _tell_what_stays(screen: Screen, holdings: tuple[Holding, ...]) -> None:
    for holding in holdings:
        if holding.stays:
            screen.say(f"stays: {'/'.join(holding.path)} {holding.type} {holding.physical_id}")


def _remove_artifacts(screen: Screen, session: Session) -> None:
    bucket = session.target.bucket
    screen.say(f"{bucket.name} was deleted." if bucket.remove() else f"{bucket.name} does not exist.")
