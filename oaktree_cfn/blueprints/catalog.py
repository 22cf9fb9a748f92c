"""The catalog: a portfolio with the product in it, who may provision it, within which bounds, and with which permissions.

``oaktree catalog publish`` deploys it once for an environment and adds versions of the product to it. The template itself
holds the first version only, and keeps it: what is provisioned from it stays provisioned, whatever comes later.

Nothing here shares the portfolio with an account by its number: it is shared within the organization, which
CloudFormation has no resource for, so ``publish --share`` does it. The launch role is named, not pointed at: an account that
the portfolio is shared with brings a role of that name, deployed from this same template.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import Equals, GetAtt, If, Not, Parameter, Ref, Select, Split, Sub, Template, iam
from troposphere.servicecatalog import (
    CloudFormationProduct,
    Info,
    LaunchNotificationConstraint,
    LaunchRoleConstraint,
    LaunchTemplateConstraint,
    Portfolio,
    PortfolioPrincipalAssociation,
    PortfolioProductAssociation,
    ProvisioningArtifactProperties,
    TagOption,
    TagOptionAssociation,
)
from troposphere.sns import Topic

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints._catalogue import Blueprint
from oaktree_cfn.blueprints.product import Product
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.names import named
from oaktree_cfn.template.permissions import Naming, statements

_PREFIX = Ref("Prefix")
_IDS = {"PortfolioId": Ref("Portfolio"), "ProductId": Ref("Product")}
_IN_PORTFOLIO = "ProductInPortfolio"

PROVISIONED = Naming("SC-${AWS::AccountId}-pp-*")
"""How Service Catalog calls the stacks of what is provisioned (administrator guide, "Launch constraints")."""

_SMALL = ("256", "512", "1024", "2048", "4096")


def _offered() -> Mapping[str, Sequence[str]]:
    memories = sorted({mib for cpu in _SMALL for mib in MEMORY[cpu]})
    return {"Cpu": _SMALL, "Memory": tuple(str(mib) for mib in memories)}


@dataclass(frozen=True)
class Catalog:
    """Catalog: a Service Catalog portfolio with the web service, its launch role, its constraints and who may launch it.

    ``offered`` narrows parameters of the product to some of the values they could have; the platform is always this
    environment's.
    """

    product: Blueprint = field(default_factory=Product)
    offered: Mapping[str, Sequence[str]] = field(default_factory=_offered)

    def compose(self) -> Template:
        """The template. Raises InvalidInput for values that are offered and that the product does not take."""
        product = self.product.compose().to_dict()
        template = form.begin(self)
        _questions(template)
        template.add_condition("HasPrincipal", Not(Equals(Ref("PrincipalArn"), "")))
        template.add_condition("HasCostCenter", Not(Equals(Ref("CostCenter"), "")))
        template.add_condition("IsPattern", Equals(Select(4, Split(":", Sub("${PrincipalArn}:::::"))), ""))
        template.add_resource([_portfolio(), _product(), PortfolioProductAssociation(_IN_PORTFOLIO, **_IDS)])
        template.add_resource([_principal(), _launch_role(product), _launch(), _bounds(product, self.offered)])
        template.add_resource([_topic(), _notification(), *_tag_options()])
        _outputs(template)
        return template


# Questions


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    form.ask(template, "Portfolio", {"Provider": _provider(), "Who may launch": _who(), "Cost center": _cost_center()})
    version = {"Version": _version(), "Description": _version_description(), "Template": _template_url()}
    form.ask(template, "First version", version)


def _provider() -> Parameter:
    return form.text(
        "ProviderName",
        "Team that answers for the product; people see it in the catalog.",
        pattern=".{1,50}",
        constraint="1 to 50 characters",
        Default="Platform team",
    )


def _who() -> Parameter:
    return form.text(
        "PrincipalArn",
        "IAM role, user or group that may launch the product. Without an account number it is a pattern, such as "
        "arn:aws:iam:::role/team-*; empty for nobody yet.",
        pattern=r"(arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12})?:(role|user|group)/[\w+=,.@*?/-]{1,512})?",
        constraint="empty or the ARN of an IAM role, user or group",
        Default="",
    )


def _cost_center() -> Parameter:
    return form.text(
        "CostCenter",
        "Value of the tag cost-center of everything provisioned; empty for none.",
        pattern=r"([\w .:/=+@-]{1,256})?",
        constraint="empty, or up to 256 letters, digits, spaces and _ . : / = + - @",
        Default="",
    )


def _version() -> Parameter:
    return form.text(
        "VersionName",
        "Name of the version the catalog begins with; later ones are added beside it.",
        pattern=r"[\w.-]{1,100}",
        constraint="1 to 100 letters, digits, dots, hyphens and underscores",
    )


def _version_description() -> Parameter:
    return form.text(
        "VersionDescription",
        "What people read of that version.",
        pattern=r"[\s\S]{1,1024}",
        constraint="1 to 1024 characters",
    )


def _template_url() -> Parameter:
    return form.text(
        "TemplateUrl",
        "Address of its template, which must never change: its name is the hash of what is in it.",
        pattern=r"https://[a-z0-9.-]+/[\w/.-]+",
        constraint="an https address in S3",
        MaxLength=1024,
    )


# What is in the catalog


def _portfolio() -> Portfolio:
    return Portfolio(
        "Portfolio",
        DisplayName=named("{} web services", _PREFIX),
        Description=Sub("Web services that run on the platform ${Prefix}"),
        ProviderName=Ref("ProviderName"),
    )


def _product() -> CloudFormationProduct:
    first = ProvisioningArtifactProperties(
        Name=Ref("VersionName"),
        Description=Ref("VersionDescription"),
        Info=Info(LoadTemplateFromURL=Ref("TemplateUrl")),
    )
    return CloudFormationProduct(
        "Product",
        Name=named("{} web service", _PREFIX),
        Description="A container on Fargate behind the platform's load balancer, with a users table of its own",
        Owner=Ref("ProviderName"),
        ReplaceProvisioningArtifacts=False,
        ProvisioningArtifactParameters=[first],
    )


def _principal() -> PortfolioPrincipalAssociation:
    return PortfolioPrincipalAssociation(
        "Principal",
        Condition="HasPrincipal",
        PortfolioId=Ref("Portfolio"),
        PrincipalARN=Ref("PrincipalArn"),
        PrincipalType=If("IsPattern", "IAM_PATTERN", "IAM"),
    )


def _tag_options() -> list[Any]:
    """Tags with one value each: Service Catalog sets them on everything that is provisioned, without asking."""
    options = {
        "Platform": ("platform", _PREFIX, None),
        "CostCenter": ("cost-center", Ref("CostCenter"), "HasCostCenter"),
    }
    found: list[Any] = []
    for title, (key, value, condition) in options.items():
        more = {"Condition": condition} if condition else {}
        found.append(TagOption(f"{title}Option", Key=key, Value=value, **more))
        association = {"TagOptionId": Ref(f"{title}Option"), "ResourceId": Ref("Portfolio")}
        found.append(TagOptionAssociation(f"{title}Tag", **association, **more))
    return found


# How it is launched


def _launch_role(product: Mapping[str, Any]) -> iam.Role:
    """What Service Catalog launches with: it makes the stack, and CloudFormation everything in it, as this role."""
    trust = Statement(Effect=Allow, Principal=Principal("Service", "servicecatalog.amazonaws.com"), Action=[AssumeRole])
    policies = {"launch": [*_stacks(), _templates(), _tells()], "resources": statements(PROVISIONED, product)}
    return iam.Role(
        "LaunchRole",
        RoleName=named("{}-launch-role", _PREFIX),
        Description="Service Catalog launches web services with it",
        AssumeRolePolicyDocument=PolicyDocument(Version="2012-10-17", Statement=[trust]),
        Policies=[
            iam.Policy(PolicyName=name, PolicyDocument={"Version": "2012-10-17", "Statement": said})
            for name, said in policies.items()
        ],
    )


_ON_STACKS = (
    *("CreateStack", "DeleteStack", "UpdateStack", "SetStackPolicy"),
    *("DescribeStackEvents", "DescribeStackResources", "DescribeStacks", "GetTemplate"),
    *("CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "ListChangeSets"),
)


def _stacks() -> list[dict[str, Any]]:
    """What every launch needs (administrator guide, "Launch constraints"), and change sets for plans."""
    arn = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/" + PROVISIONED.stack
    return [
        _allow("Stacks", [f"cloudformation:{each}" for each in _ON_STACKS], Sub(arn)),
        _allow("Look", ["cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate"], "*"),
    ]


def _templates() -> dict[str, Any]:
    """Service Catalog's own copies of templates, which it marks. (The same guide.)"""
    marked = {"StringEquals": {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}}
    return _allow("Templates", ["s3:GetObject"], Sub("arn:${AWS::Partition}:s3:::*/*")) | {"Condition": marked}


def _tells() -> dict[str, Any]:
    return _allow("Tell", ["sns:Publish"], Ref("Topic"))


def _allow(sid: str, actions: list[str], resource: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": [resource]}


def _launch() -> LaunchRoleConstraint:
    said = "Launched with the catalog's own role"
    role = Ref("LaunchRole")
    return LaunchRoleConstraint("Launch", DependsOn=_IN_PORTFOLIO, Description=said, LocalRoleName=role, **_IDS)


def _bounds(product: Mapping[str, Any], offered: Mapping[str, Sequence[str]]) -> LaunchTemplateConstraint:
    """The values that may be chosen, besides the bounds that the product's own parameters have. The property holds the rules
    alone; the section around them, which the API wants, is CloudFormation's to add.
    """
    rules = {name: _one_of(name, _taken(product, name, values)) for name, values in offered.items()}
    rules["Platform"] = _one_of("Platform", ["${Prefix}"])
    return LaunchTemplateConstraint(
        "Bounds",
        DependsOn=_IN_PORTFOLIO,
        Description="What may be chosen on this platform",
        Rules=Sub(json.dumps(rules)),
        **_IDS,
    )


def _one_of(name: str, values: Sequence[str]) -> dict[str, Any]:
    shown = f"{', '.join(values[:-1])} or {values[-1]}" if len(values) > 1 else values[0]
    assertion = {"Fn::Contains": [list(values), {"Ref": name}]}
    return {"Assertions": [{"Assert": assertion, "AssertDescription": f"{name} must be {shown}"}]}


def _taken(product: Mapping[str, Any], name: str, values: Sequence[str]) -> Sequence[str]:
    """The values, which the product's parameter must take. Raises InvalidInput."""
    declared = product["Parameters"].get(name)
    if declared is None:
        raise InvalidInput(f"offered.{name}: the product has no parameter of that name", "Correct the name.")
    strange = [value for value in values if value not in declared.get("AllowedValues", values)]
    if strange or not values:
        raise InvalidInput(
            f"offered.{name}: the product does not take {', '.join(strange) or 'none'}", "Offer what it takes."
        )
    return values


def _topic() -> Topic:
    """Under AWS's own key: whoever publishes here does so as the launch role, which belongs to the account."""
    return Topic("Topic", TopicName=named("{}-catalog", _PREFIX), KmsMasterKeyId="alias/aws/sns")


def _notification() -> LaunchNotificationConstraint:
    said = "Events of what is provisioned are told to the catalog's topic"
    topics = [Ref("Topic")]
    return LaunchNotificationConstraint(
        "Notification", DependsOn=_IN_PORTFOLIO, Description=said, NotificationArns=topics, **_IDS
    )


def _outputs(template: Template) -> None:
    form.tell(template, "PortfolioId", "The portfolio.", Ref("Portfolio"))
    form.tell(template, "ProductId", "The product.", Ref("Product"))
    form.tell(template, "LaunchRoleArn", "The role that products are launched with.", GetAtt("LaunchRole", "Arn"))
    form.tell(template, "NotificationTopicArn", "Where events of what is provisioned are told.", Ref("Topic"))
