"""The macros' stack beside an environment, a system in shorthand on that environment's platform, and how they change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from subprocess import CompletedProcess

import pytest

from oaktree_cfn.local.process import Stage
from tests.end_to_end.place import ROOT, Place, make_place

ENVIRONMENT = """
region = "ap-southeast-1"
account = "123456789012"
prefix = "shop"

[review]
ask = false
"""
APP = (ROOT / "examples" / "macro" / "app.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Shop:
    """A project of its own whose one template is written in shorthand, deployed as the stack ``shop``."""

    place: Place

    def write(self, text: str) -> None:
        (self.place.folder / "shop" / "root.yaml").write_text(text, encoding="utf-8")

    def run(self, command: str, *arguments: str) -> CompletedProcess[str]:
        here = ("--environments", "shop-environments", "--templates", "shop")
        return self.place.run(command, "--env", "local", *here, *arguments)

    def status(self) -> str:
        (stack,) = self.place.client("cloudformation").describe_stacks(StackName="shop")["Stacks"]
        return str(stack["StackStatus"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Place:
    made = make_place(tmp_path_factory.mktemp("macros"), stage)
    (made.folder / "shop").mkdir()
    (made.folder / "shop-environments").mkdir()
    (made.folder / "shop-environments" / "local.toml").write_text(ENVIRONMENT, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def macros(place: Place) -> Place:
    """The macros, deployed."""
    done = place.run("macros", "deploy", "--env", "local")
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def platform(macros: Place) -> Place:
    """And an environment for services to run in."""
    done = macros.deploy()
    assert done.returncode == 0, done.stderr
    return macros


@pytest.fixture(scope="module")
def shop(platform: Place) -> Shop:
    """And the shop, by the deployed macros."""
    shop = Shop(platform)
    shop.write(APP)
    done = shop.run("deploy")
    assert done.returncode == 0, done.stderr
    return shop


def test_the_macros_are_three_and_call_the_published_version(macros: Place) -> None:
    resources = macros.client("cloudformation").describe_stack_resources(StackName="oaktree-macros")["StackResources"]
    names = {each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::CloudFormation::Macro"}
    assert names == {"OakTree", "OakTreeGrants", "OakTreeDefaults"}
    live = macros.client("lambda").get_function(FunctionName="oaktree-macros:live")["Configuration"]
    assert (live["Version"], live["Architectures"]) == ("1", ["arm64"])


def test_deploying_the_macros_again_changes_nothing(macros: Place) -> None:
    done = macros.run("macros", "deploy", "--env", "local", "--no-lint")
    assert (done.returncode, "nothing to change" in done.stderr) == (0, True)


def test_a_system_in_shorthand_becomes_what_is_in_the_processed_template(shop: Shop) -> None:
    cloudformation = shop.place.client("cloudformation")
    processed = cloudformation.get_template(StackName="shop", TemplateStage="Processed")["TemplateBody"]
    made = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
    assert {each["LogicalResourceId"] for each in made} == set(processed["Resources"])
    assert cloudformation.get_template_summary(StackName="shop")["DeclaredTransforms"] == ["OakTree"]


def test_the_service_runs_on_the_platform_with_what_the_shorthand_said(shop: Shop) -> None:
    ecs = shop.place.client("ecs")
    (service,) = ecs.describe_services(cluster="oaktree-local-cluster", services=["shop-web-service"])["services"]
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    environment = {each["name"]: each["value"] for each in task["containerDefinitions"][0]["environment"]}
    (table,) = [name for name in shop.place.client("dynamodb").list_tables()["TableNames"] if name.startswith("shop")]
    assert environment == {"NODE_ENV": "production", "HOST": "0.0.0.0", "DYNAMODB_TABLE": table} | environment  # noqa: S104


def test_the_expansion_made_here_is_the_same_stack_to_the_last_value(shop: Shop) -> None:
    """Deployed over what the deployed macros made, the expansion of ``oaktree expand`` changes nothing at all."""
    (shop.place.folder / "app.yaml").write_text(APP, encoding="utf-8")
    expanded = shop.place.run("expand", "app.yaml")
    assert expanded.returncode == 0, expanded.stderr
    shop.write(expanded.stdout)
    done = shop.run("deploy", "--no-lint")
    assert (done.returncode, "nothing to change" in done.stderr) == (0, True), done.stdout
    shop.write(APP)


def test_a_change_of_the_shorthand_is_reviewed_as_what_it_changes(shop: Shop) -> None:
    shop.write(APP.replace("MaxCapacity: 4", "MaxCapacity: 6"))
    done = shop.run("review", "--no-lint")
    assert done.returncode == 0, done.stderr
    assert "shop: 1 to modify\n" in done.stdout
    assert "MaxCapacity: 4 → 6" in done.stdout


def test_a_plan_foretells_the_same_without_asking_anybody(shop: Shop) -> None:
    old, new = shop.place.folder / "old.yaml", shop.place.folder / "new.yaml"
    old.write_text(APP, encoding="utf-8")
    new.write_text(APP.replace("MaxCapacity: 4", "MaxCapacity: 6"), encoding="utf-8")
    done = shop.place.run("plan", "old.yaml", "new.yaml")
    assert done.returncode == 0, done.stderr
    assert "MaxCapacity: 4 → 6" in done.stdout


def test_a_macro_that_refuses_says_where_and_why_before_anything_is_sent(shop: Shop) -> None:
    shop.write(APP.replace("MaxCapacity", "MaxCapasity"))
    done = shop.run("deploy")
    assert done.returncode == 2
    assert "root.yaml:21: Resources/Web/Properties/Scaling/MaxCapasity: a Scaling has no property" in done.stderr


def test_a_macro_that_refuses_in_cloudformation_is_a_failed_change_set_with_its_words(shop: Shop) -> None:
    shop.write(APP.replace("MaxCapacity", "MaxCapasity"))
    done = shop.run("deploy", "--no-lint")
    assert done.returncode == 5
    assert "Transform 123456789012::OakTree failed with: Resources/Web/Properties/Scaling/MaxCapasity" in done.stderr
    assert "Nothing was changed." in done.stderr
    assert shop.status().endswith("_COMPLETE")
    assert shop.place.client("cloudformation").list_change_sets(StackName="shop")["Summaries"] == []


def test_what_another_version_would_make_of_deployed_stacks_is_shown(shop: Shop) -> None:
    same = shop.place.run("expand", "--diff", "deployed", "--env", "local", "shop", "oaktree-local")
    assert same.returncode == 0, same.stderr
    assert "shop: this version expands it to what is deployed." in same.stderr
    assert "oaktree-local: no macro of OakTree takes part in it." in same.stderr


def test_a_template_of_anybodys_may_use_them_through_plain_cloudformation(macros: Place) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
    grant = {"Intent": "publish", "On": "topic", "Arn": {"Ref": "Topic"}}
    document = {"Fn::Transform": "OakTreeGrants", "Grants": [grant]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    log = {"Type": "AWS::Logs::LogGroup"}
    body = {"Transform": "OakTreeDefaults", "Resources": {"Topic": topic, "Log": log, "Policy": policy}}
    cloudformation = macros.client("cloudformation")
    cloudformation.create_stack(
        StackName="topic",
        TemplateBody=json.dumps(body),
        Capabilities=["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="topic", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
    )
    processed = cloudformation.get_template(StackName="topic", TemplateStage="Processed")["TemplateBody"]
    assert processed["Resources"]["Log"]["Properties"] == {"RetentionInDays": 30}
    (statement,) = processed["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["sns:Publish"], [{"Ref": "Topic"}])


def test_the_macros_can_be_taken_away_and_say_what_goes(macros: Place) -> None:
    done = macros.run("macros", "destroy", "--env", "local", "--yes")
    assert done.returncode == 0, done.stderr
    assert "OakTreeGrants AWS::CloudFormation::Macro" in done.stdout
    body = json.dumps({"Transform": "OakTree", "Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
    made = macros.client("cloudformation").create_change_set(
        StackName="late", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body, Capabilities=["CAPABILITY_AUTO_EXPAND"]
    )  # fmt: skip
    described = macros.client("cloudformation").describe_change_set(ChangeSetName=made["Id"])
    assert described["StatusReason"] == "No transform named 123456789012::OakTree found."
