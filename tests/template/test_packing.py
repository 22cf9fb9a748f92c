"""Statements go into as few policies as they fit, each within IAM's limits with the longest names."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.packing import LONGEST, MANAGED, length, packed


def statement(size: int, sid: str = "It") -> dict[str, Any]:
    empty = {"Sid": sid, "Effect": "Allow", "Action": [""], "Resource": ["*"]}
    return {**empty, "Action": ["a" * (size - length(empty))]}


def document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


@given(sizes=st.lists(st.integers(100, 3000), max_size=40))
def test_nothing_is_lost_or_moved_and_every_policy_fits(sizes: list[int]) -> None:
    statements = [statement(size, f"S{number}") for number, size in enumerate(sizes)]
    policies = packed(statements)
    assert [each for policy in policies for each in policy] == statements
    assert all(len(document(policy)) <= MANAGED for policy in policies)
    for policy, following in itertools.pairwise(policies):
        assert len(document([*policy, following[0]])) > MANAGED - 2  # none could have taken one more


def test_names_count_at_their_longest() -> None:
    arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Prefix}-users"
    grown = arn
    for name, longest in LONGEST.items():
        grown = grown.replace(f"${{{name}}}", "x" * longest)
    assert length({"Resource": [{"Fn::Sub": arn}]}) == len(json.dumps({"Resource": [grown]}, separators=(",", ":")))


def test_a_statement_that_fits_into_no_policy_is_named() -> None:
    with pytest.raises(InvalidInput, match="The statement Ec2 is 7,001 characters long"):
        packed([statement(7000, "Ec2")])
