"""Templates are read as CloudFormation reads them: short tags, text where YAML would guess, and no YAML it does not know."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import read


def parse(text: str) -> Any:
    return read.parse(text, "app.yaml")


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Vpc", {"Ref": "Vpc"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!GetAtt Data.Arn", {"Fn::GetAtt": ["Data", "Arn"]}),
        ("!GetAtt Data.Outputs.TableArn", {"Fn::GetAtt": ["Data", "Outputs.TableArn"]}),
        ("!GetAtt [Data, Arn]", {"Fn::GetAtt": ["Data", "Arn"]}),
        ("!Sub '${Prefix}-api'", {"Fn::Sub": "${Prefix}-api"}),
        ("!Sub ['${X}', {X: !Ref Vpc}]", {"Fn::Sub": ["${X}", {"X": {"Ref": "Vpc"}}]}),
        ("!Join [',', [a, !Ref B]]", {"Fn::Join": [",", ["a", {"Ref": "B"}]]}),
        ("!If [IsProd, 2, !Ref 'AWS::NoValue']", {"Fn::If": ["IsProd", 2, {"Ref": "AWS::NoValue"}]}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("!Split [',', 'a,b']", {"Fn::Split": [",", "a,b"]}),
        ("!Cidr [10.0.0.0/16, 4, 8]", {"Fn::Cidr": ["10.0.0.0/16", 4, 8]}),
        ("!FindInMap [M, a, b]", {"Fn::FindInMap": ["M", "a", "b"]}),
        ("!ImportValue shared-vpc", {"Fn::ImportValue": "shared-vpc"}),
        ("!Base64 text", {"Fn::Base64": "text"}),
        ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
        ("!And [!Condition A, !Not [!Condition B]]", {"Fn::And": [{"Condition": "A"}, {"Fn::Not": [{"Condition": "B"}]}]}),
    ],
)  # fmt: skip
def test_a_short_tag_is_its_long_form(short: str, long: Any) -> None:
    assert parse(f"Value: {short}") == {"Value": long}


def test_the_two_forms_of_one_template_read_alike() -> None:
    wanted = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}}}
    text = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Ref Name\n"
    assert parse(text) == parse(json.dumps(wanted)) == wanted


def test_dates_and_policy_versions_stay_text() -> None:
    assert parse("Version: 2012-10-17") == {"Version": "2012-10-17"}
    assert parse("AWSTemplateFormatVersion: 2010-09-09") == {"AWSTemplateFormatVersion": "2010-09-09"}


def test_an_account_number_with_a_leading_zero_keeps_it() -> None:
    assert parse("Account: 012345678901") == {"Account": "012345678901"}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert parse("80: open\nyes: no\n") == {"80": "open", "yes": False}


def test_a_policy_statement_may_have_a_key_named_condition() -> None:
    assert parse("Statement: {Effect: Allow, Condition: {Bool: {'aws:SecureTransport': false}}}") == {
        "Statement": {"Effect": "Allow", "Condition": {"Bool": {"aws:SecureTransport": False}}}
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A: &x 1\nB: *x\n", "app.yaml:1: YAML aliases are not supported"),
        ("A: 1\nB:\n  <<: {C: 1}\n", "app.yaml:3: a key must be plain text"),
        ("A: 1\nA: 2\n", "app.yaml:2: the key 'A' stands twice"),
        ('{"A": 1, "A": 2}', "the key 'A' stands twice"),
        ("A: 1\nB: !Rf X\n", "app.yaml:2: the tag !Rf is not supported"),
        ("A: !!python/object/apply:os.system [ls]\n", "python/object/apply:os.system is not supported"),
        ("A: !!binary aGk=\n", "binary is not supported"),
        ("A: !!set {a, b}\n", "set is not supported"),
        ("? [a, b]\n: 1\n", "a key must be plain text"),
        ("A: [1\n", "app.yaml:2: YAML not well-formed"),
        ("A: 1\n---\nB: 2\n", "YAML not well-formed"),
        ("A: \x00\n", "YAML not well-formed"),
        ('{"A": \n 1,}', "app.yaml:2: JSON not well-formed"),
        ("", "unsupported structure"),
        ("- a\n", "unsupported structure"),
        ("just text", "unsupported structure"),
        ("A: .inf\n", "not a number"),
        ('{"A": NaN}', "not a number"),
        ('{"A": "\\ud800"}', "is not UTF-8"),
    ],
)  # fmt: skip
def test_what_cloudformation_does_not_read_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text)
    assert why in refused.value.message


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [read.DEEPEST + 1, 900, 100_000])
def test_a_nesting_bomb_is_refused(opening: str, levels: int) -> None:
    closing = "]" if opening == "[" else "}"
    with pytest.raises(InvalidInput):
        parse('{"A": ' + opening * levels + "1" + closing * levels + "}")


def test_yaml_nested_too_deeply_is_refused_with_its_line() -> None:
    text = "\n".join(" " * level + "a:" for level in range(read.DEEPEST + 2)) + " 1"
    with pytest.raises(InvalidInput, match="nested deeper than"):
        parse(text)


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text("Description: größer — 東京\n", encoding="utf-8")
    assert read.load(path) == {"Description": "größer — 東京"}


def test_a_file_that_cannot_be_read_says_which_and_why(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"missing\.yaml: cannot be read: No such file"):
        read.load(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes("Description: größe".encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"latin\.yaml: is not UTF-8 \(byte 15\)"):
        read.load(tmp_path / "latin.yaml")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text("ABCxyz", min_size=1), inside, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("ABCxyz", min_size=1), plain, max_size=4))
def test_json_and_yaml_of_plain_data_read_back_alike(data: dict[str, Any]) -> None:
    assert parse(json.dumps(data)) == data
    assert parse(yaml.safe_dump(data, allow_unicode=True)) == data


@given(st.text(st.sampled_from("{}[]:,-!&*<>|#\"'ab \n0.~?%@`\\"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse(text), dict)
