"""What a forecast cannot know has a name that people know: that of the resource."""

from __future__ import annotations

import re

import pytest

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.review.gates import judge
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.review.standins import spoken
from oaktree_cfn.template.tree import Tree
from tests.terminal.faces import SAID, face


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("allows a on ⟨Data/Users.Arn⟩ to role ⟨Web/Role⟩", "allows a on Data/Users to role Web/Role"),
        ("on ⟨Data/Users.Arn⟩/index/*", "on Data/Users/index/*"),
        ("on arn:aws:s3:::⟨Docs⟩/*", "on arn:aws:s3:::Docs/*"),
        ("from ⟨Group.GroupId⟩, ⟨Alb.DNSName⟩", "from Group, Alb"),
        ("by ⟨Db.Endpoint.Address⟩", "by Db.Endpoint.Address"),
        ("to ⟨export/other-VpcId⟩", "to the export other-VpcId"),
        ("to ⟨ssm//oaktree/image⟩", "to the SSM parameter /oaktree/image"),
        ("to ⟨output/eu-west-1/billing/TopicArn⟩", "to the output TopicArn of billing"),
        ("nothing ⟨of the kind", "nothing ⟨of the kind"),
    ],
)
def test_a_sentence_names_the_resource(text: str, said: str) -> None:
    assert spoken(text) == said


def web(action: str, word: str) -> Tree:
    """A policy in a nested stack about a table in another one, and a note of its stream."""
    statement = {"Effect": "Allow", "Action": action, "Resource": [{"Ref": "Users"}, {"Fn::Sub": "${Users}/index/*"}]}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}, "Roles": [{"Ref": "Role"}]}
    note = {"Type": "String", "Value": {"Fn::Sub": [f"{word} ${{Stream}} ${{Users}}", {"Stream": {"Ref": "Stream"}}]}}
    inner = {
        "Parameters": {"Users": {"Type": "String"}, "Stream": {"Type": "String"}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
            "Policy": {"Type": "AWS::IAM::Policy", "Properties": policy},
            "Note": {"Type": "AWS::SSM::Parameter", "Properties": note},
        },
    }
    data = {
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": []}}},
        "Outputs": {
            "Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}},
            "Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}},
        },
    }
    sent = {
        "Users": {"Fn::GetAtt": ["Data", "Outputs.Arn"]},
        "Stream": {"Fn::GetAtt": ["Data", "Outputs.Stream"]},
    }
    root = {
        "Resources": {
            "Data": {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./d"}},
            "Web": {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./w", "Parameters": sent}},
        }
    }
    return Tree("root", root, {"Data": Tree("d", data), "Web": Tree("w", inner)})


def foretold() -> Review:
    before, after = Version(web("dynamodb:GetItem", "was")), Version(web("dynamodb:PutItem", "is"))
    return review(forecast(before, after).change_set)


def test_access_is_told_in_the_names_of_the_review() -> None:
    (access,) = [each for each in foretold().consequences if each.kind == "access" and each.severity != "note"]
    assert access.details == ("allows dynamodb:PutItem on Data/Table, Data/Table/index/* to role Web/Role",)


def test_a_value_says_what_it_is_the_value_of() -> None:
    (note,) = [entry for entry in foretold().entries if entry.place == "Web/Note"]
    (value,) = note.properties
    assert value.after == "is ⟨Data/Table.StreamArn⟩ ⟨Data/Table.Arn⟩"


def test_what_has_no_id_yet_shows_none() -> None:
    assert {entry.physical_id for entry in foretold().entries} == {""}


@pytest.mark.parametrize("name", sorted(SAID))
def test_no_face_shows_a_path_that_is_no_path(name: str) -> None:
    made = foretold()
    text = face(name, made, judge(made))
    assert "Data/Table" in text
    assert not re.search(r"Data/Table/(Stream)?Arn", text)


def test_an_attached_policy_that_is_made_here_goes_by_its_path() -> None:
    def role(*arns: object) -> Version:
        properties = {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": list(arns)}
        policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {}}}
        resources = {"Policy": policy, "Role": {"Type": "AWS::IAM::Role", "Properties": properties}}
        return Version(Tree("r", {"Resources": resources}))

    made = review(forecast(role(), role({"Ref": "Policy"})).change_set)
    assert [each.text for each in made.consequences if each.kind == "access"] == ["Role gets Policy attached"]
