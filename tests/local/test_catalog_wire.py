"""Service Catalog on the stage, through boto3: its answers are the service's shapes, its refusals the service's errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from oaktree_cfn.local.catalog.role import Role

from .player import Player, template, topic

FORM = {"Parameters": {"Size": {"Type": "String", "Default": "S", "AllowedValues": ["S", "M"]}}}


@pytest.fixture(scope="module")
def catalog(player: Player) -> Any:
    return player.client("servicecatalog")


@pytest.fixture(scope="module")
def offered(player: Player, catalog: Any) -> dict[str, str]:
    """A product with one version in a portfolio; ids by name."""
    made = catalog.create_portfolio(DisplayName="Services", ProviderName="us", IdempotencyToken="one")
    version = {"Name": "v1", "Info": {"LoadTemplateFromURL": player.upload(template(FORM, It=topic("one")))}}
    product = catalog.create_product(
        Name="Topic",
        Owner="us",
        ProductType="CLOUD_FORMATION_TEMPLATE",
        ProvisioningArtifactParameters={**version, "Type": "CLOUD_FORMATION_TEMPLATE"},
        IdempotencyToken="one",
    )
    ids = {
        "portfolio": made["PortfolioDetail"]["Id"],
        "product": product["ProductViewDetail"]["ProductViewSummary"]["ProductId"],
        "version": product["ProvisioningArtifactDetail"]["Id"],
    }
    catalog.associate_product_with_portfolio(ProductId=ids["product"], PortfolioId=ids["portfolio"])
    return ids


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def finished(catalog: Any, record: dict[str, Any]) -> dict[str, Any]:
    import time

    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = catalog.describe_record(Id=record["RecordDetail"]["RecordId"])
        if found["RecordDetail"]["Status"] != "IN_PROGRESS":
            return dict(found)
        time.sleep(0.02)
    raise AssertionError(record)


def launch(catalog: Any, offered: dict[str, str], name: str, **more: Any) -> dict[str, Any]:
    ids = {"ProductId": offered["product"], "ProvisioningArtifactId": offered["version"]}
    return dict(catalog.provision_product(**ids, ProvisionedProductName=name, ProvisionToken=name, **more))


def test_a_token_makes_a_repeated_request_the_same_one(catalog: Any, offered: dict[str, str]) -> None:
    again = catalog.create_portfolio(DisplayName="Services", ProviderName="us", IdempotencyToken="one")
    assert again["PortfolioDetail"]["Id"] == offered["portfolio"]


def test_the_form_is_told_with_its_constraints(catalog: Any, offered: dict[str, str]) -> None:
    found = catalog.describe_provisioning_parameters(
        ProductId=offered["product"], ProvisioningArtifactId=offered["version"]
    )
    (asked,) = found["ProvisioningArtifactParameters"]
    assert asked["ParameterKey"] == "Size"
    assert asked["DefaultValue"] == "S"
    assert asked["ParameterConstraints"]["AllowedValues"] == ["S", "M"]


def test_a_launch_is_a_stack_and_a_record(catalog: Any, offered: dict[str, str], player: Player) -> None:
    record = finished(catalog, launch(catalog, offered, "one"))
    assert record["RecordDetail"]["Status"] == "SUCCEEDED"
    stack = next(
        each["OutputValue"] for each in record["RecordOutputs"] if each["OutputKey"] == "CloudformationStackARN"
    )
    assert player.stack(stack)["StackName"] == f"SC-123456789012-{record['RecordDetail']['ProvisionedProductId']}"
    gone = catalog.terminate_provisioned_product(ProvisionedProductName="one", TerminateToken="one")
    assert finished(catalog, gone)["RecordDetail"]["Status"] == "SUCCEEDED"
    assert refused(catalog.describe_provisioned_product, Name="one") == "ResourceNotFoundException"


def test_what_is_wrong_is_refused_with_the_services_errors(catalog: Any, offered: dict[str, str]) -> None:
    wrong = [{"Key": "Size", "Value": "XL"}]
    more = {"ProvisionedProductName": "two", "ProvisionToken": "two"}
    ids = {"ProductId": offered["product"], "ProvisioningArtifactId": offered["version"]}
    call = catalog.provision_product
    assert refused(call, **ids, **more, ProvisioningParameters=wrong) == "InvalidParametersException"
    assert refused(call, **{**ids, "ProvisioningArtifactId": "pa-none"}, **more) == "ResourceNotFoundException"
    assert refused(catalog.delete_product, Id=offered["product"]) == "ResourceInUseException"
    assert refused(catalog.list_service_actions) == "NotImplemented"


def test_a_version_that_is_not_active_cannot_be_launched(catalog: Any, offered: dict[str, str]) -> None:
    ids = {"ProductId": offered["product"], "ProvisioningArtifactId": offered["version"]}
    catalog.update_provisioning_artifact(**ids, Active=False)
    more = {"ProvisionedProductName": "three", "ProvisionToken": "three"}
    assert refused(catalog.provision_product, **ids, **more) == "InvalidParametersException"
    catalog.update_provisioning_artifact(**ids, Active=True)


def test_a_plan_tells_what_would_change_and_leaves_nothing_when_it_is_dropped(
    catalog: Any, offered: dict[str, str]
) -> None:
    ids = {"ProductId": offered["product"], "ProvisioningArtifactId": offered["version"]}
    plan = catalog.create_provisioned_product_plan(
        **ids, PlanName="p", PlanType="CLOUDFORMATION", ProvisionedProductName="four", IdempotencyToken="four"
    )
    told = catalog.describe_provisioned_product_plan(PlanId=plan["PlanId"])
    assert told["ProvisionedProductPlanDetails"]["Status"] == "CREATE_SUCCESS"
    assert [(each["Action"], each["LogicalResourceId"]) for each in told["ResourceChanges"]] == [("ADD", "It")]
    catalog.delete_provisioned_product_plan(PlanId=plan["PlanId"])
    assert catalog.search_provisioned_products()["ProvisionedProducts"] == []


def test_tags_with_one_value_are_set_and_others_must_be_chosen(catalog: Any, offered: dict[str, str]) -> None:
    options = [catalog.create_tag_option(Key="team", Value=value)["TagOptionDetail"]["Id"] for value in ("oak", "elm")]
    for option in options:
        catalog.associate_tag_option_with_resource(ResourceId=offered["portfolio"], TagOptionId=option)
    ids = {"ProductId": offered["product"], "ProvisioningArtifactId": offered["version"]}
    more = {"ProvisionedProductName": "five", "ProvisionToken": "five"}
    assert refused(catalog.provision_product, **ids, **more) == "InvalidParametersException"
    made = launch(catalog, offered, "six", Tags=[{"Key": "team", "Value": "elm"}])
    assert finished(catalog, made)["RecordDetail"]["Status"] == "SUCCEEDED"


def test_a_version_without_a_form_is_launched_too(catalog: Any, offered: dict[str, str], player: Player) -> None:
    version = {"Name": "plain", "Info": {"LoadTemplateFromURL": player.upload(template(It=topic("two")))}}
    made = catalog.create_provisioning_artifact(
        ProductId=offered["product"],
        Parameters={**version, "Type": "CLOUD_FORMATION_TEMPLATE"},
        IdempotencyToken="plain",
    )
    form = catalog.describe_provisioning_parameters(
        ProductId=offered["product"], ProvisioningArtifactId=made["ProvisioningArtifactDetail"]["Id"]
    )
    assert form["ProvisioningArtifactParameters"] == []


def test_events_are_told_to_the_topics_that_a_launch_names(
    catalog: Any, offered: dict[str, str], player: Player
) -> None:
    arn = player.client("sns").create_topic(Name="launches")["TopicArn"]
    made = launch(catalog, offered, "seven", Tags=[{"Key": "team", "Value": "elm"}], NotificationArns=[arn])
    finished(catalog, made)
    stack = f"SC-123456789012-{made['RecordDetail']['ProvisionedProductId']}"
    assert player.stack(stack)["NotificationARNs"] == [arn]


def test_records_are_found_by_product(catalog: Any, offered: dict[str, str]) -> None:
    def found(product: str) -> list[dict[str, Any]]:
        asked = {"Key": "product", "Value": product}
        return list(catalog.list_record_history(SearchFilter=asked)["RecordDetails"])

    assert found(offered["product"])
    assert found("prod-none") == []


def test_what_would_change_an_answer_and_is_not_played_is_refused(catalog: Any) -> None:
    assert refused(catalog.search_products_as_admin, Filters={"FullTextSearch": ["x"]}) == "NotImplemented"


def test_a_launch_role_may_do_no_more_than_its_boundary_holds(player: Player) -> None:
    iam = player.client("iam")
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    reads = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
    boundary = iam.create_policy(PolicyName="reads", PolicyDocument=json.dumps(reads))["Policy"]["Arn"]
    role = iam.create_role(RoleName="launch", AssumeRolePolicyDocument="{}", PermissionsBoundary=boundary)["Role"]
    iam.put_role_policy(RoleName="launch", PolicyName="anything", PolicyDocument=json.dumps(anything))
    assert Role(iam, role["Arn"]).may("s3:GetObject", "*", {})
    assert not Role(iam, role["Arn"]).may("s3:PutObject", "*", {})


@pytest.mark.parametrize("rules", [[], {"Rules": {"Size": {"Assertions": []}}}, {"Size": {}}])
def test_rules_without_assertions_are_refused(catalog: Any, offered: dict[str, str], rules: Any) -> None:
    ids = {"PortfolioId": offered["portfolio"], "ProductId": offered["product"]}
    said = {"Parameters": json.dumps({"Rules": rules}), "Type": "TEMPLATE", "IdempotencyToken": json.dumps(rules)}
    assert refused(catalog.create_constraint, **ids, **said) == "InvalidParametersException"
