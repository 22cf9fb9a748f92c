"""Resources are left out of rules with a reason, in the words of the tools that read it."""

from __future__ import annotations

import pytest
from troposphere.s3 import Bucket

from oaktree_cfn.services.exempt import exempt

REASON = "logs of its own would need a bucket of their own"


def test_every_judge_finds_the_reason_where_it_looks() -> None:
    bucket = exempt(Bucket("Logs"), REASON, "S3_9", "CKV_AWS_18")
    assert bucket.to_dict()["Metadata"] == {
        "guard": {"SuppressedRules": ["S3_9"], "Reasons": {"S3_9": REASON}},
        "checkov": {"skip": [{"id": "CKV_AWS_18", "comment": REASON}]},
    }


def test_reasons_add_up_and_leave_other_metadata_alone() -> None:
    bucket = Bucket("Logs", Metadata={"Owner": "platform"})
    metadata = exempt(
        exempt(bucket, REASON, "S3_9", "CKV_AWS_18"), "it is never written to twice", "S3_14", "CKV_AWS_21"
    ).Metadata
    assert metadata["Owner"] == "platform"
    assert metadata["guard"]["SuppressedRules"] == ["S3_9", "S3_14"]
    assert metadata["guard"]["Reasons"] == {"S3_9": REASON, "S3_14": "it is never written to twice"}
    assert [each["id"] for each in metadata["checkov"]["skip"]] == ["CKV_AWS_18", "CKV_AWS_21"]


@pytest.mark.parametrize("reason", ["", "   ", "not needed", "because it is"])
def test_what_is_no_reason_is_refused(reason: str) -> None:
    with pytest.raises(ValueError, match=r"Logs: .* is no reason to leave it out of S3_9"):
        exempt(Bucket("Logs"), reason, "S3_9")


@pytest.mark.parametrize("rule", ["S3.9", "s3_9", "CKV_AWS", "everything", ""])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="is a rule neither of checkov nor of Guard"):
        exempt(Bucket("Logs"), REASON, rule)
