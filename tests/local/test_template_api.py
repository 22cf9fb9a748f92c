"""Templates are given back, summed up and validated."""

from __future__ import annotations

import json

from .player import Player, Refused, parameter, template, topic, unique

ONE_TOPIC = template(Topic=topic("first"))


def test_get_template_gives_back_what_was_sent_byte_for_byte(player: Player) -> None:
    body = "# a comment\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
    answer = player.cfn.create_stack(StackName=unique(), TemplateBody=body)
    player.settle(answer["StackId"])
    found = player.cfn.get_template(StackName=answer["StackId"])
    assert (found["TemplateBody"], found["StagesAvailable"]) == (body, ["Original", "Processed"])


def test_get_template_of_a_change_set(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    arn = player.change_set(stack, template(Topic=topic("second")))
    assert player.cfn.get_template(ChangeSetName=arn)["TemplateBody"] == template(Topic=topic("second"))
    assert player.cfn.get_template(StackName=stack)["TemplateBody"] == ONE_TOPIC


def test_get_template_asks_for_what_it_needs(player: Player) -> None:
    with Refused("StackName is required if ChangeSetName is not specified."):
        player.cfn.get_template()
    with Refused("StackName is a required parameter."):
        player.cfn.get_template(ChangeSetName="c")
    with Refused("Stack with id nowhere does not exist"):
        player.cfn.get_template(StackName="nowhere")


DECLARED = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"], "Description": "which"},
        "Secret": {"Type": "String", "NoEcho": True},
    },
    "Metadata": {"a": 1},
    "Description": "a summary",
}


def test_a_template_is_summed_up(player: Player) -> None:
    summary = player.cfn.get_template_summary(TemplateBody=json.dumps(template(DECLARED, P=parameter("x"))))
    assert summary["Parameters"] == [
        {
            "ParameterKey": "Stage", "DefaultValue": "dev", "ParameterType": "String", "NoEcho": False, "Description": "which",
            "ParameterConstraints": {"AllowedValues": ["dev", "prod"]},
        },
        {"ParameterKey": "Secret", "ParameterType": "String", "NoEcho": True},
    ]  # fmt: skip
    assert summary["ResourceTypes"] == ["AWS::SSM::Parameter"]
    (identifier,) = summary["ResourceIdentifierSummaries"]
    assert (identifier["LogicalResourceIds"], identifier["ResourceIdentifiers"]) == (["P"], ["Name"])
    assert (summary["Description"], summary["Metadata"], summary["Version"]) == ("a summary", '{"a": 1}', "2010-09-09")


def test_a_template_is_validated(player: Player) -> None:
    answer = player.cfn.validate_template(TemplateBody=json.dumps(template(DECLARED, P=parameter("x"))))
    assert answer["Parameters"] == [
        {"ParameterKey": "Stage", "DefaultValue": "dev", "NoEcho": False, "Description": "which"},
        {"ParameterKey": "Secret", "NoEcho": True},
    ]
    with Refused("Template format error: At least one Resources member must be defined."):
        player.cfn.validate_template(TemplateBody="Resources: {}")


def test_an_empty_shell_has_no_template_to_sum_up(player: Player) -> None:
    name = unique()
    player.change_set(name, ONE_TOPIC, kind="CREATE")
    with Refused("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."):
        player.cfn.get_template_summary(StackName=name)
