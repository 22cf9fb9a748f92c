"""The ground of a service: names, logical ids, and what it must have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from troposphere import Join, Ref, Sub

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.names import named
from oaktree_cfn.services.when import When, either, resources, the_part
from tests.services.rendering import GROUND, made, scheduled, web, worker


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("oaktree", "oaktree-task"),
        (Ref("Prefix"), {"Fn::Sub": "${Prefix}-task"}),
        (Sub("${Prefix}-api"), {"Fn::Sub": "${Prefix}-api-task"}),
        (Join("-", ["a", "b"]), {"Fn::Sub": ["${Prefix}-task", {"Prefix": {"Fn::Join": ["-", ["a", "b"]]}}]}),
    ],
)
def test_a_name_begins_with_the_prefix_whatever_it_is(prefix: object, expected: object) -> None:
    given = named("{}-task", prefix)
    assert (given if isinstance(given, str) else given.to_dict()) == expected


@pytest.mark.parametrize("service", [web(), worker(), scheduled()], ids=lambda value: type(value).__name__)
def test_two_services_stand_in_one_template_by_their_stems(service: object) -> None:
    one, other = (made(service, replace(GROUND, stem=stem)) for stem in ("One", "Other"))
    assert {title.removeprefix("One") for title in one} == {title.removeprefix("Other") for title in other}
    assert not set(one) & set(other)


def test_what_is_needed_is_given_or_asked_for_by_its_name() -> None:
    assert GROUND.needed("balancer.listener", "why") == "arn:listener"
    with pytest.raises(InvalidInput) as caught:
        replace(GROUND, balancer=None).needed("balancer.listener", "a rule has a listener")
    assert caught.value.message == "Ground.balancer.listener: a rule has a listener, and there is none"
    assert caught.value.advice == "Give the ground its balancer.listener."


def test_a_part_under_a_condition_is_there_only_where_it_holds() -> None:
    assert either(None, str) is not None
    assert either(3, lambda part: part + 1) == 4
    assert either(When("C", 3), lambda part: part + 1, 0).to_dict() == {"Fn::If": ["C", 4, 0]}
    assert the_part(When("C", 3)) == the_part(3) == 3


def test_its_resources_stand_under_the_condition_and_under_no_other() -> None:
    from troposphere.sns import Topic

    assert resources(None, lambda _: [Topic("A")]) == []
    (plain,) = resources(1, lambda _: [Topic("A")])
    assert "Condition" not in plain.to_dict()
    (conditional,) = resources(When("C", 1), lambda _: [Topic("A")])
    assert conditional.to_dict()["Condition"] == "C"
    with pytest.raises(ValueError, match="A cannot stand under two conditions, D and C"):
        resources(When("C", 1), lambda _: [Topic("A", Condition="D")])
