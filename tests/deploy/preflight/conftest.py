"""An account to look at: the local stage, with whatever a test puts there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from oaktree_cfn.aws import Aws
from oaktree_cfn.deploy.preflight import Account, Looked, Wanted, look
from oaktree_cfn.environment import Environment
from oaktree_cfn.local import process
from oaktree_cfn.models import Stack
from oaktree_cfn.template import read
from oaktree_cfn.template.tree import Tree
from tests.stages import client

REGION, ID = "ap-southeast-1", process.ACCOUNT
ENVIRONMENT = Environment("local", REGION, ID, "shop")

SERVICE = """
  Service:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      DesiredCount: 2
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: %(subnets)s, AssignPublicIp: %(public)s}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RuntimePlatform: {CpuArchitecture: ARM64}
      ContainerDefinitions:
        - {Name: web, Image: "%(image)s", Secrets: %(secrets)s, LogConfiguration: {LogDriver: awslogs}}
"""


def service(
    image: str = "public.ecr.aws/nginx/nginx:1", secrets: str = "[]", subnets: str = "[]", public: str = "DISABLED"
) -> str:
    """The resources of a service with two tasks on ARM64, as YAML."""
    return SERVICE % {"image": image, "secrets": secrets, "subnets": subnets, "public": public}


class Ground:
    """The account, and what is found in the way of templates there."""

    def __init__(self, stage: process.Stage, aws: Aws) -> None:
        self.aws = aws
        self.stage = stage

    def client(self, name: str) -> Any:
        """A boto3 client of the stage."""
        return client(self.stage, name)

    def look(
        self,
        resources: str = "",
        head: str = "",
        values: Mapping[str, str] | None = None,
        stack: Stack | None = None,
        now: datetime | None = None,
    ) -> Looked:
        """All that rules find; ``resources`` and ``head`` are YAML."""
        resources = resources or "\n  Topic: {Type: AWS::SNS::Topic}"
        tree = Tree("root.yaml", read.parse(f"{head}\nResources:{resources}", "root.yaml"))
        return look(Wanted.of(tree, ENVIRONMENT, values or {}), Account(self.aws, ID, stack, now))

    def said(self, rule: str, resources: str = "", head: str = "", **more: Any) -> list[str]:
        """What one rule finds; all of them could look."""
        looked = self.look(resources, head, **more)
        assert looked.warnings == ()
        return [f"{each.place} {each.message}" for each in looked.findings if each.rule == rule]

    def deploy(self, name: str, template: str) -> Stack:
        """A stack of that name, made of YAML."""
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(StackName=name, TemplateBody=template)
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
        )
        found = self.aws.cloudformation.stack(name)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def slow_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Stage]:
    """A stage on which a requested certificate stays to be validated."""
    home, before = tmp_path_factory.mktemp("stage"), os.environ.get("MOTO_ACM_VALIDATION_WAIT")
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "3600"
    try:
        yield process.start(home)
    finally:
        os.environ.pop("MOTO_ACM_VALIDATION_WAIT")
        if before is not None:
            os.environ["MOTO_ACM_VALIDATION_WAIT"] = before
        process.stop(home)


@pytest.fixture(scope="session")
def aws(slow_stage: process.Stage) -> Aws:
    """Its clients, made once."""
    return Aws(REGION, slow_stage.endpoint)


@pytest.fixture
def ground(slow_stage: process.Stage, aws: Aws) -> Iterator[Ground]:
    yield Ground(slow_stage, aws)
    slow_stage.ask("POST", "reset", {})
