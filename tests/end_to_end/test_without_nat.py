"""Private tasks without any NAT: AWS's services are behind endpoints, and nothing else can be reached."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.local.process import Stage
from tests.end_to_end.place import Place, make_place

PREFIX, REGION = "oaktree-local", "ap-southeast-1"
NEEDED = {"ecr.api", "ecr.dkr", "logs", "ssm", "ssmmessages", "secretsmanager", "sts"}
NAT = 'NatGateways = "single"'


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Place:
    made = make_place(tmp_path_factory.mktemp("closed"), stage)
    made.edit(lambda text: text.replace(NAT, 'NatGateways = "none"\nInterfaceEndpoints = true'))
    done = made.deploy()
    assert done.returncode == 0, done.stderr
    return made


def outputs(place: Place) -> dict[str, str]:
    (stack,) = place.client("cloudformation").describe_stacks(StackName=PREFIX)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def endpoints(place: Place, kind: str) -> dict[str, Any]:
    found = place.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    alive = [each for each in found if (each["VpcEndpointType"], each["State"]) == (kind, "available")]
    return {each["ServiceName"].removeprefix(f"com.amazonaws.{REGION}."): each for each in alive}


def routes(place: Place, subnet: str) -> list[dict[str, Any]]:
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    (table,) = place.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    return list(table["Routes"])


def test_the_tasks_subnets_lead_to_s3_and_dynamodb_and_nowhere_else(closed: Place) -> None:
    gateways = endpoints(closed, "Gateway")
    assert gateways.keys() == {"s3", "dynamodb"}
    for subnet in outputs(closed)["TaskSubnetIds"].split(","):
        ways = {route.get("GatewayId", route.get("NatGatewayId")) for route in routes(closed, subnet)}
        assert ways == {"local", *(each["VpcEndpointId"] for each in gateways.values())}


def test_no_nat_gateway_and_no_address_is_paid_for(closed: Place) -> None:
    ec2 = closed.client("ec2")
    assert ec2.describe_nat_gateways()["NatGateways"] == []
    assert ec2.describe_addresses()["Addresses"] == []


def test_every_service_that_tasks_need_answers_in_each_of_their_subnets(closed: Place) -> None:
    found = endpoints(closed, "Interface")
    assert found.keys() == NEEDED
    for each in found.values():
        assert set(each["SubnetIds"]) == set(outputs(closed)["TaskSubnetIds"].split(","))
        assert each["PrivateDnsEnabled"] is True
        assert len(each["NetworkInterfaceIds"]) == 2


def test_the_endpoints_take_https_from_the_network_only(closed: Place) -> None:
    groups = {group["GroupId"] for each in endpoints(closed, "Interface").values() for group in each["Groups"]}
    (group,) = closed.client("ec2").describe_security_groups(GroupIds=list(groups))["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    assert rule["IpRanges"][0]["CidrIp"] == "10.0.0.0/16"


def test_the_networks_traffic_is_logged(closed: Place) -> None:
    (log,) = closed.client("ec2").describe_flow_logs()["FlowLogs"]
    assert (log["ResourceId"], log["TrafficType"]) == (outputs(closed)["VpcId"], "ALL")
    assert (log["LogGroupName"], log["DeliverLogsStatus"]) == (f"/vpc/{PREFIX}", "SUCCESS")


def test_going_over_to_nat_and_back_touches_the_ways_out_only(closed: Place) -> None:
    before = outputs(closed)
    closed.edit(lambda text: text.replace('NatGateways = "none"\nInterfaceEndpoints = true', NAT))
    done = closed.deploy()
    assert done.returncode == 0, done.stderr
    assert endpoints(closed, "Interface") == {}
    (nat,) = [
        each for each in closed.client("ec2").describe_nat_gateways()["NatGateways"] if each["State"] != "deleted"
    ]
    for subnet in outputs(closed)["TaskSubnetIds"].split(","):
        assert nat["NatGatewayId"] in {route.get("NatGatewayId") for route in routes(closed, subnet)}
    assert outputs(closed) == before
    closed.edit(lambda text: text.replace(NAT, 'NatGateways = "none"\nInterfaceEndpoints = true'))
    lost = [word for each in ("NatAddressA", "NatGatewayA") for word in ("--allow", f"Network/{each}")]
    assert closed.deploy().returncode == 3, "others may know the address that goes"
    assert closed.deploy(*lost).returncode == 0
    assert endpoints(closed, "Interface").keys() == NEEDED


def test_private_tasks_with_neither_are_refused_before_anything_is_made(closed: Place) -> None:
    refused = closed.deploy("--parameter", "InterfaceEndpoints=false")
    assert refused.returncode == 2, refused.stdout
    assert "Tasks in private subnets need NatGateways single or per-zone, or InterfaceEndpoints true" in refused.stderr
