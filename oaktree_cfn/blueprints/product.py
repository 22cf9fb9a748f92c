"""The Service Catalog product: one web service that another team provisions by filling in a form.

It stands on its own. What it needs of the platform (VPC, subnets, cluster, listener) it imports from the environment whose
name is given, so nobody copies ids. Its resources carry the stack's own name, which Service Catalog makes unique
(``SC-<account>-pp-<id>``): the launch role can be limited to names that begin so, and no two products get in each other's
way. What all provisioned products share is the listener: each brings a rule with a priority of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from troposphere import AWS_STACK_NAME, Equals, GetAtt, If, Join, Not, Parameter, Ref, Select, Split, Sub, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints import data
from oaktree_cfn.blueprints._described import ask_numbers, ask_sizes
from oaktree_cfn.blueprints.service import node, wired
from oaktree_cfn.services import alarms
from oaktree_cfn.services.alarms import Alarm, Limits
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.measured import Traffic
from oaktree_cfn.services.names import named
from oaktree_cfn.services.platform import Platform, full_name
from oaktree_cfn.services.rollout import Rolling
from oaktree_cfn.services.traffic import Route
from oaktree_cfn.services.web_service import WebService

_STACK = Ref(AWS_STACK_NAME)
_PLATFORM = Platform(Ref("Platform"))
_ANY_HOST, _ANY_PATH = "*", "/*"


@dataclass(frozen=True)
class Product:
    """OakTree web service: a container on Fargate behind the platform's load balancer, with a users table of its own."""

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        form.ask(template, "Platform", {"Platform": _platform()})
        form.ask(template, "Image", {"Repository": _repository(), "Image tag": _image_tag()})
        form.ask(template, "Address", {"Host": _host(), "Path": _path(), "Priority": _priority()})
        service = ask_numbers(ask_sizes(_web_service(), template), template)
        check = form.asked(HealthCheck, "path", "HealthCheckPath")
        form.ask(template, "Web service", {"Health check path": check})
        data.fill(template, replace(data.USERS, name=named("{}-users", _STACK)))
        _rules(template)
        template.add_condition("HasHost", Not(Equals(Ref("Host"), _ANY_HOST)))
        template.add_resource(service.resources(_PLATFORM.ground(_STACK)))
        template.add_resource([alarm.render(_STACK, [_PLATFORM.export("AlarmTopicArn")]) for alarm in _alarms()])
        _outputs(template)
        return template


def _web_service() -> WebService:
    return WebService(
        image=Sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Repository}:${ImageTag}"),
        repository=Sub("arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/${Repository}"),
        container_name="web",
        environment={**node(), **wired(data.name())},
        grants=(Grant("read-write", "table", data.attribute("Arn")),),
        route=Route(priority=Ref("Priority"), hosts=(Ref("Host"),), paths=(Ref("Path"),)),
        health_check=HealthCheck(path=Ref("HealthCheckPath")),
        rollout=Rolling(alarms=[Ref(alarm.id()) for alarm in _alarms() if alarm.rolls_back]),
    )


def _alarms() -> tuple[Alarm, ...]:
    """Those about its own target group: the load balancer's own errors are the platform's."""
    traffic = Traffic(full_name(_PLATFORM.export("ListenerArn")), GetAtt("TargetGroup", "TargetGroupFullName"))
    return tuple(alarm for alarm in alarms.of_traffic(traffic, Limits()) if alarm.name != "load-balancer-errors")


# Questions


def _platform() -> Parameter:
    return form.text(
        "Platform",
        "Environment it runs in, by the prefix of its names, for example oaktree-prod.",
        pattern="[a-z][a-z0-9]*(-[a-z0-9]+)*",
        constraint="the prefix of a platform environment, such as oaktree-prod",
        MinLength=3,
        MaxLength=28,
    )


def _repository() -> Parameter:
    part = "[a-z0-9]+([._-][a-z0-9]+)*"
    return form.text(
        "Repository",
        "Name of the image's ECR repository in this account and region, for example oaktree-prod.",
        pattern=f"{part}(/{part})*",
        constraint="the name of an ECR repository, without registry and tag",
        MinLength=2,
        MaxLength=256,
    )


def _image_tag() -> Parameter:
    return form.text(
        "ImageTag",
        "Tag of the image to run, which is already pushed. Not one that moves.",
        pattern="[A-Za-z0-9_][A-Za-z0-9._-]{0,127}",
        constraint="an image tag of up to 128 letters, digits, dots, hyphens and underscores",
    )


def _host() -> Parameter:
    return form.text(
        "Host",
        "Host name whose requests are for it, for example orders.example.com; * for any.",
        pattern=r"(\*|[A-Za-z0-9]([A-Za-z0-9.-]{0,126}[A-Za-z0-9])?)",
        constraint="* or a host name",
        Default=_ANY_HOST,
    )


def _path() -> Parameter:
    return form.text(
        "Path",
        "Path whose requests are for it, for example /orders/*.",
        pattern=r"/[\w.$/~:@+-]{0,126}\*?",
        constraint="a path that begins with / and may end with *, such as /orders/*",
        Default=_ANY_PATH,
    )


def _priority() -> Parameter:
    return form.asked(Route, "priority", "Priority")


# Rules


def _rules(template: Template) -> None:
    template.add_rule(
        "AnAddressOfItsOwn",
        _rule(
            Equals(Ref("Host"), _ANY_HOST),
            Not(Equals(Ref("Path"), _ANY_PATH)),
            "Give a Host or a Path of its own: with neither it would take all of the platform's requests",
        ),
    )
    template.add_rule(
        "AnImageThatStays",
        _rule(
            Equals(Ref("ImageTag"), "latest"),
            Not(Equals(Ref("ImageTag"), "latest")),
            "ImageTag must not be latest: that tag moves, and tasks of one version would run different images",
        ),
    )
    template.add_rule(
        "AProtectedTableStays",
        _rule(
            Equals(Ref("RetainTable"), "false"),
            Equals(Ref("TableDeletionProtection"), "false"),
            "With RetainTable false, TableDeletionProtection must be false too: a protected table cannot go, and "
            "terminating the product would fail",
        ),
    )


def _rule(condition: Any, assertion: Any, description: str) -> dict[str, Any]:
    return {
        "RuleCondition": condition,
        "Assertions": [{"Assert": assertion, "AssertDescription": description}],
    }


# Outputs


def _outputs(template: Template) -> None:
    logs = Sub("aws logs tail ${LogGroup} --follow --region ${AWS::Region}")
    form.tell(template, "Url", "Where it answers.", _url())
    form.tell(template, "ServiceName", "The ECS service.", GetAtt("Service", "Name"))
    form.tell(template, "LogGroupName", "Where its logs are.", Ref("LogGroup"))
    form.tell(template, "FollowLogs", "What to run to read the logs as they come.", logs)
    form.tell(template, "TableName", "Its users table.", data.name())


def _url() -> Sub:
    """The host's, or the platform's own address, with the path's fixed part."""
    platform = _PLATFORM.export("ApplicationUrl")
    of_host = Sub("${Scheme}://${Host}", Scheme=Select(0, Split(":", platform)))
    return Sub("${Origin}${Way}", Origin=If("HasHost", of_host, platform), Way=Join("", Split("*", Ref("Path"))))
