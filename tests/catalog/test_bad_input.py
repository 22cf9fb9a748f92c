"""What is wrong is told before anything is launched."""

from __future__ import annotations

import json

import pytest

from tests.catalog.ground import Ground
from tests.catalog.test_life import FORM, catalog, said

GOOD = FORM | {"Path": "/orders/*", "Priority": "10"}


def test_there_is_nothing_to_provision_before_anything_is_published(platform: Ground) -> None:
    assert "local has no catalog yet" in catalog(platform, "provision", "orders", *said(GOOD), code=2).err


def test_a_change_set_that_waits_for_a_first_catalog_is_no_catalog_yet(platform: Ground) -> None:
    platform.client("cloudformation").create_change_set(
        StackName="oaktree-local-catalog",
        ChangeSetName="another",
        ChangeSetType="CREATE",
        TemplateBody='{"Resources": {"It": {"Type": "AWS::SNS::Topic"}}}',
    )
    assert "Published" in catalog(platform, "publish", "--no-lint").out


@pytest.fixture(scope="module")
def published(platform: Ground) -> Ground:
    catalog(platform, "publish", "--no-lint")
    return platform


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Cpu": "300"}, "Cpu"),
        ({"Cpu": "8192", "Memory": "16384"}, "Cpu must be 256, 512, 1024, 2048 or 4096"),
        ({"Path": "/*"}, "Give a Host or a Path of its own"),
        ({"ImageTag": "latest"}, "ImageTag must not be latest"),
        ({"Priority": "0"}, "Priority"),
        ({"Colour": "red"}, "Colour"),
        ({"Platform": "oaktree-other"}, "The platform oaktree-other is not deployed here"),
    ],
)
def test_a_value_that_cannot_be_is_refused(given: dict[str, str], message: str, published: Ground) -> None:
    refused = catalog(published, "provision", "orders", *said(GOOD | given), code=2)
    assert message in refused.err
    assert "Nothing was launched" in refused.err
    assert published.stacks("SC-") == []


def test_a_form_that_is_not_filled_in_says_what_is_missing(published: Ground) -> None:
    refused = catalog(published, "provision", "orders", code=2)
    assert "Must be given: Platform, Repository, ImageTag, Priority" in refused.err


def test_an_unknown_version_is_answered_with_those_there_are(published: Ground) -> None:
    refused = catalog(published, "provision", "orders", "--version", "9.9", *said(GOOD), code=2)
    assert "There is no version 9.9" in refused.err
    assert "There are: unreleased-" in refused.err
    assert "There is no version 9.9" in catalog(published, "rehearse", "--version", "9.9", code=2).err


def test_a_product_of_another_portfolio_is_refused(published: Ground) -> None:
    refused = catalog(published, "provision", "orders", "--product", "prod-other", *said(GOOD), code=2)
    assert "prod-other is not in the portfolio" in refused.err


def test_what_is_not_provisioned_cannot_be_updated_or_terminated(published: Ground) -> None:
    for command in ("update", "terminate"):
        assert "There is no provisioned product orders" in catalog(published, command, "orders", code=2).err


def test_a_platform_that_lacks_an_export_is_told_which(published: Ground) -> None:
    published.client("cloudformation").create_stack(
        StackName="oaktree-old",
        TemplateBody='{"Resources": {"It": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"V": {"Value": "vpc-1", '
        '"Export": {"Name": "oaktree-old-VpcId"}}}}',
    )
    refused = catalog(published, "provision", "orders", *said(GOOD | {"Platform": "oaktree-old"}), code=2)
    assert "The platform oaktree-old lacks the export oaktree-old-AlarmTopicArn" in refused.err


def test_a_version_whose_template_is_gone_says_so_until_it_is_published_again(published: Ground) -> None:
    s3 = published.client("s3")
    (bucket,) = (each["Name"] for each in s3.list_buckets()["Buckets"])
    for each in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=each["Key"])
    refused = catalog(published, "provision", "orders", *said(GOOD), code=2)
    assert f"is not in {bucket} any more" in refused.err
    catalog(published, "publish", "--no-lint")
    assert "Must be given" in catalog(published, "provision", "orders", code=2).err


ROLE = "oaktree-local-launch-role"


def test_a_launch_role_that_cannot_read_the_template_is_told_before_a_stack_is_made(published: Ground) -> None:
    iam = published.client("iam")
    policy = iam.get_role_policy(RoleName=ROLE, PolicyName="launch")["PolicyDocument"]
    without = [each for each in policy["Statement"] if "s3:GetObject" not in each["Action"]]
    blind = json.dumps({**policy, "Statement": without})
    iam.put_role_policy(RoleName=ROLE, PolicyName="launch", PolicyDocument=blind)
    refused = catalog(published, "provision", "orders", *said(GOOD), code=2)
    iam.put_role_policy(RoleName=ROLE, PolicyName="launch", PolicyDocument=json.dumps(policy))
    assert f"{ROLE} is not authorized to perform: s3:GetObject" in refused.err
    assert "Nothing was launched" in refused.err
    assert published.stacks("SC-") == []


def test_a_launch_role_that_is_gone_is_told_before_a_stack_is_made(published: Ground) -> None:
    iam = published.client("iam")
    for policy in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=policy)
    iam.delete_role(RoleName=ROLE)
    refused = catalog(published, "provision", "orders", *said(GOOD), code=2)
    assert ROLE in refused.err
    assert published.stacks("SC-") == []
