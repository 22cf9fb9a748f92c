"""Everything that was asked for, value by value, read back from the local stage with boto3 and with the AWS CLI."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from tests.end_to_end.place import Place

PREFIX = "oaktree-local"
REGION = "ap-southeast-1"
ACCOUNT = "123456789012"
TABLE_ACTIONS = {
    f"dynamodb:{action}"
    for action in ("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
}
EXPORTED = {
    "RepositoryUrl", "TableName", "LoadBalancerDnsName", "ApplicationUrl", "VpcId", "PublicSubnetIds", "TaskSubnetIds",
    "ClusterName", "ListenerArn", "LoadBalancerSecurityGroupId", "TaskSecurityGroupId", "ServiceName", "TableArn",
    "AlarmTopicArn", "DashboardName", "TaskPublicIp",
}  # fmt: skip


def outputs(place: Place) -> dict[str, str]:
    (stack,) = place.client("cloudformation").describe_stacks(StackName=PREFIX)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def service(place: Place) -> dict[str, Any]:
    found = place.client("ecs").describe_services(cluster=f"{PREFIX}-cluster", services=[f"{PREFIX}-service"])
    return dict(found["services"][0])


def task_definition(place: Place) -> dict[str, Any]:
    arn = service(place)["taskDefinition"]
    return dict(place.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"])


def target_group(place: Place) -> dict[str, Any]:
    (found,) = place.client("elbv2").describe_target_groups()["TargetGroups"]
    return dict(found)


def load_balancer(place: Place) -> dict[str, Any]:
    (found,) = place.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return dict(found)


def groups(place: Place) -> dict[str, dict[str, Any]]:
    found = outputs(place)
    ids = {found["LoadBalancerSecurityGroupId"]: "balancer", found["TaskSecurityGroupId"]: "tasks"}
    rows = place.client("ec2").describe_security_groups(GroupIds=list(ids))["SecurityGroups"]
    return {ids[row["GroupId"]]: row for row in rows}


def document(value: Any) -> dict[str, Any]:
    return dict(json.loads(unquote(value))) if isinstance(value, str) else dict(value)


def statements(policy: Any) -> list[dict[str, Any]]:
    found = document(policy)["Statement"]
    return found if isinstance(found, list) else [found]


def listed(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else set(value)


# --- outputs --------------------------------------------------------------------------------------------------------


def test_the_root_stack_has_every_output_and_exports_all_but_the_commands(deployed: Place) -> None:
    (stack,) = deployed.client("cloudformation").describe_stacks(StackName=PREFIX)["Stacks"]
    exports = {output["OutputKey"]: output.get("ExportName") for output in stack["Outputs"]}
    assert exports.pop("PushCommands") is None
    assert exports == {name: f"{PREFIX}-{name}" for name in EXPORTED}
    assert all(output.get("Description") for output in stack["Outputs"])


def test_only_the_root_exports(deployed: Place) -> None:
    exports = deployed.client("cloudformation").list_exports()["Exports"]
    assert {export["Name"] for export in exports} == {f"{PREFIX}-{name}" for name in EXPORTED}
    assert len({export["ExportingStackId"] for export in exports}) == 1


def test_the_push_commands_are_filled_in_for_this_environment(deployed: Place) -> None:
    commands = outputs(deployed)["PushCommands"]
    repository = outputs(deployed)["RepositoryUrl"]
    assert f"aws ecr get-login-password --region {REGION} | docker login" in commands
    assert f"docker push {repository}:$TAG" in commands
    assert "make image ENV=local" in commands


# --- network --------------------------------------------------------------------------------------------------------


def test_the_vpc_has_the_default_range(deployed: Place) -> None:
    (vpc,) = deployed.client("ec2").describe_vpcs(VpcIds=[outputs(deployed)["VpcId"]])["Vpcs"]
    assert vpc["CidrBlock"] == "10.0.0.0/16"


def test_two_public_and_two_private_subnets_stand_in_two_zones(deployed: Place) -> None:
    found = outputs(deployed)
    public, private = found["PublicSubnetIds"].split(","), found["TaskSubnetIds"].split(",")
    assert not set(public) & set(private)
    rows = deployed.client("ec2").describe_subnets(SubnetIds=[*public, *private])["Subnets"]
    zones = {row["SubnetId"]: row["AvailabilityZone"] for row in rows}
    assert {zones[each] for each in public} == {zones[each] for each in private} == {f"{REGION}a", f"{REGION}b"}
    assert {tag["Value"] for row in rows for tag in row["Tags"] if tag["Key"] == "Name"} >= {f"{PREFIX}-public-a"}


def test_private_subnets_reach_out_through_one_nat_gateway(deployed: Place) -> None:
    ec2 = deployed.client("ec2")
    found = outputs(deployed)
    gateways = [g for g in ec2.describe_nat_gateways()["NatGateways"] if g["State"] == "available"]
    assert [gateway["SubnetId"] in found["PublicSubnetIds"] for gateway in gateways] == [True]
    for subnet in found["TaskSubnetIds"].split(","):
        filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
        (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
        default = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
        assert [route["NatGatewayId"] for route in default] == [gateways[0]["NatGatewayId"]]


def test_public_subnets_reach_the_internet_gateway(deployed: Place) -> None:
    ec2 = deployed.client("ec2")
    for subnet in outputs(deployed)["PublicSubnetIds"].split(","):
        filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
        (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
        default = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
        assert [route["GatewayId"].startswith("igw-") for route in default] == [True]


def test_the_load_balancer_takes_port_80_from_anywhere_and_no_443_without_a_certificate(deployed: Place) -> None:
    (rule,) = groups(deployed)["balancer"]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (80, 80, "tcp")
    assert [each["CidrIp"] for each in rule["IpRanges"]] == ["0.0.0.0/0"]


def test_tasks_take_the_container_port_from_the_load_balancer_only(deployed: Place) -> None:
    found = groups(deployed)
    (rule,) = found["tasks"]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (5000, 5000, "tcp")
    assert rule["IpRanges"] == []
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [found["balancer"]["GroupId"]]


# --- data and images ------------------------------------------------------------------------------------------------


def test_the_repository_scans_on_push_and_lets_dev_overwrite_tags(deployed: Place) -> None:
    (found,) = deployed.client("ecr").describe_repositories(repositoryNames=[PREFIX])["repositories"]
    assert found["imageTagMutability"] == "MUTABLE"
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    assert found["repositoryUri"] == outputs(deployed)["RepositoryUrl"]


def test_the_users_table_has_a_text_id_and_costs_by_use(deployed: Place) -> None:
    table = deployed.client("dynamodb").describe_table(TableName=f"{PREFIX}-users")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TableArn"] == outputs(deployed)["TableArn"]


def test_logs_are_kept_for_thirty_days(deployed: Place) -> None:
    groups = deployed.client("logs").describe_log_groups(logGroupNamePrefix=f"/ecs/{PREFIX}")["logGroups"]
    assert {group["logGroupName"]: group["retentionInDays"] for group in groups}[f"/ecs/{PREFIX}"] == 30


# --- roles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["execution-role", "task-role"])
def test_each_role_is_for_tasks_of_this_account_only(deployed: Place, name: str) -> None:
    role = deployed.client("iam").get_role(RoleName=f"{PREFIX}-{name}")["Role"]
    (statement,) = statements(role["AssumeRolePolicyDocument"])
    assert listed(statement["Principal"]["Service"]) == {"ecs-tasks.amazonaws.com"}
    assert ACCOUNT in json.dumps(statement["Condition"])


def test_the_execution_role_pulls_this_image_and_writes_these_logs_and_nothing_else(deployed: Place) -> None:
    iam = deployed.client("iam")
    (name,) = iam.list_role_policies(RoleName=f"{PREFIX}-execution-role")["PolicyNames"]
    assert iam.list_attached_role_policies(RoleName=f"{PREFIX}-execution-role")["AttachedPolicies"] == []
    policy = iam.get_role_policy(RoleName=f"{PREFIX}-execution-role", PolicyName=name)["PolicyDocument"]
    allowed = {
        action: listed(statement["Resource"])
        for statement in statements(policy)
        for action in listed(statement["Action"])
    }
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{PREFIX}"
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/{PREFIX}"
    assert allowed.pop("ecr:GetAuthorizationToken") == {"*"}
    for action in ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"):
        assert allowed.pop(f"ecr:{action}") == {repository}
    for action in ("CreateLogStream", "PutLogEvents"):
        assert all(arn.startswith(logs) for arn in allowed.pop(f"logs:{action}"))
    assert allowed == {}


def test_the_task_role_may_do_exactly_eight_things_to_the_users_table(deployed: Place) -> None:
    iam = deployed.client("iam")
    (attached,) = iam.list_attached_role_policies(RoleName=f"{PREFIX}-task-role")["AttachedPolicies"]
    assert attached["PolicyName"] == f"{PREFIX}-dynamodb-access"
    version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
    policy = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
    (statement,) = statements(policy)
    assert listed(statement["Action"]) == TABLE_ACTIONS
    assert listed(statement["Resource"]) == {outputs(deployed)["TableArn"]}
    assert iam.list_role_policies(RoleName=f"{PREFIX}-task-role")["PolicyNames"] == []


# --- containers -----------------------------------------------------------------------------------------------------


def test_the_cluster_has_container_insights(deployed: Place) -> None:
    found = deployed.client("ecs").describe_clusters(clusters=[f"{PREFIX}-cluster"], include=["SETTINGS"])
    assert found["clusters"][0]["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_the_task_is_a_small_fargate_task_with_two_different_roles(deployed: Place) -> None:
    found = task_definition(deployed)
    assert (found["family"], found["cpu"], found["memory"]) == (f"{PREFIX}-task", "256", "512")
    assert (found["networkMode"], found["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])
    assert found["executionRoleArn"].endswith(f"role/{PREFIX}-execution-role")
    assert found["taskRoleArn"].endswith(f"role/{PREFIX}-task-role")


def test_the_container_runs_the_given_image_on_port_5000(deployed: Place) -> None:
    (container,) = task_definition(deployed)["containerDefinitions"]
    assert (container["name"], container["essential"]) == (PREFIX, True)
    assert container["image"] == f"{outputs(deployed)['RepositoryUrl']}:1a2b3c4"
    assert container["portMappings"] == [{"containerPort": 5000, "hostPort": 5000, "protocol": "tcp"}]


def test_the_container_has_exactly_the_six_environment_variables(deployed: Place) -> None:
    (container,) = task_definition(deployed)["containerDefinitions"]
    assert {each["name"]: each["value"] for each in container["environment"]} == {
        "PORT": "5000",
        "NODE_ENV": "production",
        "HOST": "0.0.0.0",  # noqa: S104
        "AWS_REGION": REGION,
        "USE_AWS_DB": "true",
        "DYNAMODB_TABLE": f"{PREFIX}-users",
    }


def test_the_container_logs_to_its_group(deployed: Place) -> None:
    (container,) = task_definition(deployed)["containerDefinitions"]
    logs = container["logConfiguration"]
    assert logs["logDriver"] == "awslogs"
    assert logs["options"] == {
        "awslogs-group": f"/ecs/{PREFIX}",
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "ecs",
    }


def test_the_service_runs_one_task_in_private_subnets_without_public_ip(deployed: Place) -> None:
    found = service(deployed)
    assert found["desiredCount"] == 1
    assert found["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE", "weight": 1}]
    network = found["networkConfiguration"]["awsvpcConfiguration"]
    assert set(network["subnets"]) == set(outputs(deployed)["TaskSubnetIds"].split(","))
    assert network["securityGroups"] == [outputs(deployed)["TaskSecurityGroupId"]]
    assert network["assignPublicIp"] == "DISABLED"


def test_the_service_is_rolled_out_with_care(deployed: Place) -> None:
    rollout = service(deployed)["deploymentConfiguration"]
    assert (rollout["maximumPercent"], rollout["minimumHealthyPercent"]) == (200, 50)
    breaker = {"enable": True, "rollback": True, "thresholdConfiguration": {"type": "COUNT", "value": 3}}
    assert rollout["deploymentCircuitBreaker"] == breaker


def test_alarms_that_were_there_before_take_a_rollout_back(deployed: Place) -> None:
    asked = service(deployed)["deploymentConfiguration"]["alarms"]
    names = {f"{PREFIX}-{what}" for what in ("application-errors", "load-balancer-errors", "latency")}
    assert (set(asked["alarmNames"]), asked["enable"], asked["rollback"]) == (names, True, True)
    found = deployed.client("cloudwatch").describe_alarms(AlarmNames=sorted(names))["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in found} == names


def test_alarms_and_dashboard_speak_of_what_was_made(deployed: Place) -> None:
    cloudwatch = deployed.client("cloudwatch")
    balancer = load_balancer(deployed)["LoadBalancerArn"].partition(":loadbalancer/")[2]
    targets = target_group(deployed)["TargetGroupArn"].rpartition(":")[2]
    (latency,) = cloudwatch.describe_alarms(AlarmNames=[f"{PREFIX}-latency"])["MetricAlarms"]
    assert {each["Name"]: each["Value"] for each in latency["Dimensions"]} == {
        "LoadBalancer": balancer,
        "TargetGroup": targets,
    }
    assert latency["AlarmActions"] == [outputs(deployed)["AlarmTopicArn"]]
    shown = cloudwatch.get_dashboard(DashboardName=outputs(deployed)["DashboardName"])["DashboardBody"]
    names = {balancer, targets, f"{PREFIX}-cluster", f"{PREFIX}-service", f"{PREFIX}-users"}
    assert all(json.dumps(name) in shown for name in names)


def test_the_service_stands_behind_the_target_group(deployed: Place) -> None:
    (behind,) = service(deployed)["loadBalancers"]
    assert behind["targetGroupArn"] == target_group(deployed)["TargetGroupArn"]
    assert (behind["containerName"], behind["containerPort"]) == (PREFIX, 5000)


# --- load balancer --------------------------------------------------------------------------------------------------


def test_the_load_balancer_faces_the_internet_in_the_public_subnets(deployed: Place) -> None:
    found = load_balancer(deployed)
    assert (found["LoadBalancerName"], found["Scheme"], found["Type"]) == (
        f"{PREFIX}-alb",
        "internet-facing",
        "application",
    )
    subnets = {zone["SubnetId"] for zone in found["AvailabilityZones"]}
    assert subnets == set(outputs(deployed)["PublicSubnetIds"].split(","))
    assert found["DNSName"] == outputs(deployed)["LoadBalancerDnsName"]


def test_the_load_balancer_may_be_deleted_here(deployed: Place) -> None:
    arn = load_balancer(deployed)["LoadBalancerArn"]
    rows = deployed.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {row["Key"]: row["Value"] for row in rows}["deletion_protection.enabled"] == "false"


def test_the_health_check_is_as_specified(deployed: Place) -> None:
    found = target_group(deployed)
    assert (found["Protocol"], found["Port"], found["TargetType"]) == ("HTTP", 5000, "ip")
    assert found["HealthCheckPath"] == "/"
    assert (found["HealthCheckIntervalSeconds"], found["HealthCheckTimeoutSeconds"]) == (30, 20)
    assert (found["HealthyThresholdCount"], found["UnhealthyThresholdCount"]) == (2, 3)
    assert found["Matcher"] == {"HttpCode": "200-499"}


def test_the_listener_forwards_port_80(deployed: Place) -> None:
    elb = deployed.client("elbv2")
    (listener,) = elb.describe_listeners(LoadBalancerArn=load_balancer(deployed)["LoadBalancerArn"])["Listeners"]
    assert (listener["Port"], listener["Protocol"]) == (80, "HTTP")
    (action,) = listener["DefaultActions"]
    assert (action["Type"], action["TargetGroupArn"]) == ("forward", target_group(deployed)["TargetGroupArn"])
    assert listener["ListenerArn"] == outputs(deployed)["ListenerArn"]


# --- tags -----------------------------------------------------------------------------------------------------------


def test_taggable_resources_carry_the_common_tags(deployed: Place) -> None:
    wanted = {"project": "oaktree", "environment": "local", "managed-by": "oaktree-cfn"}
    found = outputs(deployed)
    cloud = deployed.client("ecs").list_tags_for_resource(resourceArn=service(deployed)["serviceArn"])["tags"]
    (vpc,) = deployed.client("ec2").describe_vpcs(VpcIds=[found["VpcId"]])["Vpcs"]
    table = deployed.client("dynamodb").list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    balancer = deployed.client("elbv2").describe_tags(ResourceArns=[load_balancer(deployed)["LoadBalancerArn"]])
    for tags in (
        {tag["key"]: tag["value"] for tag in cloud},
        {tag["Key"]: tag["Value"] for tag in vpc["Tags"]},
        {tag["Key"]: tag["Value"] for tag in table},
        {tag["Key"]: tag["Value"] for tag in balancer["TagDescriptions"][0]["Tags"]},
    ):
        assert wanted.items() <= tags.items()


# --- the AWS CLI ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("cloudformation list-stacks --query StackSummaries[].StackStatus", "CREATE_COMPLETE"),
        ("cloudformation describe-stacks --stack-name oaktree-local --query Stacks[0].StackStatus", "UPDATE_COMPLETE"),
        ("cloudformation list-exports --query Exports[].Name", f"{PREFIX}-VpcId"),
        (f"ecs list-services --cluster {PREFIX}-cluster", f"service/{PREFIX}-cluster/{PREFIX}-service"),
        (
            f"ecs describe-task-definition --task-definition {PREFIX}-task --query taskDefinition.family",
            f"{PREFIX}-task",
        ),
        ("elbv2 describe-target-groups --query TargetGroups[0].Matcher.HttpCode", "200-499"),
        (f"dynamodb describe-table --table-name {PREFIX}-users --query Table.TableStatus", "ACTIVE"),
        ("ecr describe-repositories --query repositories[].repositoryName", PREFIX),
        (f"iam get-role --role-name {PREFIX}-task-role --query Role.RoleName", f"{PREFIX}-task-role"),
        ("iam list-policies --scope Local --query Policies[].PolicyName", f"{PREFIX}-dynamodb-access"),
        (
            f"logs describe-log-groups --log-group-name-prefix /ecs/{PREFIX} --query logGroups[].logGroupName",
            f"/ecs/{PREFIX}",
        ),
    ],
)
def test_the_aws_cli_sees_the_same(deployed: Place, command: str, shown: str) -> None:
    assert shown in deployed.aws(*command.split())
