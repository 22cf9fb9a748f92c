"""A second engine reads our templates: moto's own CloudFormation, which this library does not use.

Each leaf template goes through plain ``create_stack``, its outputs feeding the next as the root would wire them, and the
values are read back from the services. moto skips in silence the types it does not know; ``UNKNOWN_TO_MOTO`` names them.
Where moto's CloudFormation drops a property on the way to its own service (a service's network and roll-out, a task's
Fargate settings, container insights, a log group's key, attributes of the load balancer) or cannot read it (a key's policy),
nothing is asserted here.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from oaktree_cfn.template.read import load

TEMPLATES = Path(__file__).parents[2] / "templates"
LEAVES = ("network", "ecr", "data", "cluster", "alb", "monitoring", "service")
REGION = "ap-southeast-1"
PREFIX = "oaktree-moto"

UNKNOWN_TO_MOTO = {
    "AWS::ApplicationAutoScaling::ScalableTarget",  # MaxTasks stays 0 here, so that the rest is made
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::ServiceDiscovery::HttpNamespace",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
}

CONDITIONAL = {"UsersTable", "WebAcl", "DnsRecord"}  # not made: the table is retained, no web ACL and no zone is given
GIVEN = {
    "Prefix": PREFIX,
    "Zones": "3",
    "TaskSubnets": "private",
    "NatGateways": "per-zone",
    "InterfaceEndpoints": "true",
    "Https": "true",
    "ImageTag": "3f2c1ab",
    "DesiredCount": "2",
    "ExecuteCommand": "true",
    "EncryptCommandRecord": "true",
}


@dataclass
class Made:
    """What moto made: the outputs of all stacks, and the logical ids that it lists."""

    outputs: dict[str, str] = field(default_factory=dict)
    listed: dict[str, set[str]] = field(default_factory=dict)


def create(name: str, values: dict[str, str], made: Made) -> None:
    cloudformation = boto3.client("cloudformation", REGION)
    body = (TEMPLATES / f"{name}.yaml").read_text()
    declared = load(TEMPLATES / f"{name}.yaml")["Parameters"]
    parameters = [{"ParameterKey": key, "ParameterValue": values[key]} for key in declared if key in values]
    stack = f"{PREFIX}-{name}"
    cloudformation.create_stack(
        StackName=stack, TemplateBody=body, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert described["StackStatus"] == "CREATE_COMPLETE"
    made.outputs |= {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    summaries = cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    titles = {summary["LogicalResourceId"] for summary in summaries}
    made.listed[name] = titles - {""}  # moto lists a resource without a name for the one a condition left out


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(), mock_aws():
        for kind in UNKNOWN_TO_MOTO:
            warnings.filterwarnings("ignore", f"Tried to parse {kind} ")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        certificate = boto3.client("acm", REGION).request_certificate(DomainName="oaktree.example.com")
        all_made = Made()
        for name in LEAVES:
            values = GIVEN | {"CertificateArn": certificate["CertificateArn"]} | all_made.outputs
            create(name, values, all_made)
        yield all_made


def client(service: str) -> Any:
    return boto3.client(service, REGION)


@pytest.mark.parametrize("name", LEAVES)
def test_every_resource_is_listed(name: str, made: Made) -> None:
    resources = load(TEMPLATES / f"{name}.yaml")["Resources"]
    wanted = {title for title, body in resources.items() if body["Type"] not in UNKNOWN_TO_MOTO} - CONDITIONAL
    assert made.listed[name] == wanted


def test_the_network_spans_three_zones_with_nat_in_each(made: Made) -> None:
    ec2 = client("ec2")
    vpc = [{"Name": "vpc-id", "Values": [made.outputs["VpcId"]]}]
    subnets = {subnet["SubnetId"]: subnet for subnet in ec2.describe_subnets(Filters=vpc)["Subnets"]}
    public, private = (made.outputs[key].split(",") for key in ("PublicSubnetIds", "TaskSubnetIds"))
    assert [subnets[each]["CidrBlock"] for each in public] == ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]
    assert [subnets[each]["CidrBlock"] for each in private] == ["10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24"]
    assert len({subnets[each]["AvailabilityZone"] for each in private}) == 3
    assert {nat["SubnetId"] for nat in ec2.describe_nat_gateways()["NatGateways"]} == set(public)


def test_the_application_lets_only_the_load_balancer_in(made: Made) -> None:
    ids = [made.outputs[key] for key in ("LoadBalancerSecurityGroupId", "TaskSecurityGroupId")]
    groups = {
        group["GroupId"]: group for group in client("ec2").describe_security_groups(GroupIds=ids)["SecurityGroups"]
    }
    balancer, tasks = (groups[each]["IpPermissions"] for each in ids)
    assert [(rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) for rule in balancer] == [
        (80, "0.0.0.0/0"),
        (443, "0.0.0.0/0"),
    ]
    assert [(rule["FromPort"], rule["IpRanges"], rule["UserIdGroupPairs"][0]["GroupId"]) for rule in tasks] == [
        (5000, [], ids[0])
    ]


def test_the_repository_keeps_its_tags(made: Made) -> None:
    (repository,) = client("ecr").describe_repositories(repositoryNames=[PREFIX])["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["repositoryUri"] == made.outputs["RepositoryUrl"]


def test_the_table_is_keyed_by_id_and_paid_per_request(made: Made) -> None:
    table = client("dynamodb").describe_table(TableName=made.outputs["TableName"])["Table"]
    assert table["TableName"] == f"{PREFIX}-users"
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TableArn"] == made.outputs["TableArn"]


def test_the_cluster_bears_its_name(made: Made) -> None:
    (cluster,) = client("ecs").describe_clusters(clusters=[made.outputs["ClusterName"]])["clusters"]
    assert (cluster["clusterName"], cluster["status"]) == (f"{PREFIX}-cluster", "ACTIVE")


def test_what_is_run_in_tasks_is_recorded_for_a_year(made: Made) -> None:
    (group,) = client("logs").describe_log_groups(logGroupNamePrefix=f"/ecs/{PREFIX}-cluster/exec")["logGroups"]
    assert int(group["retentionInDays"]) == 365


def test_the_load_balancer_stands_in_the_public_subnets(made: Made) -> None:
    (balancer,) = client("elbv2").describe_load_balancers(Names=[f"{PREFIX}-alb"])["LoadBalancers"]
    assert balancer["Scheme"] == "internet-facing"
    assert [zone["SubnetId"] for zone in balancer["AvailabilityZones"]] == made.outputs["PublicSubnetIds"].split(",")
    assert balancer["SecurityGroups"] == [made.outputs["LoadBalancerSecurityGroupId"]]


def test_access_logs_go_to_a_bucket_of_their_own(made: Made) -> None:
    found = client("s3").get_bucket_encryption(Bucket=made.outputs["AccessLogBucketName"])
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_the_target_group_checks_health_as_required(made: Made) -> None:
    (group,) = client("elbv2").describe_target_groups(TargetGroupArns=[made.outputs["TargetGroupArn"]])["TargetGroups"]
    wanted = {
        "Protocol": "HTTP",
        "Port": 5000,
        "TargetType": "ip",
        "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 20,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200-499"},
        "VpcId": made.outputs["VpcId"],
    }
    assert group | wanted == group
    assert made.outputs["TargetGroupFullName"] == made.outputs["TargetGroupArn"].rpartition(":")[2]


def test_http_is_redirected_to_https_and_https_forwarded(made: Made) -> None:
    elbv2 = client("elbv2")
    (balancer,) = elbv2.describe_load_balancers(Names=[f"{PREFIX}-alb"])["LoadBalancers"]
    listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    actions = {listener["Port"]: listener["DefaultActions"][0] for listener in listeners}
    assert actions[80]["RedirectConfig"] == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert actions[443]["TargetGroupArn"] == made.outputs["TargetGroupArn"]
    assert made.outputs["ApplicationUrl"] == f"https://{balancer['DNSName']}"


def test_the_container_is_as_required(made: Made) -> None:
    task = client("ecs").describe_task_definition(taskDefinition=f"{PREFIX}-task")["taskDefinition"]
    (container,) = task["containerDefinitions"]
    assert container["name"] == PREFIX
    assert container["image"] == f"{made.outputs['RepositoryUrl']}:3f2c1ab"
    assert container["portMappings"] == [{"containerPort": 5000, "hostPort": 5000, "protocol": "tcp"}]
    assert {each["name"]: each["value"] for each in container["environment"]} == {
        "PORT": "5000",
        "NODE_ENV": "production",
        "HOST": "0.0.0.0",  # noqa: S104
        "AWS_REGION": REGION,
        "USE_AWS_DB": "true",
        "DYNAMODB_TABLE": f"{PREFIX}-users",
    }
    assert container["logConfiguration"]["options"] == {
        "awslogs-group": f"/ecs/{PREFIX}",
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "ecs",
    }


def test_the_service_runs_the_task_in_the_cluster(made: Made) -> None:
    answer = client("ecs").describe_services(cluster=f"{PREFIX}-cluster", services=[made.outputs["ServiceName"]])
    (service,) = answer["services"]
    assert service["serviceName"] == f"{PREFIX}-service"
    assert service["taskDefinition"].endswith(f":task-definition/{PREFIX}-task:1")
    assert service["desiredCount"] == 2


def test_logs_are_kept_for_thirty_days(made: Made) -> None:
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/ecs/{PREFIX}")["logGroups"]
    days = {group["logGroupName"]: int(group["retentionInDays"]) for group in groups}
    assert days[f"/ecs/{PREFIX}"] == 30


def test_the_two_roles_have_what_they_need_and_no_more(made: Made) -> None:
    iam = client("iam")
    execution = iam.get_role_policy(RoleName=f"{PREFIX}-execution-role", PolicyName=f"{PREFIX}-execution")
    statements = {each["Sid"]: each["Resource"] for each in execution["PolicyDocument"]["Statement"]}
    assert statements["LogInToRegistry"] == ["*"]
    assert statements["PullImages"] == [made.outputs["RepositoryArn"]]
    (policy,) = iam.list_attached_role_policies(RoleName=f"{PREFIX}-task-role")["AttachedPolicies"]
    assert policy["PolicyName"] == f"{PREFIX}-dynamodb-access"
    document = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId="v1")["PolicyVersion"]["Document"]
    (statement,) = document["Statement"]
    assert (len(statement["Action"]), statement["Resource"]) == (8, [made.outputs["TableArn"]])


def test_alarms_have_an_encrypted_topic_to_tell(made: Made) -> None:
    topic = client("sns").get_topic_attributes(TopicArn=made.outputs["AlarmTopicArn"])["Attributes"]
    assert topic["TopicArn"].endswith(f":{PREFIX}-alarms")
    assert ":key/" in topic["KmsMasterKeyId"]


def test_the_dashboard_speaks_of_what_was_made(made: Made) -> None:
    shown = client("cloudwatch").get_dashboard(DashboardName=made.outputs["DashboardName"])["DashboardBody"]
    texts = {part for widget in json.loads(shown)["widgets"] for part in words(widget)}
    wanted = {made.outputs[key] for key in ("LoadBalancerFullName", "TargetGroupFullName", "ClusterName", "TableName")}
    assert wanted | {f"{PREFIX}-service", REGION} <= texts


def words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from words(item)
