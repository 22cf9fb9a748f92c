"""Samples of portfolios, products and what belongs to them."""

from __future__ import annotations

import json
from typing import Any

from .ground import ACCOUNT, REGION, Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life

BUCKET = "catalog-samples"


def template_of(ground: Ground) -> str:
    """The address of a small template."""
    s3 = ground.client("s3")
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    body = {
        "Parameters": {"Size": {"Type": "String", "Default": "S"}},
        "Resources": {"It": {"Type": "AWS::SNS::Topic"}},
    }
    s3.put_object(Bucket=BUCKET, Key="1.json", Body=json.dumps(body).encode())
    return f"https://{BUCKET}.s3.{REGION}.amazonaws.com/1.json"


def version(ground: Ground, name: str) -> dict[str, Any]:
    return {"Name": name, "Description": f"the {name}", "Info": {"LoadTemplateFromURL": template_of(ground)}}


def portfolio_of(ground: Ground) -> str:
    made = ground.make("AWS::ServiceCatalog::Portfolio", DisplayName="Services", ProviderName="Platform team")
    return made.physical_id


def product_of(ground: Ground) -> str:
    versions = [version(ground, "v1")]
    kind = "AWS::ServiceCatalog::CloudFormationProduct"
    return ground.make(kind, Name="Service", Owner="us", ProvisioningArtifactParameters=versions).physical_id


def pair_of(ground: Ground) -> dict[str, str]:
    """A product in a portfolio."""
    ids = {"PortfolioId": portfolio_of(ground), "ProductId": product_of(ground)}
    ground.make("AWS::ServiceCatalog::PortfolioProductAssociation", **ids)
    return ids


def portfolio(ground: Ground) -> Life:
    return life(
        {"DisplayName": "Services", "ProviderName": "Platform team", "Description": "Web services", "Tags": TAGS},
        {"DisplayName": "Web services", "Description": None, "Tags": OTHER_TAGS},
    )


def product(ground: Ground) -> Life:
    return life(
        {
            "Name": "Service",
            "Owner": "Platform team",
            "Description": "A web service",
            "Distributor": "OakTree",
            "SupportDescription": "Ask us",
            "SupportEmail": "us@oaktree.example",
            "SupportUrl": "https://oaktree.example",
            "ReplaceProvisioningArtifacts": False,
            "ProvisioningArtifactParameters": [version(ground, "v1"), version(ground, "v2")],
            "Tags": TAGS,
        },
        {"Name": "Web service", "Description": None, "SupportUrl": None, "Tags": OTHER_TAGS},
    )


def in_portfolio(ground: Ground) -> Life:
    return life({"PortfolioId": portfolio_of(ground), "ProductId": product_of(ground)})


def principal(ground: Ground) -> Life:
    arn = f"arn:aws:iam::{ACCOUNT}:role/team"
    return life({"PortfolioId": portfolio_of(ground), "PrincipalARN": arn, "PrincipalType": "IAM"})


def tag_option(ground: Ground) -> Life:
    number = str(ground.number())
    return life({"Key": "team", "Value": number, "Active": True}, {"Active": False})


def tag_of_portfolio(ground: Ground) -> Life:
    option = ground.make("AWS::ServiceCatalog::TagOption", Key="team", Value=f"oak-{ground.number()}").physical_id
    return life({"ResourceId": portfolio_of(ground), "TagOptionId": option})


def launch_role(ground: Ground) -> Life:
    arn = f"arn:aws:iam::{ACCOUNT}:role/launch"
    first = {**pair_of(ground), "RoleArn": arn, "Description": "with our role"}
    return life(first, {"RoleArn": None, "LocalRoleName": "launch", "Description": None})


def rules(ground: Ground) -> Life:
    def said(size: str) -> str:
        assertion = {"Fn::Contains": [[size], {"Ref": "Size"}]}
        return json.dumps({"Size": {"Assertions": [{"Assert": assertion, "AssertDescription": "no"}]}})

    return life({**pair_of(ground), "Rules": said("S"), "Description": "small"}, {"Rules": said("M")})


def notification(ground: Ground) -> Life:
    one, other = (f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}" for name in ("one", "other"))
    first = {**pair_of(ground), "NotificationArns": [one], "Description": "tell us"}
    return life(first, {"NotificationArns": [one, other]})


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::ServiceCatalog::CloudFormationProduct", product),
    ("AWS::ServiceCatalog::LaunchNotificationConstraint", notification),
    ("AWS::ServiceCatalog::LaunchRoleConstraint", launch_role),
    ("AWS::ServiceCatalog::LaunchTemplateConstraint", rules),
    ("AWS::ServiceCatalog::Portfolio", portfolio),
    ("AWS::ServiceCatalog::PortfolioPrincipalAssociation", principal),
    ("AWS::ServiceCatalog::PortfolioProductAssociation", in_portfolio),
    ("AWS::ServiceCatalog::TagOption", tag_option),
    ("AWS::ServiceCatalog::TagOptionAssociation", tag_of_portfolio),
]
