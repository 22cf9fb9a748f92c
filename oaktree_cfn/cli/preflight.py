"""Preflight at the command line: what stands in a deploy's way in the account, told before any change set is made.

In a deploy or review it goes on beside the uploads, once it is clear that there is something to change: a stack that already is
what is wanted is not looked after, and an environment whose templates give no reason to ask costs no call.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from oaktree_cfn.cli.ruling import expanded_here, line_of
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session
from oaktree_cfn.deploy.preflight import Account, Looked, Wanted, look
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import Stack
from oaktree_cfn.template.parameters import MASK
from oaktree_cfn.template.places import places
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.terminal.words import printable


def look_around(session: Session, tree: Tree, values: Mapping[str, str], stack: Stack | None) -> Looked:
    """What stands in the way of templates with these values of the root's parameters, and what could not be looked at."""
    told = {name: value for name, value in values.items() if value != MASK}
    try:
        wanted = Wanted.of(expanded_here(tree, told), session.environment, told)
    except InvalidInput as error:
        return Looked(warnings=(f"the templates cannot be judged here: {error.message}",))
    return look(wanted, Account(session.target.aws, session.target.account, stack))


def refuse(screen: Screen, looked: Looked, root: Path, advice: str) -> None:
    """Say what could not be looked at, and raise InvalidInput with all that stands in the way; ``root`` is the template whose
    lines are named.
    """
    for warning in looked.warnings:
        screen.say(printable(f"Warning: preflight: {warning}"))
    if looked.findings:
        found = places(root)
        lines = "\n".join(line_of(each, root, found) for each in looked.findings)
        raise InvalidInput(f"This stands in the way, and nothing was changed:\n{lines}", advice)
