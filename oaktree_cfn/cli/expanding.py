"""Expansions: of a file, and of what is deployed, by the macros as they were and as they are."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import connect
from oaktree_cfn.deploy.expansions import Expansion, deployed
from oaktree_cfn.deploy.plan import deployed_stack
from oaktree_cfn.environment import load as load_environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.expansion import expand
from oaktree_cfn.macros.source import Source
from oaktree_cfn.template.read import load
from oaktree_cfn.template.write import for_readers, to_json_text, to_yaml


def expanded(file: Path, parameters: Mapping[str, str], diff: bool) -> str:
    """What the macros make of a file, in its own syntax; or what they change. Raises InvalidInput."""
    template = load(file)
    _check(parameters, template.get("Parameters") or {})
    text = file.read_text(encoding="utf-8")
    write = to_json_text if text.lstrip().startswith("{") else to_yaml
    after = write(expand(template, parameters, Source(str(file), text)))
    return _difference(write(template), after, str(file), f"{file} expanded") if diff else after


def _check(parameters: Mapping[str, str], declared: Mapping[str, Any]) -> None:
    for name in parameters:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise InvalidInput(f"--param: the template has no parameter {name}.", f"Its parameters: {known}.")


def compare(name: str, environments: Path, stacks: tuple[str, ...]) -> None:
    """Show for every stack, and those nested in it, what this version's macros would make otherwise.

    Raises InvalidInput for a stack that is not deployed.
    """
    screen, session = Screen(), connect(load_environment(name, environments), start=False)
    cloudformation = session.target.cloudformation
    advice = "Deploy it first, or correct the name." if stacks else ""
    for stack_name in stacks or (session.environment.stack_name,):
        stack = deployed_stack(cloudformation, stack_name, name, advice)
        found = deployed(cloudformation, stack)
        if not found:
            screen.say(f"{stack_name}: no macro of OakTree takes part in it.")
        for each in found:
            _show(screen, each)


def _show(screen: Screen, expansion: Expansion) -> None:
    if expansion.reason:
        screen.say(f"{expansion.place}: {expansion.reason}")
    elif expansion.same:
        screen.say(f"{expansion.place}: this version expands it to what is deployed.")
    else:
        before, after = (to_yaml(for_readers(_sorted(each))) for each in (expansion.deployed, expansion.here))
        screen.show(_difference(before, after, f"{expansion.place} deployed", f"{expansion.place} by this version"))


def _sorted(value: Any) -> Any:
    """CloudFormation gives no order back: both sides in the same one."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _difference(before: str, after: str, old: str, new: str) -> str:
    pair = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(*pair, old, new, n=3))
