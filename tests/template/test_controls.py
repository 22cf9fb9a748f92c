"""Each control finds what violates it, leaves alone what does not, and what the template says is to be left alone."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from oaktree_cfn.template.controls import FOLDER, Exemption, Violation, controls, exemptions, violations

Values = dict[str, Any]
Change = Callable[[Values], None]


def statement(action: Any, resource: Any = "arn:aws:s3:::oaktree/*") -> Values:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def attribute(key: str, value: str) -> Values:
    return {"Key": key, "Value": value}


def endpoint(service: str) -> Values:
    name = f"com.amazonaws.ap-southeast-1.{service}"
    return {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {"VpcEndpointType": "Interface", "ServiceName": name, "VpcId": {"Ref": "Vpc"}},
    }


def container() -> Values:
    return {
        "Name": "app",
        "User": "1000",
        "ReadonlyRootFilesystem": True,
        "LogConfiguration": {"LogDriver": "awslogs"},
        "Environment": [{"Name": "PORT", "Value": "5000"}],
    }


ENDPOINTS = {10: "ec2", 55: "ecr.api", 56: "ecr.dkr", 57: "ssm", 58: "ssm-contacts", 60: "ssm-incidents"}
WEB = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
SYSTEM: Values = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "FlowLog": {
        "Type": "AWS::EC2::FlowLog",
        "Properties": {"ResourceType": "VPC", "TrafficType": "ALL", "ResourceId": {"Ref": "Vpc"}},
    },
    **{f"Endpoint{number}": endpoint(service) for number, service in ENDPOINTS.items()},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"MapPublicIpOnLaunch": False}},
    "Acl": {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "Vpc"}}},
    "AclOfSubnet": {
        "Type": "AWS::EC2::SubnetNetworkAclAssociation",
        "Properties": {"NetworkAclId": {"Ref": "Acl"}, "SubnetId": {"Ref": "Subnet"}},
    },
    "AclEntry": {
        "Type": "AWS::EC2::NetworkAclEntry",
        "Properties": {
            "Protocol": 6,
            "RuleAction": "allow",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 443, "To": 443},
        },
    },
    "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [WEB]}},
    "Inside": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"SecurityGroupIngress": [{**WEB, "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/16"}]},
    },
    "Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {**WEB, "FromPort": 80, "ToPort": 80}},
    "Balancer": {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {
            "Subnets": ["subnet-1", "subnet-2"],
            "LoadBalancerAttributes": [
                attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
                attribute("access_logs.s3.enabled", "true"),
                attribute("deletion_protection.enabled", "true"),
                attribute("routing.http.desync_mitigation_mode", "defensive"),
            ],
        },
    },
    "WebAcl": {
        "Type": "AWS::WAFv2::WebACLAssociation",
        "Properties": {"ResourceArn": {"Ref": "Balancer"}, "WebACLArn": "arn"},
    },
    "Listener": {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
        },
    },
    "Targets": {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {"Protocol": "HTTPS", "HealthCheckProtocol": "HTTPS"},
    },
    "Images": {
        "Type": "AWS::ECR::Repository",
        "Properties": {
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "ImageTagMutability": "IMMUTABLE",
            "LifecyclePolicy": {"LifecyclePolicyText": "{}"},
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": "arn"},
        },
    },
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        },
    },
    "Backup": {"Type": "AWS::Backup::BackupSelection", "Properties": {}},
    "Cluster": {
        "Type": "AWS::ECS::Cluster",
        "Properties": {"ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}]},
    },
    "Instances": {
        "Type": "AWS::ECS::CapacityProvider",
        "Properties": {"AutoScalingGroupProvider": {"ManagedTerminationProtection": "ENABLED"}},
    },
    "Tasks": {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "NetworkMode": "awsvpc",
            "ContainerDefinitions": [container(), container(), {**container(), "Environment": []}],
            "Volumes": [{"Name": "tmp"}, {"Name": "efs", "EFSVolumeConfiguration": {"TransitEncryption": "ENABLED"}}],
        },
    },
    "WindowsTasks": {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "RuntimePlatform": {"OperatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
            "ContainerDefinitions": [{**container(), "User": "ContainerUser"}],
        },
    },
    "Service": {
        "Type": "AWS::ECS::Service",
        "Properties": {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED"}}},
    },
    "TaskSet": {
        "Type": "AWS::ECS::TaskSet",
        "Properties": {"NetworkConfiguration": {"AwsVpcConfiguration": {"AssignPublicIp": "DISABLED"}}},
    },
    "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": statement(["s3:GetObject"])}},
    "Inline": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": statement("s3:GetObject", "*")}},
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"PolicyName": "read", "PolicyDocument": statement(["s3:Get*"], ["*"])}]},
    },
    "User": {"Type": "AWS::IAM::User", "Properties": {"Groups": ["people"]}},
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}},
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "LoggingConfiguration": {"DestinationBucketName": "logs"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {"Rules": [{"Status": "Disabled"}, {"Status": "Enabled"}]},
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    },
    "BucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"},
                    {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
                ]
            },
        },
    },
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}},
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {}},
    "Rotation": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": {"SecretId": {"Ref": "Secret"}}},
}
"""A system that does what every control demands."""

BARE: Values = {
    "BareService": {"Type": "AWS::ECS::Service", "Properties": {}},
    "BareTaskSet": {"Type": "AWS::ECS::TaskSet", "Properties": {}},
    "BareTasks": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [container()]}},
    "BareGroup": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}},
    "BareRole": {"Type": "AWS::IAM::Role", "Properties": {}},
    "Capacity": {"Type": "AWS::ECS::CapacityProvider", "Properties": {}},
}
"""What says little, and does what every control demands by saying nothing."""


def twins(value: Any) -> Any:
    """The same system again under other names: a control must find the one that violates it beside one that does not."""
    if isinstance(value, dict):
        return {key: f"{item}Twin" if key == "Ref" else twins(item) for key, item in value.items()}
    return [twins(item) for item in value] if isinstance(value, list) else value


def put(path: str, value: Any) -> Change:
    """Set a property (``Balancer.Subnets``, ``Tasks.ContainerDefinitions.1.User``)."""

    def change(system: Values) -> None:
        inner, last = place(system, path)
        inner[last] = value

    return change


def drop(path: str) -> Change:
    """Take a property away, or a whole resource."""

    def change(system: Values) -> None:
        inner, last = place(system, path)
        del inner[last]

    return change


def place(system: Values, path: str) -> tuple[Any, Any]:
    resource, *steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner: Any = system[resource]["Properties"] if steps else system
    for step in steps[:-1]:
        inner = inner[step]
    return inner, steps[-1] if steps else resource


def set_attribute(key: str, value: str) -> Change:
    def change(system: Values) -> None:
        attributes = system["Balancer"]["Properties"]["LoadBalancerAttributes"]
        kept = [each for each in attributes if each["Key"] != key]
        system["Balancer"]["Properties"]["LoadBalancerAttributes"] = [*kept, attribute(key, value)]

    return change


def forget_attribute(key: str) -> Change:
    def change(system: Values) -> None:
        attributes = system["Balancer"]["Properties"]["LoadBalancerAttributes"]
        attributes[:] = [each for each in attributes if each["Key"] != key]

    return change


def plain_listener(*actions: Values) -> Change:
    listener = {"Protocol": "HTTP", "DefaultActions": list(actions)}
    return add("Plain", "AWS::ElasticLoadBalancingV2::Listener", listener)


def add(name: str, kind: str, properties: Values) -> Change:
    def change(system: Values) -> None:
        system[name] = {"Type": kind, "Properties": properties}

    return change


def anywhere(first: int, last: int, **more: Any) -> list[tuple[str, Change]]:
    """A rule of a group, in its own list and apart, from all IPv4 and all IPv6 addresses."""
    ports = {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **more}
    everywhere = ({"CidrIp": "0.0.0.0/0"}, {"CidrIpv6": "::/0"})
    inside = [("Group", put("Group.SecurityGroupIngress", [WEB, {**ports, **each}])) for each in everywhere]
    return [*inside, ("Rule", add("Rule", "AWS::EC2::SecurityGroupIngress", {**ports, **everywhere[0]}))]


APP, SECOND = "Tasks.ContainerDefinitions.0", "Tasks.ContainerDefinitions.1"
FORWARD = {"Type": "forward", "TargetGroupArn": "arn"}
DECRYPTION = ["kms:Decrypt", "kms:*", "KMS:ReEncryptFrom", ["s3:GetObject", "kms:decrypt"], "*"]
EVERY_KEY = ["*", ["arn:aws:kms:ap-southeast-1:123456789012:key/1", "*"], "arn:aws:kms:*:123456789012:key/*"]

BROKEN: dict[str, list[tuple[str, Change]]] = {
    "DynamoDB.1": [("Table", put("Table.BillingMode", "PROVISIONED")), ("Table", drop("Table.BillingMode"))],
    "DynamoDB.2": [
        ("Table", put("Table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False)),
        ("Table", drop("Table.PointInTimeRecoverySpecification")),
    ],
    "DynamoDB.4": [("Table", drop("Backup"))],
    "DynamoDB.6": [("Table", put("Table.DeletionProtectionEnabled", False)), ("Table", drop("Table.DeletionProtectionEnabled"))],
    "EC2.6": [
        ("Vpc", drop("FlowLog")),
        ("Vpc", put("FlowLog.TrafficType", "ACCEPT")),
        ("Other", add("Other", "AWS::EC2::VPC", {})),
    ],
    **{
        f"EC2.{number}": [
            ("Vpc", drop(f"Endpoint{number}")),
            ("Vpc", put(f"Endpoint{number}.ServiceName", "com.amazonaws.ap-southeast-1.sts")),
            ("Vpc", put(f"Endpoint{number}.VpcEndpointType", "Gateway")),
            ("Other", add("Other", "AWS::EC2::VPC", {})),
        ]
        for number in ENDPOINTS
    },
    "EC2.13": [*anywhere(22, 22), *anywhere(0, 1024), *anywhere(-1, -1, IpProtocol="-1")],
    "EC2.14": [*anywhere(3389, 3389), *anywhere(3000, 4000), *anywhere(-1, -1, IpProtocol=-1)],
    "EC2.15": [("Subnet", put("Subnet.MapPublicIpOnLaunch", True))],
    "EC2.16": [("Acl", drop("AclOfSubnet")), ("Spare", add("Spare", "AWS::EC2::NetworkAcl", {}))],
    "EC2.18": [*anywhere(81, 81), *anywhere(80, 443), *anywhere(443, 444), *anywhere(53, 53, IpProtocol="udp")],
    "EC2.19": [*anywhere(5432, 5432), *anywhere(8080, 8090), *anywhere(-1, -1, IpProtocol="-1")],
    "EC2.21": [
        ("AclEntry", put("AclEntry.PortRange", {"From": 20, "To": 30})),
        ("AclEntry", put("AclEntry.PortRange", {"From": 3389, "To": 3389})),
        ("AclEntry", put("AclEntry.Protocol", -1)),
    ],
    "ECR.1": [("Images", put("Images.ImageScanningConfiguration.ScanOnPush", False)), ("Images", drop("Images.ImageScanningConfiguration"))],
    "ECR.2": [("Images", put("Images.ImageTagMutability", "MUTABLE")), ("Images", drop("Images.ImageTagMutability"))],
    "ECR.3": [("Images", drop("Images.LifecyclePolicy"))],
    "ECR.5": [("Images", put("Images.EncryptionConfiguration", {"EncryptionType": "AES256"})), ("Images", drop("Images.EncryptionConfiguration"))],
    "ECS.1": [("Host", add("Host", "AWS::ECS::TaskDefinition", {"NetworkMode": "host", "ContainerDefinitions": [container() | user]})) for user in ({"User": "root"}, {"User": "0"})],
    "ECS.2": [("Service", put("Service.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "ENABLED"))],
    "ECS.3": [("Tasks", put("Tasks.PidMode", "host"))],
    "ECS.4": [("Tasks", put(f"{SECOND}.Privileged", True))],
    "ECS.5": [("Tasks", put(f"{APP}.ReadonlyRootFilesystem", False)), ("Tasks", drop(f"{SECOND}.ReadonlyRootFilesystem"))],
    "ECS.8": [("Tasks", put(f"{SECOND}.Environment", [{"Name": "PORT", "Value": "1"}, {"Name": "AWS_SECRET_ACCESS_KEY", "Value": "x"}]))],
    "ECS.9": [("Tasks", drop(f"{SECOND}.LogConfiguration"))],
    "ECS.10": [("Service", put("Service.PlatformVersion", "1.3.0"))],
    "ECS.12": [("Cluster", put("Cluster.ClusterSettings", [{"Name": "containerInsights", "Value": "disabled"}])), ("Cluster", drop("Cluster.ClusterSettings"))],
    "ECS.16": [("TaskSet", put("TaskSet.NetworkConfiguration.AwsVpcConfiguration.AssignPublicIp", "ENABLED"))],
    "ECS.17": [("Tasks", put("Tasks.NetworkMode", "host"))],
    "ECS.18": [("Tasks", put("Tasks.Volumes.1.EFSVolumeConfiguration", {"TransitEncryption": "DISABLED"})), ("Tasks", put("Tasks.Volumes.1.EFSVolumeConfiguration", {}))],
    "ECS.19": [("Instances", put("Instances.AutoScalingGroupProvider", {"ManagedTerminationProtection": "DISABLED"}))],
    "ECS.20": [("Tasks", put(f"{SECOND}.User", user)) for user in ("root", "0", "0:0")] + [("Tasks", drop(f"{APP}.User"))],
    "ECS.21": [("WindowsTasks", put("WindowsTasks.ContainerDefinitions.0.User", user)) for user in ("ContainerAdministrator", "containeradministrator")] + [("WindowsTasks", drop("WindowsTasks.ContainerDefinitions.0.User"))],
    "ELB.1": [("Plain", plain_listener(FORWARD)), ("Plain", plain_listener({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP"}}))],
    "ELB.4": [("Balancer", set_attribute("routing.http.drop_invalid_header_fields.enabled", "false")), ("Balancer", forget_attribute("routing.http.drop_invalid_header_fields.enabled"))],
    "ELB.5": [("Balancer", set_attribute("access_logs.s3.enabled", "false")), ("Balancer", forget_attribute("access_logs.s3.enabled"))],
    "ELB.6": [("Balancer", set_attribute("deletion_protection.enabled", "false")), ("Balancer", drop("Balancer.LoadBalancerAttributes"))],
    "ELB.12": [("Balancer", set_attribute("routing.http.desync_mitigation_mode", "monitor"))],
    "ELB.13": [("Balancer", put("Balancer.Subnets", ["subnet-1"])), ("Balancer", drop("Balancer.Subnets"))],
    "ELB.16": [("Balancer", drop("WebAcl")), ("Other", add("Other", "AWS::ElasticLoadBalancingV2::LoadBalancer", {}))],
    "ELB.17": [("Listener", put("Listener.SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06")), ("Listener", drop("Listener.SslPolicy"))],
    "ELB.18": [("Plain", plain_listener({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS"}}))],
    "ELB.21": [("Targets", put("Targets.HealthCheckProtocol", "HTTP")), ("Targets", drop("Targets.HealthCheckProtocol"))],
    "ELB.22": [("Targets", put("Targets.Protocol", "HTTP"))],
    "IAM.1": [("Managed", put("Managed.PolicyDocument", statement("*"))), ("Inline", put("Inline.PolicyDocument", statement(["s3:Get*", "*"]))), ("Role", put("Role.Policies.0.PolicyDocument", statement("*")))],
    "IAM.2": [("Inline", put("Inline.Users", ["ann"])), ("User", put("User.Policies", [{}])), ("User", put("User.ManagedPolicyArns", ["arn"])), ("Own", add("Own", "AWS::IAM::UserPolicy", {}))],
    "IAM.21": [("Managed", put("Managed.PolicyDocument", statement("s3:*"))), ("Inline", put("Inline.PolicyDocument", statement(["s3:Get*", "sqs:*"]))), ("Role", put("Role.Policies.0.PolicyDocument", statement(["ec2:*"])))],
    "KMS.1": [("Managed", put("Managed.PolicyDocument", statement(action, keys))) for action in DECRYPTION for keys in EVERY_KEY],
    "KMS.2": [*(("Inline", put("Inline.PolicyDocument", statement(action, keys))) for action in DECRYPTION for keys in EVERY_KEY), ("Role", put("Role.Policies.0.PolicyDocument", statement("kms:Decrypt", "*")))],
    "KMS.4": [("Key", put("Key.EnableKeyRotation", False)), ("Key", drop("Key.EnableKeyRotation"))],
    "S3.2": [("Bucket", put("Bucket.PublicAccessBlockConfiguration.RestrictPublicBuckets", False)), ("Bucket", drop("Bucket.PublicAccessBlockConfiguration"))],
    "S3.3": [("Bucket", put("Bucket.PublicAccessBlockConfiguration.IgnorePublicAcls", False)), ("Bucket", drop("Bucket.PublicAccessBlockConfiguration"))],
    "S3.5": [("Bucket", drop("BucketPolicy")), ("Bucket", drop("BucketPolicy.PolicyDocument.Statement.1")), ("Open", add("Open", "AWS::S3::Bucket", {}))],
    "S3.8": [("Bucket", put("Bucket.PublicAccessBlockConfiguration.BlockPublicAcls", False)), ("Bucket", drop("Bucket.PublicAccessBlockConfiguration.BlockPublicPolicy"))],
    "S3.9": [("Bucket", drop("Bucket.LoggingConfiguration"))],
    "S3.12": [("Bucket", put("Bucket.OwnershipControls.Rules.0.ObjectOwnership", "ObjectWriter")), ("Bucket", drop("Bucket.OwnershipControls"))],
    "S3.13": [("Bucket", put("Bucket.LifecycleConfiguration.Rules", [{"Status": "Disabled"}])), ("Bucket", drop("Bucket.LifecycleConfiguration"))],
    "S3.14": [("Bucket", put("Bucket.VersioningConfiguration.Status", "Suspended")), ("Bucket", drop("Bucket.VersioningConfiguration"))],
    "SQS.1": [("Queue", put("Queue.SqsManagedSseEnabled", False))],
    "SecretsManager.1": [("Secret", drop("Rotation")), ("Other", add("Other", "AWS::SecretsManager::Secret", {}))],
}  # fmt: skip
"""Control -> what it finds, and a change to the system that makes it find that."""

CASES = [(control, name, change) for control, each in BROKEN.items() for name, change in each]
ONE_EACH = [(control, *each[0]) for control, each in BROKEN.items()]
"""A rule leaves resources out where it chooses them, before any of its checks: one case shows it."""


def template() -> Values:
    """The system twice, under two names, and what says little."""
    others = {f"{name}Twin": twins(resource) for name, resource in SYSTEM.items() if name != "Backup"}
    return {"Resources": copy.deepcopy(BARE | SYSTEM | others)}


@cache
def sayings(service: str) -> dict[str, str]:
    """Name of a variable or a rule -> what a file of rules says of it."""
    text = (FOLDER / f"{service}.guard").read_text("utf-8")
    parts = re.split(r"^(?:let|rule) (\w+)", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def looked_at(control: str) -> frozenset[str]:
    """The types that a control's rule looks at, itself and through its variables."""
    said = sayings(control.partition(".")[0].lower())
    names = [control.replace(".", "_")]
    for name in names:
        names += [each for each in re.findall(r"%(\w+)", said[name]) if each in said and each not in names]
    return frozenset(type_ for name in names for type_ in re.findall(r"AWS::\w+::\w+", said[name]))


def seen(control: str, resources: Values) -> Values:
    """What the control looks at: the engine's time grows with the rest."""
    return {"Resources": {name: each for name, each in resources.items() if each["Type"] in looked_at(control)}}


def broken(control: str, change: Change) -> Values:
    resources = template()["Resources"]
    change(resources)
    return seen(control, resources)


def suppressed(control: str, name: str, change: Change) -> Values:
    resources = copy.deepcopy(SYSTEM)
    change(resources)
    rules = {"SuppressedRules": ["Other_1", control.replace(".", "_")]}
    resources[name] = {**resources[name], "Metadata": {"guard": rules}}
    return seen(control, resources)


Found = Callable[[Values], set[Violation]]


@pytest.fixture(scope="module")
def found() -> Found:
    """What is found in each template of this page; the engine is asked once for all."""
    wrong = [broken(control, change) for control, _, change in CASES]
    left_out = [suppressed(control, name, change) for control, name, change in ONE_EACH]
    asked = [template(), *wrong, *left_out]
    answers = [set(each) for each in violations(asked)]

    def look(wanted: Values) -> set[Violation]:
        return answers[asked.index(wanted)]

    return look


def test_a_system_that_does_everything_right_violates_nothing(found: Found) -> None:
    assert found(template()) == set()


@pytest.mark.parametrize(("control", "name", "change"), CASES, ids=[f"{each[0]}-{each[1]}" for each in CASES])
def test_a_control_finds_what_violates_it_by_name(control: str, name: str, change: Change, found: Found) -> None:
    assert Violation(control, name) in found(broken(control, change))


@pytest.mark.parametrize(("control", "name", "change"), ONE_EACH, ids=[each[0] for each in ONE_EACH])
def test_a_resource_is_left_out_where_its_metadata_say_so(
    control: str, name: str, change: Change, found: Found
) -> None:
    assert Violation(control, name) not in found(suppressed(control, name, change))


def test_every_control_there_is_has_its_cases() -> None:
    assert BROKEN.keys() == controls().keys()


def test_controls_are_what_the_engine_reads_in_the_rules() -> None:
    from cloudformation_validate import CelEngine, EngineConfig, RuleOrigin, file_to_external_rule_source

    sources = [file_to_external_rule_source(path) for path in sorted(FOLDER.glob("*.guard"))]
    rules = CelEngine(EngineConfig(guard_rules=sources)).list_rules()
    read = {rule.id: rule.description for rule in rules if rule.origin is RuleOrigin.GUARD}
    assert {control.rule: control.demand for control in controls().values()} == read


def test_a_control_knows_which_types_it_looks_at() -> None:
    known = controls()
    assert known["ELB.16"].types == {"AWS::ElasticLoadBalancingV2::LoadBalancer"}
    assert "AWS::IAM::Role" in known["IAM.21"].types
    assert known["ELB.16"].concerns(template())
    assert not known["ELB.16"].concerns({"Resources": {"Queue": SYSTEM["Queue"]}})


def test_controls_are_listed_in_their_order() -> None:
    numbers = [id_ for id_ in controls() if id_.startswith("ELB.")]
    assert numbers == [f"ELB.{number}" for number in (1, 4, 5, 6, 12, 13, 16, 17, 18, 21, 22)]


def test_what_a_template_leaves_out_is_told_with_its_reason() -> None:
    said = {"guard": {"SuppressedRules": ["S3_9", "S3_14"], "Reasons": {"S3_9": "it holds logs"}}}
    found = list(
        exemptions({"Resources": {"Logs": {"Type": "AWS::S3::Bucket", "Metadata": said}, "Vpc": SYSTEM["Vpc"]}})
    )
    assert found == [Exemption("S3.9", "Logs", "it holds logs"), Exemption("S3.14", "Logs", "")]
