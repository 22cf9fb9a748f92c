"""The web service: the application's container, its roles and its logs.

Before the first image is pushed there is nothing to run: without ``ImageTag`` the service is made with no tasks, so that
the first deploy into an empty repository succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from troposphere import AWS_REGION, Equals, GetAtt, If, Not, Ref, Sub, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.grants import read_write_table
from oaktree_cfn.services.names import named
from oaktree_cfn.services.roles import execution_policy, execution_role, task_policy, task_role
from oaktree_cfn.services.web_service import WebService

_PREFIX = Ref("Prefix")


def _node() -> Mapping[str, Any]:
    return {"NODE_ENV": "production", "HOST": "0.0.0.0"}  # noqa: S104 - the container's own interfaces


@dataclass(frozen=True)
class Service:
    """Web service: a Fargate service behind the load balancer, its task definition, roles and log group.

    ``environment`` holds the application's own variables; the ones that follow from other resources are added to it.
    """

    environment: Mapping[str, Any] = field(default_factory=_node)

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
        _rules(template)
        template.add_condition("HasImage", Not(Equals(Ref("ImageTag"), "")))
        template.add_condition("HasPublicIp", Equals(Ref("TaskSubnets"), "public"))
        service = _web_service(self.environment)
        template.add_resource([service.log_group(), *_roles(), service.task_definition()])
        template.add_resource(service.service("ExecutionPolicy", "TaskPolicy"))
        form.tell(template, "ServiceName", "The service.", GetAtt("Service", "Name"))
        form.tell(template, "LogGroupName", "Where the containers' logs are.", Ref("LogGroup"))
        return template


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    form.ask(template, "Network", {"Tasks run in": form.task_subnets()})
    run = {
        "Image tag": _image_tag(),
        "Port": form.container_port(),
        "CPU": form.choice("Cpu", "CPU units of a task; 1024 are one core.", tuple(MEMORY), "256"),
        "Memory": _memory(),
        "Tasks": form.number("DesiredCount", "Tasks to keep running, once there is an image.", 1, 0, 1000),
        "Grace period": form.number(
            "HealthCheckGracePeriod", "Seconds a new task has before failed health checks count.", 60, 0, 86400
        ),
        "Log retention": form.choice("LogRetentionDays", "Days to keep logs.", _RETENTION, "30"),
    }
    form.ask(template, "Web service", run)
    form.ask(template, form.WIRING, _wiring())


_RETENTION = ("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731")


def _memory() -> Any:
    mebibytes = sorted({mib for choices in MEMORY.values() for mib in choices})
    return form.choice(
        "Memory",
        "Memory of a task in MiB. What is possible depends on Cpu.",
        [str(mib) for mib in mebibytes],
        "512",
        "an amount that Fargate offers: 512, multiples of 1024 up to 30720, larger ones in larger steps up to 249856",
    )


def _image_tag() -> Any:
    return form.text(
        "ImageTag",
        "Tag of the image to run, as pushed to the repository. Empty before the first image: then no task is started.",
        pattern="([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?",
        constraint="empty or an image tag of up to 128 letters, digits, dots, hyphens and underscores",
        Default="",
    )


def _wiring() -> dict[str, Any]:
    return {
        "Cluster": form.given("ClusterName", "Cluster to run in."),
        "Repository URL": form.given("RepositoryUrl", "Repository the image is in."),
        "Repository ARN": form.given("RepositoryArn", "The same repository, for the execution role's policy."),
        "Table": form.given("TableName", "Users table, told to the container."),
        "Table ARN": form.given("TableArn", "The same table, for the task role's policy."),
        "Target group": form.given("TargetGroupArn", "Target group whose load balancer already listens."),
        "Subnets": form.given_list("TaskSubnetIds", "Subnets the tasks run in."),
        "Security group": form.given("TaskSecurityGroupId", "Security group of the tasks."),
    }


def _rules(template: Template) -> None:
    """Fargate takes only some pairs of CPU and memory; say which before anything is made."""
    for cpu, choices in MEMORY.items():
        memories = [str(mib) for mib in choices]
        few = f"{', '.join(memories[:-1])} or {memories[-1]} MiB"
        span = few if len(memories) == 3 else f"{memories[0]} to {memories[-1]} MiB"
        template.add_rule(
            f"MemoryFitsCpu{cpu}",
            {
                "RuleCondition": Equals(Ref("Cpu"), cpu),
                "Assertions": [
                    {
                        "Assert": {"Fn::Contains": [memories, Ref("Memory")]},
                        "AssertDescription": f"With Cpu {cpu}, Memory must be {span}",
                    }
                ],
            },
        )


def _roles() -> list[Any]:
    return [
        execution_role(_PREFIX),
        execution_policy(_PREFIX, Ref("RepositoryArn"), GetAtt("LogGroup", "Arn")),
        task_role(_PREFIX),
        task_policy(named("{}-dynamodb-access", _PREFIX), read_write_table(Ref("TableArn"))),
    ]


def _web_service(environment: Mapping[str, Any]) -> WebService:
    wired = {"AWS_REGION": Ref(AWS_REGION), "USE_AWS_DB": "true", "DYNAMODB_TABLE": Ref("TableName")}
    return WebService(
        prefix=_PREFIX,
        image=Sub("${RepositoryUrl}:${Tag}", Tag=If("HasImage", Ref("ImageTag"), "none")),
        cluster=Ref("ClusterName"),
        target_group=Ref("TargetGroupArn"),
        subnets=Ref("TaskSubnetIds"),
        security_group=Ref("TaskSecurityGroupId"),
        public_ip=If("HasPublicIp", "ENABLED", "DISABLED"),
        port=Ref("ContainerPort"),
        cpu=Ref("Cpu"),
        memory=Ref("Memory"),
        desired=If("HasImage", Ref("DesiredCount"), 0),
        grace=Ref("HealthCheckGracePeriod"),
        log_days=Ref("LogRetentionDays"),
        environment={"PORT": Ref("ContainerPort"), **environment, **wired},
    )
