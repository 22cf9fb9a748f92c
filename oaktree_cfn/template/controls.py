"""AWS's own security controls, held against what an environment is.

The rules are files of AWS CloudFormation Guard in ``guard/``, one for each service; a rule is called as the control of AWS
Security Hub CSPM that it stands for (``ELB_6`` is ELB.6). ``cfn-guard`` reads them too. They are evaluated by AWS's own engine
(cloudformation-validate), on one flat template (``flat.py``), so that a rule may ask what guards a load balancer or logs a
network, in whatever stack that stands.

The engine has no way of its own to leave a resource out. The rules have: ``Metadata: guard: SuppressedRules``, as in AWS's
rules registry.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from oaktree_cfn.template.write import to_json

FOLDER = Path(__file__).parent / "guard"

_RULE = re.compile(r"^rule (\w+) when %(\w+) ", re.MULTILINE)
_LIST = re.compile(r"^let (\w+) = \[([^\]]*)\]", re.MULTILINE)
_TYPE = re.compile(r"AWS::\w+::\w+")


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its id (``ELB.6``), what it demands, and the types of resources it looks at."""

    id: str
    demand: str
    types: frozenset[str]

    @property
    def rule(self) -> str:
        """The name of its rule: what ``SuppressedRules`` lists."""
        return self.id.replace(".", "_")

    def concerns(self, template: Mapping[str, Any]) -> bool:
        """Whether the template has anything that it looks at."""
        return any(resource["Type"] in self.types for resource in template["Resources"].values())


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A resource that does not do what a control demands."""

    control: str
    logical_id: str


@dataclass(frozen=True, slots=True, order=True)
class Exemption:
    """A resource that its template leaves out of a control, and why."""

    control: str
    logical_id: str
    reason: str


@cache
def controls() -> Mapping[str, Control]:
    """Every control there is a rule for, by its id."""
    found = (control for path in sorted(FOLDER.glob("*.guard")) for control in _controls(path.read_text("utf-8")))
    return {control.id: control for control in sorted(found, key=lambda control: _order(control.id))}


def _controls(text: str) -> Iterator[Control]:
    """Of each rule: what the variable in its head selects, and its first message."""
    lists = {name: _TYPE.findall(items) for name, items in _LIST.findall(text)}
    for rule in _RULE.finditer(text):
        selection = text[: rule.start()].rpartition(f"let {rule[2]} = ")[2]
        named = [type_ for name in re.findall(r"%(\w+)", selection) for type_ in lists[name]]
        demand = text[rule.end() :].partition("<<")[2].partition(">>")[0]
        yield Control(_id(rule[1]), demand, frozenset([*_TYPE.findall(selection), *named]))


def _order(id_: str) -> tuple[str, int]:
    service, _, number = id_.partition(".")
    return service, int(number)


def _id(rule: str) -> str:
    return rule.replace("_", ".")


def violations(templates: Sequence[Mapping[str, Any]]) -> tuple[tuple[Violation, ...], ...]:
    """For each template, what violates a control."""
    from cloudformation_validate import ValidateConfig

    config = ValidateConfig(disable_builtin_rules=True)
    reports = (_engine().validate_template(to_json(template), config) for template in templates)
    return tuple(tuple(sorted(set(_violations(report.diagnostics)))) for report in reports)


@cache
def _engine() -> Any:
    """AWS's engine with our rules, made once for the process: it takes far longer than using it."""
    from cloudformation_validate import CelEngine, EngineConfig, file_to_external_rule_source

    atexit.register(_engine.cache_clear)  # once the interpreter has ended, it cannot clean up after itself
    sources = [file_to_external_rule_source(path) for path in sorted(FOLDER.glob("*.guard"))]
    return CelEngine(EngineConfig(guard_rules=sources))


def _violations(diagnostics: Iterable[Any]) -> Iterator[Violation]:
    """One for a control and a resource, however many checks of the rule failed."""
    for seen in diagnostics:
        yield Violation(_id(seen.rule_id), str(getattr(seen.entity, "logical_id", None) or ""))


def exemptions(template: Mapping[str, Any]) -> Iterator[Exemption]:
    """What a template leaves out of controls by itself."""
    for logical_id, resource in template["Resources"].items():
        said = resource.get("Metadata", {}).get("guard", {})
        for rule in said.get("SuppressedRules", ()):
            yield Exemption(_id(rule), logical_id, str(said.get("Reasons", {}).get(rule, "")))
