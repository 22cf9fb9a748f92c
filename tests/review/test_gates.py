"""Gates: what exists and holds something is not lost without its path being named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet
from oaktree_cfn.review.consequences.data import GENTLE, HOLDS
from oaktree_cfn.review.gates import Policy, judge, kinds
from oaktree_cfn.review.review import review

from .change_sets import TREES, plain
from .ours import create, update

TABLE = "AWS::DynamoDB::Table"


@pytest.mark.parametrize(
    "change",
    [
        Change("Remove", "UsersTable", TABLE, policy_action="Delete"),
        Change("Modify", "UsersTable", TABLE, replacement="True"),
        Change("Modify", "UsersTable", TABLE, replacement="Conditional"),
        Change("Modify", "UsersTable", TABLE, replacement="True", policy_action="ReplaceAndRetain"),
        Change("Dynamic", "UsersTable", "AWS::SNS::Topic"),
        Change("Modify", "UsersTable", "AWS::SNS::Topic", replacement="Perhaps"),
        Change("Modify", "UsersTable", STACK_TYPE),
    ],
    ids=lambda change: f"{change.action} {change.type} {change.replacement} {change.policy_action}",
)
def test_it_refuses_until_the_path_is_allowed(change: Change) -> None:
    found = review(plain(change))
    verdict = judge(found)
    assert [refusal.place for refusal in verdict.refusals] == ["UsersTable"]
    assert verdict.refusals[0].reason
    assert not judge(found, ["UsersTable"]).refused


@pytest.mark.parametrize(
    "change",
    [
        Change("Add", "UsersTable", TABLE),
        Change("Modify", "UsersTable", TABLE, replacement="False"),
        Change("Remove", "UsersTable", TABLE, policy_action="Retain"),
        Change("Remove", "Rule", "AWS::EC2::Route", policy_action="Delete"),
        Change("Modify", "Task", "AWS::ECS::TaskDefinition", replacement="True"),
    ],
    ids=lambda change: f"{change.action} {change.type} {change.replacement} {change.policy_action}",
)
def test_it_lets_pass_what_loses_nothing(change: Change) -> None:
    assert not judge(review(plain(change))).refused


def test_a_first_create_has_nothing_to_lose() -> None:
    assert not judge(review(plain(Change("Dynamic", "T", "X")), creates=True)).refused


def test_allowing_one_path_does_not_open_another_and_a_slip_is_noticed() -> None:
    both = plain(Change("Remove", "A", TABLE), Change("Remove", "B", TABLE))
    verdict = judge(review(both), ["A", "C"])
    assert [refusal.place for refusal in verdict.refusals] == ["B"]
    assert verdict.unused == ("C",)
    assert verdict.advice.endswith("--allow B")


@given(TREES)
def test_no_loss_of_what_holds_something_passes_any_gate(tree: ChangeSet) -> None:
    refused = {refusal.place for refusal in judge(review(tree)).refusals}
    for path, change in tree.walk():
        gone = change.action == "Remove" and change.policy_action != "Retain"
        replaced = change.action == "Modify" and change.replacement in {"True", "Conditional"}
        strange = change.action not in {"Add", "Modify", "Remove", "Import"}
        if strange or (change.type in {*HOLDS} - GENTLE and (gone or replaced)):
            assert "/".join(path) in refused


# Defaults, on our own templates


def open_to_the_world(properties: dict[str, Any]) -> None:
    properties["SecurityGroupIngress"].append(
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    )


def every_action(properties: dict[str, Any]) -> None:
    properties["PolicyDocument"]["Statement"][0]["Action"] = "dynamodb:*"


@pytest.mark.parametrize(
    ("change_set", "places"),
    [
        (update(after={"HealthCheckInterval": "45"}), []),
        (update({"ImageTag": "v1"}, {"ImageTag": "v2"}), []),
        (update(after={"TaskSubnets": "private", "NatGateways": "single"}), []),
        (update(after={"LogRetentionDays": "7"}), ["Service/LogGroup"]),
        (update(edits={"Network/TaskSecurityGroup": open_to_the_world}), ["Network/TaskSecurityGroup"]),
        (update(edits={"Service/TaskPolicy": every_action}), ["Service/TaskPolicy"]),
    ],
    ids=["health check", "image", "private subnets", "shorter logs", "open group", "wider role"],
)
def test_what_refuses_without_any_policy(change_set: ChangeSet, places: list[str]) -> None:
    assert [refusal.place for refusal in judge(review(change_set)).refusals] == places


def test_a_first_create_of_ours_shows_and_asks_and_refuses_nothing() -> None:
    found = review(create(), creates=True)
    assert not judge(found, policy=Policy(refuse=kinds(), protected=("*",))).refused
    assert {str(each.severity) for each in found.consequences} == {"ask", "note"}


# Policies


def test_a_kind_can_be_made_to_refuse_from_a_severity_on() -> None:
    found = review(update({"ImageTag": "v1", "DesiredCount": "3"}, {"DesiredCount": "1"}))
    assert not judge(found).refused
    for rule in ("availability", "availability:ask", "availability:note"):
        refused = judge(found, policy=Policy(refuse=(rule,))).refusals
        assert [refusal.place for refusal in refused] == ["Service/Service"]
    assert not judge(found, policy=Policy(refuse=("availability:refuse",))).refused


def test_a_kind_can_be_made_a_notice_up_to_a_severity() -> None:
    found = review(update(edits={"Network/TaskSecurityGroup": open_to_the_world}))
    assert judge(found, policy=Policy(notice=("network:ask",))).refused
    assert not judge(found, policy=Policy(notice=("network",))).refused
    assert judge(found, policy=Policy(notice=("network",), refuse=("network",))).refused


def test_what_is_not_understood_is_refused_whatever_the_policy_says() -> None:
    assert judge(review(plain(Change("Dynamic", "T", "X"))), policy=Policy(notice=("unknown",))).refused


def test_a_sum_over_all_stacks_goes_by_the_name_of_the_root_stack() -> None:
    found = review(update(after={"TaskSubnets": "private", "NatGateways": "single"}))
    verdict = judge(found, policy=Policy(refuse=("cost",)))
    assert {refusal.place for refusal in verdict.refusals} == {"oaktree-dev"}
    assert verdict.advice.endswith("--allow oaktree-dev")
    assert not judge(found, ["oaktree-dev"], Policy(refuse=("cost",))).refused


INSIDE = ChangeSet("c", "n", "s", "s", "CREATE_COMPLETE", changes=(Change("Modify", "Topic", "AWS::SNS::Topic"),))


@pytest.mark.parametrize(
    ("change", "pattern", "refused"),
    [
        (Change("Modify", "Data", STACK_TYPE, nested=INSIDE), "Data/*", True),
        (Change("Modify", "Data", STACK_TYPE, nested=INSIDE), "*/Topic", True),
        (Change("Modify", "Data", STACK_TYPE, nested=INSIDE), "Data/Table", False),
        (Change("Modify", "Data", STACK_TYPE, nested=INSIDE), "data/*", False),
        (Change("Remove", "Data", STACK_TYPE, policy_action="Retain"), "Data/*", True),
        (Change("Remove", "Data", STACK_TYPE, policy_action="Retain"), "*/Table", True),
        (Change("Remove", "Topic", "AWS::EC2::Tag"), "Topic", True),
        (Change("Add", "Topic", "AWS::SNS::Topic"), "*", False),
    ],
    ids=str,
)
def test_protected_paths(change: Change, pattern: str, refused: bool) -> None:
    assert judge(review(plain(change)), policy=Policy(protected=(pattern,))).refused is refused


def test_a_protected_path_opens_by_its_name_too() -> None:
    found = review(plain(Change("Modify", "Topic", "AWS::SNS::Topic")))
    assert not judge(found, ["Topic"], Policy(protected=("*",))).refused


def environment(**rules: tuple[str, ...]) -> Environment:
    return Environment("dev", "eu-west-1", "", "oaktree-dev", path=Path("environments/dev.toml"), **rules)  # type: ignore[arg-type]


def test_a_policy_comes_from_the_environment_file() -> None:
    rules = {"refuse": ("cost", "access:ask"), "notice": ("network:ask",), "protected": ("Data/*",)}
    assert Policy.of(environment(**rules)) == Policy(**rules)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"refuse": ("costs",)}, "review.refuse: 'costs' is no kind of consequence; did you mean cost?"),
        ({"notice": ("zebra",)}, "review.notice: 'zebra' is no kind of consequence; there are access, availability"),
        ({"refuse": ("cost:loud",)}, "review.refuse: 'cost:loud': after the colon stands note, ask or refuse"),
        ({"notice": ("unknown",)}, "review.notice: unknown cannot be made harmless"),
    ],
)
def test_a_rule_that_is_none_is_refused_in_words(rules: dict[str, tuple[str, ...]], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Policy.of(environment(**rules))
    assert caught.value.message.startswith(f"environments/dev.toml: {said}")


def test_every_kind_is_a_file_and_can_be_named() -> None:
    assert kinds() == ("access", "availability", "cost", "data", "exports", "network", "unknown")
