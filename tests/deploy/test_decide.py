"""The second decision: nothing is executed that a gate refuses or nobody agreed to."""

from __future__ import annotations

import pytest

from oaktree_cfn.deploy.decide import Consent, Discard, Execute, decide
from oaktree_cfn.review.verdict import Refusal, Verdict

CLEAR = Verdict()
REFUSED = Verdict((Refusal("Data/UsersTable", "would be replaced"),))


def test_a_clear_verdict_and_consent_execute_that_change_set() -> None:
    assert decide("arn", CLEAR, Consent.GIVEN) == Execute("arn")


@pytest.mark.parametrize("consent", list(Consent))
def test_no_consent_opens_a_gate(consent: Consent) -> None:
    decision = decide("arn", REFUSED, consent)
    assert isinstance(decision, Discard)
    assert "Data/UsersTable: would be replaced" in decision.error.message
    assert "--allow Data/UsersTable" in decision.error.advice


@pytest.mark.parametrize("consent", [Consent.DECLINED, Consent.NOBODY_TO_ASK])
def test_without_consent_it_is_discarded_with_what_to_type_next(consent: Consent) -> None:
    decision = decide("arn", CLEAR, consent)
    assert isinstance(decision, Discard)
    assert "nothing was changed" in decision.error.message
    assert decision.error.advice
