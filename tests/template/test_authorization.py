"""The evaluator answers as AWS's documentation says that IAM does, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.template.authorization import OPERATORS, allowed, holds, trusted

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
TOPIC = "arn:aws:sns:us-east-1:123456789012:reports"
NO = None
"""The key is not in the request."""

# operator, the policy's values, the request's value, whether it holds
ROWS: list[tuple[str, Any, Any, bool]] = [
    # "String condition operators": exact and case-sensitive
    ("StringEquals", "silver", "silver", True),
    ("StringEquals", "silver", "Silver", False),
    ("StringEquals", "silver", "silver ", False),
    ("StringEquals", "sil*", "silver", False),
    ("StringEquals", "sil*", "sil*", True),
    ("StringEquals", ["gold", "silver"], "silver", True),
    ("StringEquals", ["gold", "silver"], "bronze", False),
    ("StringEquals", "silver", NO, False),
    ("StringNotEquals", "silver", "gold", True),
    ("StringNotEquals", "silver", "silver", False),
    ("StringNotEquals", "silver", "Silver", True),
    ("StringNotEquals", ["gold", "silver"], "silver", False),
    ("StringNotEquals", ["gold", "silver"], "bronze", True),
    ("StringNotEquals", "silver", NO, True),
    ("StringEqualsIgnoreCase", "Silver", "sILVER", True),
    ("StringEqualsIgnoreCase", "Silver", "gold", False),
    ("StringEqualsIgnoreCase", "Silver", NO, False),
    ("StringNotEqualsIgnoreCase", "Silver", "sILVER", False),
    ("StringNotEqualsIgnoreCase", "Silver", "gold", True),
    ("StringNotEqualsIgnoreCase", "Silver", NO, True),
    # ... with multi-character and single-character match wildcards
    ("StringLike", "sil*", "silver", True),
    ("StringLike", "sil*", "Silver", False),
    ("StringLike", "s?lver", "silver", True),
    ("StringLike", "s?lver", "slver", False),
    ("StringLike", "*", "", True),
    ("StringLike", "*ver", "silver\nver", True),
    ("StringLike", "a.c", "abc", False),
    ("StringLike", ["gold*", "sil*"], "silver", True),
    ("StringLike", "silver", "silver", True),
    ("StringLike", "*", NO, False),
    ("StringNotLike", "sil*", "silver", False),
    ("StringNotLike", "sil*", "gold", True),
    ("StringNotLike", ["gold*", "sil*"], "silver", False),
    ("StringNotLike", "sil*", NO, True),
    # "Policy variables": filled in, and literal signs
    ("StringEquals", "${aws:username}", "ann", True),
    ("StringEquals", "${aws:username}", "${aws:username}", False),
    ("StringEquals", "${aws:nobody}", "", False),
    ("StringEquals", "${aws:nobody, 'none'}", "none", True),
    ("StringLike", "home/${aws:username}/*", "home/ann/file", True),
    ("StringLike", "home/${*}", "home/*", True),
    ("StringLike", "home/${*}", "home/ann", False),
    ("StringLike", "home/${?}", "home/a", False),
    ("StringEquals", "${$}{aws:username}", "${aws:username}", True),
    ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::123456789012:user/ann", True),
    ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::123456789012:user/bob", False),
    ("ArnEquals", "arn:aws:iam::*:user/${aws:nobody}", "arn:aws:iam::123456789012:user/", False),
    # "Numeric condition operators"
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", "10", "11", False),
    ("NumericNotEquals", "10", "11", True),
    ("NumericNotEquals", "10", NO, True),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericLessThanEquals", "10", "9.5", True),
    ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThan", "9", "10", True),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericGreaterThanEquals", "10", NO, False),
    # "Date condition operators"
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", True),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
    ("DateLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", False),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+01:00", True),
    ("DateGreaterThanEquals", "2026-01-01T00:00:00Z", NO, False),
    # "Boolean condition operators"
    ("Bool", "true", "true", True),
    ("Bool", "true", "True", True),
    ("Bool", True, "false", False),
    ("Bool", "false", "false", True),
    ("Bool", "false", NO, False),
    ("BoolIfExists", "false", NO, True),
    ("BoolIfExists", "false", "true", False),
    # "Binary condition operators"
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("BinaryEquals", "QmluYXJ5", "qmluyxj5", False),
    # "IP address condition operators"
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:DB8:1234:5678::1", True),
    ("IpAddress", "203.0.113.0/24", NO, False),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("NotIpAddress", "203.0.113.0/24", NO, True),
    # "ARN condition operators": each component by itself, Equals and Like alike
    ("ArnEquals", TOPIC, TOPIC, True),
    ("ArnEquals", "arn:aws:sns:*:123456789012:rep*", TOPIC, True),
    ("ArnLike", "arn:aws:sns:*:123456789012:*", TOPIC, True),
    ("ArnLike", "arn:aws:sns:us-east-?:123456789012:reports", TOPIC, True),
    ("ArnLike", "arn:aws:sns:*:reports", TOPIC, False),
    ("ArnLike", "arn:aws:sns:*:210987654321:*", TOPIC, False),
    ("ArnLike", "arn:aws:sns:us-east-1:123456789012:Reports", TOPIC, False),
    ("ArnLike", "arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:role/team/a:b", True),
    ("ArnLike", ["arn:aws:sqs:*:*:*", TOPIC], TOPIC, True),
    ("ArnLike", "arn:aws:sns:*:*:*", NO, False),
    ("ArnNotEquals", TOPIC, TOPIC, False),
    ("ArnNotLike", "arn:aws:sqs:*:*:*", TOPIC, True),
    ("ArnNotLike", "arn:aws:sns:*:*:*", TOPIC, False),
    ("ArnNotLike", "arn:aws:sns:*:*:*", NO, True),
    # "...IfExists condition operators"
    ("StringEqualsIfExists", "silver", NO, True),
    ("StringEqualsIfExists", "silver", "gold", False),
    ("StringEqualsIfExists", "silver", "silver", True),
    ("StringLikeIfExists", "t1.*", "t1.micro", True),
    ("StringLikeIfExists", "t1.*", "m5.large", False),
    ("StringLikeIfExists", "t1.*", NO, True),
    ("StringNotEqualsIfExists", "silver", NO, True),
    ("NumericLessThanIfExists", "10", NO, True),
    ("ArnEqualsIfExists", TOPIC, NO, True),
    ("IpAddressIfExists", "203.0.113.0/24", "198.51.100.1", False),
    # "Condition operator to check existence of condition keys"
    ("Null", "true", NO, True),
    ("Null", "true", "anything", False),
    ("Null", "false", "anything", True),
    ("Null", "false", NO, False),
    ("Null", True, NO, True),
    # "Set operators for multivalued context keys"
    ("ForAllValues:StringEquals", ["preprod", "storage"], ["preprod"], True),
    ("ForAllValues:StringEquals", ["preprod", "storage"], ["preprod", "storage"], True),
    ("ForAllValues:StringEquals", ["preprod", "storage"], ["preprod", "other"], False),
    ("ForAllValues:StringEquals", ["preprod", "storage"], NO, True),
    ("ForAllValues:StringEquals", ["preprod", "storage"], [], True),
    ("ForAllValues:StringEquals", ["preprod"], "preprod", True),
    ("ForAllValues:StringLike", ["pre*"], ["preprod", "pretest"], True),
    ("ForAllValues:StringNotEquals", ["preprod"], ["storage", "other"], True),
    ("ForAllValues:StringNotEquals", ["preprod"], ["storage", "preprod"], False),
    ("ForAllValues:StringNotEquals", ["preprod"], NO, True),
    ("ForAnyValue:StringEquals", ["preprod", "storage"], ["preprod", "other"], True),
    ("ForAnyValue:StringEquals", ["preprod", "storage"], ["other"], False),
    ("ForAnyValue:StringEquals", ["preprod", "storage"], NO, False),
    ("ForAnyValue:StringEquals", ["preprod", "storage"], [], False),
    ("ForAnyValue:StringEqualsIfExists", ["preprod"], NO, True),
    ("ForAnyValue:StringEqualsIfExists", ["preprod"], ["other"], False),
    ("ForAnyValue:StringLike", ["pre*"], ["other", "preprod"], True),
    ("ForAnyValue:StringNotEquals", ["preprod"], ["preprod", "other"], True),
    ("ForAnyValue:StringNotEquals", ["preprod"], ["preprod"], False),
    ("ForAnyValue:ArnLike", ["arn:aws:sns:*:*:*"], [BUCKET, TOPIC], True),
]


@pytest.mark.parametrize(("operator", "wanted", "found", "expected"), ROWS)
def test_every_operator_answers_as_documented(operator: str, wanted: Any, found: Any, expected: bool) -> None:
    context = {"aws:username": "ann"} | ({} if found is NO else {"the:Key": found})
    assert holds({operator: {"the:key": wanted}}, context) is expected


def test_the_table_has_every_operator_and_every_negation() -> None:
    asked = {row[0].rpartition(":")[2].removesuffix("IfExists") for row in ROWS}
    negated = {"StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"}
    assert asked == {*OPERATORS, *negated, "NumericNotEquals", "DateNotEquals", "NotIpAddress", "Null"}


def test_what_is_no_operator_is_refused() -> None:
    for operator in ("StringMatches", "stringequals", "BoolNotEquals"):
        with pytest.raises(ValueError, match="IAM has no condition operator"):
            holds({operator: {"a": "b"}}, {"a": "b"})


def test_a_key_of_several_values_needs_a_set_operator() -> None:
    with pytest.raises(ValueError, match="ForAllValues or ForAnyValue"):
        holds({"StringEquals": {"aws:tagkeys": "a"}}, {"aws:TagKeys": ["a"]})


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"aws:PrincipalTag/job": "iamuser", "AWS:username": "ann"}, True),
        ({"aws:principaltag/JOB": "iamuser", "aws:UserName": "bob"}, True),
        ({"aws:PrincipalTag/job": "iamuser"}, False),
        ({"aws:PrincipalTag/job": "other", "aws:username": "ann"}, False),
        ({"aws:PrincipalTag/job": "iamuser", "aws:username": "ann", "aws:MultiFactorAuthPresent": "false"}, False),
    ],
)
def test_operators_and_keys_are_joined_by_and_their_values_by_or(context: dict[str, str], expected: bool) -> None:
    condition = {
        "StringEquals": {"aws:PrincipalTag/job": "iamuser", "aws:username": ["ann", "bob"]},
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "true"},
    }
    assert holds(condition, context) is expected


# Policies

READ = {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": f"{BUCKET}/*"}
NO_SECRETS = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/secret/*"}
ALL_BUT_IAM = {"Effect": "Allow", "NotAction": ["iam:*"], "NotResource": [f"{BUCKET}/hidden/*"]}


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


@pytest.mark.parametrize(
    ("action", "name", "policies", "boundary", "expected"),
    [
        ("s3:GetObject", "a", [policy(READ)], None, True),
        ("S3:getobject", "a", [policy(READ)], None, True),
        ("s3:PutObject", "a", [policy(READ)], None, False),
        ("s3:GetObject", "secret/a", [policy(READ)], None, True),
        ("s3:GetObject", "secret/a", [policy(READ, NO_SECRETS)], None, False),
        ("s3:GetObject", "secret/a", [policy(READ), policy(NO_SECRETS)], None, False),
        ("s3:PutObject", "a", [policy(ALL_BUT_IAM)], None, True),
        ("iam:CreateRole", "a", [policy(ALL_BUT_IAM)], None, False),
        ("s3:GetObject", "hidden/a", [policy(ALL_BUT_IAM)], None, False),
        ("s3:GetObject", "a", [policy(ALL_BUT_IAM)], policy(READ), True),
        ("s3:PutObject", "a", [policy(ALL_BUT_IAM)], policy(READ), False),
        ("s3:GetObject", "a", [], policy(READ), False),
        ("s3:GetObject", "secret/a", [policy(READ)], policy(ALL_BUT_IAM, NO_SECRETS), False),
    ],
)
def test_a_request_is_allowed_by_policies_and_boundary_and_denied_by_none(
    action: str, name: str, policies: list[Any], boundary: Any, expected: bool
) -> None:
    assert allowed(action, f"{BUCKET}/{name}", {}, policies, boundary) is expected


def test_a_resource_may_be_named_by_a_variable() -> None:
    own = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET + "/${aws:username}/*"}}
    assert allowed("s3:GetObject", f"{BUCKET}/ann/file", {"aws:UserName": "ann"}, [own])
    assert not allowed("s3:GetObject", f"{BUCKET}/bob/file", {"aws:username": "ann"}, [own])
    assert not allowed("s3:GetObject", f"{BUCKET}/ann/file", {}, [own])


def test_who_is_denied_is_not_trusted() -> None:
    one = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "provider"}}
    assert trusted({"Statement": [one]}, "provider", {"sub": "main"}, "host")
    fork = {**one, "Effect": "Deny", "Condition": {"StringEquals": {"host:sub": "fork"}}}
    assert trusted({"Statement": [one, fork]}, "provider", {"sub": "main"}, "host")
    assert not trusted({"Statement": [one, fork]}, "provider", {"sub": "fork"}, "host")
    assert not trusted({"Statement": [one, {**fork, "Principal": "*"}]}, "provider", {"sub": "fork"}, "host")
