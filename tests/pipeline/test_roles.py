"""The pipeline's roles may do what their work is, all of it and nothing else: judged by IAM's own rules, on what is really asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from oaktree_cfn.template.authorization import allowed
from tests.catalog.ground import ACCOUNT, REGION, Ground, ground
from tests.catalog.recorder import recorded
from tests.pipeline.listener import Asked, heard

ROLE = f"arn:aws:iam::{ACCOUNT}:role/oaktree-local-cloudformation-role"
BUCKET = f"oaktree-artifacts-{ACCOUNT}-{REGION}"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/oaktree-local"
AWS_ITSELF = {
    "ec2:DescribeNetworkInterfaces",  # whether a security group that goes is in use
    "ec2:DeleteNetworkInterface",  # those of a NAT gateway or an endpoint that goes
    "ec2:DisassociateAddress",  # from such an interface
    "ec2:DescribePrefixLists",  # for the routes of a gateway endpoint
    "ec2:DescribeSecurityGroupRules",  # of a group, when it is read back
    "ecs:ListServices",  # whether a cluster's capacity is in use
}
"""What the stage asks because moto does not do it, and AWS does without being asked."""

CHANGED = {
    "HealthCheckPath": "/up",
    "Cpu": "512",
    "Memory": "1024",
    "LogRetentionDays": "60",
    "NatGateways": "per-zone",
    "FlowLogs": "true",
    "InterfaceEndpoints": "true",
    "AlarmEmail": "team@example.com",
    "MaxTasks": "4",
    "ExecuteCommand": "true",
    "AccessLogs": "true",
    "PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/oaktree-local-application-boundary",
}


@dataclass(frozen=True)
class Role:
    """A role as the account has it."""

    policies: tuple[Any, ...]
    boundary: Any

    def may(self, action: str, resource: str, **context: str) -> bool:
        """Whether IAM would let it. Context keys have ``__`` for a colon and ``_`` for a hyphen."""
        known = {key.replace("__", ":").replace("_", "-"): value for key, value in context.items()}
        return allowed(action, resource, known, self.policies, self.boundary)

    def grants(self, asked: Asked) -> bool:
        """The same for a request; where it does not say what it is about, on anything at all."""
        if asked.resource != "*":
            return allowed(asked.action, asked.resource, asked.context, self.policies, self.boundary)
        return any(asked.action in statement["Action"] for policy in self.policies for statement in policy["Statement"])


@dataclass(frozen=True)
class Story:
    """What was asked while the environment lived."""

    reviewed: frozenset[Asked]
    deployed: frozenset[Asked]
    handled: frozenset[str]
    roles: Mapping[str, Role]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The pipeline, then a whole environment through it: reviewed, deployed as planned, changed, and taken away."""
    with recorded() as handled, heard() as asked, ground(tmp_path_factory.mktemp("place")) as place:
        place.good("pipeline", "deploy", "--env", "local", "--no-lint")
        _work_as_role(place)
        handled.clear()
        reviewed = _heard(
            asked, place, "review", "--env", "local", "--no-lint", "--out", "plan.json", "--save", "json=r"
        )
        deployed = _heard(asked, place, "deploy", "--env", "local", "--no-lint", "--plan", "plan.json")
        changes = [part for key, value in CHANGED.items() for part in ("--parameter", f"{key}={value}")]
        deployed |= _heard(
            asked, place, "deploy", "--env", "local", "--no-lint", *changes, "--yes", "--allow", "Service/ShellPolicy"
        )
        deployed |= _heard(asked, place, "outputs", "--env", "local")
        roles = {name: _role(place, name) for name in ("plan", "deploy", "image", "cloudformation")}
        place.good("destroy", "--env", "local", "--yes")
        yield Story(reviewed, deployed, frozenset(handled - AWS_ITSELF), roles)


def _work_as_role(place: Ground) -> None:
    file = place.folder / "environments" / "local.toml"
    text = file.read_text(encoding="utf-8").replace("[parameters]", "[parameters]\nEncryptCommandRecord = true", 1)
    file.write_text(f'service_role = "{ROLE}"\n{text}', encoding="utf-8")


def _heard(asked: set[Asked], place: Ground, *command: str) -> frozenset[Asked]:
    asked.clear()
    place.good(*command)
    return frozenset(asked)


def _role(place: Ground, name: str) -> Role:
    """Its policies, inline and managed, and its boundary, as IAM keeps them."""
    iam = place.client("iam")
    known = {"RoleName": f"oaktree-local-{name}-role"}
    inline = [iam.get_role_policy(**known, PolicyName=each) for each in iam.list_role_policies(**known)["PolicyNames"]]
    attached = iam.list_attached_role_policies(**known)["AttachedPolicies"]
    bounded = iam.get_role(**known)["Role"].get("PermissionsBoundary")
    managed = [_document(iam, each["PolicyArn"]) for each in attached]
    boundary = _document(iam, bounded["PermissionsBoundaryArn"]) if bounded else None
    return Role((*(each["PolicyDocument"] for each in inline), *managed), boundary)


def _document(iam: Any, arn: str) -> Any:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return json.loads(found) if isinstance(found, str) else found


# Enough


FREE = {"sts:GetCallerIdentity"}
"""What nobody needs a right for."""


def test_the_plan_role_may_do_all_that_a_review_does(story: Story) -> None:
    plan = story.roles["plan"]
    assert {each.action for each in story.reviewed} >= {"cloudformation:CreateChangeSet", "s3:PutObject"}
    assert [each for each in story.reviewed if not plan.grants(each) and each.action not in FREE] == []


def test_the_deploy_role_may_do_all_that_deploys_do(story: Story) -> None:
    deploy = story.roles["deploy"]
    assert {each.action for each in story.deployed} >= {"cloudformation:ExecuteChangeSet", "ecs:DescribeServices"}
    assert [each for each in story.deployed if not deploy.grants(each) and each.action not in FREE] == []


def test_cloudformations_role_may_do_all_that_the_handlers_do(story: Story) -> None:
    services = {call.partition(":")[0] for call in story.handled}
    assert services >= {
        "iam",
        "ec2",
        "ecs",
        "ecr",
        "dynamodb",
        "elasticloadbalancing",
        "logs",
        "cloudwatch",
        "sns",
        "kms",
    }
    policies = story.roles["cloudformation"].policies
    statements = [
        statement for policy in policies for statement in policy["Statement"] if statement["Effect"] == "Allow"
    ]
    may = {action for statement in statements for action in statement["Action"]}
    assert sorted(story.handled - may) == []


AWS_ROOM = Path(__file__).parents[2] / "oaktree_cfn" / "aws"
SERVICES = {
    "acm": "acm",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "ecs": "ecs",
    "elbv2": "elasticloadbalancing",
    "logs": "logs",
    "secretsmanager": "secretsmanager",
    "sqs": "sqs",
    "ssm": "ssm",
}
"""Services that jobs ask, and their names in IAM."""
NOT_FOR_JOBS = {"secretsmanager:GetSecretValue", "ssm:GetParameters"}
"""What preflight would look into and does without: values."""


def questions() -> Iterator[str]:
    """The action of every operation of those services that stands in the code."""
    texts = [path.read_text(encoding="utf-8") for path in AWS_ROOM.glob("*.py") if path.stem != "cloudformation"]
    said = {word for text in texts for word in re.findall(r'"([a-z]+(?:_[a-z0-9]+)+)"', text)}
    session = botocore.session.get_session()
    for service, prefix in SERVICES.items():
        for operation in session.get_service_model(service).operation_names:
            if botocore.xform_name(operation) in said:
                yield f"{prefix}:{operation}"


def test_nothing_that_oaktree_may_ever_ask_is_forgotten(story: Story) -> None:
    """A rollout that fails, a preflight of another kind of template: what this environment's life did not come to."""
    asked = {*questions()}
    assert {"ecs:DescribeTasks", "logs:GetLogEvents", "acm:DescribeCertificate", "ecr:PutImage"} <= asked
    may = {
        action
        for name in ("deploy", "image")
        for policy in story.roles[name].policies
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    assert sorted(asked - may - NOT_FOR_JOBS) == []


# No more


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{'' if service in ('iam', 's3') else REGION}:{'' if service == 's3' else ACCOUNT}:{name}"


def test_a_change_set_is_made_with_cloudformations_role_and_templates_from_the_bucket_only(story: Story) -> None:
    ours = {
        "cloudformation__RoleArn": ROLE,
        "cloudformation__TemplateUrl": f"https://{BUCKET}.s3.{REGION}.amazonaws.com/a",
    }
    for name in ("plan", "deploy"):
        role = story.roles[name]
        make = "cloudformation:CreateChangeSet"
        assert role.may(make, f"{STACK}/1", **ours)
        assert not role.may(make, f"{STACK}-pipeline/1", **ours)
        assert not role.may(make, f"{STACK.replace('local', 'prod')}/1", **ours)
        assert not role.may(make, f"{STACK}/1", cloudformation__TemplateUrl=ours["cloudformation__TemplateUrl"])
        assert not role.may(
            make, f"{STACK}/1", **ours | {"cloudformation__RoleArn": ROLE.replace("cloudformation", "admin")}
        )
        elsewhere = f"https://mallory.s3.{REGION}.amazonaws.com/{BUCKET}.s3"
        assert not role.may(make, f"{STACK}/1", **ours | {"cloudformation__TemplateUrl": elsewhere})


def test_a_change_set_of_the_deployed_template_is_for_the_deploy_role(story: Story) -> None:
    as_role = {"cloudformation__RoleArn": ROLE}
    assert story.roles["deploy"].may("cloudformation:CreateChangeSet", f"{STACK}/1", **as_role)
    assert not story.roles["plan"].may("cloudformation:CreateChangeSet", f"{STACK}/1", **as_role)


def test_only_the_deploy_role_executes_and_nobody_deletes(story: Story) -> None:
    may = {name: role.may("cloudformation:ExecuteChangeSet", f"{STACK}/1") for name, role in story.roles.items()}
    assert may == {"plan": False, "deploy": True, "image": False, "cloudformation": False}
    for role in ("plan", "deploy", "image"):
        for action in ("CreateStack", "UpdateStack", "DeleteStack", "SetStackPolicy", "RollbackStack"):
            assert not story.roles[role].may(f"cloudformation:{action}", f"{STACK}/1"), action


def test_one_role_is_handed_over_and_to_one_service(story: Story) -> None:
    to_cloudformation = {"iam__PassedToService": "cloudformation.amazonaws.com"}
    for name in ("plan", "deploy"):
        role = story.roles[name]
        assert role.may("iam:PassRole", ROLE, **to_cloudformation)
        assert not role.may("iam:PassRole", ROLE, iam__PassedToService="lambda.amazonaws.com")
        assert not role.may("iam:PassRole", ROLE)
        assert not role.may("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", **to_cloudformation)
    assert not story.roles["image"].may("iam:PassRole", ROLE, **to_cloudformation)


def test_what_is_in_the_bucket_is_added_to_and_never_overwritten_or_deleted(story: Story) -> None:
    for name in ("plan", "deploy"):
        role, place = story.roles[name], f"arn:aws:s3:::{BUCKET}/0a1b.json"
        assert role.may("s3:PutObject", place, s3__if_none_match="*")
        assert not role.may("s3:PutObject", place)
        assert not role.may("s3:DeleteObject", place)
        assert not role.may("s3:DeleteObjectVersion", place)
        assert not role.may("s3:PutBucketPolicy", f"arn:aws:s3:::{BUCKET}")
        assert not role.may(
            "s3:PutObject", "arn:aws:s3:::oaktree-artifacts-210987654321-eu-west-1/a", s3__if_none_match="*"
        )


def test_images_are_pushed_to_one_repository_by_one_role(story: Story) -> None:
    own, other = arn("ecr", "repository/oaktree-local"), arn("ecr", "repository/oaktree-prod")
    image = story.roles["image"]
    for action in ("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage", "BatchGetImage"):
        assert image.may(f"ecr:{action}", own)
        assert not image.may(f"ecr:{action}", other)
    assert image.may("ecr:GetAuthorizationToken", "*")
    for action in ("DeleteRepository", "BatchDeleteImage", "PutImageTagMutability", "SetRepositoryPolicy"):
        assert not image.may(f"ecr:{action}", own), action
    assert not any(story.roles[name].may("ecr:PutImage", own) for name in ("plan", "deploy", "cloudformation"))


def test_jobs_read_no_secret_and_no_data(story: Story) -> None:
    for name in ("plan", "deploy", "image"):
        role = story.roles[name]
        assert not role.may("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:oaktree-local-1"))
        assert not role.may("dynamodb:GetItem", arn("dynamodb", "table/oaktree-local-users"))
        assert not role.may("ecs:ExecuteCommand", arn("ecs", "task/oaktree-local-cluster/1"))
        assert not role.may("sts:AssumeRole", ROLE)


def test_more_that_is_attached_to_a_jobs_role_gives_it_nothing(story: Story) -> None:
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for name in ("plan", "deploy", "image"):
        role = Role((everything,), story.roles[name].boundary)
        assert not role.may("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/mallory")
        assert not role.may("cloudformation:CreateStack", f"{STACK}/1")
        assert not role.may(
            "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", iam__PassedToService="cloudformation.amazonaws.com"
        )


# CloudFormation's role


MADE = [
    ("iam:CreateRole", arn("iam", "role/oaktree-local-task-role")),
    ("iam:PutRolePolicy", arn("iam", "role/oaktree-local-execution-role")),
    ("iam:CreatePolicy", arn("iam", "policy/oaktree-local-dynamodb-access")),
    ("dynamodb:CreateTable", arn("dynamodb", "table/oaktree-local-users")),
    ("ecs:CreateService", arn("ecs", "service/oaktree-local-cluster/oaktree-local-service")),
    ("ecs:RegisterTaskDefinition", arn("ecs", "task-definition/oaktree-local-task:7")),
    ("elasticloadbalancing:CreateLoadBalancer", arn("elasticloadbalancing", "loadbalancer/app/oaktree-local-alb/1")),
    ("ecr:CreateRepository", arn("ecr", "repository/oaktree-local")),
    ("logs:CreateLogGroup", arn("logs", "log-group:/ecs/oaktree-local")),
    ("cloudformation:UpdateStack", f"{STACK}-Network-ABCDEFGHIJKL/1"),
    ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/0a1b.json"),
]


@pytest.mark.parametrize(("action", "resource"), MADE)
def test_cloudformation_makes_what_is_the_environments_and_nothing_of_anothers(
    story: Story, action: str, resource: str
) -> None:
    role = story.roles["cloudformation"]
    assert role.may(action, resource)
    assert not role.may(action, resource.replace("oaktree-local", "another").replace("oaktree-artifacts", "others"))


PIPELINE = [
    *(arn("iam", f"role/oaktree-local-{name}-role") for name in ("plan", "deploy", "image", "cloudformation")),
    *(arn("iam", f"policy/oaktree-local-{name}-boundary") for name in ("jobs", "application")),
    arn("iam", "policy/oaktree-local-pipeline-Permissions1-ABC"),
    arn("iam", "oidc-provider/token.actions.githubusercontent.com"),
]
CHANGES = (
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
    "CreatePolicyVersion",
    "DeletePolicy",
    "UpdateOpenIDConnectProviderThumbprint",
)


@pytest.mark.parametrize("own", PIPELINE)
def test_cloudformation_cannot_change_who_may_deploy_whatever_it_is_given(story: Story, own: str) -> None:
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = Role((*story.roles["cloudformation"].policies, everything), None)
    assert role.may("iam:PutRolePolicy", arn("iam", "role/oaktree-local-task-role"))
    assert [change for change in CHANGES if role.may(f"iam:{change}", own)] == []


def test_cloudformation_cannot_touch_the_pipelines_stack(story: Story) -> None:
    (denied,) = (
        resource
        for policy in story.roles["cloudformation"].policies
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny" and statement["Action"] == ["cloudformation:*"]
        for resource in statement["Resource"]
    )
    assert denied.startswith(f"{STACK}-pipeline/")
    assert not story.roles["cloudformation"].may("cloudformation:DeleteStack", denied)


def test_no_role_may_do_everything_of_a_service(story: Story) -> None:
    for name, role in story.roles.items():
        for policy in role.policies:
            for statement in policy["Statement"]:
                wide = [action for action in statement["Action"] if "*" in action]
                assert statement["Effect"] == "Deny" or wide == [], (name, wide)
