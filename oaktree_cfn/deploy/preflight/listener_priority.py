"""The rules for a listener that is there already have priorities that no rule of somebody else has."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding

WHY = "The rule cannot be made (`PriorityInUse`), and all that was made before it is rolled back."
FIX = "Give the rule a priority of its own: `aws elbv2 describe-rules --listener-arn ARN` shows those that are taken."


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Rules that want the place of another."""
    for rule in wanted.system.of_type("AWS::ElasticLoadBalancingV2::ListenerRule"):
        priority, listener = rule.at("Priority"), account.known(rule.at("ListenerArn").value)
        if listener is None or priority.number is None:
            continue
        owner = account.priorities(listener).get(f"{priority.number:g}", "")
        if owner and owner not in account.deployed().values():
            yield priority.finding(f"is {priority.number:g}, which {owner} has at {listener}")
