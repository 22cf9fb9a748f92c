"""Templates judged by the invariants (``invariants/``) with an environment's values.

A parameter that an operation sets (``kept_parameters``: the image's tag) has no value in the file. Unless the deployed one is
given, both states are judged: before it is set, and set to something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.environment import IMPLIED, Environment
from oaktree_cfn.template import graph
from oaktree_cfn.template import parameters as declared
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.invariants import Finding, System, find
from oaktree_cfn.template.stacks import (
    Evaluated,
    Evaluator,
    Known,
    Place,
    parameters_of,
    passed,
    symbol,
    symbolic,
    typed,
)
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN, TemplateError

EVALUATION = "evaluation"
"""Stands for a rule where a template cannot be judged: its values do not fit, or CloudFormation would refuse it."""

ACCEPTED = "accepted"
"""Stands for a rule where an environment accepts what is not there."""

_ELSEWHERE = ("⟨ssm/", "⟨export/", "⟨output/")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What breaks a rule, by place, and the entries of ``[accepted]`` that let something else pass."""

    findings: tuple[Finding, ...] = ()
    used: frozenset[str] = frozenset()


def judge(tree: Tree, environment: Environment, given: Values | None = None, kept: Values | None = None) -> Judgement:
    """Judge a tree of templates.

    ``given`` wins over the environment's parameters; ``kept`` are those that the deployed stack has, masked ones left out.
    """
    found = _find(tree, environment, {**(kept or {}), **environment.parameters, **(given or {})})
    entries = {each: _entry(environment, each) for each in found}
    return Judgement(
        tuple(each for each, entry in entries.items() if entry is None),
        frozenset(entry for entry in entries.values() if entry is not None),
    )


def idle(environment: Environment, judgements: Iterable[Judgement]) -> tuple[Finding, ...]:
    """A finding for every entry of ``[accepted]`` that let nothing pass."""
    used = {entry for each in judgements for entry in each.used}
    fix = "Take it out of [accepted], or correct its rule or its path."
    idle_ = [entry for entry in environment.accepted if entry not in used]
    return tuple(Finding((), (), f'"{entry}" accepts what is not found', ACCEPTED, fix) for entry in idle_)


def _entry(environment: Environment, finding: Finding) -> str | None:
    """The entry that accepts a finding: its rule with the property's path or the resource's."""
    names = (f"{finding.rule}:{finding.place}", f"{finding.rule}:{finding.resource}")
    return next((name for name in names if name in environment.accepted), None)


def evaluated(tree: Tree, environment: Environment, values: Values) -> Evaluated:
    """What a tree of templates makes of these values of the root's parameters; those that nobody gives are not known.

    Raises TemplateError where CloudFormation would refuse it.
    """
    return _evaluated(tree, environment, next(_states(tree, environment, values)))


def _evaluated(tree: Tree, environment: Environment, state: Values) -> Evaluated:
    place = Place(environment.stack_name, environment.region, environment.account)
    return _Cautious(place).evaluate(tree, state, {})


def _find(tree: Tree, environment: Environment, values: Values) -> tuple[Finding, ...]:
    try:
        for _, each in tree.walk():
            graph.check(each.template)
        states = [_evaluated(tree, environment, state) for state in _states(tree, environment, values)]
    except TemplateError as error:
        expands = any("Transform" in each.template for _, each in tree.walk())
        finding = Finding((), (), error.message, EVALUATION, f"Correct {environment.path} or the template.")
        return () if expands else (finding,)  # what a transform makes of it is not known yet
    systems = (System.of(state, environment.production) for state in states)
    return tuple(dict.fromkeys(finding for system in systems for finding in find(system)))


def _states(tree: Tree, environment: Environment, values: Values) -> Iterator[Values]:
    """The root's parameter values, before and after an operation set those that have none."""
    parameters = parameters_of(tree)
    implied = set(IMPLIED) - parameters.keys()
    known = {name: value for name, value in values.items() if name not in implied}
    missing = {name: UNKNOWN for name, each in parameters.items() if "Default" not in each and name not in known}
    yield passed(tree, {"Parameters": {**missing, **known}})
    later = [name for name in environment.kept_parameters if name in parameters and name not in known]
    if later:
        set_ = {name: _something(name, parameters[name]) for name in later}
        yield passed(tree, {"Parameters": {**missing, **known, **set_}})


def _something(name: str, declaration: Mapping[str, Any]) -> Any:
    """A value that is surely not empty, where the parameter takes any text."""
    free = declaration.get("Type") == "String" and "AllowedValues" not in declaration
    return symbol("parameter", name) if free else UNKNOWN


@dataclass
class _Doubting(Scope):
    """A scope whose conditions are decided by another: what lies elsewhere can be referred to, but decides nothing."""

    decides: Scope | None = None

    def condition(self, name: str) -> Any:
        return self.decides.condition(name) if self.decides is not None else UNKNOWN


class _Cautious(Evaluator):
    """Does not take for known what only SSM, another stack or AWS knows, and hides the values of NoEcho parameters."""

    def scope(self, tree: Tree, values: Values, world: Known) -> Scope:
        declarations, pseudo = parameters_of(tree), self.place.pseudo(world.path)
        shown = typed(tree, {name: _hidden(name, declarations[name], value) for name, value in values.items()})
        sure = {
            name: UNKNOWN if values[name] is UNKNOWN or _elsewhere(value) else value for name, value in shown.items()
        }
        decides = Scope(tree.template, sure, pseudo, world)
        return _Doubting(tree.template, shown, pseudo, world, decides=decides)


def _hidden(name: str, declaration: Mapping[str, Any], value: Any) -> Any:
    return symbol("hidden", name) if declared.no_echo(declaration) and value != "" and not symbolic(value) else value


def _elsewhere(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and mark in text for text in texts for mark in _ELSEWHERE)
