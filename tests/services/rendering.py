"""What a description comes to: the resources of a template, as data; and what is wrong with one, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as declared
from typing import Any

from troposphere import Template

from oaktree_cfn.services import fields
from oaktree_cfn.services.ground import Balancer, Ground
from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.traffic import Route
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.worker import Worker

ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
SECRET = ARN.format("secretsmanager", "secret:db-x")
PARAMETER = ARN.format("ssm", "parameter/db")
KEY = ARN.format("kms", "key/1")
REPOSITORY = ARN.format("ecr", "repository/app")

BALANCER = Balancer(
    listener="arn:listener",
    security_group="sg-balancer",
    full_name="app/balancer/1",
    target_group="arn:default-group",
    target_group_name="targetgroup/default/2",
)
GROUND = Ground(
    prefix="oaktree-api",
    cluster="oaktree-cluster",
    subnets=["subnet-1", "subnet-2"],
    vpc="vpc-1",
    peers="sg-peers",
    balancer=BALANCER,
)
ROUTE = Route(priority=10, paths=("/api/*",))


def web(**said: Any) -> WebService:
    """A web service with an entrance of its own."""
    return WebService(**{"image": "app:1", "route": ROUTE, **said})


def worker(**said: Any) -> Worker:
    """A worker."""
    return Worker(**{"image": "app:1", **said})


def scheduled(**said: Any) -> ScheduledTask:
    """A scheduled task."""
    return ScheduledTask(**{"image": "app:1", "schedule": "rate(1 hour)", **said})


def made(description: Any, ground: Ground = GROUND) -> dict[str, Any]:
    """Logical id -> resource, as a template has it."""
    template = Template()
    template.add_resource(description.resources(ground))
    found: dict[str, Any] = template.to_dict()["Resources"]
    return found


def properties(description: Any, title: str, ground: Ground = GROUND) -> dict[str, Any]:
    """The properties of one resource."""
    found: dict[str, Any] = made(description, ground)[title]["Properties"]
    return found


def container(description: Any, index: int = 0) -> dict[str, Any]:
    """One container of the task definition; the application's own is the first."""
    found: dict[str, Any] = properties(description, "TaskDefinition")["ContainerDefinitions"][index]
    return found


def at(tree: Any, path: str) -> Any:
    """What stands at a path such as ``Service.Properties.LoadBalancers.0``; None where there is nothing."""
    for step in path.split("."):
        if isinstance(tree, Mapping):
            tree = tree.get(step)
        else:
            tree = tree[int(step)] if isinstance(tree, list) and int(step) < len(tree) else None
    return tree


def statements(description: Any, title: str, ground: Ground = GROUND) -> dict[str, Any]:
    """Sid -> statement, of a policy or of the policies inside a role."""
    given = properties(description, title, ground)
    documents = (
        [given["PolicyDocument"]] if "PolicyDocument" in given else [p["PolicyDocument"] for p in given["Policies"]]
    )
    return {statement["Sid"]: statement for document in documents for statement in document["Statement"]}


def complaints(description: Any) -> list[str]:
    """Everything wrong with a description, each with its field and what to do."""
    return [str(problem) for problem in fields.problems(description)]


def names_of(cls: type) -> set[str]:
    """The fields that a description declares, its ancestors' too."""
    return {each.name for each in declared(cls)}
