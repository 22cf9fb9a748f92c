"""What an update would do, foretold from templates alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn import environment
from oaktree_cfn.models import STACK_TYPE, Change
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.template import tree
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN, TemplateError

PROJECT = Path(__file__).parents[2]
HERE = Place("oaktree-dev", "ap-southeast-1")


def ours(**changed: str) -> Version:
    """Our own templates with dev's values."""
    dev = environment.load("dev", PROJECT / "environments")
    return Version(tree.load(PROJECT / "templates" / "root.yaml"), {**dev.parameters, **changed}, dev.tags)


def changes(old: Version | None, new: Version) -> dict[str, Change]:
    found = forecast(old, new, HERE).change_set.walk()
    return {"/".join(path): change for path, change in found if change.type != STACK_TYPE}


def nested(child: dict[str, Any], takes: Any, **more: Any) -> Tree:
    """A parent with a topic, a nested stack that takes something, and a queue named after the nested stack's output."""
    parent = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": more.get("display", "old")}},
            "Child": {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./child.yaml", "Parameters": {"Id": takes}}},
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"QueueName": {"Fn::GetAtt": ["Child", "Outputs.Name"]}},
            },
        }
    }
    return Tree("parent", parent, {"Child": Tree("child", child)})


def child(delay: str = "0") -> dict[str, Any]:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Ref": "Id"}}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": delay}}
    name = {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}
    return {
        "Parameters": {"Id": {"Type": "String"}},
        "Resources": {"Group": group, "Queue": queue},
        "Outputs": {"Name": name},
    }


TOPIC_ARN = {"Ref": "Topic"}


def test_the_same_templates_with_the_same_values_change_nothing() -> None:
    foretold = forecast(ours(), ours(), HERE)
    assert foretold.change_set.no_change
    assert foretold.exports == foretold.exports_before


def test_a_first_deploy_adds_every_resource_whose_condition_holds() -> None:
    found = changes(None, ours())
    assert {change.action for change in found.values()} == {"Add"}
    assert "Network/NatGatewayA" not in found
    assert "Network/NatGatewayA" in changes(None, ours(TaskSubnets="private", NatGateways="single"))


def test_a_health_check_value_changes_one_property_of_one_resource() -> None:
    found = changes(ours(), ours(HealthCheckInterval="45"))
    assert list(found) == ["Alb/TargetGroup"]
    values = {(detail.path, detail.before, detail.after) for detail in found["Alb/TargetGroup"].details}
    assert values == {("/Properties/HealthCheckIntervalSeconds", "30", "45")}
    assert found["Alb/TargetGroup"].replacement == "False"


def test_a_new_image_makes_a_new_revision_and_updates_the_service_in_place() -> None:
    found = changes(ours(ImageTag="one"), ours(ImageTag="two"))
    assert {path: change.replacement for path, change in found.items()} == {
        "Service/TaskDefinition": "True",
        "Service/Service": "False",
    }


def test_a_replaced_resource_pulls_along_what_is_made_from_its_id_and_nothing_else() -> None:
    found = changes(ours(), ours(VpcCidr="10.1.0.0/16"))
    assert found["Network/Vpc"].replacement == "True"
    assert found["Alb/TargetGroup"].replacement == "True"
    assert found["Service/Service"].replacement == "False"
    assert not any(path.startswith(("Ecr/", "Data/", "Cluster/")) for path in found)


def test_an_output_that_rests_on_nothing_replaced_stays() -> None:
    """CloudFormation would show the queue as replaced: its name counts as known after apply."""
    old, new = Version(nested(child(), TOPIC_ARN)), Version(nested(child(delay="5"), TOPIC_ARN))
    found = changes(old, new)
    assert list(found) == ["Child/Queue"]
    assert found["Child/Queue"].replacement == "False"


def test_an_attribute_that_is_an_ordinary_property_is_followed_to_its_new_value() -> None:
    takes = {"Fn::GetAtt": ["Topic", "DisplayName"]}
    old, new = (Version(nested(child(), takes, display=display)) for display in ("one", "two"))
    found = changes(old, new)
    assert found["Topic"].replacement == "False"
    assert found["Child/Group"].replacement == "True"
    assert next((d.before, d.after) for d in found["Child/Group"].details) == ("one", "two")


# Pieces of what is not known


def listed(name: str, takes: Any, outputs: Any = None) -> Version:
    """Two topics, the second of a given name; their ARNs as one text go to a nested stack that names a group after them."""
    arns = {"Fn::Join": [",", [{"Ref": "First"}, {"Ref": "Second"}]]}
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": takes}}
    inner = {"Parameters": {"Arns": {"Type": "String"}}, "Resources": {"Group": group}}
    inner |= {"Outputs": {"Told": {"Value": outputs}}} if outputs is not None else {}
    resources: dict[str, Any] = {
        "First": {"Type": "AWS::SNS::Topic"},
        "Second": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}},
        "Child": {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./c", "Parameters": {"Arns": arns}}},
    }
    if outputs is not None:
        told = {"Fn::GetAtt": ["Child", "Outputs.Told"]}
        resources["Beside"] = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": told}}
    return Version(Tree("parent", {"Resources": resources}, {"Child": Tree("child", inner)}))


ARNS = {"Ref": "Arns"}
PIECE = {"Fn::Select": [0, {"Fn::Split": [",", ARNS]}]}
WHOLE = {"Fn::Join": ["_", {"Fn::Split": [":", ARNS]}]}
EXPRESSIONS = {
    "a piece": (PIECE, "Conditional"),
    "a piece of a piece": ({"Fn::Select": [0, {"Fn::Split": [":", PIECE]}]}, "Conditional"),
    "a piece within a text": ({"Fn::Sub": ["of-${It}", {"It": PIECE}]}, "Conditional"),
    "the whole": (ARNS, "True"),
    "the whole in other words": (WHOLE, "True"),
    "the whole within a text": ({"Fn::Sub": "of-${Arns}"}, "True"),
    "the whole beside a piece": ({"Fn::Join": ["-", [PIECE, WHOLE]]}, "True"),
    "the chosen of a written list": ({"Fn::Select": [1, [PIECE, ARNS]]}, "True"),
    "the other of a written list": ({"Fn::Select": ["0", [PIECE, ARNS]]}, "Conditional"),
    "in base64": ({"Fn::Base64": PIECE}, "Conditional"),
    "under a condition": ({"Fn::If": [{"Fn::Equals": ["a", "a"]}, PIECE, ARNS]}, "Conditional"),
}


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_a_replacement_is_claimed_only_where_the_whole_of_something_new_is_seen(what: str) -> None:
    takes, replacement = EXPRESSIONS[what]
    found = changes(listed("one", takes), listed("two", takes))
    assert (found["Second"].replacement, found["Child/Group"].replacement) == ("True", replacement)


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_doubt_travels_through_outputs(what: str) -> None:
    takes, replacement = EXPRESSIONS[what]
    found = changes(listed("one", "fixed", takes), listed("two", "fixed", takes))
    assert found["Beside"].replacement == replacement


def test_doubt_travels_through_parameters() -> None:
    def passing(name: str) -> Version:
        version = listed(name, ARNS)
        piece = {"Fn::Select": [0, {"Fn::Split": [":", {"Ref": "Second"}]}]}
        version.tree.template["Resources"]["Child"]["Properties"]["Parameters"] = {"Arns": piece}
        return version

    assert changes(passing("one"), passing("two"))["Child/Group"].replacement == "Conditional"


def test_what_the_template_states_of_a_successor_is_known() -> None:
    def named_after(name: str, display: str) -> Version:
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "DisplayName": display}}
        group = {"LogGroupName": {"Fn::GetAtt": ["Topic", "DisplayName"]}}
        resources = {"Topic": topic, "Group": {"Type": "AWS::Logs::LogGroup", "Properties": group}}
        return Version(Tree("t", {"Resources": resources}))

    stays = changes(named_after("one", "same"), named_after("two", "same"))
    assert (stays["Topic"].replacement, "Group" in stays) == ("True", False)
    moves = changes(named_after("one", "same"), named_after("two", "other"))
    assert moves["Group"].replacement == "True"


def test_a_resource_that_loses_its_condition_is_removed() -> None:
    found = changes(ours(TaskSubnets="private", NatGateways="single"), ours())
    assert found["Network/NatGatewayA"].action == "Remove"
    assert (
        found["Network/PublicSubnetC" if "Network/PublicSubnetC" in found else "Network/NatAddressA"].action == "Remove"
    )


def test_a_renamed_export_is_gone_under_its_old_name() -> None:
    foretold = forecast(ours(), ours(Prefix="oaktree-other"), HERE)
    assert "oaktree-dev-VpcId" in foretold.exports_before
    assert "oaktree-dev-VpcId" not in foretold.exports


def test_an_export_of_a_replaced_resource_cannot_be_told() -> None:
    assert forecast(ours(), ours(VpcCidr="10.1.0.0/16"), HERE).exports["oaktree-dev-VpcId"] is UNKNOWN


def test_known_ids_take_the_place_of_symbols() -> None:
    place = Place("oaktree-dev", "ap-southeast-1", physical_ids={"Network/Vpc": "vpc-1"})
    assert forecast(ours(), ours(), place).outputs["VpcId"] == "vpc-1"


def test_parameters_that_cloudformation_would_refuse_are_refused() -> None:
    with pytest.raises(TemplateError, match="Zones"):
        forecast(ours(), ours(Zones="7"), HERE)
