"""What stands against deleting an environment."""

from __future__ import annotations

import pytest

from oaktree_cfn.deploy.destroy import check, check_policy
from oaktree_cfn.errors import Refused, StackBusy
from oaktree_cfn.models import Stack


def test_an_environment_file_can_forbid_it() -> None:
    with pytest.raises(Refused, match="prod refuses to be destroyed"):
        check_policy("refuse", "prod")
    check_policy("ask", "dev")


def test_termination_protection_forbids_it_and_says_how_to_switch_it_off() -> None:
    with pytest.raises(Refused, match="termination protection") as refused:
        check(Stack("arn", "oaktree-dev", "CREATE_COMPLETE", termination_protection=True))
    assert "--no-enable-termination-protection --stack-name oaktree-dev" in refused.value.advice


def test_a_running_operation_forbids_it() -> None:
    with pytest.raises(StackBusy):
        check(Stack("arn", "oaktree-dev", "UPDATE_IN_PROGRESS"))


def test_a_settled_stack_may_go() -> None:
    check(Stack("arn", "oaktree-dev", "CREATE_COMPLETE"))
