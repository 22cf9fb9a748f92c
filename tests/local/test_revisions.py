"""What is asked for: templates by text and by address, their parameters, capabilities, limits and rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from oaktree_cfn.local.templates import LARGEST_BODY, LARGEST_OBJECT
from oaktree_cfn.template import parameters
from oaktree_cfn.template.intrinsics import FUNCTIONS

from .player import BUCKET, Player, Refused, Template, declared, outputs, parameter, stack_of, template, topic, unique

BODY = template(declared("Word"), Topic=topic({"Ref": "Word"}))


# --- where templates come from --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "{bucket}.s3.{region}.amazonaws.com/{key}",
        "s3.{region}.amazonaws.com/{bucket}/{key}",
        "{bucket}.s3.amazonaws.com/{key}",
    ],
)
def test_a_template_comes_from_s3_however_it_is_addressed(player: Player, host: str) -> None:
    key = player.upload(template(Topic=topic())).rsplit("/", 1)[1]
    url = "https://" + host.format(bucket=BUCKET, region=player.region, key=key)
    made = player.cfn.create_stack(StackName=unique(), TemplateURL=url)
    assert player.settle(made["StackId"]) == "CREATE_COMPLETE"


def test_an_older_version_of_an_object_can_be_named(player: Player) -> None:
    s3, key = player.client("s3"), f"{unique('v')}.json"
    player.upload(template(Topic=topic()))
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template(First=topic())))["VersionId"]
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template(Second=topic())))
    url = f"https://{BUCKET}.s3.{player.region}.amazonaws.com/{key}"
    types = {
        v: player.cfn.get_template_summary(TemplateURL=url + v)["ResourceIdentifierSummaries"][0]["LogicalResourceIds"]
        for v in ("", f"?versionId={first}")
    }
    assert types == {"": ["Second"], f"?versionId={first}": ["First"]}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://bucket.s3.amazonaws.com/key", "TemplateURL must be a supported URL."),
        ("not a url", "TemplateURL must be a supported URL."),
        ("s3://bucket/key", "S3 error: Domain name specified in bucket is not a valid S3 domain"),
        ("https://example.com/key", "TemplateURL must reference a valid S3 object to which you have access."),
        ("https://s3.example.com/bucket/key", "TemplateURL must reference a valid S3 object to which you have access."),
        ("https://nobodys-bucket.s3.amazonaws.com/key", "S3 error: The specified bucket does not exist"),
        (f"https://{BUCKET}.s3.amazonaws.com/no-such-key", "S3 error: The specified key does not exist."),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(player: Player, url: str, said: str) -> None:
    player.upload(template(Topic=topic()))
    with Refused(said):
        player.cfn.create_stack(StackName=unique(), TemplateURL=url)


def test_there_must_be_a_template(player: Player) -> None:
    with Refused("Either Template URL or Template Body must be specified."):
        player.cfn.create_stack(StackName=unique())
    with Refused("UsePreviousTemplate cannot be used when there is no previous template"):
        player.cfn.create_change_set(
            StackName=unique(), ChangeSetName="c", ChangeSetType="CREATE", UsePreviousTemplate=True
        )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Resources: [", "Template format error: YAML not well-formed. (line 2, column 1)"),
        ('{"Resources": x}', "Template format error: JSON not well-formed. (line 1, column 15)"),
        ("just text", "Template format error: unsupported structure."),
        ("https://example.com/template.json", "Template format error: unsupported structure."),
        ("Resources: {A: 1}", "Template format error: Any Resources member must be an object."),
        ("Resources: {}\nTransform: Any", "Template format error: At least one Resources member must be defined."),
        ("Resources: {A: {Fn::Transform: {Name: [x]}}}", "Key Name of transform definition must be a string."),
    ],
)
def test_what_is_no_template_is_refused_in_cloudformations_words(player: Player, body: str, said: str) -> None:
    with Refused(said) as refused:
        player.cfn.create_stack(StackName=unique(), TemplateBody=body)
    assert refused.code == "ValidationError"
    assert refused.message.count("Template format error") <= 1


LOGICAL = ["A", "B", "P"]
scalars = st.sampled_from(
    [*LOGICAL, "AWS::Region", "AWS::NoValue", "", "x", "${A}", "${P}", 0, 7, True, None, "C", "M"]
)
functions = st.sampled_from([*FUNCTIONS, "Fn::Transform"])
anything = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["DisplayName", "TopicName", "Tags", "Key", "Value"]), inside, max_size=2)
        | st.builds(lambda name, argument: {name: argument}, functions, inside)
    ),
    max_leaves=8,
)
odd_resources = st.dictionaries(
    st.sampled_from(LOGICAL[:2]),
    st.fixed_dictionaries(
        {
            "Type": st.sampled_from(
                ["AWS::SNS::Topic", "AWS::SSM::Parameter", "AWS::CloudFormation::Stack", "AWS::Nope::Nope"]
            )
        },
        optional={
            "Properties": anything,
            "DependsOn": scalars,
            "Condition": st.just("C"),
            "Metadata": anything,
            "DeletionPolicy": scalars,
        },
    ),
    min_size=1,
)
odd_templates = st.fixed_dictionaries(
    {"Resources": odd_resources},
    optional={
        "Outputs": st.dictionaries(st.just("O"), st.fixed_dictionaries({"Value": anything}, optional={"Export": anything}), max_size=1),
        "Conditions": st.fixed_dictionaries({"C": anything}),
        "Parameters": st.fixed_dictionaries({"P": st.fixed_dictionaries({"Type": st.sampled_from(["String", "CommaDelimitedList", "Number", "x"])}, optional={"Default": scalars})}),
        "Mappings": st.fixed_dictionaries({"M": anything}),
        "Rules": st.fixed_dictionaries({"R": st.fixed_dictionaries({"Assertions": st.lists(st.fixed_dictionaries({"Assert": anything}), max_size=1)}, optional={"RuleCondition": anything})}),
        "Metadata": anything, "Description": scalars, "Transform": scalars, "AWSTemplateFormatVersion": scalars,
    },
)  # fmt: skip


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(odd_templates, st.booleans())
def test_any_template_is_planned_or_refused_in_words(player: Player, body: Template, update: bool) -> None:
    stack = player.create(template(A=topic("x"), B=parameter("x"))) if update else unique()
    said = None
    try:
        arn = player.change_set(stack, body, kind="UPDATE" if update else "CREATE")
    except ClientError as refused:
        said = refused.response["Error"]
    event("planned" if said is None else "refused")
    if said is None:
        for values in (True, False):
            player.described(arn, values=values)
        player.cfn.get_template_summary(TemplateBody=json.dumps(body))
    else:
        assert said["Code"] == "ValidationError", said
        assert said["Message"]


# --- limits ---------------------------------------------------------------------------------------------------------


def sized(bytes_: int, letter: str = "x") -> str:
    """A template of exactly so many bytes."""
    frame = json.dumps(template({"Description": "", "Metadata": {"Fill": "@"}}, Topic=topic()))
    room = bytes_ - len(frame) + 1
    filler = letter * (room // len(letter.encode())) + "." * (room % len(letter.encode()))
    return frame.replace("@", filler)


@pytest.mark.parametrize("letter", ["x", "ü", "東"])
def test_a_body_may_have_51200_bytes(player: Player, letter: str) -> None:
    body = sized(LARGEST_BODY, letter)
    assert len(body.encode()) == 51_200
    player.cfn.validate_template(TemplateBody=body)
    with Refused("at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200"):
        player.cfn.validate_template(TemplateBody=body + " ")


def test_an_object_may_have_a_million_bytes(player: Player) -> None:
    player.cfn.validate_template(TemplateURL=player.upload(sized(LARGEST_OBJECT)))
    with Refused("Template may not exceed 1000000 bytes in size."):
        player.cfn.validate_template(TemplateURL=player.upload(sized(LARGEST_OBJECT) + " "))


def test_a_template_may_have_500_resources(player: Player) -> None:
    body = template(**{f"T{n}": topic() for n in range(500)})
    player.cfn.validate_template(TemplateURL=player.upload(body))
    body["Resources"]["OneMore"] = topic()
    with Refused("Template format error: Number of resources, 501, is greater than maximum allowed, 500"):
        player.cfn.validate_template(TemplateURL=player.upload(body))


# --- parameters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "Parameters: [Word] must have values"),
        ({"Word": "x", "Wrd": "y"}, "Parameters: [Wrd] do not exist in the template"),
        ({"Word": None}, "Cannot specify usePreviousValue as true for a parameter key not in the previous template"),
    ],
)
def test_parameters_must_be_those_of_the_template(player: Player, given_: dict[str, Any], said: str) -> None:
    with Refused(said):
        player.create(BODY, **given_)


TYPES = ["String", "Number", "CommaDelimitedList", "List<Number>", "AWS::EC2::VPC::Id"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(TYPES),
    st.text(st.sampled_from("ab1,. -é<&"), max_size=6) | st.sampled_from(["1,2", "7", "vpc-1", "a,b"]),
    st.fixed_dictionaries({}, optional={
        "AllowedValues": st.lists(st.sampled_from(["a", "1", "7", "b"]), min_size=1),
        "MinLength": st.integers(0, 3), "MaxLength": st.integers(2, 5), "MinValue": st.integers(0, 5), "AllowedPattern": st.sampled_from(["[a-z]*", ".+"]),
    }),
)  # fmt: skip
def test_the_stage_takes_exactly_the_values_that_the_template_takes(
    player: Player, type_: str, value: str, constraints: dict[str, Any]
) -> None:
    declaration = {"Type": type_, **constraints}
    said = parameters.problem("P", declaration, value)
    body = template({"Parameters": {"P": declaration}} | outputs(Joined=joined(type_)), Topic=topic())
    if said is None:
        arn = player.change_set(unique(), body, kind="CREATE", P=value)
        assert player.described(arn)["Parameters"] == [{"ParameterKey": "P", "ParameterValue": value}]
    else:
        with Refused(said):
            player.change_set(unique(), body, kind="CREATE", P=value)


def joined(type_: str) -> Any:
    return {"Fn::Join": ["|", {"Ref": "P"}]} if parameters.is_list(type_) else {"Ref": "P"}


def test_lists_are_lists_for_ref(player: Player) -> None:
    body = template(
        {"Parameters": {"P": {"Type": "CommaDelimitedList"}}}
        | outputs(Joined={"Fn::Join": ["|", {"Ref": "P"}]}, Second={"Fn::Select": [1, {"Ref": "P"}]}),
        Topic=topic(),
    )
    assert player.outputs(player.create(body, P="a, b,c")) == {"Joined": "a|b|c", "Second": "b"}


def test_a_secret_is_masked_wherever_the_stack_is_described(player: Player) -> None:
    secret = "correct horse battery staple"
    body = template(
        {"Parameters": {"Secret": {"Type": "String", "NoEcho": True}}},
        Word=parameter({"Fn::Sub": "the ${Secret}!"}),
        Child=None,
    )
    inner = {
        "Parameters": {"Secret": {"Type": "String", "NoEcho": True}},
        **template(Inner=parameter({"Ref": "Secret"})),
    }
    body["Resources"]["Child"] = stack_of(player.upload(inner), Secret={"Ref": "Secret"})
    stack = player.create(body, Secret=secret)
    ids = player.ids(stack)
    assert player.value(ids["Word"]) == f"the {secret}!"
    shown = [player.stack(stack), player.stack(ids["Child"]), player.events(stack), player.events(ids["Child"])]
    arn = player.change_set(stack, {**body, "Outputs": {"O": {"Value": "x"}}}, Secret=None)
    shown += [player.described(arn), player.cfn.get_template_summary(StackName=stack)]
    assert secret not in json.dumps(shown, default=str)
    assert player.stack(stack)["Parameters"] == [{"ParameterKey": "Secret", "ParameterValue": "****"}]
    assert player.described(arn)["Parameters"] == [{"ParameterKey": "Secret", "ParameterValue": "****"}]


def test_previous_values_are_kept_also_secret_ones(player: Player) -> None:
    both = {"Parameters": {"Secret": {"Type": "String", "NoEcho": True}, "Plain": {"Type": "String", "Default": "d"}}}
    body = template(both, Word=parameter({"Fn::Sub": "${Secret} ${Plain}"}))
    stack = player.create(body, Secret="s3", Plain="given")
    assert player.described(player.change_set(stack, body, Secret=None, Plain=None))["Status"] == "FAILED"
    player.update(stack, body, Secret=None)
    assert player.value(player.ids(stack)["Word"]) == "s3 d"  # not given and not kept: the default again


def test_a_default_that_changes_does_not_touch_a_kept_value(player: Player) -> None:
    def body(default: str) -> Template:
        return template(declared(Plain=default), Word=parameter({"Ref": "Plain"}))

    stack = player.create(body("one"))
    assert player.described(player.change_set(stack, body("two"), Plain=None))["Status"] == "FAILED"
    player.update(stack, body("two"))
    assert player.value(player.ids(stack)["Word"]) == "two"


def test_ssm_parameters_are_looked_up_and_shown(player: Player) -> None:
    one, many = f"/{unique('store')}", f"/{unique('store')}"
    ssm = player.client("ssm")
    ssm.put_parameter(Name=one, Value="v1", Type="String")
    ssm.put_parameter(Name=many, Value="a,b", Type="StringList")
    types = {
        "One": "AWS::SSM::Parameter::Value<String>",
        "Many": "AWS::SSM::Parameter::Value<List<String>>",
        "Name": "AWS::SSM::Parameter::Name",
    }
    body = template(
        {"Parameters": {name: {"Type": type_} for name, type_ in types.items()}} | outputs(O={"Fn::Join": [" ", [{"Ref": "One"}, {"Fn::Join": ["+", {"Ref": "Many"}]}, {"Ref": "Name"}]]}),
        Word=parameter({"Ref": "One"}),
    )  # fmt: skip
    stack = player.create(body, One=one, Many=many, Name=one)
    assert player.outputs(stack) == {"O": f"v1 a+b {one}"}
    assert player.stack(stack)["Parameters"] == [
        {"ParameterKey": "One", "ParameterValue": one, "ResolvedValue": "v1"},
        {"ParameterKey": "Many", "ParameterValue": many, "ResolvedValue": "a,b"},
        {"ParameterKey": "Name", "ParameterValue": one},
    ]


def test_a_new_value_in_ssm_is_a_change_and_what_was_reviewed_is_what_is_made(player: Player) -> None:
    name = f"/{unique('store')}"
    ssm = player.client("ssm")
    ssm.put_parameter(Name=name, Value="v1", Type="String")
    body = template({"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>"}}}, Word=parameter({"Ref": "P"}))
    stack = player.create(body, P=name)
    ssm.put_parameter(Name=name, Value="v2", Type="String", Overwrite=True)
    arn = player.change_set(stack, body, P=None)
    (detail, *_) = player.changes(arn, values=True)["Word"]["Details"]
    assert (detail["Target"]["BeforeValue"], detail["Target"]["AfterValue"]) == ("v1", "v2")
    ssm.put_parameter(Name=name, Value="v3", Type="String", Overwrite=True)
    player.execute(arn)
    assert player.value(player.ids(stack)["Word"]) == "v2"


def test_an_ssm_parameter_that_is_not_there_is_refused(player: Player) -> None:
    body = template({"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>"}}}, Topic=topic())
    with Refused("Unable to fetch parameters [/nowhere] from parameter store for this account."):
        player.create(body, P="/nowhere")


def test_rules_are_checked_before_anything_is_made(player: Player) -> None:
    rule = {
        "Assertions": [
            {"Assert": {"Fn::Contains": [["a", "b"], {"Ref": "Word"}]}, "AssertDescription": "a or b, please"}
        ]
    }
    body = {**BODY, "Rules": {"AorB": rule}}
    with Refused("a or b, please"):
        player.create(body, Word="c")
    assert player.stack(player.create(body, Word="a"))["StackStatus"] == "CREATE_COMPLETE"
    broken = {**BODY, "Rules": {"Bad": {"Assertions": [{"Assert": {"Fn::Equals": ["a"]}}]}}}
    with Refused("every Fn::Equals object requires a list of 2 string parameters"):
        player.create(broken, Word="a")


# --- capabilities ---------------------------------------------------------------------------------------------------

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def role(**named: str) -> Template:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **named}}


@pytest.mark.parametrize(
    ("named", "capabilities", "needed"),
    [
        ({}, [], "CAPABILITY_IAM"),
        ({}, ["CAPABILITY_AUTO_EXPAND"], "CAPABILITY_IAM"),
        ({}, ["CAPABILITY_IAM"], ""),
        ({}, ["CAPABILITY_NAMED_IAM"], ""),
        ({"RoleName": "oaktree"}, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        ({"RoleName": "oaktree"}, ["CAPABILITY_NAMED_IAM"], ""),
    ],
)
def test_roles_must_be_acknowledged(
    player: Player, named: dict[str, str], capabilities: list[str], needed: str
) -> None:
    body = json.dumps(template(Role=role(**named)))
    request = {
        "StackName": unique(),
        "ChangeSetName": "c",
        "ChangeSetType": "CREATE",
        "TemplateBody": body,
        "Capabilities": capabilities,
    }
    if not needed:
        assert player.cfn.create_change_set(**request)
        return
    with Refused(f"Requires capabilities : [{needed}]") as refused:
        player.cfn.create_change_set(**request)
    assert refused.code == "InsufficientCapabilitiesException"


def test_roles_of_nested_stacks_must_be_acknowledged_too(player: Player) -> None:
    body = json.dumps(template(Child=stack_of(player.upload(template(Role=role())))))
    request = {
        "StackName": unique(),
        "ChangeSetName": "c",
        "ChangeSetType": "CREATE",
        "TemplateBody": body,
        "IncludeNestedStacks": True,
    }
    root = player.cfn.create_change_set(**request)["Id"]
    assert player.described(root)["Status"] == "FAILED"
    nested = player.described(player.changes(root)["Child"]["ChangeSetId"])
    assert (nested["Status"], nested["StatusReason"]) == ("FAILED", "Requires capabilities : [CAPABILITY_IAM]")


def test_tags_are_kept_unless_others_are_given(player: Player) -> None:
    stack = player.create(BODY, Word="a", options={"Tags": [{"Key": "team", "Value": "trees"}]})
    player.update(stack, BODY, Word="b")
    assert player.stack(stack)["Tags"] == [{"Key": "team", "Value": "trees"}]
