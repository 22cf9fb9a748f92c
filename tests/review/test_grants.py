"""Patterns cover patterns as IAM would have it: reflexively, transitively, and never more than they match."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.review.grants import Unreadable, covers, grants, looser

PATTERNS = st.text("ab*?", max_size=8)
WORDS = st.text("abc", max_size=10)


@given(PATTERNS)
def test_a_pattern_covers_itself(pattern: str) -> None:
    assert covers(pattern, pattern)


@st.composite
def narrower(draw: st.DrawFn, pattern: str) -> str:
    """A pattern that the given one covers: its wildcards filled in, or left."""
    filled = (
        draw(PATTERNS) if letter == "*" else draw(st.sampled_from("ab?")) if letter == "?" else letter
        for letter in pattern
    )
    return "".join(filled)


@given(st.data(), PATTERNS)
def test_covering_is_transitive(data: st.DataObject, one: str) -> None:
    two = data.draw(narrower(one))
    three = data.draw(narrower(two))
    assert covers(one, two)
    assert covers(two, three)
    assert covers(one, three)


@given(PATTERNS, PATTERNS, WORDS)
def test_what_is_covered_matches_no_more(wide: str, narrow: str, word: str) -> None:
    if covers(wide, narrow) and fnmatch.fnmatchcase(word, narrow):
        assert fnmatch.fnmatchcase(word, wide)


@given(PATTERNS, WORDS)
def test_a_plain_text_is_covered_by_what_matches_it(pattern: str, word: str) -> None:
    assert covers(pattern, word) == fnmatch.fnmatchcase(word, pattern)


@pytest.mark.parametrize("pattern", ["a*" * 40, "*?" * 40])
def test_a_malicious_pattern_takes_no_time(pattern: str) -> None:
    covers(pattern + "b", "a" * 2000)


def test_statements_cover_each_other_in_every_part() -> None:
    wide = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}
    narrow = {"Effect": "Allow", "Action": "s3:get*", "Resource": "arn:x", "Principal": {"AWS": "123456789012"}}
    one, two = grants({"Statement": [wide, narrow]})
    assert one.covers(two)
    assert not two.covers(one)


def test_an_account_covers_its_roles() -> None:
    account, role = (
        grants({"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"AWS": who}}})[0]
        for who in ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/app")
    )
    assert account.covers(role)
    assert not role.covers(account)


CONDITIONS = st.lists(
    st.tuples(
        st.sampled_from(["stringequals", "stringnotequals", "stringlike"]),
        st.sampled_from(["k", "l"]),
        st.frozensets(st.sampled_from(["a", "b", "*"]), min_size=1),
    ),
    max_size=3,
).map(tuple)


@given(CONDITIONS)
def test_conditions_are_as_loose_as_themselves_and_tighter_than_none(conditions: tuple) -> None:  # type: ignore[type-arg]
    assert looser(conditions, conditions)
    assert looser((), conditions)
    assert looser(conditions, ()) == (not conditions)


@pytest.mark.parametrize("document", ["{", "text", ["list"], {"Statement": ["text"]}])
def test_what_is_no_policy_says_so(document: object) -> None:
    with pytest.raises(Unreadable):
        grants(document)
