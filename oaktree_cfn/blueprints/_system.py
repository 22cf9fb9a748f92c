"""A system: a stack of stacks.

Each child is a blueprint under its logical id. What a child asks for as coming from the other stacks is answered by the
sibling that has an output of that name; where several have it, the first, or the one whose logical id goes before the name
(``JobsQueueUrl`` is ``QueueUrl`` of ``Jobs``). Everything else it asks is asked of the person, under the same name, label
and constraints, and passed on; what two children ask for alike is asked once. So a new question or a new wire in a child
needs no edit here.

A child may be any class with a method ``compose``. Where its template has no groups of parameters for the console, a
parameter that a sibling can answer is a wire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from troposphere import Equals, GetAtt, If, Not, Parameter, Ref, Template
from troposphere.cloudformation import Stack

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints._catalogue import Blueprint, file_of
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services import fields
from oaktree_cfn.services.names import named


@dataclass(frozen=True)
class Child:
    """A nested stack: its logical id, its template, and the parameters that the parent answers itself.

    ``condition`` is the parent's condition under which it is there; empty for always.
    """

    title: str
    template: Template
    takes: Mapping[str, Any] = field(default_factory=dict)
    condition: str = ""

    def stack(self) -> Stack:
        """The nested stack."""
        values = {name: self.takes.get(name, Ref(name)) for name in self.template.parameters}
        more: dict[str, Any] = {"Parameters": values} if values else {}
        more |= {"Condition": self.condition} if self.condition else {}
        return Stack(self.title, TemplateURL=f"./{file_of(self.title)}", **more)

    def output(self, name: str) -> Any:
        """One of its outputs, as a sibling gets it: empty where the child is left out."""
        value = GetAtt(self.title, f"Outputs.{name}")
        return If(self.condition, value, "") if self.condition else value

    def questions(self) -> Iterator[tuple[str, str, Parameter]]:
        """Group, label and declaration of each parameter that no sibling answers."""
        labels = self._interface().get("ParameterLabels", {})
        for group, names in self._groups():
            for name in names:
                if name not in self.takes:
                    yield group, labels.get(name, {}).get("default", name), self.template.parameters[name]

    def wires(self) -> Iterator[str]:
        """Names of the parameters that may come from other stacks."""
        yield from (name for group, names in self._groups() if group in (form.WIRING, self.title) for name in names)

    def _groups(self) -> Iterator[tuple[str, list[str]]]:
        """Parameters by group of the console's form; those without one are a group of the child's own."""
        rest = set(self.template.parameters)
        for group in self._interface().get("ParameterGroups", []):
            rest -= set(group["Parameters"])
            yield group["Label"]["default"], group["Parameters"]
        yield self.title, [name for name in self.template.parameters if name in rest]

    def _interface(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.template.metadata.get(form.INTERFACE, {})
        return found


@dataclass(frozen=True)
class System:
    """Blueprints under their logical ids, in the order in which a reader meets them, and what the environment exports.

    ``description`` is the template's; a class of its own may leave it to its docstring. ``exports`` are outputs of the
    children; under these names, behind the prefix, other stacks import them. ``optional`` maps a child to the switch with
    which it may be left out.
    """

    description: str
    blueprints: Mapping[str, Blueprint]
    exports: tuple[str, ...] = ()
    optional: Mapping[str, Parameter] = field(default_factory=dict)

    def children(self) -> tuple[Child, ...]:
        """The nested stacks with their wires. Raises InvalidInput or ValueError for what cannot be composed: two services
        with one priority at the listener, a wrong description.
        """
        _refuse_one_priority(self.blueprints)
        children = [self._child(title, blueprint) for title, blueprint in self.blueprints.items()]
        secure = any("CertificateArn" in child.template.parameters for child in children)
        https = If("HasCertificate", "true", "false") if secure else "false"
        return wired(children, {"Https": https, "Prefix": Ref("Prefix")})

    def _child(self, title: str, blueprint: Blueprint) -> Child:
        return Child(title, _composed(title, blueprint), condition=f"Has{title}" if title in self.optional else "")

    def compose(self) -> Template:
        """The parent's template."""
        children = self.children()
        template = form.begin(self, self.description)
        form.ask(template, form.NAMES, {"Prefix": form.prefix()})
        for child in children:
            if child.condition:
                _ask_for(template, child, self.optional[child.title])
            ask_once(template, child)
            template.rules.update(child.template.rules)
        if "CertificateArn" in template.parameters:
            template.add_condition("HasCertificate", Not(Equals(Ref("CertificateArn"), "")))
        template.add_resource([child.stack() for child in children])
        for name in self.exports:
            _export(template, name, children)
        return template


def _ask_for(template: Template, child: Child, switch: Parameter) -> None:
    """Ask whether a child is there."""
    form.ask(template, child.title, {child.title: switch})
    template.add_condition(child.condition, form.is_true(switch.title))


def _export(template: Template, name: str, children: tuple[Child, ...]) -> None:
    found = _outputs(children).get(name)
    if found is None:
        raise ValueError(f"no child has an output {name} to export")
    owner, output = found
    said = getattr(owner.template.outputs[output], "Description", f"{output} of {owner.title}.")
    value = GetAtt(owner.title, f"Outputs.{output}")
    form.tell(template, name, said, value, named(f"{{}}-{name}", Ref("Prefix")), owner.condition)


def _outputs(children: Sequence[Child]) -> dict[str, tuple[Child, str]]:
    """What others may call an output -> the child it belongs to, and its name there."""
    every = [(child, name) for child in children for name in child.template.outputs]
    by_name = {name: (child, name) for child, name in reversed(every)}
    return {f"{child.title}{name}": (child, name) for child, name in every} | by_name


def _refuse_one_priority(blueprints: Mapping[str, Blueprint]) -> None:
    """A listener refuses the second rule of a priority only when it is made; here it costs nothing."""
    taken: dict[Any, str] = {}
    for title, blueprint in blueprints.items():
        route = getattr(getattr(blueprint, "service", None), "route", None)
        if route is not None and fields.is_literal(route.priority):
            other = taken.setdefault(int(route.priority), title)
            if other != title:
                raise ValueError(f"{title}.route.priority: {other} has {route.priority} at the same listener already")


def wired(children: Sequence[Child], answers: Mapping[str, Any]) -> tuple[Child, ...]:
    """The children with their wires. ``answers`` are those of the parent itself; they win over a sibling's.

    A wire that neither has an answer for is asked of the person like anything else.
    """
    outputs = _outputs(children)
    return tuple(replace(child, takes=_answered(child, outputs, answers)) for child in children)


def _composed(title: str, blueprint: Blueprint) -> Template:
    """A child's template. What is wrong with it is told under its logical id."""
    try:
        template: Template = blueprint.compose()
    except InvalidInput as error:
        lines = "\n".join(f"{title}: {line}" for line in error.message.splitlines())
        raise InvalidInput(lines, error.advice) from error
    return template


def _answered(child: Child, outputs: Mapping[str, tuple[Child, str]], answers: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: answers[name] for name in child.wires() if name in answers}
    found = {name: outputs[name] for name in child.wires() if name in outputs}
    return {name: owner.output(output) for name, (owner, output) in found.items() if owner is not child} | own


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
