"""The credentials outlive the deploy: a change set to be made, and a rollout to be seen to its end.

Known of credentials in environment variables that say when they end (``AWS_CREDENTIAL_EXPIRATION``); others are renewed, or last.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.deploy.rollout import LONGEST_ROLLOUT
from oaktree_cfn.deploy.steps import LONGEST_CHANGE_SET
from oaktree_cfn.template.invariants import Finding, Part

WHY = "CloudFormation goes on alone, and nobody says whether the new version runs: the outcome is unknown."
FIX = "Sign in again, or ask for a longer session (role-duration-seconds, --duration-seconds)."

NEEDED = timedelta(seconds=LONGEST_CHANGE_SET + LONGEST_ROLLOUT)


def find(_: Wanted, account: Account) -> Iterator[Finding]:
    """Credentials that end too early."""
    ends = account.aws.connection.ends()
    if ends is not None and ends - account.now < NEEDED:
        left, needed = (int(each.total_seconds() // 60) for each in (ends - account.now, NEEDED))
        yield Part((), "", None).finding(f"the credentials end in {max(left, 0)} minutes; a deploy may take {needed}")
