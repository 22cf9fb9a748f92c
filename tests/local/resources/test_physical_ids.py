"""``Ref``, ``Fn::GetAtt`` and generated names, as CloudFormation gives them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from oaktree_cfn.local.handler import Request
from oaktree_cfn.local.resources import handlers

from .ground import ACCOUNT, REGION, Ground
from .samples_of_compute import trust
from .samples_of_containers import cluster_of, load_balancer_of, target_group_of, task_definition_of

PLACE = f"{REGION}:{ACCOUNT}"


def test_a_log_groups_arn_ends_with_a_star(ground: Ground) -> None:
    made = ground.make("AWS::Logs::LogGroup", LogGroupName="/ecs/star")
    assert (made.physical_id, made.attributes["Arn"]) == ("/ecs/star", f"arn:aws:logs:{PLACE}:log-group:/ecs/star:*")


def test_a_topics_ref_is_its_arn(ground: Ground) -> None:
    made = ground.make("AWS::SNS::Topic")
    assert made.physical_id == made.attributes["TopicArn"]
    assert re.fullmatch(f"arn:aws:sns:{PLACE}:oaktree-test-Topic-[A-Za-z0-9]{{12}}", made.physical_id)


def test_load_balancing_names_come_in_the_forms_metrics_want(ground: Ground) -> None:
    group = target_group_of(ground)
    found = ground.client("elbv2").describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
    made = ground.make("AWS::ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", VpcId=ground.vpc)
    assert re.fullmatch(r"targetgroup/[^/]{1,32}/[0-9a-f]+", made.attributes["TargetGroupFullName"])
    assert len(found["TargetGroupName"]) <= 32
    balancer = ground.client("elbv2").describe_load_balancers(LoadBalancerArns=[load_balancer_of(ground)])
    assert len(balancer["LoadBalancers"][0]["LoadBalancerName"]) <= 32


def test_a_services_ref_is_its_arn_and_a_task_definitions_has_the_revision(ground: Ground) -> None:
    cluster, tasks = cluster_of(ground), task_definition_of(ground)
    assert re.fullmatch(f"arn:aws:ecs:{PLACE}:task-definition/web:[0-9]+", tasks)
    made = ground.make("AWS::ECS::Service", Cluster=cluster, TaskDefinition=tasks)
    assert made.physical_id == f"arn:aws:ecs:{PLACE}:service/{cluster}/{made.attributes['Name']}"


def test_a_stream_has_an_arn_only_while_it_is_on(ground: Ground) -> None:
    table = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    kind, streaming = "AWS::DynamoDB::Table", {**table, "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}
    made = ground.make(kind, **table)
    assert "StreamArn" not in made.attributes
    made = handlers()[kind].update(made, table, streaming, ground.request())
    assert ":table/" in made.attributes["StreamArn"]


def test_an_unnamed_parameter_is_called_cfn(ground: Ground) -> None:
    made = ground.make("AWS::SSM::Parameter", Type="String", Value="v")
    assert re.fullmatch("CFN-Parameter-[A-Za-z0-9]{12}", made.physical_id)


@pytest.mark.parametrize(
    ("kind", "properties", "longest"),
    [
        ("AWS::ECR::Repository", {}, 256),
        ("AWS::S3::Bucket", {}, 63),
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("ecs.amazonaws.com")}, 64),
        ("AWS::Events::Rule", {"ScheduleExpression": "rate(5 minutes)"}, 64),
        ("AWS::Scheduler::ScheduleGroup", {}, 64),
    ],
)
def test_a_generated_name_keeps_to_the_services_rules(
    kind: str, properties: dict[str, Any], longest: int, ground: Ground
) -> None:
    request = Request("oaktree-dev-Network-1ABCDEF2GHIJ", "L" * 300, REGION, ACCOUNT, ground.client)
    name = handlers()[kind].create(properties, request).physical_id
    assert len(name) <= longest
    if kind in ("AWS::ECR::Repository", "AWS::S3::Bucket"):
        assert name == name.lower()


def test_a_service_runs_as_many_tasks_as_it_is_asked_for(ground: Ground) -> None:
    kind, cluster = "AWS::ECS::Service", cluster_of(ground)
    asked = {"Cluster": cluster, "TaskDefinition": task_definition_of(ground), "DesiredCount": "2"}
    made = ground.make(kind, **asked)

    def counts() -> tuple[int, int]:
        [found] = ground.client("ecs").describe_services(cluster=cluster, services=[made.physical_id])["services"]
        return found["desiredCount"], found["runningCount"]

    assert counts() == (2, 2)
    handlers()[kind].update(made, asked, {**asked, "DesiredCount": 3}, ground.request())
    assert counts() == (3, 3)
    unsaid = {key: value for key, value in asked.items() if key != "DesiredCount"}
    handlers()[kind].update(made, {**asked, "DesiredCount": 3}, unsaid, ground.request())
    assert counts() == (3, 3)
