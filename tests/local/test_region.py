"""Everything in one region: handlers and their limits, tags, dynamic references, and the words of a failure."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.local.region import covered, leaves
from oaktree_cfn.local.resources import handlers

from .player import Player, Refused, parameter, template, topic, unique


def test_what_the_stage_plays_it_lists(player: Player) -> None:
    listed = player.door("GET", "state")["types"]
    assert {"AWS::SNS::Topic", "AWS::SSM::Parameter"} <= set(listed) == set(handlers())


@pytest.mark.parametrize("type_", ["AWS::Neptune::DBCluster", "Custom::Thing", "AWS::CloudFormation::CustomResource"])
def test_a_type_that_is_not_played_is_refused_by_name(player: Player, type_: str) -> None:
    with Refused(f"The local stage does not play {type_}."):
        player.create(template(Thing={"Type": type_}))


def test_every_property_that_is_not_played_is_named(player: Player) -> None:
    properties = {"TopicName": "x", "Colour": "green", "Deep": {"Er": ["x"], "Est": {"Never": 1}}}
    with Refused("of Thing (AWS::SNS::Topic): Colour, Deep.Er, Deep.Est.Never"):
        player.create(template(Thing={"Type": "AWS::SNS::Topic", "Properties": properties}))


def test_a_property_behind_a_condition_is_not_missed_when_it_comes(player: Player) -> None:
    body = template(
        {"Parameters": {"P": {"Type": "String"}}, "Conditions": {"On": {"Fn::Equals": [{"Ref": "P"}, "on"]}}},
        Thing={
            "Type": "AWS::SNS::Topic",
            "Properties": {"Colour": {"Fn::If": ["On", "green", {"Ref": "AWS::NoValue"}]}},
        },
    )
    stack = player.create(body, P="off")
    with Refused("does not play these properties of Thing (AWS::SNS::Topic): Colour"):
        player.update(stack, body, P="on")


nested_values = st.recursive(
    st.text("ab", max_size=2),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from("ABC"), inside, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("ABC"), nested_values, min_size=1))
def test_every_leaf_is_covered_by_its_path_and_by_any_above_it(properties: dict[str, Any]) -> None:
    for path, _ in leaves(properties):
        parts = path.split(".")
        assert all(covered(path, {".".join(parts[:length])}) for length in range(1, len(parts) + 1))
        assert not covered(path, {f"{path}.More", "Z"})


# --- dynamic references ---------------------------------------------------------------------------------------------


def test_dynamic_references_are_resolved_for_the_service_and_shown_nowhere(player: Player) -> None:
    name, secret = f"/{unique('store')}", unique("secret")
    player.client("ssm").put_parameter(Name=name, Value="one", Type="String")
    player.client("ssm").put_parameter(Name=name, Value="two", Type="String", Overwrite=True)
    player.client("secretsmanager").create_secret(Name=secret, SecretString=json.dumps({"user": "lovelace"}))
    stack = player.create(
        template(
            Latest=parameter(f"<{{{{resolve:ssm:{name}}}}}>"),
            First=parameter(f"{{{{resolve:ssm:{name}:1}}}}"),
            Key=parameter(f"{{{{resolve:secretsmanager:{secret}:SecretString:user}}}}"),
            Whole=parameter(f"{{{{resolve:secretsmanager:{secret}}}}}"),
            Same=parameter(f"{{{{resolve:secretsmanager:{secret}:SecretString}}}}"),
        )
    )
    assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE", player.story(stack)
    held = {each: player.value(physical) for each, physical in player.ids(stack).items()}
    assert held == {
        "Latest": "<two>",
        "First": "one",
        "Key": "lovelace",
        "Whole": '{"user": "lovelace"}',
        "Same": '{"user": "lovelace"}',
    }
    assert "lovelace" not in json.dumps(player.events(stack), default=str)


@pytest.mark.parametrize(
    "reference", ["ssm:/nowhere", "secretsmanager:nowhere:SecretString:key", "ssm-secure:/nowhere:1"]
)
def test_a_dynamic_reference_to_nothing_fails_its_resource(player: Player, reference: str) -> None:
    stack = player.create(template(Word=parameter(f"{{{{resolve:{reference}}}}}")))
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "HandlerErrorCode" in player.reason(stack, "CREATE_FAILED", "Word")


# --- reasons --------------------------------------------------------------------------------------------------------

SAID = re.compile(
    r'^Resource handler returned message: "(.*)" \(RequestToken: [-0-9a-f]{36}, HandlerErrorCode: (\w+)\)$', re.DOTALL
)


def test_a_failure_is_told_in_the_form_of_aws_handlers(player: Player) -> None:
    taken = f"/{unique('taken')}"
    player.client("ssm").put_parameter(Name=taken, Value="x", Type="String")
    stack = player.create(template(Word=parameter("x", name=taken)))
    said = SAID.match(player.reason(stack, "CREATE_FAILED", "Word"))
    assert said is not None
    assert said.group(2) == "AlreadyExists"
    assert "(Service: ParameterAlreadyExists, Status Code: 400)" in said.group(1)


def test_a_defect_of_a_handler_fails_its_resource_and_the_stage_goes_on(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(type(handlers()["AWS::SNS::Topic"]), "create", defect)
    stack = player.create(template(Word=parameter("x"), Topic=topic({"Ref": "Word"})))
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    said = SAID.match(player.reason(stack, "CREATE_FAILED", "Topic"))
    assert said is not None
    assert said.groups() == ("ZeroDivisionError('oops')", "InternalFailure")


# --- zones ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["", "us-east-1", "eu-west-1"])
def test_zones_are_those_that_ec2_describes(player: Player, region: str) -> None:
    body = template({"Outputs": {"Zones": {"Value": {"Fn::Join": [",", {"Fn::GetAZs": region}]}}}}, Topic=topic())
    here = Player(player.endpoint, region or player.region)
    described = here.client("ec2").describe_availability_zones()["AvailabilityZones"]
    assert player.outputs(player.create(body))["Zones"] == ",".join(sorted(each["ZoneName"] for each in described))
