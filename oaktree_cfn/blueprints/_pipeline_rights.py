"""What each role of the pipeline may do, as statements; ``pipeline.py`` gives them to the roles.

Which condition keys an action really has is the Service Authorization Reference's to say: ``cloudformation:RoleArn`` and
``cloudformation:TemplateUrl`` go with CreateChangeSet only, ``iam:PassedToService`` with PassRole, ``iam:PermissionsBoundary`` with
what gives a role its rights, ``s3:if-none-match`` with PutObject. ``cloudformation:ChangeSetName`` is not used: change sets are told
by ARN once they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from troposphere import GetAtt, Ref, Sub

Statement = dict[str, Any]

_ACCOUNT = "${AWS::Region}:${AWS::AccountId}"
_BUCKET = "arn:${AWS::Partition}:s3:::${ArtifactBucket}"

ROOT = f"arn:${{AWS::Partition}}:cloudformation:{_ACCOUNT}:stack/${{Prefix}}/*"
"""The environment's root stack, on which alone change sets are made and executed."""
NESTED = f"arn:${{AWS::Partition}}:cloudformation:{_ACCOUNT}:stack/${{Prefix}}-*/*"
"""The stacks nested in it, and those beside it."""

_SEE_STACKS = (
    *("DescribeChangeSet", "DescribeChangeSetHooks", "DescribeStackEvents", "DescribeStacks"),
    *("GetTemplate", "ListChangeSets", "ListStackResources"),
)
_PUSH = (
    *("BatchCheckLayerAvailability", "CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"),
    *("BatchGetImage", "DescribeImageScanFindings", "DescribeImages", "GetDownloadUrlForLayer", "ListImages"),
)
_SEE_IMAGES = ("BatchGetImage", "DescribeImages", "DescribeRepositories", "GetDownloadUrlForLayer", "ListImages")
_SEE_NETWORK = ("NatGateways", "NetworkInterfaces", "RouteTables", "SecurityGroups", "Subnets", "VpcEndpoints", "Vpcs")
_SEE_BALANCERS = ("Listeners", "LoadBalancers", "Rules", "TargetGroups", "TargetHealth")
_SEE_TASKS = {
    "service": ("DescribeServices", "ListServiceDeployments"),
    "service-deployment": ("DescribeServiceDeployments",),
    "service-revision": ("DescribeServiceRevisions",),
    "task": ("DescribeTasks",),
}
_GIVES_RIGHTS = ("AttachRolePolicy", "CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy")


def allow(sid: str, service: str, actions: Iterable[str], *resources: Any, **condition: Any) -> Statement:
    """A statement that allows actions of one service. ``condition`` is operator -> key -> value."""
    return _statement("Allow", sid, [f"{service}:{action}" for action in sorted(actions)], resources, condition)


def _statement(effect: str, sid: str, actions: list[str], resources: Sequence[Any], condition: Any) -> Statement:
    where = [Sub(each) if isinstance(each, str) and "${" in each else each for each in resources]
    more = {"Condition": condition} if condition else {}
    return {"Sid": sid, "Effect": effect, "Action": actions, "Resource": where, **more}


def document(statements: Iterable[Statement]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": [*statements]}


# What a review and a deploy both need


def look(repository: Any) -> list[Statement]:
    """Reading: the stacks, what stands in them, and what a deploy would run into."""
    change_sets = f"arn:${{AWS::Partition}}:cloudformation:{_ACCOUNT}:changeSet/*"
    return [
        allow("SeeStacks", "cloudformation", _SEE_STACKS, ROOT, NESTED),
        allow("SeeReasons", "cloudformation", ["DescribeEvents"], ROOT, NESTED, change_sets),
        allow("SeeExports", "cloudformation", ["ListExports", "ListImports"], "*"),
        allow("SeeNetwork", "ec2", [f"Describe{name}" for name in _SEE_NETWORK], "*"),
        allow("SeeBalancers", "elasticloadbalancing", [f"Describe{name}" for name in _SEE_BALANCERS], "*"),
        allow("SeeTables", "dynamodb", ["DescribeTable"], _named("dynamodb", "table/${Prefix}-*")),
        allow("SeeQueues", "sqs", ["GetQueueAttributes"], _named("sqs", "${Prefix}-*")),
        allow("SeeLogGroups", "logs", ["DescribeLogGroups"], "*"),
        allow("SeeImages", "ecr", _SEE_IMAGES, repository),
        allow("SeeCertificates", "acm", ["DescribeCertificate"], _named("acm", "certificate/*")),
        allow("SeeThatSecretsExist", "secretsmanager", ["DescribeSecret"], _named("secretsmanager", "secret:*")),
        allow("SeeThatParametersExist", "ssm", ["DescribeParameters"], "*"),
    ]


def _named(service: str, name: str) -> str:
    return f"arn:${{AWS::Partition}}:{service}:{_ACCOUNT}:{name}"


def artifacts() -> list[Statement]:
    """Reading and adding templates, never putting another in the place of one that is there."""
    return [
        allow(
            "FindObjects", "s3", ["GetBucketTagging", "ListBucket"], _BUCKET, "arn:${AWS::Partition}:s3:::${Prefix}-*"
        ),
        allow("ReadArtifacts", "s3", ["GetObject"], f"{_BUCKET}/*"),
        allow("AddArtifacts", "s3", ["PutObject"], f"{_BUCKET}/*", Null={"s3:if-none-match": "false"}),
    ]


def hand_over() -> Statement:
    """Having CloudFormation work as its own role, and no other service as that."""
    to = {"iam:PassedToService": "cloudformation.amazonaws.com"}
    return allow("HandOver", "iam", ["PassRole"], GetAtt("CloudFormationRole", "Arn"), StringEquals=to)


# Planning


def plan() -> list[Statement]:
    """Making a change set of templates in the artifact bucket, which only CloudFormation's role could carry out."""
    return [
        allow(
            "Plan",
            "cloudformation",
            ["CreateChangeSet"],
            ROOT,
            ArnEquals={"cloudformation:RoleArn": GetAtt("CloudFormationRole", "Arn")},
            StringLike={"cloudformation:TemplateUrl": _templates()},
        ),
        allow("TakeBack", "cloudformation", ["DeleteChangeSet"], ROOT),
        hand_over(),
    ]


def _templates() -> Sub:
    return Sub("https://${ArtifactBucket}.s3.${AWS::Region}.${AWS::URLSuffix}/*")


# Deploying


def deploy() -> list[Statement]:
    """Making change sets, of the deployed template too (a new image changes nothing else), executing them, and seeing how it went."""
    return [
        allow(
            "Plan",
            "cloudformation",
            ["CreateChangeSet"],
            ROOT,
            ArnEquals={"cloudformation:RoleArn": GetAtt("CloudFormationRole", "Arn")},
            StringLikeIfExists={"cloudformation:TemplateUrl": _templates()},
        ),
        allow("Deploy", "cloudformation", ["DeleteChangeSet", "ExecuteChangeSet", "UpdateTerminationProtection"], ROOT),
        hand_over(),
        *_watch(),
    ]


def _watch() -> list[Statement]:
    """How the rollout goes, and why tasks stop."""
    seen = [
        allow(_sid(kind), "ecs", names, _named("ecs", f"{kind}/${{Prefix}}-*")) for kind, names in _SEE_TASKS.items()
    ]
    return [
        *seen,
        allow("SeeTaskDefinitions", "ecs", ["DescribeTaskDefinition", "ListTaskDefinitions"], "*"),
        allow(
            "FindTasks", "ecs", ["ListTasks"], "*", ArnLike={"ecs:cluster": Sub(_named("ecs", "cluster/${Prefix}-*"))}
        ),
        allow("ReadLogs", "logs", ["GetLogEvents"], _named("logs", "log-group:/ecs/${Prefix}*")),
    ]


def _sid(kind: str) -> str:
    return "See" + "".join(word.capitalize() for word in kind.split("-")) + "s"


# Pushing images


def push(repository: Any) -> list[Statement]:
    """Pushing images to one repository, and what docker asks before it does."""
    return [allow("LogIn", "ecr", ["GetAuthorizationToken"], "*"), allow("Push", "ecr", _PUSH, repository)]


def together(repository: Any) -> list[Statement]:
    """What jobs may do with one role or another. What may be done with images is said once: a policy may have so many characters."""
    every = [*look(repository), *artifacts(), *deploy(), *push(repository)]
    others = [each for each in every if each["Sid"] not in ("SeeImages", "Push")]
    return [*others, allow("Images", "ecr", {*_SEE_IMAGES, *_PUSH}, repository)]


# CloudFormation


def read_templates() -> Statement:
    """What is in the artifact bucket: CloudFormation reads nested templates as its role."""
    return allow("ReadArtifacts", "s3", ["GetObject"], f"{_BUCKET}/*")


def never(own: Iterable[str]) -> list[Statement]:
    """What CloudFormation must not do whatever else its role is given: change who may deploy."""
    pipeline = [f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{each}" for each in own]
    return [
        _statement("Deny", "NotThePipeline", ["iam:*"], pipeline, {}),
        _statement("Deny", "NotThePipelinesStack", ["cloudformation:*"], [Ref("AWS::StackId")], {}),
    ]


def only_bounded(boundary: Any) -> list[Statement]:
    """Rights go to roles only that have the boundary, and it stays on them."""
    without: Mapping[str, Any] = {"StringNotEquals": {"iam:PermissionsBoundary": boundary}}
    return [
        _statement("Deny", "NoRightsBeyondTheBoundary", [f"iam:{each}" for each in _GIVES_RIGHTS], ["*"], without),
        _statement("Deny", "TheBoundaryStays", ["iam:DeleteRolePermissionsBoundary"], ["*"], {}),
    ]
