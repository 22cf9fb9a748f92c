"""The whole system: a stack of stacks.

Only this stack exports. Its outputs are the environment's public interface: another stack imports ``<prefix>-VpcId``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from troposphere import Equals, GetAtt, If, Parameter, Ref, Select, Split, Sub, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints._catalogue import Blueprint
from oaktree_cfn.blueprints._system import System
from oaktree_cfn.blueprints.alb import Alb
from oaktree_cfn.blueprints.cluster import Cluster
from oaktree_cfn.blueprints.data import Data
from oaktree_cfn.blueprints.ecr import Ecr
from oaktree_cfn.blueprints.monitoring import Monitoring
from oaktree_cfn.blueprints.network import Network
from oaktree_cfn.blueprints.service import Service

EXPORTED = (
    "RepositoryUrl",
    "TableName",
    "TableArn",
    "LoadBalancerDnsName",
    "ApplicationUrl",
    "ListenerArn",
    "VpcId",
    "PublicSubnetIds",
    "TaskSubnetIds",
    "TaskPublicIp",
    "LoadBalancerSecurityGroupId",
    "TaskSecurityGroupId",
    "ClusterName",
    "ServiceName",
    "AlarmTopicArn",
    "DashboardName",
)

_PUSH = """\
APP=${!APP:-../oaktree}
TAG=$(git -C "$APP" rev-parse --short HEAD)
aws ecr get-login-password --region ${AWS::Region} | docker login --username AWS --password-stdin ${Registry}
docker build --platform ${Platform} --tag ${Repository}:$TAG "$APP"
docker push ${Repository}:$TAG
make image ENV=${Environment} ARGS="--tag $TAG"
"""
"""Run in this library's folder; ``APP`` is the application's. No comments in it: zsh takes none when one pastes."""


def _parts() -> Mapping[str, Blueprint]:
    return {
        "Network": Network(),
        "Ecr": Ecr(),
        "Data": Data(),
        "Cluster": Cluster(),
        "Alb": Alb(),
        "Monitoring": Monitoring(),
        "Service": Service(),
    }


def _choices() -> Mapping[str, Parameter]:
    watched = form.switch(
        "AlarmsAndDashboard",
        "Whether there are alarms, which also take failing rollouts back, and a dashboard (about 3 USD a month).",
        default=True,
    )
    return {"Monitoring": watched}


@dataclass(frozen=True)
class Root(System):
    """OakTree: a web application on ECS Fargate behind a load balancer, with its network, images and users table."""

    description: str = ""
    blueprints: Mapping[str, Blueprint] = field(default_factory=_parts)
    exports: tuple[str, ...] = EXPORTED
    optional: Mapping[str, Parameter] = field(default_factory=_choices)

    def compose(self) -> Template:
        """The template. The service takes an output of the load balancer's stack, so it waits for all of it, the
        listener included.
        """
        template = super().compose()
        form.ask(template, form.NAMES, {"Environment": _environment()})
        template.add_condition("RunsOnArm", Equals(Ref("Architecture"), "ARM64"))
        form.tell(
            template,
            "PushCommands",
            "What to run here to ship a new version of the application in ../oaktree (or in $APP), ready to paste.",
            _push_commands(),
        )
        return template


def _environment() -> Parameter:
    return form.text(
        "Environment",
        "Name of the environment, as in make deploy ENV=dev. It stands in the commands that PushCommands shows.",
        pattern="[a-z][a-z0-9-]{0,19}",
        constraint="up to 20 lower-case letters, digits and hyphens, starting with a letter",
    )


def _push_commands() -> Sub:
    """Log in, build, push, and roll the service to the new image: a forced new deployment of the old task definition would
    neither run the new tag nor start the first task.
    """
    repository = GetAtt("Ecr", "Outputs.RepositoryUrl")
    platform = If("RunsOnArm", "linux/arm64", "linux/amd64")
    return Sub(_PUSH, Repository=repository, Registry=Select(0, Split("/", repository)), Platform=platform)
