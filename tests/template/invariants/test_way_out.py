"""Tasks reach what they need to start."""

from __future__ import annotations

import pytest

from oaktree_cfn.template.tree import Tree

from .ground import found, template
from .network import NAT, NETWORK, TASK, endpoint, service

ALL = ["ecr.api", "ecr.dkr", "s3", "logs"]
AT = "Service.NetworkConfiguration.AwsvpcConfiguration.Subnets"


def lost(*parts: str) -> list[str]:
    return found(
        "way-out",
        "".join((NETWORK, *(parts or (service("[!Ref Private]"),)), "" if "Task:" in "".join(parts) else TASK)),
    )


def missing(*names: str) -> list[str]:
    return [f"{AT} (Private) lead nowhere, and the VPC has no endpoint for {', '.join(names)}"]


def test_a_private_subnet_without_nat_and_endpoints_is_found() -> None:
    assert lost() == missing(*ALL)


def test_nat_is_a_way_out() -> None:
    assert lost(service("[!Ref Private]"), NAT) == []


@pytest.mark.parametrize(
    "target", ["TransitGatewayId: tgw-1", "NetworkInterfaceId: eni-1", "VpcPeeringConnectionId: pcx-1"]
)
def test_so_is_any_other_default_route(target: str) -> None:
    assert lost(service("[!Ref Private]"), NAT.replace("NatGatewayId: !Ref Nat", target)) == []


def test_all_endpoints_make_a_way_out_needless() -> None:
    assert lost(service("[!Ref Private]"), *map(endpoint, ALL)) == []


@pytest.mark.parametrize("name", ALL)
def test_each_endpoint_is_needed(name: str) -> None:
    others = [endpoint(each) for each in ALL if each != name]
    assert lost(service("[!Ref Private]"), *others) == missing(name)


def test_an_endpoint_whose_name_nobody_finds_does_not_count() -> None:
    others = [endpoint(each) for each in ALL if each != "logs"]
    assert lost(service("[!Ref Private]"), *others, endpoint("logs", ", PrivateDnsEnabled: false")) == missing("logs")


def test_a_gateway_serves_the_tables_it_is_in() -> None:
    elsewhere = endpoint("s3").replace("PrivateRoutes", "PublicRoutes")
    others = [endpoint(each) for each in ALL if each != "s3"]
    assert lost(service("[!Ref Private]"), *others, elsewhere) == missing("s3")


@pytest.mark.parametrize(
    ("secret", "service_"),
    [
        ("!Ref Password", "secretsmanager"),
        ("!Sub '${Password}:password::'", "secretsmanager"),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:x", "secretsmanager"),
        ("!Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/x'", "ssm"),
        ("/app/password", "ssm"),
    ],
)
def test_secrets_are_fetched_from_where_they_are(secret: str, service_: str) -> None:
    task = TASK.replace("Secrets: []", f"Secrets: [{{Name: X, ValueFrom: {secret}}}]")
    task += "Password: {Type: AWS::SecretsManager::Secret}\n"
    assert lost(service("[!Ref Private]"), task, *map(endpoint, ALL)) == missing(service_)
    assert lost(service("[!Ref Private]"), task, *map(endpoint, [*ALL, service_])) == []


def test_shells_need_their_channel() -> None:
    shells = service("[!Ref Private]", more=", EnableExecuteCommand: true")
    assert lost(shells, *map(endpoint, ALL)) == missing("ssmmessages")


def test_a_public_subnet_is_a_way_out_only_with_a_public_ip() -> None:
    assert lost(service("[!Ref Public]", "ENABLED")) == []
    assert lost(service("[!Ref Public]"))[0].startswith(f"{AT} (Public) lead nowhere")
    assert lost(service("[!Ref Public]", "!Ref AWS::NoValue"))[0].startswith(f"{AT} (Public) lead nowhere")


def test_subnets_are_followed_through_outputs_and_parameters() -> None:
    network = template(NETWORK, "Outputs: {Subnets: {Value: !Join [',', [!Ref Private, !Ref Public]]}}")
    app = template(service("!Ref Subnets") + TASK, "Parameters: {Subnets: {Type: CommaDelimitedList}}")
    text = """
    Network: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./n.yaml}}
    App:
      Type: AWS::CloudFormation::Stack
      Properties: {TemplateURL: ./a.yaml, Parameters: {Subnets: !GetAtt Network.Outputs.Subnets}}
    """
    (said,) = found("way-out", text, nested={"Network": Tree("n.yaml", network), "App": Tree("a.yaml", app)})
    assert said.startswith(
        "App/Service.NetworkConfiguration.AwsvpcConfiguration.Subnets (Network/Private, Network/Public)"
    )


def test_scheduled_tasks_need_a_way_out_too() -> None:
    schedule = """
    Job:
      Type: AWS::Scheduler::Schedule
      Properties:
        Target:
          EcsParameters:
            TaskDefinitionArn: !Ref Task
            NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Private]}}
    """
    rule = """
    Job:
      Type: AWS::Events::Rule
      Properties:
        Targets:
          - EcsParameters:
              TaskDefinitionArn: !Ref Task
              NetworkConfiguration: {AwsVpcConfiguration: {Subnets: [!Ref Private]}}
    """
    for text in (schedule, rule):
        (said,) = found("way-out", NETWORK + TASK + "\n".join(line[4:] for line in text.splitlines()))
        assert said.endswith("no endpoint for ecr.api, ecr.dkr, s3, logs")


@pytest.mark.parametrize(
    "subnets", ["[subnet-1]", "!ImportValue Subnets", "[!ImportValue Subnet]", "!Split [',', !ImportValue S]"]
)
def test_subnets_of_others_may_lead_anywhere(subnets: str) -> None:
    assert lost(service(subnets)) == []


@pytest.mark.parametrize(
    "unknown",
    [
        "X: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Select [2, !Split [',', !Sub 'a,${Vpc}']]}}",
        "X: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Select [2, !Split [',', !Sub 'a,${Vpc}']]}}",
        "X: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, VpcEndpointType: Interface, ServiceName: !ImportValue S}}",
        "X: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://bucket.s3.amazonaws.com/x.json'}}",
    ],
)
def test_what_is_not_known_may_be_the_way_out(unknown: str) -> None:
    assert lost(service("[!Ref Private]"), f"{unknown}\n") == []


def test_a_machine_pulls_its_images_itself() -> None:
    assert lost(service("[!Ref Private]", more=", LaunchType: EC2")) == []
