"""What AWS refuses is refused here: at deletion, at creation in the wrong order, and changes moto cannot play."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from oaktree_cfn.local.handler import Made, NotPlayed
from oaktree_cfn.local.resources import handlers
from oaktree_cfn.local.resources.service import code_of

from . import samples_of_functions
from .ground import ACCOUNT, Ground
from .samples_of_compute import policy, trust
from .samples_of_containers import (
    cluster_of,
    listener_of,
    load_balancer_of,
    log_bucket_of,
    target_group_of,
    task_definition_of,
)
from .samples_of_network import named_network
from .samples_of_traffic import web_acl_of, zone_of

REPOSITORY = "AWS::ECR::Repository"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TABLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def delete(kind: str, made: Made, ground: Ground, **properties: Any) -> None:
    handlers()[kind].delete(made, properties, ground.request())


def refused(kind: str, made: Made, ground: Ground, **properties: Any) -> str:
    with pytest.raises(ClientError) as error:
        delete(kind, made, ground, **properties)
    return code_of(error.value)


def create_refused(kind: str, ground: Ground, **properties: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        ground.make(kind, **properties)
    return code_of(error.value), str(error.value)


def repository_with_an_image(ground: Ground) -> Made:
    made = ground.make(REPOSITORY)
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {"digest": "sha256:1"}, "layers": []})
    ground.client("ecr").put_image(repositoryName=made.physical_id, imageManifest=manifest, imageTag="1")
    return made


def test_a_repository_with_images_is_kept_unless_it_may_be_emptied(ground: Ground) -> None:
    made = repository_with_an_image(ground)
    assert refused(REPOSITORY, made, ground) == "RepositoryNotEmptyException"
    assert refused(REPOSITORY, made, ground, EmptyOnDelete="false") == "RepositoryNotEmptyException"
    delete(REPOSITORY, made, ground, EmptyOnDelete=True)


def test_the_name_of_a_namespace_is_taken_for_as_long_as_it_lives(ground: Ground) -> None:
    kind = "AWS::ServiceDiscovery::HttpNamespace"
    made = ground.make(kind, Name="shop")
    assert create_refused(kind, ground, Name="shop")[0] == "NamespaceAlreadyExists"
    delete(kind, made, ground)
    ground.make(kind, Name="shop")


def test_a_protected_table_is_kept(ground: Ground) -> None:
    made = ground.make("AWS::DynamoDB::Table", **TABLE, DeletionProtectionEnabled=True)
    assert refused("AWS::DynamoDB::Table", made, ground) == "ValidationException"


def test_a_protected_load_balancer_is_kept(ground: Ground) -> None:
    protection = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    made = ground.make(LOAD_BALANCER, Subnets=ground.subnets[:2], LoadBalancerAttributes=protection)
    assert refused(LOAD_BALANCER, made, ground) == "OperationNotPermitted"


def test_a_network_is_kept_while_anything_is_in_it(ground: Ground) -> None:
    vpc = ground.make("AWS::EC2::VPC", CidrBlock="10.7.0.0/16")
    group = ground.make("AWS::EC2::SecurityGroup", GroupDescription="g", VpcId=vpc.physical_id)
    assert refused("AWS::EC2::VPC", vpc, ground) == "DependencyViolation"
    delete("AWS::EC2::SecurityGroup", group, ground)
    gateway = ground.make("AWS::EC2::InternetGateway")
    place = {"VpcId": vpc.physical_id, "InternetGatewayId": gateway.physical_id}
    attachment = ground.make("AWS::EC2::VPCGatewayAttachment", **place)
    assert refused("AWS::EC2::VPC", vpc, ground) == "DependencyViolation"
    assert refused("AWS::EC2::InternetGateway", gateway, ground) == "DependencyViolation"
    delete("AWS::EC2::VPCGatewayAttachment", attachment, ground, **place)
    delete("AWS::EC2::VPC", vpc, ground)


def test_a_subnet_an_address_and_an_attachment_are_kept_while_a_nat_gateway_uses_them(ground: Ground) -> None:
    vpc, gateway = ground.new_vpc(), ground.make("AWS::EC2::InternetGateway").physical_id
    place = {"VpcId": vpc, "InternetGatewayId": gateway}
    attachment = ground.make("AWS::EC2::VPCGatewayAttachment", **place)
    subnet = Made(ground.new_subnet(vpc, 1))
    address = ground.make("AWS::EC2::EIP")
    inside = {"AllocationId": address.attributes["AllocationId"], "SubnetId": subnet.physical_id}
    nat = ground.make("AWS::EC2::NatGateway", **inside)
    assert refused("AWS::EC2::Subnet", subnet, ground) == "DependencyViolation"
    assert refused("AWS::EC2::EIP", address, ground) == "InvalidIPAddress.InUse"
    assert refused("AWS::EC2::VPCGatewayAttachment", attachment, ground, **place) == "DependencyViolation"
    delete("AWS::EC2::NatGateway", nat, ground, **inside)
    delete("AWS::EC2::EIP", address, ground)
    delete("AWS::EC2::Subnet", subnet, ground)
    delete("AWS::EC2::VPCGatewayAttachment", attachment, ground, **place)


def test_a_security_group_is_kept_while_another_ones_rule_names_it(ground: Ground) -> None:
    named = ground.make("AWS::EC2::SecurityGroup", GroupDescription="named", VpcId=ground.vpc)
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "SourceSecurityGroupId": named.physical_id}
    naming = ground.make("AWS::EC2::SecurityGroup", GroupDescription="n", VpcId=ground.vpc, SecurityGroupIngress=[rule])
    assert refused("AWS::EC2::SecurityGroup", named, ground) == "DependencyViolation"
    delete("AWS::EC2::SecurityGroup", naming, ground)
    delete("AWS::EC2::SecurityGroup", named, ground)


def test_a_role_is_kept_while_a_policy_declared_elsewhere_is_its_own(ground: Ground) -> None:
    role = ground.make("AWS::IAM::Role", AssumeRolePolicyDocument=trust("ecs.amazonaws.com"))
    held = {"PolicyName": "p", "PolicyDocument": policy("s3:GetObject"), "Roles": [role.physical_id]}
    made = ground.make("AWS::IAM::Policy", **held)
    assert refused("AWS::IAM::Role", role, ground) == "DeleteConflict"
    delete("AWS::IAM::Policy", made, ground, **held)
    delete("AWS::IAM::Role", role, ground)


def test_a_cluster_is_kept_while_a_service_is_active_in_it(ground: Ground) -> None:
    cluster = ground.make("AWS::ECS::Cluster")
    place = {"Cluster": cluster.physical_id, "TaskDefinition": task_definition_of(ground)}
    service = ground.make("AWS::ECS::Service", **place)
    assert refused("AWS::ECS::Cluster", cluster, ground) == "ClusterContainsServicesException"
    delete("AWS::ECS::Service", service, ground, **place)
    delete("AWS::ECS::Cluster", cluster, ground)


def test_a_bucket_with_objects_is_kept(ground: Ground) -> None:
    bucket = ground.make("AWS::S3::Bucket")
    ground.client("s3").put_object(Bucket=bucket.physical_id, Key="k", Body=b"v")
    assert refused("AWS::S3::Bucket", bucket, ground) == "BucketNotEmpty"


def test_a_target_group_in_use_is_kept(ground: Ground) -> None:
    group, balancer = target_group_of(ground), load_balancer_of(ground)
    actions = [{"Type": "forward", "TargetGroupArn": group}]
    kind = "AWS::ElasticLoadBalancingV2::Listener"
    ground.make(kind, LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=actions)
    assert refused("AWS::ElasticLoadBalancingV2::TargetGroup", Made(group), ground) == "ResourceInUse"


def test_the_internet_is_out_of_reach_until_a_gateway_is_attached(ground: Ground) -> None:
    vpc = ground.new_vpc()
    subnets = [ground.new_subnet(vpc, index, zone) for index, zone in enumerate("ab", start=1)]
    table = ground.make("AWS::EC2::RouteTable", VpcId=vpc).physical_id
    gateway = ground.make("AWS::EC2::InternetGateway").physical_id
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
    assert "belong to different networks" in create_refused("AWS::EC2::Route", ground, **route)[1]
    nat = {"AllocationId": ground.new_address(), "SubnetId": subnets[0]}
    assert create_refused("AWS::EC2::NatGateway", ground, **nat)[0] == "Gateway.NotAttached"
    code, text = create_refused(LOAD_BALANCER, ground, Subnets=subnets)
    assert code == "InvalidSubnet"
    assert "has no internet gateway" in text
    ground.make(LOAD_BALANCER, Subnets=subnets, Scheme="internal")


def test_a_service_waits_for_a_listener_in_front_of_its_target_group(ground: Ground) -> None:
    group = target_group_of(ground)
    balancers = [{"ContainerName": "app", "ContainerPort": 5000, "TargetGroupArn": group}]
    service = {"Cluster": cluster_of(ground), "TaskDefinition": task_definition_of(ground), "LoadBalancers": balancers}
    assert "does not have an associated load balancer" in create_refused("AWS::ECS::Service", ground, **service)[1]
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}]
    listener = ground.make(
        "AWS::ElasticLoadBalancingV2::Listener",
        LoadBalancerArn=load_balancer_of(ground),
        Port=80,
        Protocol="HTTP",
        DefaultActions=answer,
    )
    ground.make(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        ListenerArn=listener.physical_id,
        Priority=1,
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
    )
    ground.make("AWS::ECS::Service", **service)


def test_a_service_waits_for_a_listener_in_front_of_both_its_target_groups(ground: Ground) -> None:
    group, alternate = target_group_of(ground), target_group_of(ground)
    listener_of(ground, group)
    balancer = {"ContainerName": "app", "ContainerPort": 5000, "TargetGroupArn": group}
    balancer["AdvancedConfiguration"] = {"AlternateTargetGroupArn": alternate}
    service = {"Cluster": cluster_of(ground), "TaskDefinition": task_definition_of(ground), "LoadBalancers": [balancer]}
    assert f"targetGroupArn {alternate} does not have" in create_refused("AWS::ECS::Service", ground, **service)[1]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (REPOSITORY, {"RepositoryName": "twice"}),
        ("AWS::Logs::LogGroup", {"LogGroupName": "twice"}),
        ("AWS::DynamoDB::Table", {"TableName": "twice", **TABLE}),
        ("AWS::IAM::Role", {"RoleName": "twice", "AssumeRolePolicyDocument": trust("ecs.amazonaws.com")}),
        ("AWS::SSM::Parameter", {"Name": "twice", "Type": "String", "Value": "v"}),
        ("AWS::Scheduler::ScheduleGroup", {"Name": "twice"}),
        ("AWS::S3::Bucket", {"BucketName": "twice-taken"}),
    ],
)
def test_a_name_is_given_once(kind: str, properties: dict[str, Any], ground: Ground) -> None:
    ground.make(kind, **properties)
    code, _ = create_refused(kind, ground, **properties)
    assert any(part in code for part in ("Exists", "InUse", "Conflict", "AlreadyOwned"))


def test_a_services_name_is_free_again_only_when_the_service_is_gone(ground: Ground) -> None:
    service = {"Cluster": cluster_of(ground), "TaskDefinition": task_definition_of(ground), "ServiceName": "web"}
    first = ground.make("AWS::ECS::Service", **service)
    assert "not idempotent" in create_refused("AWS::ECS::Service", ground, **service)[1]
    delete("AWS::ECS::Service", first, ground, **service)
    ground.make("AWS::ECS::Service", **service)


def test_a_load_balancer_has_one_listener_to_a_port(ground: Ground) -> None:
    kind = "AWS::ElasticLoadBalancingV2::Listener"
    actions = [{"Type": "forward", "TargetGroupArn": target_group_of(ground)}]
    door = {"LoadBalancerArn": load_balancer_of(ground), "Port": 80, "Protocol": "HTTP", "DefaultActions": actions}
    ground.make(kind, **door)
    assert create_refused(kind, ground, **door)[0] == "DuplicateListener"


def test_a_subnet_has_one_route_table(ground: Ground) -> None:
    kind, subnet = "AWS::EC2::SubnetRouteTableAssociation", ground.new_subnet(ground.new_vpc(), 3)
    ground.make(kind, SubnetId=subnet, RouteTableId=ground.new_route_table())
    again = create_refused(kind, ground, SubnetId=subnet, RouteTableId=ground.new_route_table())
    assert again[0] == "Resource.AlreadyAssociated"


def test_a_gateway_endpoint_wants_a_service_that_has_one(ground: Ground) -> None:
    wrong = {"VpcId": ground.vpc, "ServiceName": "com.amazonaws.ap-southeast-1.nothing"}
    assert create_refused("AWS::EC2::VPCEndpoint", ground, **wrong)[0] == "InvalidServiceName"


def test_an_interface_endpoint_stands_in_a_zone_once(ground: Ground) -> None:
    vpc, subnets = named_network(ground)
    twice = [*subnets, ground.new_subnet(vpc, 9, "a")]
    door = {"VpcId": vpc, "ServiceName": "com.amazonaws.ap-southeast-1.sts", "VpcEndpointType": "Interface"}
    kind = "AWS::EC2::VPCEndpoint"
    assert create_refused(kind, ground, **door, SubnetIds=twice)[0] == "DuplicateSubnetsInSameZone"
    made = ground.make(kind, **door, SubnetIds=subnets)
    with pytest.raises(ClientError, match="DuplicateSubnetsInSameZone"):
        handlers()[kind].update(made, {**door, "SubnetIds": subnets}, {**door, "SubnetIds": twice}, ground.request())


def test_private_dns_leads_to_one_endpoint_in_a_network_that_names_what_is_in_it(ground: Ground) -> None:
    kind, door = "AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "PrivateDnsEnabled": True}
    named, _ = named_network(ground)
    service = {"ServiceName": "com.amazonaws.ap-southeast-1.sts"}
    code, message = create_refused(kind, ground, VpcId=ground.new_vpc(), **door, **service)
    assert (code, "enableDnsHostnames" in message) == ("InvalidParameter", True)
    first = ground.make(kind, VpcId=named, **door, **service)
    code, message = create_refused(kind, ground, VpcId=named, **door, **service)
    assert (code, "conflicting DNS domain for sts." in message) == ("InvalidParameter", True)
    handlers()[kind].delete(first, {}, ground.request())
    ground.make(kind, VpcId=named, **door, **service)


def test_a_flow_log_wants_a_bucket_that_exists(ground: Ground) -> None:
    place = {"ResourceType": "VPC", "ResourceId": ground.new_vpc(), "TrafficType": "ALL"}
    logs = {"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::nowhere"}
    code, message = create_refused("AWS::EC2::FlowLog", ground, **place, **logs)
    assert (code, "nowhere does not exist" in message) == ("400", True)


def test_a_route_wants_a_nat_gateway_that_exists(ground: Ground) -> None:
    route = {"RouteTableId": ground.new_route_table(), "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}
    assert create_refused("AWS::EC2::Route", ground, **route)[0] == "InvalidNatGatewayID.NotFound"


def test_a_scaling_policy_wants_its_target_first(ground: Ground) -> None:
    policy = {
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "ResourceId": "service/none/none",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ServiceNamespace": "ecs",
    }
    kind = "AWS::ApplicationAutoScaling::ScalingPolicy"
    assert create_refused(kind, ground, **policy)[0] == "ObjectNotFoundException"


DENIED = {
    "no bucket": lambda _: "no-such-bucket",
    "no policy": lambda ground: ground.make("AWS::S3::Bucket").physical_id,
    "another account's path": lambda ground: log_bucket_of(ground, "AWSLogs/210987654321/*"),
    "another service": lambda ground: log_bucket_of(ground, Principal={"Service": "delivery.logs.amazonaws.com"}),
    "another action": lambda ground: log_bucket_of(ground, Action="s3:GetObject"),
}


@pytest.mark.parametrize("why", DENIED)
def test_a_load_balancer_is_told_only_of_buckets_it_can_write_its_logs_to(why: str, ground: Ground) -> None:
    bucket = DENIED[why](ground)
    attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket}
    wanted = [{"Key": key, "Value": value} for key, value in attributes.items()]
    before = len(ground.client("elbv2").describe_load_balancers()["LoadBalancers"])
    code, message = create_refused(LOAD_BALANCER, ground, Subnets=ground.subnets[:2], LoadBalancerAttributes=wanted)
    assert code == "InvalidConfigurationRequest"
    assert message.endswith(f"Access Denied for bucket: {bucket}. Please check S3bucket permission")
    assert len(ground.client("elbv2").describe_load_balancers()["LoadBalancers"]) == before


def test_access_logs_go_below_a_prefix_and_by_an_older_policy_too(ground: Ground) -> None:
    bucket = log_bucket_of(ground, f"front/AWSLogs/{ACCOUNT}/*", Principal={"AWS": "arn:aws:iam::114774131450:root"})
    attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket, "access_logs.s3.prefix": "front"}
    wanted = [{"Key": key, "Value": value} for key, value in attributes.items()]
    assert ground.make(LOAD_BALANCER, Subnets=ground.subnets[:2], LoadBalancerAttributes=wanted).physical_id


def test_a_web_acl_guards_only_what_exists_and_one_takes_the_place_of_another(ground: Ground) -> None:
    kind, balancer = "AWS::WAFv2::WebACLAssociation", load_balancer_of(ground)
    nowhere = {"ResourceArn": balancer.replace("/app/", "/app/no-"), "WebACLArn": web_acl_of(ground)}
    assert create_refused(kind, ground, **nowhere)[0] == "WAFNonexistentItemException"
    nothing = {"ResourceArn": balancer, "WebACLArn": web_acl_of(ground) + "0"}
    assert create_refused(kind, ground, **nothing)[0] == "WAFNonexistentItemException"
    first, second = ({"ResourceArn": balancer, "WebACLArn": web_acl_of(ground)} for _ in range(2))
    old = ground.make(kind, **first)
    ground.make(kind, **second)
    delete(kind, old, ground, **first)
    found = ground.client("wafv2").get_web_acl_for_resource(ResourceArn=balancer)
    assert found["WebACL"]["ARN"] == second["WebACLArn"]


def test_a_record_that_is_there_already_is_not_taken_over(ground: Ground) -> None:
    zone, name = zone_of(ground)
    record = {"HostedZoneId": zone, "Name": name, "Type": "A", "TTL": "60", "ResourceRecords": ["192.0.2.1"]}
    ground.make("AWS::Route53::RecordSet", **record)
    code, message = create_refused("AWS::Route53::RecordSet", ground, **{**record, "ResourceRecords": ["192.0.2.2"]})
    assert code == "InvalidChangeBatch"
    assert message.endswith(f"resource record set [name='{name}.', type='A'] but it already exists]")


def test_a_zone_with_records_cannot_be_deleted(ground: Ground) -> None:
    zone, name = zone_of(ground)
    ground.make("AWS::Route53::RecordSet", HostedZoneId=zone, Name=name, Type="A", TTL="1", ResourceRecords=["::1"])
    assert refused("AWS::Route53::HostedZone", Made(zone), ground) == "HostedZoneNotEmpty"


def test_a_scalable_table_is_wanted_first(ground: Ground) -> None:
    place = {
        "ResourceId": "table/nothing",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        "ServiceNamespace": "dynamodb",
    }
    kind = "AWS::ApplicationAutoScaling::ScalableTarget"
    code, message = create_refused(kind, ground, **place, MinCapacity=1, MaxCapacity=2)
    assert (code, "DynamoDB table does not exist: table/nothing" in message) == ("ValidationException", True)


def by(name: str, projection: str = "ALL") -> dict[str, Any]:
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    return {"IndexName": f"by-{name}", "KeySchema": key, "Projection": {"ProjectionType": projection}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [by("one"), by("two")]),
        ([by("one"), by("two")], []),
        ([by("one")], [by("two")]),
        ([by("one")], [by("one", "KEYS_ONLY")]),
    ],
    ids=["two more", "two fewer", "one for another", "another projection"],
)
def test_global_indexes_come_and_go_one_at_a_time(before: list[Any], after: list[Any], ground: Ground) -> None:
    kind = "AWS::DynamoDB::Table"
    was = {**TABLE, **({"GlobalSecondaryIndexes": before} if before else {})}
    made = ground.make(kind, **was)
    with pytest.raises(ClientError, match="Cannot perform more than one GSI creation or deletion in a single update"):
        handlers()[kind].update(made, was, {**TABLE, "GlobalSecondaryIndexes": after}, ground.request())


def test_items_expire_by_another_attribute_in_two_updates_only(ground: Ground) -> None:
    kind = "AWS::DynamoDB::Table"
    one, other = ({**TABLE, "TimeToLiveSpecification": {"AttributeName": name, "Enabled": True}} for name in "ab")
    made = ground.make(kind, **one)
    with pytest.raises(ClientError, match="TimeToLive is active on a different AttributeName"):
        handlers()[kind].update(made, one, other, ground.request())
    handlers()[kind].update(made, one, TABLE, ground.request())
    made = handlers()[kind].update(made, TABLE, other, ground.request())
    assert handlers()[kind].read(made, other, ground.request())["TimeToLiveSpecification"]["AttributeName"] == "b"


STREAMS = ({"StreamViewType": "NEW_IMAGE"}, {"StreamViewType": "OLD_IMAGE"})


@pytest.mark.parametrize(
    ("kind", "name", "before", "after"),
    [
        ("AWS::DynamoDB::Table", "SSESpecification", None, {"SSEEnabled": True}),
        ("AWS::DynamoDB::Table", "StreamSpecification", *STREAMS),
        ("AWS::ECS::Service", "DeploymentController", {"Type": "ECS"}, {"Type": "EXTERNAL"}),
        ("AWS::ECS::Service", "LaunchType", "FARGATE", "EC2"),
        ("AWS::EC2::SecurityGroupIngress", "Description", "one", "two"),
        ("AWS::EC2::VPCEndpoint", "PrivateDnsEnabled", False, True),
        ("AWS::ElasticLoadBalancingV2::Listener", "AlpnPolicy", ["HTTP1Only"], ["HTTP2Only"]),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "SecurityGroups", ["sg-1"], None),
        ("AWS::CertificateManager::Certificate", "CertificateTransparencyLoggingPreference", "DISABLED", None),
        ("AWS::KMS::Key", "KeySpec", "RSA_2048", "RSA_4096"),
        ("AWS::Logs::LogGroup", "KmsKeyId", None, "key"),
        ("AWS::Logs::LogGroup", "LogGroupClass", "STANDARD", "INFREQUENT_ACCESS"),
        ("AWS::Route53::HostedZone", "HostedZoneConfig", {"Comment": "ours"}, None),
        ("AWS::WAFv2::WebACL", "Description", "ours", None),
        ("AWS::WAFv2::WebACL", "Rules", [{"Name": "rate"}], []),
    ],
)
def test_a_change_that_moto_cannot_play_is_refused_by_name(
    kind: str, name: str, before: Any, after: Any, ground: Ground
) -> None:
    rule = {"GroupId": "sg-1", "IpProtocol": "-1", "SourceSecurityGroupId": "sg-2"}
    plain = rule if kind.endswith("Ingress") else {}
    with pytest.raises(NotPlayed, match=f"cannot play this change: {kind}.{name}: "):
        handlers()[kind].update(Made("x"), {**plain, name: before}, {**plain, name: after}, ground.request())


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (REPOSITORY, {"LifecyclePolicy": {"LifecyclePolicyText": "no json"}}),
        ("AWS::EC2::VPC", {"CidrBlock": "10.8.0.0/16", "EnableDnsSupport": "perhaps"}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": "soon"}),
        ("AWS::S3::Bucket", {"OwnershipControls": {"Rules": "none"}}),
        ("AWS::SNS::Topic", {"Subscription": [{"Protocol": "email"}, {"Endpoint": "nobody"}]}),
        (
            "AWS::IAM::Role",
            {"AssumeRolePolicyDocument": trust("a"), "ManagedPolicyArns": ["arn:aws:iam::1:policy/none"]},
        ),
    ],
)
def test_a_creation_that_fails_halfway_leaves_nothing_behind(
    kind: str, properties: dict[str, Any], ground: Ground
) -> None:
    before = inventory(ground)
    create_refused(kind, ground, **properties)
    assert inventory(ground) == before


def inventory(ground: Ground) -> dict[str, int]:
    listings = {
        "ecr": ("describe_repositories", "repositories"),
        "ec2": ("describe_vpcs", "Vpcs"),
        "logs": ("describe_log_groups", "logGroups"),
        "s3": ("list_buckets", "Buckets"),
        "sns": ("list_topics", "Topics"),
        "iam": ("list_roles", "Roles"),
    }
    return {name: len(getattr(ground.client(name), call)()[key]) for name, (call, key) in listings.items()}


# --- functions ------------------------------------------------------------------------------------------------------


def test_a_second_version_of_the_same_function_is_refused_as_lambda_refuses_it(ground: Ground) -> None:
    name = samples_of_functions.function_of(ground)
    ground.make("AWS::Lambda::Version", FunctionName=name)
    with pytest.raises(ClientError, match=r"A version for this Lambda function exists \( 1 \)"):
        ground.make("AWS::Lambda::Version", FunctionName=name)


def test_a_version_is_of_the_code_it_names(ground: Ground) -> None:
    name = samples_of_functions.function_of(ground)
    with pytest.raises(ClientError, match="is different from current CodeSHA256"):
        ground.make("AWS::Lambda::Version", FunctionName=name, CodeSha256="c29tZXRoaW5nIGVsc2U=")


def test_inline_code_is_of_a_runtime_that_has_it(ground: Ground) -> None:
    role = samples_of_functions.role(ground)
    with pytest.raises(ClientError, match=r"ZipFile can not be used with java21"):
        ground.make("AWS::Lambda::Function", Code={"ZipFile": "x"}, Handler="x", Role=role, Runtime="java21")


def test_a_functions_architecture_stays(ground: Ground) -> None:
    (first, *_), request = samples_of_functions.function(ground).versions, ground.request()
    handler = handlers()["AWS::Lambda::Function"]
    made = handler.create(first, request)
    with pytest.raises(NotPlayed, match="Architectures"):
        handler.update(made, first, {**first, "Architectures": ["x86_64"]}, request)


def test_a_region_has_one_macro_of_a_name(ground: Ground) -> None:
    handler, request = handlers()["AWS::CloudFormation::Macro"], ground.request()
    properties = samples_of_functions.macro(ground).versions[0]
    handler.create(properties, request)
    with pytest.raises(ClientError, match="already exists"):
        handler.create(properties, request)


def test_a_boundary_that_is_not_there_is_refused(ground: Ground) -> None:
    nothing = f"arn:aws:iam::{ACCOUNT}:policy/nothing"
    role = {"AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com")}
    code, message = create_refused("AWS::IAM::Role", ground, **role, PermissionsBoundary=nothing)
    assert code == "NoSuchEntity"
    assert f"Scope ARN: {nothing} does not exist or is not attachable" in message
    aws_own = "arn:aws:iam::aws:policy/PowerUserAccess"
    assert ground.make("AWS::IAM::Role", **role, PermissionsBoundary=aws_own).physical_id
