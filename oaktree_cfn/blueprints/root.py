"""The whole system: a stack of stacks.

Each child is listed with what it takes from its siblings. Everything else a child asks for is asked of the person, under
the same name, label and constraints, and passed on; what two children ask for alike is asked once. So a new question in a
child needs no edit here.

Only this stack exports. Its outputs are the environment's public interface: another stack imports ``<prefix>-VpcId``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from troposphere import Equals, GetAtt, If, Not, Parameter, Ref, Select, Split, Sub, Template
from troposphere.cloudformation import Stack

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints.alb import Alb
from oaktree_cfn.blueprints.cluster import Cluster
from oaktree_cfn.blueprints.data import Data
from oaktree_cfn.blueprints.ecr import Ecr
from oaktree_cfn.blueprints.network import Network
from oaktree_cfn.blueprints.service import Service
from oaktree_cfn.services.names import named

EXPORTED = {
    "RepositoryUrl": "Ecr",
    "TableName": "Data",
    "TableArn": "Data",
    "LoadBalancerDnsName": "Alb",
    "ApplicationUrl": "Alb",
    "ListenerArn": "Alb",
    "VpcId": "Network",
    "PublicSubnetIds": "Network",
    "TaskSubnetIds": "Network",
    "LoadBalancerSecurityGroupId": "Network",
    "TaskSecurityGroupId": "Network",
    "ClusterName": "Cluster",
    "ServiceName": "Service",
}
"""Output of this stack -> the child it comes from."""

_PUSH = """\
APP=${!APP:-../oaktree}
TAG=$(git -C "$APP" rev-parse --short HEAD)
aws ecr get-login-password --region ${AWS::Region} | docker login --username AWS --password-stdin ${Registry}
docker build --platform linux/amd64 --tag ${Repository}:$TAG "$APP"
docker push ${Repository}:$TAG
make deploy ENV=${Environment} ARGS="--parameter ImageTag=$TAG"
"""
"""Run in this library's folder; ``APP`` is the application's. No comments in it: zsh takes none when one pastes."""


@dataclass(frozen=True)
class Child:
    """A nested stack: its logical id, its template, and the parameters it takes from its siblings."""

    title: str
    template: Template
    takes: Mapping[str, Any] = field(default_factory=dict)

    def stack(self) -> Stack:
        """The nested stack; its template stands beside the parent's as ``<title>.yaml``."""
        values = {name: self.takes.get(name, Ref(name)) for name in self.template.parameters}
        return Stack(self.title, TemplateURL=f"./{self.title.lower()}.yaml", Parameters=values)

    def questions(self) -> Iterator[tuple[str, str, Parameter]]:
        """Group, label and declaration of each parameter that no sibling answers."""
        interface = self.template.metadata[form.INTERFACE]
        for group in interface["ParameterGroups"]:
            for name in group["Parameters"]:
                if name not in self.takes:
                    label = interface["ParameterLabels"][name]["default"]
                    yield group["Label"]["default"], label, self.template.parameters[name]


@dataclass(frozen=True)
class Root:
    """OakTree: a web application on ECS Fargate behind a load balancer, with its network, images and users table."""

    def compose(self) -> Template:
        """The template."""
        children = _children()
        template = form.begin(self)
        form.ask(template, form.NAMES, {"Prefix": form.prefix(), "Environment": _environment()})
        for child in children:
            _ask_once(template, child)
            template.rules.update(child.template.rules)
        template.add_condition("HasCertificate", Not(Equals(Ref("CertificateArn"), "")))
        template.add_resource([child.stack() for child in children])
        _outputs(template, children)
        return template


def _children() -> tuple[Child, ...]:
    """The service takes an output of the load balancer's stack, so it waits for all of it, the listener included."""
    return (
        Child("Network", Network().compose(), {"Https": If("HasCertificate", "true", "false")}),
        Child("Ecr", Ecr().compose()),
        Child("Data", Data().compose()),
        Child("Cluster", Cluster().compose()),
        Child("Alb", Alb().compose(), _from("Network", "VpcId", "PublicSubnetIds", "LoadBalancerSecurityGroupId")),
        Child(
            "Service",
            Service().compose(),
            _from("Network", "TaskSubnetIds", "TaskSecurityGroupId")
            | _from("Ecr", "RepositoryUrl", "RepositoryArn")
            | _from("Data", "TableName", "TableArn")
            | _from("Cluster", "ClusterName")
            | _from("Alb", "TargetGroupArn"),
        ),
    )


def _from(sibling: str, *outputs: str) -> dict[str, Any]:
    return {name: GetAtt(sibling, f"Outputs.{name}") for name in outputs}


def _environment() -> Parameter:
    return form.text(
        "Environment",
        "Name of the environment, as in make deploy ENV=dev. It stands in the commands that PushCommands shows.",
        pattern="[a-z][a-z0-9-]{0,19}",
        constraint="up to 20 lower-case letters, digits and hyphens, starting with a letter",
    )


def _ask_once(template: Template, child: Child) -> None:
    for group, label, parameter in child.questions():
        known = template.parameters.get(parameter.title)
        if known is None:
            form.ask(template, group, {label: parameter})
        elif known != parameter:
            raise ValueError(
                f"{child.title} declares the parameter {parameter.title} differently from the stacks before it"
            )


def _outputs(template: Template, children: tuple[Child, ...]) -> None:
    templates = {child.title: child.template for child in children}
    for name, title in EXPORTED.items():
        description = templates[title].outputs[name].Description
        form.tell(template, name, description, GetAtt(title, f"Outputs.{name}"), named(f"{{}}-{name}", Ref("Prefix")))
    form.tell(
        template,
        "PushCommands",
        "What to run here to ship a new version of the application in ../oaktree (or in $APP), ready to paste.",
        _push_commands(),
    )


def _push_commands() -> Sub:
    """Log in, build, push, and roll the service by deploying the new tag: a forced new deployment of the old task
    definition would neither run the new tag nor start the first task.
    """
    repository = GetAtt("Ecr", "Outputs.RepositoryUrl")
    return Sub(_PUSH, Repository=repository, Registry=Select(0, Split("/", repository)))
