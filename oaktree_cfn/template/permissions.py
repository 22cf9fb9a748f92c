"""Which IAM permissions a deployment of a template needs: for the launch role of a product, or CloudFormation's role in a
pipeline. Derived offline, the same every time.

CloudFormation carries out a change with the permissions of the role it was given, and each resource type's schema says
which actions its handlers call. Of those we keep what the properties in use need (``ONLY_WITH``), add what no schema tells
(``BESIDES``), and limit each action to the ARNs of the template's own resources where IAM can. Both lists are short, and
reviewed; a type or property that is in neither keeps everything its schema says, so a new one never lacks a permission.

An update that takes an option away needs what the option needed: derive from both templates then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import iam, schemas
from oaktree_cfn.template.lookups import lookups
from oaktree_cfn.template.plain import listed

Template = Mapping[str, Any]
Statement = dict[str, Any]
"""One statement of a policy as CloudFormation takes it; resources are ``Fn::Sub``."""

NEVER = ""
"""Stands for a property that nobody uses."""

ONLY_WITH: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "RoleARN": ("iam:PassRole",),
        "ScheduledActions": ("application-autoscaling:PutScheduledAction", "application-autoscaling:DeleteScheduled*"),
        "ServiceNamespace=dynamodb": ("dynamodb:*",),
        "ServiceNamespace=ecs": ("ecs:*",),
        "ServiceNamespace=lambda": ("lambda:*",),
    },
    "AWS::ApplicationAutoScaling::ScalingPolicy": {"PredictiveScalingPolicyConfiguration": ("cloudwatch:Get*",)},
    "AWS::CloudFormation::Stack": {
        # These can be said to Cloud Control only: in a template the parent decides for its nested stacks.
        NEVER: ("iam:PassRole", "cloudformation:*StackPolicy", "cloudformation:UpdateTerminationProtection"),
    },
    "AWS::DynamoDB::Table": {
        "ContributorInsightsSpecification": ("dynamodb:UpdateContributorInsights",),
        "ImportSourceSpecification": ("dynamodb:DescribeImport", "dynamodb:ImportTable", "logs:*", "s3:*"),
        "KinesisStreamSpecification": ("kinesis:*", "dynamodb:[EDU]*KinesisStreamingDestination"),
        "PointInTimeRecoverySpecification": ("dynamodb:UpdateContinuousBackups",),
        "ResourcePolicy": ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
        "SSESpecification": ("kms:*",),
        "TimeToLiveSpecification": ("dynamodb:UpdateTimeToLive",),
        # Replicas are AWS::DynamoDB::GlobalTable's: items are copied to them with these.
        NEVER: ("dynamodb:*Replica", "dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan", "iam:*"),
    },
    "AWS::EC2::EIP": {
        "InstanceId": ("ec2:AssociateAddress", "ec2:DisassociateAddress"),
        "TransferAddress": ("ec2:AcceptAddressTransfer",),
    },
    "AWS::EC2::FlowLog": {
        "DeliverLogsPermissionArn": ("iam:PassRole",),
        # To S3 and Firehose, which a service of their own delivers to.
        "LogDestination": ("iam:CreateServiceLinkedRole", "logs:*", "s3:*"),
    },
    "AWS::EC2::NatGateway": {
        "AvailabilityZoneAddresses": ("ec2:*NatGatewayAddress",),
        "SecondaryAllocationIds": ("ec2:AssociateNatGatewayAddress", "ec2:DisassociateNatGatewayAddress"),
        "SecondaryPrivateIpAddressCount": ("ec2:*PrivateNatGatewayAddress",),
        "SecondaryPrivateIpAddresses": ("ec2:*PrivateNatGatewayAddress",),
    },
    "AWS::EC2::Subnet": {
        "Ipv6CidrBlock": ("ec2:*SubnetCidrBlock",),
        "Ipv6IpamPoolId": ("ec2:*SubnetCidrBlock",),
    },
    "AWS::EC2::VPC": {
        "InstanceTenancy": ("ec2:ModifyVpcTenancy",),
        "VpcEncryptionControl": ("ec2:CreateVpcEncryptionControl",),
    },
    "AWS::EC2::VPCEndpoint": {
        "PrivateDnsEnabled": ("route53:AssociateVPCWithHostedZone",),
        "ServiceNetworkArn": ("vpc-lattice:*",),
        "ServiceRegion": ("vpce:AllowMultiRegion",),
    },
    "AWS::EC2::VPCGatewayAttachment": {"VpnGatewayId": ("ec2:*VpnGateway*",)},
    "AWS::ECR::Repository": {
        "EncryptionConfiguration": ("kms:*",),
        "RepositoryPolicyText": ("ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"),
    },
    "AWS::ECS::Cluster": {
        "Configuration": ("kms:*",),
        NEVER: ("ecs:PutAccountSetting*",),  # what holds for the whole account is nothing for a cluster to change
    },
    "AWS::ECS::Service": {
        "Role": ("iam:PassRole",),
        "LoadBalancers.AdvancedConfiguration": ("iam:PassRole",),
        "DeploymentConfiguration.LifecycleHooks": ("iam:PassRole",),
        "ServiceConnectConfiguration": ("iam:PassRole",),
        "VolumeConfigurations": ("iam:PassRole",),
        "VpcLatticeConfigurations": ("iam:PassRole",),
    },
    "AWS::ECS::TaskDefinition": {"ExecutionRoleArn": ("iam:*",), "TaskRoleArn": ("iam:*",)},
    "AWS::ElasticLoadBalancingV2::Listener": {"DefaultActions.AuthenticateCognitoConfig": ("cognito-idp:*",)},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "Ipv4IpamPoolId": ("elasticloadbalancing:ModifyIpPools", "ec2:DescribeIpamPools"),
        "MinimumLoadBalancerCapacity": ("elasticloadbalancing:ModifyCapacityReservation",),
    },
    "AWS::ElasticLoadBalancingV2::ListenerRule": {"Actions.AuthenticateCognitoConfig": ("cognito-idp:*",)},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "Targets": ("elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"),
    },
    "AWS::IAM::ManagedPolicy": {
        "Groups": ("iam:*GroupPolicy",),
        "Roles": ("iam:*RolePolicy",),
        "Users": ("iam:*UserPolicy",),
    },
    "AWS::IAM::Policy": {
        "Groups": ("iam:*GroupPolicy",),
        "Roles": ("iam:*RolePolicy",),
        "Users": ("iam:*UserPolicy",),
    },
    "AWS::IAM::Role": {
        "ManagedPolicyArns": ("iam:AttachRolePolicy",),
        "PermissionsBoundary": ("iam:*RolePermissionsBoundary",),
        "Policies": ("iam:PutRolePolicy",),
    },
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": ("logs:PutBearerTokenAuthentication",),
        "DataProtectionPolicy": ("logs:PutDataProtectionPolicy", "logs:CreateLogDelivery", "firehose:*"),
        "DeletionProtectionEnabled": ("logs:PutLogGroupDeletionProtection",),
        "FieldIndexPolicies": ("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
        "KmsKeyId": ("logs:AssociateKmsKey", "logs:DisassociateKmsKey"),
        "ResourcePolicyDocument": ("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    },
    "AWS::S3::Bucket": {
        "AbacStatus": ("s3:PutBucketAbac", "s3:TagResource", "s3:UntagResource"),
        "AccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
        "AccessControl": ("s3:Put*Acl",),
        "AnalyticsConfigurations": ("s3:PutAnalyticsConfiguration",),
        "CorsConfiguration": ("s3:PutBucketCORS",),
        "IntelligentTieringConfigurations": ("s3:PutIntelligentTieringConfiguration",),
        "InventoryConfigurations": ("s3:PutInventoryConfiguration",),
        "LifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
        "LoggingConfiguration": ("s3:PutBucketLogging",),
        "MetadataConfiguration": ("s3:*MetadataTableConfiguration", "s3:Update*", "s3tables:*"),
        "MetadataTableConfiguration": ("s3:*MetadataTableConfiguration", "s3tables:*"),
        "MetricsConfigurations": ("s3:PutMetricsConfiguration",),
        "NotificationConfiguration": ("s3:PutBucketNotification",),
        "ObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
        "ObjectLockEnabled": ("s3:PutBucketObjectLockConfiguration",),
        "ReplicationConfiguration": ("s3:PutReplicationConfiguration", "iam:PassRole"),
        "WebsiteConfiguration": ("s3:*BucketWebsite",),
        NEVER: ("s3:DeleteObject",),  # a bucket that holds something is not deleted
    },
    "AWS::SNS::Subscription": {"SubscriptionRoleArn": ("iam:*",)},
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": ("sns:PutDataProtectionPolicy",),
        "DeliveryStatusLogging": ("iam:*",),
        "Subscription": ("sns:Subscribe", "sns:Unsubscribe"),
    },
    "AWS::WAFv2::WebACLAssociation": {
        # Those are for what else a web ACL can guard. What guards none of them needs its own rights added here.
        NEVER: (
            "amplify:*",
            "apigateway:*",
            "apprunner:*",
            "appsync:*",
            "bedrock-agentcore:*",
            "cognito-idp:*",
            "ec2:*",
        ),
    },
}
"""Type -> property (``Name``, ``Name.Part`` or ``Name=value``) -> the actions that only its use needs.

From the services' API references: what each call does. An action that several properties need is kept for any of them.
"""

_ALARMS = ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm")

_NETWORK = ("AccountAttributes", "InternetGateways", "SecurityGroups", "Subnets", "Vpcs")

BESIDES: Mapping[str, tuple[str, ...]] = {
    # CloudFormation user guide: nested change sets, and what an update of a nested stack needs to be taken back.
    "AWS::CloudFormation::Stack": tuple(
        f"cloudformation:{name}"
        for name in ("CancelUpdateStack", *(f"{verb}ChangeSet" for verb in ("Create", "Delete", "Describe", "Execute")))
    ),
    # Service Authorization Reference, dependent actions of ec2:CreateVpcEndpoint.
    "AWS::EC2::VPCEndpoint": ("route53:AssociateVPCWithHostedZone",),
    # Elastic Load Balancing user guide, "API permissions": it looks at the network as the caller, and has a linked role.
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        *(f"ec2:Describe{name}" for name in _NETWORK),
        "iam:CreateServiceLinkedRole",
    ),
    # Application Auto Scaling user guide, "Identity-based policy examples", permissions for ECS services, tables and alarms.
    "AWS::ApplicationAutoScaling::ScalableTarget": (
        *("ecs:DescribeServices", "ecs:UpdateService"),
        *("dynamodb:DescribeTable", "dynamodb:UpdateTable"),
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": _ALARMS,
}
"""Type -> the actions that its deployment needs and its schema does not name."""

LINKED_ROLES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ServiceNamespace", "{}.application-autoscaling.amazonaws.com"),
}
"""Type -> the property that decides which service's linked role its first use in an account makes, and that service."""

NAMES = {"AWS::ECS::TaskDefinition": "Family"}
"""Types whose name has another word than the type."""

KINDS = {"eip": "elasticip", "flowlog": "vpcflowlog", "managedpolicy": "policy", "policy": ""}
"""How IAM's data calls a kind of resource that has another word in its type."""

GENERATED = ("AWS::CloudFormation::Stack",)
"""Types whose names CloudFormation always makes itself: their schemas have no property for one."""

PLACES = {
    "cloudformation:stack": "{}/*",
    "ecs:service": "*/{}",
    "ecs:task-definition": "{}:*",
    "elasticloadbalancing:loadbalancer": "*/{}/*",
    "elasticloadbalancing:targetgroup": "{}/*",
    "logs:log-group": "{}*",
    "scheduler:schedule": "*/{}",
    "secretsmanager:secret": "{}-*",
    "wafv2:webacl": "{}/*",
}
"""How a name stands in an ARN, where it does not end it. (Service Authorization Reference, "Resource types")"""

SAID = {"kms:alias": "alias/", "ssm:parameter": "/"}
"""What names begin with and their ARN says by itself."""

_EVERY_KIND = ("ec2", "kms")
"""Services that want a permission on every kind of resource that takes part."""

BY_ID = ("AWS::Route53::HostedZone",)
"""Types whose ARNs hold an id that AWS makes, though they have a name."""

UNLIKE = ("AWS::SecretsManager::Secret", "AWS::SSM::Parameter")
"""Types whose generated names do not begin with the stack's."""

SHORT = ("AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::LoadBalancer")
"""Types whose generated names hold only the first characters of the stack's: theirs may have 32."""

SCALING_ALARMS = "TargetTracking-*"
"""How Application Auto Scaling calls the alarms of a scaling policy."""

_SORTS = re.compile("/((app|gwy|net)/?)$")
"""Elastic Load Balancing's three sorts of a kind, of which a type does not say one."""

_PASS, _LINK = "iam:PassRole", "iam:CreateServiceLinkedRole"
_MARK = re.compile(r"\$\{(!?)([^{}]*)\}")


@dataclass(frozen=True)
class Naming:
    """How the deployed resources will be called, in the language of ``Fn::Sub``, with ``*`` for what is not known.

    ``stack`` is the stack's name; ``values`` are parameters (``{"Prefix": "oaktree-dev"}``).
    """

    stack: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """What even the shortest generated name begins with."""
        return self.stack.partition("$")[0].partition("*")[0][:5] + "*"

    def pattern(self, value: Any) -> str:
        """The text that a name may be."""
        match value:
            case str():
                return value
            case {"Ref": "AWS::StackName"}:
                return self.stack
            case {"Ref": str() as name}:
                return self._ref(name)
            case {"Fn::Sub": str() as text}:
                return _once(_MARK.sub(lambda found: self._ref(found[2]), text))
            case {"Fn::If": [_, one, other]}:
                patterns = {self.pattern(one), self.pattern(other)}
                return patterns.pop() if len(patterns) == 1 else "*"
        return "*"

    def _ref(self, name: str) -> str:
        if name == "AWS::StackName":
            return self.stack
        return f"${{{name}}}" if name in _PSEUDO else self.values.get(name, "*")


_PSEUDO = ("AWS::AccountId", "AWS::Partition", "AWS::Region")


def _once(pattern: str) -> str:
    return re.sub(r"\*+", "*", pattern)


def statements(naming: Naming, *templates: Template) -> list[Statement]:
    """The statements of a policy that lets CloudFormation deploy, change and delete these templates.

    Raises InvalidInput for a type whose schema does not say what its deployment needs.
    """
    return merged(
        (need.action, {"Resource": [_sub(resource) for resource in need.resources], **need.condition})
        for template in templates
        for need in _needs(template, naming)
    )


def merged(needs: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Statement]:
    """Statements of actions, each with its resources and condition: one for the actions of a service that share them."""
    found: dict[tuple[str, str], tuple[Any, set[str]]] = {}
    for action, rest in needs:
        service = action.partition(":")[0]
        found.setdefault((service, json.dumps(rest)), (rest, set()))[1].add(action)
    return list(_written(found))


def everything(action: str) -> list[Any]:
    """All that an action can be about in this account and region."""
    service = action.partition(":")[0]
    arns = dict.fromkeys(_once(f"{iam.arn(service, kind)}*") for kind in iam.kinds(action) or ())
    return [_sub(arn) for arn in arns] or ["*"]


@dataclass(frozen=True)
class _Need:
    action: str
    resources: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)


def _sub(resource: str) -> Any:
    return {"Fn::Sub": resource} if "${" in resource else resource


def _written(found: Mapping[tuple[str, str], tuple[Any, set[str]]]) -> Iterator[Statement]:
    numbers: dict[str, int] = {}
    for (service, _), (rest, actions) in sorted(found.items()):
        name = "".join(word.capitalize() for word in service.split("-"))
        numbers[name] = numbers.get(name, 0) + 1
        sid = name if numbers[name] == 1 else f"{name}{numbers[name]}"
        yield {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), **rest}


# Actions


def actions(type_: str, properties: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The actions that resources of a type need, with at least one of these properties in use.

    Raises InvalidInput for a type whose schema does not say what its deployment needs.
    """
    told = {*_handled(type_), *BESIDES.get(type_, ())}
    used = [*properties]
    return frozenset(action for action in told if iam.kinds(action) is not None and _used(type_, action, used))


def _handled(type_: str) -> Iterator[str]:
    """What the handlers call to make, read, change and remove a resource, and to tag it."""
    schema = schemas.raw(type_)
    if schema is None or not schema.get("handlers"):
        if type_ in BESIDES:
            return
        raise InvalidInput(
            f"{type_}: no schema says which permissions its deployment needs",
            "Add them to BESIDES in oaktree_cfn/template/permissions.py, from the service's API reference.",
        )
    for name, handler in schema["handlers"].items():
        if name != "list":
            yield from handler.get("permissions", ())
    yield from (schema.get("tagging") or {}).get("permissions", ())


def _used(type_: str, action: str, resources: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any property that the action is for is in use; an action that is for none always is."""
    needed = [
        name
        for name, patterns in ONLY_WITH.get(type_, {}).items()
        if any(fnmatchcase(action, each) for each in patterns)
    ]
    return not needed or any(_in_use(properties, name) for properties in resources for name in needed)


def _in_use(properties: Mapping[str, Any], name: str) -> bool:
    path, _, value = name.partition("=")
    found = list(_at(properties, path.split("."))) if path else []
    return value in found if value else bool(found)


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """What stands at a path, in lists and in the branches of ``Fn::If`` too."""
    if isinstance(value, Mapping) and "Fn::If" in value:
        value = value["Fn::If"][1:]
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        if value != {"Ref": "AWS::NoValue"}:
            yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


# Resources


def _needs(template: Template, naming: Naming) -> Iterator[_Need]:
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for resource in template["Resources"].values():
        by_type.setdefault(resource["Type"], []).append(resource.get("Properties", {}))
    owned = {_kind(type_): _arns(type_, found, naming) for type_, found in by_type.items()}
    for type_, properties in by_type.items():
        for action in sorted(actions(type_, properties)):
            if action == _PASS:
                yield _pass(type_, by_type, naming)
            elif action == _LINK:
                yield _link(type_, properties)
            else:
                yield _Need(action, _limits(action, type_, owned))
    yield from (_Need(action, (resource,)) for action, resource in lookups(template))


def _limits(action: str, type_: str, owned: Mapping[tuple[str, str], tuple[str, ...]]) -> tuple[str, ...]:
    """The ARNs an action is limited to: those of the template's own resources where it is about such, else all of a kind.

    Tagging is about the type itself.
    """
    service = action.partition(":")[0]
    possible = iam.kinds(action) or ()
    named = {kind: owned[key] for kind in possible if (key := (service, _plain(kind))) in owned}
    own = {kind: arns for kind, arns in named.items() if (service, _plain(kind)) == _kind(type_)}
    if own and (service not in _EVERY_KIND or "Tag" in action):
        named, possible = own, tuple(own)
    elif named and service not in _EVERY_KIND:
        possible = tuple(named)
    if service == "cloudwatch" and type_.startswith("AWS::ApplicationAutoScaling::"):
        named, possible = {"alarm": (f"{iam.arn('cloudwatch', 'alarm')}{SCALING_ALARMS}",)}, ("alarm",)
    found = [arn for kind in possible for arn in named.get(kind, (_once(f"{iam.arn(service, kind)}*"),))]
    return tuple(sorted(set(found))) or ("*",)


def _kind(type_: str) -> tuple[str, str]:
    """The type as IAM's data calls it: service, and kind of resource without punctuation."""
    schema = schemas.raw(type_) or {}
    handlers: Iterable[str] = schema.get("handlers", {}).get("create", {}).get("permissions", ())
    last = type_.rpartition("::")[2].lower()
    services = [action.partition(":")[0] for action in handlers]
    service = next((each for each in services if each not in ("iam", "ec2")), services[0] if services else "")
    if type_.startswith(("AWS::IAM::", "AWS::EC2::")):
        service = type_.split("::")[1].lower()
    return service, KINDS.get(last, last)


def _plain(kind: str) -> str:
    return re.sub("[^a-z]", "", _SORTS.sub("", kind.lower()))


def _arns(type_: str, resources: Iterable[Mapping[str, Any]], naming: Naming) -> tuple[str, ...]:
    """The ARNs of the template's resources of a type."""
    service, plain = _kind(type_)
    kind = next((each for each in iam.kinds_of(service) if _plain(each) == plain), None)
    if kind is None:
        return ()
    place = PLACES.get(f"{service}:{_SORTS.sub('', kind)}", "{}")
    said = SAID.get(f"{service}:{kind}", "")
    names = {_name(type_, properties, naming).removeprefix(said) for properties in resources}
    begin = iam.arn(service, kind)
    begin = begin.removesuffix(found[1]) if (found := _SORTS.search(begin)) else begin
    return tuple(sorted(_once(begin + place.format(name)) for name in names))


def _name(type_: str, properties: Mapping[str, Any], naming: Naming) -> str:
    """The name of one resource: its own, one that CloudFormation makes, or an id that only AWS knows."""
    if type_ in GENERATED:
        return _once(f"{naming.stack}*")
    last = type_.rpartition("::")[2]
    schema = schemas.of(type_)
    told = frozenset(pointer[0] for pointer in schema.read_only) if schema is not None else frozenset()
    known = schema.properties - told if schema is not None else frozenset()
    word = next((name for name in (NAMES.get(type_, ""), f"{last}Name", "Name") if name in known), None)
    if word is None or type_ in BY_ID:
        return "*"
    if word in properties:
        return naming.pattern(properties[word])
    if type_ in UNLIKE:
        return "*"
    return naming.short if type_ in SHORT else _once(f"{naming.stack}*")


# Roles


def _pass(type_: str, by_type: Mapping[str, list[Mapping[str, Any]]], naming: Naming) -> _Need:
    """Handing roles on: the template's own, to the services that may take them."""
    roles = by_type.get("AWS::IAM::Role", [])
    services = sorted({name for role in roles for name in _trusted(role)}) or [_principal(type_)]
    arns = _arns("AWS::IAM::Role", roles, naming) or (f"{iam.arn('iam', 'role')}*",)
    return _Need(_PASS, arns, {"Condition": {"StringEquals": {"iam:PassedToService": services}}})


def _principal(type_: str) -> str:
    return f"{_kind(type_)[0]}.amazonaws.com"


def _trusted(role: Mapping[str, Any]) -> Iterator[str]:
    document = role.get("AssumeRolePolicyDocument", {})
    for statement in listed(document.get("Statement", [])):
        principal = statement.get("Principal", {})
        if isinstance(principal, Mapping):
            yield from (name for name in listed(principal.get("Service", [])) if isinstance(name, str))


def _link(type_: str, resources: Iterable[Mapping[str, Any]]) -> _Need:
    """Making the linked roles of services, on their first use in an account."""
    property_, service = LINKED_ROLES.get(type_, ("", _principal(type_)))
    values = (each.get(property_) for each in resources)
    services = sorted({service.format(value if isinstance(value, str) else "*") for value in values})
    arns = tuple(f"{iam.arn('iam', 'role')}aws-service-role/{each}/*" for each in services)
    named = services[0] if len(services) == 1 else services
    return _Need(_LINK, arns, {"Condition": {"StringEquals": {"iam:AWSServiceName": named}}})
