"""How each subnet reaches what it needs, in every network there can be; what may pass; what is written down of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest

from oaktree_cfn.blueprints.network import Network
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.endpoints import PULLING

Draw = Callable[..., Any]
ACCOUNT, REGION = "123456789012", "ap-southeast-1"
ENDPOINT, SUBNET, TABLE = "AWS::EC2::VPCEndpoint", "AWS::EC2::Subnet", "AWS::EC2::RouteTable"
CHOICES = {
    "Zones": ("2", "3"),
    "NatGateways": ("none", "single", "per-zone"),
    "TaskSubnets": ("public", "private"),
    "InterfaceEndpoints": ("false", "true"),
    "FlowLogs": ("false", "true"),
}
EVERY_NETWORK = [dict(zip(CHOICES, values, strict=True)) for values in itertools.product(*CHOICES.values())]


@pytest.fixture(params=EVERY_NETWORK, ids=lambda given: "-".join(given.values()))
def network(request: pytest.FixtureRequest, picture: Draw) -> Any:
    return picture("network", **request.param)


def all_of(drawn: Any, kind: str) -> list[Any]:
    return [drawn.properties(title) for title in sorted(drawn.resources(kind))]


def endpoints(drawn: Any, kind: str) -> dict[str, Any]:
    """Service -> properties of its endpoint."""
    start = f"com.amazonaws.{REGION}."
    found = [each for each in all_of(drawn, ENDPOINT) if each["VpcEndpointType"] == kind]
    return {each["ServiceName"].removeprefix(start): each for each in found}


def default_route(drawn: Any, subnet: str) -> Any:
    """Where a subnet sends what is for the world; None where that goes nowhere."""
    associations = all_of(drawn, "AWS::EC2::SubnetRouteTableAssociation")
    (table,) = [each["RouteTableId"] for each in associations if each["SubnetId"] == f"<{subnet}>"]
    routes = [each for each in all_of(drawn, "AWS::EC2::Route") if each["RouteTableId"] == table]
    (found,) = [each for each in routes if each["DestinationCidrBlock"] == "0.0.0.0/0"] or [None]
    return found


def test_every_private_subnet_has_a_way_out_or_the_endpoints_that_tasks_need(network: Any) -> None:
    if network.broken_rules():
        assert (network.parameters["NatGateways"], network.parameters["InterfaceEndpoints"]) == ("none", "false")
        return
    for subnet in sorted(network.resources(SUBNET)):
        route = default_route(network, subnet)
        if subnet.startswith("Public"):
            assert route["GatewayId"] == "<InternetGateway>"
        elif route is not None:
            assert stands_in_public(network, route["NatGatewayId"])
        else:
            doors = endpoints(network, "Interface")
            assert all(f"<{subnet}>" in doors[service]["SubnetIds"] for service in PULLING)


def stands_in_public(drawn: Any, nat: str) -> bool:
    subnet = drawn.properties(nat.strip("<>"))["SubnetId"].strip("<>")
    return subnet.startswith("Public") and subnet in drawn.resources(SUBNET)


def test_nothing_refers_to_what_is_not_there(network: Any) -> None:
    there = network.resources()
    said = [network.properties(title) for title in there] + [network.output(name) for name in network.outputs()]
    named = set(re.findall(r"<(\w+)(?:\.\w+)?>", repr(said)))
    assert named - there == set()


def test_there_are_as_many_addresses_and_nat_gateways_as_asked_for(network: Any) -> None:
    zones = int(network.parameters["Zones"])
    wanted = {"none": 0, "single": 1, "per-zone": zones}[network.parameters["NatGateways"]]
    wanted = wanted if network.parameters["TaskSubnets"] == "private" else 0
    assert len(network.resources("AWS::EC2::NatGateway")) == len(network.resources("AWS::EC2::EIP")) == wanted


def test_s3_and_dynamodb_are_reached_without_the_internet_from_every_subnet(network: Any) -> None:
    tables = {f"<{title}>" for title in network.resources(TABLE)}
    found = endpoints(network, "Gateway")
    assert found.keys() == {"s3", "dynamodb"}
    assert all(sorted(each["RouteTableIds"]) == sorted(tables) for each in found.values())


def test_interface_endpoints_stand_in_each_zone_of_private_subnets_only(network: Any) -> None:
    found = endpoints(network, "Interface")
    asked = (network.parameters["TaskSubnets"], network.parameters["InterfaceEndpoints"]) == ("private", "true")
    assert bool(found) == asked
    subnets = {f"<{title}>" for title in network.resources(SUBNET) if title.startswith("Private")}
    assert all(sorted(each["SubnetIds"]) == sorted(subnets) for each in found.values())


def test_outputs_are_there_where_what_they_tell_is(network: Any) -> None:
    optional = {
        "PrivateSubnetIds": "PrivateSubnetA" in network.resources(),
        "EndpointSecurityGroupId": "EndpointSecurityGroup" in network.resources(),
        "FlowLogGroupName": "FlowLog" in network.resources(),
    }
    assert {name: name in network.outputs() for name in optional} == optional


@pytest.fixture
def closed(picture: Draw) -> Any:
    """Private tasks and no NAT at all."""
    return picture("network", NatGateways="none", InterfaceEndpoints="true")


def test_endpoints_answer_under_the_services_own_names_and_to_the_network_only(closed: Any) -> None:
    found = endpoints(closed, "Interface")
    assert list(found) == ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages", "sts"]
    for each in found.values():
        assert each["PrivateDnsEnabled"] == "true"
        assert each["SecurityGroupIds"] == ["<EndpointSecurityGroup.GroupId>"]
    vpc = closed.properties("Vpc")
    assert (vpc["EnableDnsSupport"], vpc["EnableDnsHostnames"]) == ("true", "true"), "private DNS needs both"


def test_the_endpoints_group_takes_https_from_the_network_and_sends_nothing(picture: Draw) -> None:
    drawn = picture("network", InterfaceEndpoints="true", VpcCidr="172.16.0.0/16")
    group = drawn.properties("EndpointSecurityGroup")
    (rule,), (out,) = group["SecurityGroupIngress"], group["SecurityGroupEgress"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", "443", "443")
    assert (rule["CidrIp"], out["CidrIp"]) == ("172.16.0.0/16", "127.0.0.1/32")


def passes(endpoint: Any) -> dict[str, Any]:
    """Sid -> what a statement of an endpoint's policy lets pass."""
    return {
        each.pop("Sid"): (each["Action"], each["Resource"], each.get("Condition"))
        for each in endpoint["PolicyDocument"]["Statement"]
    }


def test_the_way_to_s3_ends_at_our_buckets_image_layers_and_what_services_sign(picture: Draw) -> None:
    assert passes(picture("network").properties("S3Endpoint")) == {
        "OurBuckets": (["s3:*"], ["*"], {"StringEquals": {"aws:ResourceAccount": [ACCOUNT]}}),
        "ImageLayers": (["s3:GetObject"], [f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*"], None),
        "SignedByServices": (["s3:*"], ["*"], {"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    }


def test_the_way_to_dynamodb_ends_at_our_tables(picture: Draw) -> None:
    ours = {"StringEquals": {"aws:ResourceAccount": [ACCOUNT]}}
    assert passes(picture("network").properties("DynamodbEndpoint")) == {"OurTables": (["dynamodb:*"], ["*"], ours)}


def test_interface_endpoints_serve_our_own_credentials_only(closed: Any) -> None:
    ours = {"StringEquals": {"aws:PrincipalAccount": [ACCOUNT]}}
    assert all(passes(each) == {"AskedByUs": (["*"], ["*"], ours)} for each in endpoints(closed, "Interface").values())


def composed(**fields: Any) -> Any:
    return Network(**fields).compose().to_dict()["Resources"]


def test_a_trusted_account_passes_every_endpoint_beside_our_own() -> None:
    resources = composed(trusted_accounts=["111122223333"])
    for title in ("S3Endpoint", "DynamodbEndpoint", "StsEndpoint"):
        first = resources[title]["Properties"]["PolicyDocument"]["Statement"][0]
        (accounts,) = first["Condition"]["StringEquals"].values()
        assert accounts == [{"Ref": "AWS::AccountId"}, "111122223333"], title


def test_a_programmer_may_choose_the_services() -> None:
    resources = composed(interface_endpoints=(*PULLING, "kms", "ecs-agent"))
    endpoint = [title for title in resources if title.endswith("Endpoint")]
    assert endpoint[2:] == ["EcrApiEndpoint", "EcrDkrEndpoint", "LogsEndpoint", "KmsEndpoint", "EcsAgentEndpoint"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"interface_endpoints": ("logs", "ecr.api")}, "Network.interface_endpoints: it lacks ecr.dkr, without which"),
        ({"interface_endpoints": (*PULLING, "logs")}, "Network.interface_endpoints: it names a service twice"),
        ({"interface_endpoints": ("com.amazonaws.kms/",)}, r"Network.interface_endpoints.0: .* is not a service as in"),
        ({"trusted_accounts": ("me",)}, "Network.trusted_accounts.0: 'me' is not an account of 12 digits"),
    ],
)
def test_endpoints_with_which_nothing_could_run_are_refused(fields: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        composed(**fields)


def test_all_traffic_is_logged_unless_an_environment_says_otherwise(picture: Draw) -> None:
    drawn = picture("network", FlowLogRetentionDays="90")
    wanted = {
        "ResourceType": "VPC",
        "ResourceId": "<Vpc>",
        "TrafficType": "ALL",
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": "<FlowLogGroup>",
        "DeliverLogsPermissionArn": "<FlowLogRole.Arn>",
    }
    flow_log = drawn.properties("FlowLog")
    assert flow_log | wanted == flow_log
    assert drawn.properties("FlowLogGroup") == {"LogGroupName": "/vpc/oaktree-dev", "RetentionInDays": "90"}
    assert not {"FlowLog", "FlowLogGroup", "FlowLogRole"} & picture("network", FlowLogs="false").resources()


def test_the_flow_logs_role_writes_this_log_for_this_accounts_flow_logs_and_does_nothing_else(picture: Draw) -> None:
    drawn = picture("network")
    (trust,) = drawn.properties("FlowLogRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/*"},
    }
    policy = drawn.properties("FlowLogPolicy")
    (granted,) = policy["PolicyDocument"]["Statement"]
    assert policy["Roles"] == ["<FlowLogRole>"]
    assert granted["Resource"] == ["<FlowLogGroup.Arn>"]
    assert granted["Action"] == [
        f"logs:{action}" for action in ("CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents")
    ]


def test_a_change_of_nat_or_endpoints_moves_no_subnet(picture: Draw) -> None:
    ways = [("single", "false"), ("per-zone", "true"), ("none", "true")]
    drawn = [picture("network", Zones="3", NatGateways=nat, InterfaceEndpoints=doors) for nat, doors in ways]
    pictures = [{title: each.properties(title) for title in each.resources(SUBNET)} for each in drawn]
    assert pictures[0] == pictures[1] == pictures[2]
