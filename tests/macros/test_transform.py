"""The macro OakTree: shorthand resources become what they are short for."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.macros.fragment import BadFragment
from oaktree_cfn.macros.transform import expand

WEB = {"Platform": "oaktree-dev", "Image": "registry/web:1", "Route": {"Priority": 10, "Paths": ["/web/*"]}}
JOBS = {"Platform": "oaktree-dev", "Image": "registry/jobs:1"}


def web(**more: Any) -> dict[str, Any]:
    return {"Type": "OakTree::WebService", "Properties": {**WEB, **more}}


def worker(**more: Any) -> dict[str, Any]:
    return {"Type": "OakTree::Worker", "Properties": {**JOBS, **more}}


def expanded(resources: dict[str, Any], **sections: Any) -> dict[str, Any]:
    return expand({**sections, "Resources": resources}, "1.2.3")


def faults(resources: dict[str, Any], **sections: Any) -> list[str]:
    with pytest.raises(BadFragment) as caught:
        expanded(resources, **sections)
    return [str(fault) for fault in caught.value.faults]


def test_what_is_generated_stands_where_the_shorthand_stood_and_begins_with_its_name() -> None:
    bucket = {"Type": "AWS::S3::Bucket"}
    titles = list(expanded({"First": bucket, "Web": web(), "Last": bucket})["Resources"])
    assert titles[0] == "First"
    assert titles[-1] == "Last"
    assert all(title.startswith("Web") for title in titles[1:-1])
    assert {"WebService", "WebTaskDefinition", "WebTaskRole", "WebTargetGroup", "WebListenerRule"} <= set(titles)


def test_everything_that_is_not_ours_is_the_same_object_as_before() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"Tags": [{"Key": "a", "Value": {"Fn::Sub": "${AWS::Region}"}}]}}
    sections = {"Description": "Some.", "Parameters": {"P": {"Type": "String"}}, "Metadata": {"x": [1, 2]}}
    out = expanded({"Bucket": bucket, "Web": web()}, **sections)
    assert out["Resources"]["Bucket"] == bucket
    assert {name: out[name] for name in sections} == sections
    assert list(out) == [*sections, "Resources"]


def test_a_template_without_shorthands_is_returned_as_it_is() -> None:
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}, "Transform": "Other"}
    assert expand(template, "1") == template


def test_an_expansion_expands_to_itself() -> None:
    once = expanded({"Web": web(), "Jobs": worker()})
    assert expand(once, "9") == once


def test_ref_and_getatt_mean_the_natural_thing() -> None:
    asked = {
        "Service": {"Ref": "Web"},
        "Name": {"Fn::GetAtt": ["Web", "Name"]},
        "Role": {"Fn::GetAtt": "Web.TaskRoleArn"},
        "Queue": {"Fn::GetAtt": ["Jobs", "QueueUrl"]},
        "Text": {"Fn::Sub": "${Jobs.QueueArn} of ${AWS::StackName} and ${Web}"},
    }
    outputs = {name: {"Value": value} for name, value in asked.items()}
    out = expanded({"Web": web(), "Jobs": worker()}, Outputs=outputs)["Outputs"]
    assert {name: output["Value"] for name, output in out.items()} == {
        "Service": {"Ref": "WebService"},
        "Name": {"Fn::GetAtt": ["WebService", "Name"]},
        "Role": {"Fn::GetAtt": ["WebTaskRole", "Arn"]},
        "Queue": {"Ref": "JobsQueue"},
        "Text": {
            "Fn::Sub": [
                "${JobsQueueArn} of ${AWS::StackName} and ${WebRef}",
                {"JobsQueueArn": {"Fn::GetAtt": ["JobsQueue", "Arn"]}, "WebRef": {"Ref": "WebService"}},
            ]
        },
    }


def test_a_texts_own_variables_keep_their_meaning_beside_those_of_shorthands() -> None:
    name = {"Fn::GetAtt": ["WebService", "Name"]}
    asked = {"Sub": "${WebName}: ${Web.Name}", "SubOfMap": ["${WebName}: ${Web.Name}", {"WebName": "mine"}]}
    outputs = {key: {"Value": {"Fn::Sub": value}} for key, value in asked.items()}
    out = expanded({"Web": web()}, Parameters={"WebName": {"Type": "String"}}, Outputs=outputs)["Outputs"]
    text = "${WebName}: ${WebNameOf}"
    assert out["Sub"]["Value"] == {"Fn::Sub": [text, {"WebNameOf": name}]}
    assert out["SubOfMap"]["Value"] == {"Fn::Sub": [text, {"WebName": "mine", "WebNameOf": name}]}


def test_a_single_variable_may_begin_like_an_intrinsic_function() -> None:
    out = expanded({"Web": web(Environment={"RefreshSeconds": "30"})})["Resources"]
    (container,) = out["WebTaskDefinition"]["Properties"]["ContainerDefinitions"]
    assert {"Name": "RefreshSeconds", "Value": "30"} in container["Environment"]


def test_shorthands_refer_to_each_other() -> None:
    out = expanded(
        {
            "Web": web(
                Environment={"QUEUE": {"Fn::GetAtt": ["Jobs", "QueueUrl"]}},
                Grants=[{"Intent": "send", "On": "queue", "Arn": {"Fn::GetAtt": ["Jobs", "QueueArn"]}}],
            ),
            "Jobs": worker(),
        }
    )["Resources"]
    (container,) = out["WebTaskDefinition"]["Properties"]["ContainerDefinitions"]
    assert {"Name": "QUEUE", "Value": {"Ref": "JobsQueue"}} in container["Environment"]
    (statement,) = out["WebTaskPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == [{"Fn::GetAtt": ["JobsQueue", "Arn"]}]


def test_the_address_is_the_services_host_or_path_in_the_platforms_scheme() -> None:
    outputs = {"Url": {"Value": {"Fn::GetAtt": ["Web", "Url"]}}}
    host = {"Priority": 1, "Hosts": ["shop.example.com"]}
    plain = expanded({"Web": web()}, Outputs=outputs)["Outputs"]["Url"]["Value"]
    named = expanded({"Web": web(Route=host)}, Outputs=outputs)["Outputs"]["Url"]["Value"]
    assert plain == {"Fn::Sub": ["${Address}/web/", {"Address": {"Fn::ImportValue": "oaktree-dev-ApplicationUrl"}}]}
    assert named["Fn::Sub"][0] == "${Scheme}://shop.example.com/"


def test_an_address_given_by_parameters_is_made_of_them() -> None:
    route = {"Priority": 1, "Hosts": [{"Ref": "Host"}], "Paths": [{"Ref": "Path"}]}
    outputs = {"Url": {"Value": {"Fn::GetAtt": ["Web", "Url"]}}}
    (text, values) = expanded({"Web": web(Route=route)}, Outputs=outputs)["Outputs"]["Url"]["Value"]["Fn::Sub"]
    assert text == "${Scheme}://${Host}${Path}"
    assert values["Host"] == {"Ref": "Host"}
    assert values["Path"] == {"Fn::Select": [0, {"Fn::Split": ["*", {"Ref": "Path"}]}]}


def test_conditions_and_policies_are_carried_to_all_and_dependencies_to_the_main_resource() -> None:
    shorthand = {
        **web(),
        "Condition": "Wanted",
        "DeletionPolicy": "Retain",
        "DependsOn": "Bucket",
        "Metadata": {"Owner": "us"},
    }
    out = expanded({"Bucket": {"Type": "AWS::S3::Bucket"}, "Web": shorthand}, Conditions={"Wanted": {}})["Resources"]
    made = {title: body for title, body in out.items() if title != "Bucket"}
    assert {body["Condition"] for body in made.values()} == {"Wanted"}
    assert {body["DeletionPolicy"] for body in made.values()} == {"Retain"}
    assert "Bucket" in made["WebService"]["DependsOn"]
    assert made["WebService"]["Metadata"] == {
        "Owner": "us",
        "OakTree": {"Type": "OakTree::WebService", "LogicalId": "Web", "Version": "1.2.3"},
    }


def test_depending_on_a_shorthand_is_depending_on_its_main_resource() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "DependsOn": ["Web"]}
    assert expanded({"Web": web(), "Bucket": bucket})["Resources"]["Bucket"]["DependsOn"] == ["WebService"]


def test_globals_are_merged_and_the_resource_has_the_last_word() -> None:
    settings = {
        "All": {"LogRetentionDays": 7, "Environment": {"STAGE": "dev", "COLOUR": "red"}},
        "WebService": {"Cpu": 512, "Memory": 1024},
        "Function": {"Timeout": 3},
    }
    out = expanded(
        {"Web": web(Cpu=1024, Memory=2048, Environment={"COLOUR": "blue"}), "Jobs": worker()}, Globals=settings
    )
    task = out["Resources"]["WebTaskDefinition"]["Properties"]
    variables = {each["Name"]: each["Value"] for each in task["ContainerDefinitions"][0]["Environment"]}
    assert task["Cpu"] == "1024"
    assert variables == {"PORT": "5000", "STAGE": "dev", "COLOUR": "blue"}
    assert out["Resources"]["JobsLogGroup"]["Properties"]["RetentionInDays"] == 7
    assert out["Globals"] == {"Function": {"Timeout": 3}}, "another transform's globals stay for it"


def test_a_table_keeps_its_logical_id_and_is_referred_to_as_a_table_is() -> None:
    table = {"Type": "OakTree::Table", "Properties": {"Partition": {"Name": "id", "Type": "S"}}}
    grant = {"Intent": "read", "On": "table", "Arn": {"Fn::GetAtt": ["Users", "Arn"]}}
    out = expanded({"Users": table, "Web": web(Environment={"TABLE": {"Ref": "Users"}}, Grants=[grant])})["Resources"]
    assert out["Users"]["Type"] == "AWS::DynamoDB::Table"
    assert out["Users"]["DeletionPolicy"] == "RetainExceptOnCreate"
    (statement,) = out["WebTaskPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == [{"Fn::GetAtt": ["Users", "Arn"]}]


# What is wrong is told by name


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"Prot": 1}, "Prot: OakTree::WebService has no property of that name; did you mean Port?"),
        ({"Cpu": 300}, "Cpu: 300 is not one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768"),
        (
            {"Memory": 4096},
            "Memory: Fargate sells no task of 256 CPU units with 4096 MiB. Take 512 to 2048 MiB, or other CPU units",
        ),
        (
            {"Rollout": {"Canari": {}}},
            "Rollout: it does not say which kind it is; did you mean Canary? Write one key of Rolling, BlueGreen, "
            "Canary, Linear, for example {Rolling: {…}}",
        ),
        (
            {"Rollout": {"Canary": {"CanaryPercent": 0}}},
            "Rollout/Canary/CanaryPercent: 0 is not a number from 0.1 to 100 with at most 1 decimal",
        ),
        (
            {"Environment": {"DB_PASSWORD": "hunter2"}},
            "Environment/DB_PASSWORD: it looks like a secret in plain text. Keep it in Secrets Manager or Parameter "
            "Store and name it in secrets",
        ),
        ({"Scaling": {}}, "Scaling/MaxCapacity: it is missing"),
        ({"HealthCheck": {"Interval": 10}}, "HealthCheck/Timeout: 20 is not less than the interval 10. Make it less"),
    ],
)
def test_a_wrong_property_is_named_with_its_fix(more: dict[str, Any], message: str) -> None:
    assert faults({"Web": web(**more)}) == [f"Resources/Web/Properties/{message}"]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            {"Platform": "oaktree-dev"},
            "TargetGroup: a service without a route is behind the default target group, and there is none. "
            "Give a Route, or this",
        ),
        (
            {"Cluster": "c", "Subnets": ["subnet-1"], "LoadBalancerSecurityGroup": "sg-1"},
            "Vpc: a security group of its own is made in a VPC, and there is none. Give Platform, or this",
        ),
    ],
)
def test_what_no_platform_gives_must_be_said(place: dict[str, Any], message: str) -> None:
    shorthand = {"Type": "OakTree::WebService", "Properties": {"Image": "registry/web:1", **place}}
    assert faults({"Web": shorthand}) == [f"Resources/Web/Properties/{message}"]


def test_an_unknown_type_is_named_with_its_neighbour() -> None:
    (fault,) = faults({"Cron": {"Type": "OakTree::ScheduldTask"}})
    assert fault.startswith(
        "Resources/Cron/Type: there is no OakTree::ScheduldTask; did you mean OakTree::ScheduledTask? Take "
    )


def test_a_property_of_globals_that_no_kind_has_is_named() -> None:
    assert faults({"Web": web()}, Globals={"All": {"Cpuu": 1}}) == [
        "Globals/All/Cpuu: there is no such property; did you mean Cpu?"
    ]


def test_a_name_that_is_taken_already_is_told() -> None:
    (fault,) = faults({"Web": web(), "WebService": {"Type": "AWS::S3::Bucket"}})
    assert fault == (
        "Resources/Web: it makes a resource WebService, which the template has already. Rename Web, or the other"
    )


def test_an_attribute_that_a_shorthand_lacks_is_named() -> None:
    (fault,) = faults({"Web": web()}, Outputs={"X": {"Value": {"Fn::GetAtt": ["Web", "Nam"]}}})
    assert fault.startswith("Outputs/X/Value: an OakTree::WebService has no attribute Nam; did you mean Name?")


def test_everything_wrong_is_told_at_once() -> None:
    assert len(faults({"Web": web(Prot=1, Cpu=3), "Jobs": worker(Image=5), "Cron": {"Type": "OakTree::X"}})) == 4


def test_a_parameters_value_is_judged_and_never_shown() -> None:
    template = {
        "Parameters": {"Size": {"Type": "String"}},
        "Resources": {"Web": web(Cpu={"Ref": "Size"})},
    }
    with pytest.raises(BadFragment) as caught:
        expand(template, "1", {"Size": "hunter2"})
    assert str(caught.value).startswith("Resources/Web/Properties/Cpu: the parameter's value is not one of 256")
    assert "hunter2" not in str(caught.value)
    good = expand(template, "1", {"Size": "256"})["Resources"]["WebTaskDefinition"]
    assert good["Properties"]["Cpu"] == {"Ref": "Size"}


def test_a_value_that_contradicts_another_is_not_shown_either() -> None:
    template = {
        "Parameters": {"Size": {"Type": "Number"}, "Other": {"Type": "Number"}},
        "Resources": {"Web": web(Memory={"Ref": "Size"}, Cpu="512")},
    }
    with pytest.raises(BadFragment) as caught:
        expand(template, "1", {"Size": "30720", "Other": "512"})
    assert str(caught.value) == (
        "Resources/Web/Properties/Memory: Fargate sells no task of 512 CPU units with the parameter's value MiB. "
        "Take 1024 to 4096 MiB, or other CPU units"
    )
