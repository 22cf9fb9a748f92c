"""What an upgrade means for a form that was filled in: parameters that vanish, appear or tighten."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.catalog import form
from oaktree_cfn.review.consequence import Severity

CPU = {"Type": "String", "Default": "256", "AllowedValues": ["256", "512"]}


def found(old: dict[str, Any], new: dict[str, Any], **values: str) -> list[tuple[Severity, str]]:
    return [(each.severity, each.text) for each in form.changes("orders", old, new, values)]


@pytest.mark.parametrize(
    ("old", "new", "values", "severity", "text"),
    [
        ({"Cpu": CPU}, {}, {"Cpu": "256"}, Severity.NOTE, "Cpu vanishes from the form"),
        ({"Cpu": CPU}, {}, {"Cpu": "512"}, Severity.ASK, "the value '512' counts no more"),
        ({}, {"Cpu": CPU}, {}, Severity.NOTE, "Cpu appears in the form; it is '256' unless changed"),
        ({}, {"Tag": {"Type": "String"}}, {}, Severity.REFUSE, "must be filled in"),
        ({"Cpu": CPU}, {"Cpu": {**CPU, "AllowedValues": ["256"]}}, {"Cpu": "512"}, Severity.REFUSE, "no longer taken"),
        ({"Cpu": CPU}, {"Cpu": {**CPU, "AllowedValues": ["256"]}}, {"Cpu": "256"}, Severity.NOTE, "512 can no longer"),
        ({"Cpu": {"Type": "String"}}, {"Cpu": CPU}, {"Cpu": "256"}, Severity.NOTE, "only 256, 512 can be chosen"),
        (
            {"N": {"Type": "Number", "MaxValue": 9}},
            {"N": {"Type": "Number", "MaxValue": 5}},
            {"N": "7"},
            Severity.REFUSE,
            "N tightens: the value '7' is no longer taken",
        ),
        (
            {"N": {"Type": "Number", "MaxValue": 9}},
            {"N": {"Type": "Number", "MaxValue": 5}},
            {"N": "3"},
            Severity.NOTE,
            "MaxValue differ",
        ),
    ],
)
def test_a_change_of_the_form_is_told(old: Any, new: Any, values: Any, severity: Severity, text: str) -> None:
    ((level, said),) = found(old, new, **values)
    assert level is severity
    assert text in said


def test_a_secret_is_never_shown() -> None:
    secret = {"Type": "String", "NoEcho": True, "AllowedValues": ["a", "hunter2"], "Default": "a"}
    texts = [text for _, text in found({"Key": secret}, {"Key": {**secret, "AllowedValues": ["a"]}}, Key="hunter2")]
    texts += [text for _, text in found({"Key": secret}, {}, Key="hunter2")]
    assert "hunter2" not in " ".join(text.partition("can no longer")[0] for text in texts[1:])


NAMES = st.sampled_from(["Cpu", "Memory", "Tag", "Path"])
FORMS = st.dictionaries(NAMES, st.sampled_from([CPU, {"Type": "String", "Default": "x"}]))


@given(FORMS)
def test_a_form_that_stays_changes_nothing(declared: dict[str, Any]) -> None:
    values = {name: each["Default"] for name, each in declared.items()}
    assert list(form.changes("orders", declared, declared, values)) == []


@given(FORMS, FORMS)
def test_every_parameter_that_comes_or_goes_is_told_once(old: dict[str, Any], new: dict[str, Any]) -> None:
    places = [each.place for each in form.changes("orders", old, new, {})]
    assert {f"orders/{name}" for name in old.keys() ^ new.keys()} <= {*places}
    assert len(places) == len({*places})


def test_rules_that_the_values_break_are_told_in_their_own_words() -> None:
    assertion = {"Assert": {"Fn::Contains": [["S"], {"Ref": "Size"}]}, "AssertDescription": "Size must be S"}
    template = {"Parameters": {"Size": {"Type": "String"}}, "Resources": {}}
    bounds = [__import__("json").dumps({"Rules": {"Size": {"Assertions": [assertion]}}})]
    (broken,) = form.broken("orders", template, bounds, {"Size": "M"})
    assert (broken.place, broken.severity, broken.text) == ("orders", Severity.REFUSE, "Size must be S")
    assert list(form.broken("orders", template, bounds, {"Size": "S"})) == []
