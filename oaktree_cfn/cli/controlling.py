"""Environments held against AWS's security controls: what violates one, and whether somebody said why."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oaktree_cfn.environment import Environment, load
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.controls import Exemption, Violation, controls, exemptions, violations
from oaktree_cfn.template.flat import Flat, of_environment
from oaktree_cfn.template.places import nearest, places
from oaktree_cfn.template.tree import load as load_tree
from oaktree_cfn.terminal.words import count

ROOT = "root.yaml"


@dataclass(frozen=True)
class Held:
    """An environment held against the controls."""

    environment: Environment
    flat: Flat
    violations: tuple[Violation, ...]
    exemptions: tuple[Exemption, ...]

    @property
    def unexplained(self) -> tuple[Violation, ...]:
        """What violates a control without an exception of the environment."""
        return tuple(each for each in self.violations if each.control not in self.environment.exceptions)

    @property
    def idle(self) -> tuple[str, ...]:
        """Exceptions that nothing needs."""
        violated = {each.control for each in self.violations}
        return tuple(control for control in self.environment.exceptions if control not in violated)


def flat(environment: Environment, templates: Path, given: Mapping[str, str]) -> Flat:
    """What an environment is, as one template. Raises InvalidInput for templates or values that do not fit."""
    return of_environment(environment, load_tree(templates / ROOT), given)


def hold(names: Sequence[str], environments: Path, templates: Path, given: Mapping[str, str]) -> tuple[Held, ...]:
    """Hold environments against every control. Raises InvalidInput for what cannot be evaluated."""
    loaded = [load(name, environments) for name in names]
    systems = [flat(environment, templates, given) for environment in loaded]
    found = violations([system.template for system in systems])
    return tuple(
        Held(environment, system, violated, tuple(exemptions(system.template)))
        for environment, system, violated in zip(loaded, systems, found, strict=True)
    )


def check_controls(held: Sequence[Held], templates: Path) -> None:
    """Raise InvalidInput with everything that nobody explained, and with every explanation that nobody needs."""
    lines = [line for each in held for line in (*_unexplained(each, templates / ROOT), *_idle(each))]
    if lines:
        raise InvalidInput(
            "AWS's security controls are not satisfied:\n" + "\n".join(lines),
            "Correct it, or say why not under [accepted] in the environment's file (docs/security.md).",
        )


def _unexplained(held: Held, root: Path) -> Iterator[str]:
    known = places(root)
    for violation in held.unexplained:
        path = held.flat.paths.get(violation.logical_id, violation.logical_id)
        place = nearest(known, tuple(path.split("/")))
        where = f"{place.file}:{place.line}" if place is not None else str(root)
        demand = controls()[violation.control].demand
        yield f"{where}: {violation.control} is not satisfied by {path} in {held.environment.name}: {demand}"


def _idle(held: Held) -> Iterator[str]:
    for control in held.idle:
        close = difflib.get_close_matches(control, controls(), n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        why = "nothing violates it" if control in controls() else f"there is no rule for such a control{meant}"
        yield f"{held.environment.path}: accepted {control}: {why}"


def summary(held: Held) -> str:
    """One line about an environment that passed."""
    judged = [control for control in controls().values() if control.concerns(held.flat.template)]
    accepted, left_out = len(held.environment.exceptions), len({each.control for each in held.exemptions})
    return (
        f"{held.environment.name}: {count(len(judged), 'control')} apply, {accepted} of them accepted as not satisfied, "
        f"{left_out} left out for single resources"
    )
