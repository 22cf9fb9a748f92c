"""A service as a template: any description, with what differs between environments asked as parameters.

What the description says with its structure (which containers, grants, routes, rollout) is the same everywhere. Its
sizes and numbers become parameters, whose defaults are what the description says, and options that cost money or
loosen something (scaling, Spot, shells) stand under conditions. What a service needs of its environment is asked last,
and only what its resources speak of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from troposphere import And, Condition, Equals, GetAtt, If, Not, Parameter, Ref, Split, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services import fields
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.ground import Balancer, Ground
from oaktree_cfn.services.names import named
from oaktree_cfn.services.scaling import MOST_TASKS, Scaling
from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.spot import Spot
from oaktree_cfn.services.task import Task
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.when import When, the_part
from oaktree_cfn.services.worker import Worker
from oaktree_cfn.template.graph import referred

AnyService = WebService | Worker | ScheduledTask

_PREFIX = Ref("Prefix")


@dataclass(frozen=True)
class Described:
    """A service of an environment that has several: its resources are named ``<prefix>-<name>-…``.

    Its parameters begin with the name (``ApiCpu``), so that services differ; what holds for all (whether shells may be
    opened) is asked once.
    """

    service: AnyService
    name: str

    def compose(self) -> Template:
        """The template."""
        kind = type(self.service).__name__
        template = form.begin(self, f"Service {self.name}: a {kind} on Fargate, its roles and its log group.")
        form.ask(template, form.NAMES, {"Prefix": form.prefix()})
        image = self.service.image
        if fields.is_literal(image):
            asked = form.asked(type(self.service), "image", f"{_stem(self.name)}Image", image)
            form.ask(template, _group(self.name), {"Image": asked})
            image = Ref(asked.title)
        fill(template, replace(self.service, image=image), self.name)
        return template


def fill(template: Template, service: AnyService, name: str = "", ready: str | None = None) -> None:
    """Add a service, the questions about it and its outputs to a template that asks for ``Prefix`` already.

    ``ready`` is a condition without which no task is started. Raises InvalidInput for a wrong description.
    """
    fields.verify(service)
    form.ask(template, "Network", {"Tasks run in": form.task_subnets()})
    template.add_condition("HasPublicIp", Equals(Ref("TaskSubnets"), "public"))
    filled = ask_numbers(_options(ask_sizes(service, template, name), template), template, name, ready)
    template.add_resource(filled.resources(_ground(service, name)))
    form.bound_roles(template)
    _ask_wiring(template)
    if isinstance(service, Service):
        form.tell(template, "ServiceName", "The service.", GetAtt("Service", "Name"))
    if isinstance(service, Worker):
        form.tell(template, "QueueUrl", "Where to send the messages.", Ref("Queue"))
        form.tell(template, "QueueArn", "The queue, for policies.", GetAtt("Queue", "Arn"))
    form.tell(template, "LogGroupName", "Where the containers' logs are.", Ref("LogGroup"))


def _stem(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _group(name: str) -> str:
    return f"Service {name}" if name else "Web service"


# Questions


def ask_sizes(service: AnyService, template: Template, name: str = "") -> Any:
    """The description with its sizes asked."""
    asked = {
        "cpu": form.asked(type(service), "cpu", f"{_stem(name)}Cpu", service.cpu),
        "memory": form.asked(type(service), "memory", f"{_stem(name)}Memory", service.memory),
        "architecture": form.asked(type(service), "architecture", f"{_stem(name)}Architecture", service.architecture),
    }
    if service.log_retention_days == fields.default_of(Task, "log_retention_days"):
        asked["log_retention_days"] = form.asked(Task, "log_retention_days", "LogRetentionDays")
    if isinstance(service, WebService) and not name:
        asked |= {"port": form.container_port()}
        asked |= {
            "health_check_grace_period": form.asked(
                WebService, "health_check_grace_period", "HealthCheckGracePeriod", service.health_check_grace_period
            )
        }
    asked = {field: parameter for field, parameter in asked.items() if fields.is_literal(getattr(service, field))}
    form.ask(template, _group(name), {_LABELS[field]: parameter for field, parameter in asked.items()})
    _memory_rules(template, name)
    return replace(service, **{field: Ref(parameter.title) for field, parameter in asked.items()})


_LABELS = {
    "port": "Port",
    "cpu": "CPU",
    "memory": "Memory",
    "architecture": "Architecture",
    "health_check_grace_period": "Grace period",
    "log_retention_days": "Log retention",
}


def _memory_rules(template: Template, name: str) -> None:
    """Fargate takes only some pairs of CPU and memory; say which before anything is made."""
    for cpu, choices in MEMORY.items():
        memories = [str(mib) for mib in choices]
        few = f"{', '.join(memories[:-1])} or {memories[-1]} MiB"
        span = few if len(memories) <= 3 else f"{memories[0]} to {memories[-1]} MiB"
        template.add_rule(
            f"{_stem(name)}MemoryFitsCpu{cpu}",
            {
                "RuleCondition": Equals(Ref(f"{_stem(name)}Cpu"), cpu),
                "Assertions": [
                    {
                        "Assert": {"Fn::Contains": [memories, Ref(f"{_stem(name)}Memory")]},
                        "AssertDescription": f"With {_stem(name)}Cpu {cpu}, {_stem(name)}Memory must be {span}",
                    }
                ],
            },
        )


def _options(service: Any, template: Template) -> Any:
    """The description with what holds for all services of an environment under conditions."""
    given: dict[str, Any] = {}
    if service.execute_command is False:
        form.ask(template, "Operation", {"Shells": form.execute_command()})
        template.add_condition("MayExecute", form.is_true("ExecuteCommand"))
        given["execute_command"] = When("MayExecute", True)
        given["readonly_root_filesystem"] = If("MayExecute", False, service.readonly_root_filesystem)
    if isinstance(service, Service) and service.spot is None:
        form.ask(template, "Operation", {"Fargate Spot": _fargate_spot()})
        template.add_condition("UsesSpot", form.is_true("FargateSpot"))
        given["spot"] = When("UsesSpot", Spot())
    if isinstance(service, Service) and not service.rollout.alarms:
        template.add_condition("HasRollbackAlarms", Not(Equals(Ref("RollbackAlarmNames"), "")))
        names = When("HasRollbackAlarms", Split(",", Ref("RollbackAlarmNames")))
        given["rollout"] = replace(service.rollout, alarms=names)
    return replace(service, **given)


def _fargate_spot() -> Parameter:
    return form.switch(
        "FargateSpot",
        "Whether three of four tasks run on Fargate Spot, which costs less and may be taken away with two minutes' "
        "notice. One task never does.",
        default=False,
    )


def ask_numbers(service: Any, template: Template, name: str = "", ready: str | None = None) -> Any:
    """The description with its number of tasks asked: fixed, or the autoscaler's bounds."""
    if not isinstance(service, Service):
        return service
    scaling = the_part(service.scaling)
    least, most = f"{_stem(name)}DesiredCount", f"{_stem(name)}MaxTasks"
    fixed = 1 if service.desired_count is None else service.desired_count
    questions = {
        "Tasks": form.number(
            least,
            "Tasks to keep running. With an autoscaler, the fewest.",
            scaling.min_capacity if scaling else fixed,
            0,
            MOST_TASKS,
        ),
        "Most tasks": form.number(
            most,
            "Most tasks an autoscaler may run; 0 for no autoscaler and a fixed number.",
            scaling.max_capacity if scaling else 0,
            0,
            MOST_TASKS,
        ),
    }
    form.ask(template, _group(name), questions)
    scales = Not(Equals(Ref(most), 0))
    template.add_condition("Scales", And(Condition(ready), scales) if ready else scales)
    measured = scaling or Scaling(max_capacity=1)
    return replace(
        service,
        desired_count=If(ready, Ref(least), 0) if ready else Ref(least),
        scaling=When("Scales", replace(measured, min_capacity=Ref(least), max_capacity=Ref(most))),
    )


# What it needs of its environment


def _ground(service: AnyService, name: str) -> Ground:
    """Where it runs. The environment's main service is in the network's own security group for tasks, the others each in
    one of their own.
    """
    return Ground(
        prefix=named(f"{{}}-{name}", _PREFIX) if name else _PREFIX,
        cluster=Ref("ClusterName"),
        subnets=Ref("TaskSubnetIds"),
        vpc=Ref("VpcId"),
        security_group=Ref("TaskSecurityGroupId") if not name else None,
        peers=Ref("TaskSecurityGroupId"),
        public_ip=If("HasPublicIp", "ENABLED", "DISABLED"),
        balancer=Balancer(
            listener=Ref("ListenerArn"),
            security_group=Ref("LoadBalancerSecurityGroupId"),
            full_name=Ref("LoadBalancerFullName"),
            target_group=Ref("TargetGroupArn"),
            target_group_name=Ref("TargetGroupFullName"),
            test_listener=Ref("TestListenerArn") if _shifts(service) else None,
        ),
    )


def _shifts(service: AnyService) -> bool:
    return isinstance(service, WebService) and service.shifts()


def _wiring() -> Iterator[tuple[str, Parameter]]:
    """What services speak of in these words; anything else a description refers to is asked under its own name."""
    yield "Cluster", form.given("ClusterName", "Cluster to run in.")
    yield "VPC", form.given("VpcId", "VPC to run in.")
    yield "Repository URL", form.given("RepositoryUrl", "Repository the image is in.")
    yield "Repository ARN", form.given("RepositoryArn", "The same repository, for the execution role's policy.")
    yield "Table", form.given("TableName", "Users table, told to the container.")
    yield "Table ARN", form.given("TableArn", "The same table, for the task role's policy.")
    yield "Listener", form.given("ListenerArn", "Listener whose requests are handed on.")
    yield "Test listener", form.given("TestListenerArn", "Listener on which a new version is shown first.")
    yield "Target group", form.given("TargetGroupArn", "Target group whose load balancer already listens.")
    yield "Target group's name", form.given("TargetGroupFullName", "The same target group, as metrics call it.")
    yield "Load balancer's name", form.given("LoadBalancerFullName", "The load balancer, as metrics call it.")
    yield "Subnets", form.given_list("TaskSubnetIds", "Subnets the tasks run in.")
    yield "Security group", form.given("TaskSecurityGroupId", "Security group of the tasks.")
    yield "Load balancer's security group", form.given("LoadBalancerSecurityGroupId", "Where requests come from.")
    yield (
        "Rollback alarms",
        form.given_names("RollbackAlarmNames", "Alarms that take a rollout back, joined by commas."),
    )


def _ask_wiring(template: Template) -> None:
    """Ask for what the template speaks of and does not have, and for nothing else."""
    own = {*template.parameters, *template.resources}
    spoken = {name for name in referred(template.to_dict()) if "::" not in name} - own
    known = {label: asked for label, asked in _wiring() if asked.title in spoken}
    others = sorted(spoken - {asked.title for asked in known.values()})
    form.ask(
        template,
        form.WIRING,
        known | {name: form.given(name, f"{name}, of another stack or of whoever deploys.") for name in others},
    )
