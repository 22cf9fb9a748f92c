"""The life of an environment: create, nothing to do, an update that touches what was meant, destroy without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.place import Place, make_place

PREFIX = "oaktree-local"


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = make_place(tmp_path_factory.mktemp("tour"))
    yield made
    made.run("local", "stop")


def physical_ids(place: Place) -> dict[str, str]:
    """Path below the root -> physical id, of every resource of the tree."""
    found: dict[str, str] = {}

    def walk(stack: str, path: str) -> None:
        for row in place.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]:
            place_of = f"{path}{row['LogicalResourceId']}"
            found[place_of] = row["PhysicalResourceId"]
            if row["ResourceType"] == "AWS::CloudFormation::Stack":
                walk(row["PhysicalResourceId"], f"{place_of}/")

    walk(PREFIX, "")
    return found


def test_an_environment_lives_and_goes_without_a_trace(fresh: Place) -> None:
    untouched = inventory(fresh) if fresh.run("local", "start").returncode == 0 else {}
    first = fresh.deploy()
    assert first.returncode == 0, first.stderr
    assert f"123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/{PREFIX}" in first.stdout
    assert "docker push" in first.stdout

    again = fresh.deploy()
    assert again.returncode == 0
    assert "nothing to change" in (again.stdout + again.stderr).lower()

    check_an_update(fresh)

    gone = fresh.run("destroy", "--env", "local", "--yes", "--artifacts")
    assert gone.returncode == 0, gone.stderr
    assert inventory(fresh) == untouched
    nothing = fresh.run("destroy", "--env", "local", "--yes")
    assert nothing.returncode == 0


# CloudFormation says that they change when anything of the load balancer's stack does; the review says that they do not.
WATCHING_THE_LOAD_BALANCER = {
    "ApplicationErrorsAlarm",
    "Dashboard",
    "LatencyAlarm",
    "LoadBalancerErrorsAlarm",
    "UnhealthyTasksAlarm",
}


def check_an_update(place: Place) -> None:
    """An image tag and a health check value: exactly these change, everything else keeps its physical id."""
    before = physical_ids(place)
    place.push("1a2b3c4")
    place.edit(
        lambda text: text.replace("[parameters]", '[parameters]\nHealthCheckInterval = 45\nImageTag = "1a2b3c4"')
    )
    reviewed = place.run("review", "--env", "local", "--no-lint")
    assert reviewed.returncode == 0, reviewed.stderr
    shown = reviewed.stdout + reviewed.stderr
    assert re.search(r"HealthCheckIntervalSeconds: 30 → 45", shown)
    assert re.search(r"ContainerDefinitions/0/Image: \S+:none → \S+:1a2b3c4", shown)
    assert re.search(r"DesiredCount: 0 → 1", shown)
    changed = set(re.findall(r"(?:modify|new revision|replace|remove|add) (\w+)", shown))
    assert {"TargetGroup", "TaskDefinition", "Service"} == changed - {"of", "to"} - WATCHING_THE_LOAD_BALANCER
    assert f"{len(WATCHING_THE_LOAD_BALANCER)} noise" in shown
    assert physical_ids(place) == before

    updated = place.deploy()
    assert updated.returncode == 0, updated.stderr
    after = physical_ids(place)
    assert {path for path in before if before[path] != after[path]} == {"Service/TaskDefinition"}
    assert before.keys() == after.keys()


def inventory(place: Place) -> dict[str, Any]:
    """What the account holds of every kind the templates make; moto's defaults included."""
    ec2, elb, ecs, iam = (place.client(name) for name in ("ec2", "elbv2", "ecs", "iam"))
    return {
        "vpcs": len(ec2.describe_vpcs()["Vpcs"]),
        "subnets": len(ec2.describe_subnets()["Subnets"]),
        "gateways": ec2.describe_internet_gateways()["InternetGateways"],
        "nat": [g["NatGatewayId"] for g in ec2.describe_nat_gateways()["NatGateways"] if g["State"] != "deleted"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "groups": len(ec2.describe_security_groups()["SecurityGroups"]),
        "endpoints": [
            e["VpcEndpointId"] for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["State"] != "deleted"
        ],
        "flow logs": ec2.describe_flow_logs()["FlowLogs"],
        "tables": len(ec2.describe_route_tables()["RouteTables"]),
        "balancers": elb.describe_load_balancers()["LoadBalancers"],
        "targets": elb.describe_target_groups()["TargetGroups"],
        "clusters": [
            c for c in ecs.describe_clusters(clusters=[f"{PREFIX}-cluster"])["clusters"] if c["status"] == "ACTIVE"
        ],
        "tasks": ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"],
        "roles": [role["RoleName"] for role in iam.list_roles()["Roles"] if PREFIX in role["RoleName"]],
        "policies": iam.list_policies(Scope="Local")["Policies"],
        "users": place.client("dynamodb").list_tables()["TableNames"],
        "images": place.client("ecr").describe_repositories()["repositories"],
        "logs": place.client("logs").describe_log_groups()["logGroups"],
        "alarms": place.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "dashboards": place.client("cloudwatch").list_dashboards()["DashboardEntries"],
        "topics": place.client("sns").list_topics()["Topics"],
        "buckets": place.client("s3").list_buckets()["Buckets"],
        "exports": place.client("cloudformation").list_exports()["Exports"],
        "stacks": place.client("cloudformation").describe_stacks()["Stacks"],
    }
