"""A system: a stack of stacks.

Each child is a blueprint under its logical id. What a child asks for as coming from the other stacks is answered by the
sibling that has an output of that name. Everything else it asks is asked of the person, under the same name, label and
constraints, and passed on; what two children ask for alike is asked once. So a new question or a new wire in a child
needs no edit here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from troposphere import Equals, GetAtt, If, Not, Parameter, Ref, Template
from troposphere.cloudformation import Stack

from oaktree_cfn.blueprints import Blueprint
from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services import fields
from oaktree_cfn.services.names import named


@dataclass(frozen=True)
class Child:
    """A nested stack: its logical id, its template, and the parameters that the parent answers itself."""

    title: str
    template: Template
    takes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Its template's file, beside the parent's."""
        return f"{self.title.lower()}.yaml"

    def stack(self) -> Stack:
        """The nested stack."""
        values = {name: self.takes.get(name, Ref(name)) for name in self.template.parameters}
        return Stack(self.title, TemplateURL=f"./{self.file}", Parameters=values)

    def questions(self) -> Iterator[tuple[str, str, Parameter]]:
        """Group, label and declaration of each parameter that no sibling answers."""
        interface = self.template.metadata[form.INTERFACE]
        for group in interface["ParameterGroups"]:
            for name in group["Parameters"]:
                if name not in self.takes:
                    label = interface["ParameterLabels"][name]["default"]
                    yield group["Label"]["default"], label, self.template.parameters[name]

    def wires(self) -> Iterator[str]:
        """Names of the parameters that come from other stacks."""
        for group in self.template.metadata[form.INTERFACE]["ParameterGroups"]:
            if group["Label"]["default"] == form.WIRING:
                yield from group["Parameters"]


@dataclass(frozen=True)
class System:
    """Blueprints under their logical ids, in the order in which a reader meets them, and what the environment exports.

    ``exports`` are outputs of the children; under these names, behind the prefix, other stacks import them.
    """

    description: str
    blueprints: Mapping[str, Blueprint]
    exports: tuple[str, ...] = ()

    def children(self) -> tuple[Child, ...]:
        """The nested stacks with their wires. Raises ValueError for two services with one priority at the listener."""
        _refuse_one_priority(self.blueprints)
        https = {"Https": If("HasCertificate", "true", "false")}
        return wired(self.blueprints, https)

    def compose(self) -> Template:
        """The parent's template."""
        children = self.children()
        template = form.begin(self, self.description)
        form.ask(template, form.NAMES, {"Prefix": form.prefix(), "Environment": _environment()})
        for child in children:
            ask_once(template, child)
            template.rules.update(child.template.rules)
        if "CertificateArn" in template.parameters:
            template.add_condition("HasCertificate", Not(Equals(Ref("CertificateArn"), "")))
        template.add_resource([child.stack() for child in children])
        for name in self.exports:
            _export(template, name, children)
        return template


def _environment() -> Parameter:
    return form.text(
        "Environment",
        "Name of the environment, as in make deploy ENV=dev. It stands in the commands that PushCommands shows.",
        pattern="[a-z][a-z0-9-]{0,19}",
        constraint="up to 20 lower-case letters, digits and hyphens, starting with a letter",
    )


def _export(template: Template, name: str, children: tuple[Child, ...]) -> None:
    owner = next((child for child in children if name in child.template.outputs), None)
    if owner is None:
        raise ValueError(f"no child has an output {name} to export")
    said = owner.template.outputs[name].Description
    form.tell(template, name, said, GetAtt(owner.title, f"Outputs.{name}"), named(f"{{}}-{name}", Ref("Prefix")))


def _refuse_one_priority(blueprints: Mapping[str, Blueprint]) -> None:
    """A listener refuses the second rule of a priority only when it is made; here it costs nothing."""
    taken: dict[Any, str] = {}
    for title, blueprint in blueprints.items():
        route = getattr(getattr(blueprint, "service", None), "route", None)
        if route is not None and fields.is_literal(route.priority):
            other = taken.setdefault(int(route.priority), title)
            if other != title:
                raise ValueError(f"{title}.route.priority: {other} has {route.priority} at the same listener already")


def wired(blueprints: Mapping[str, Blueprint], answers: Mapping[str, Any]) -> tuple[Child, ...]:
    """The children with their wires. ``answers`` are those of the parent itself; they win over a sibling's.

    A wire that neither has an answer for is asked of the person like anything else.
    """
    templates = {title: blueprint.compose() for title, blueprint in blueprints.items()}
    outputs = {name: title for title, template in reversed(templates.items()) for name in template.outputs}
    children = (Child(title, template) for title, template in templates.items())
    return tuple(Child(child.title, child.template, _answered(child, outputs, answers)) for child in children)


def _answered(child: Child, outputs: Mapping[str, str], answers: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: answers[name] for name in child.wires() if name in answers}
    siblings = {
        name: GetAtt(outputs[name], f"Outputs.{name}")
        for name in child.wires()
        if name in outputs and outputs[name] != child.title
    }
    return {**siblings, **own}


def ask_once(template: Template, child: Child) -> None:
    """Ask what no sibling answers. Raises ValueError where two children declare a parameter differently."""
    for group, label, parameter in child.questions():
        known = template.parameters.get(parameter.title)
        if known is None:
            form.ask(template, group, {label: parameter})
        elif known != parameter:
            raise ValueError(
                f"{child.title} declares the parameter {parameter.title} differently from the stacks before it"
            )
