"""Tasks that are put into subnets that are there already reach what they need to start: by NAT, by a public IP, or by endpoints.

That is ECR and S3 for the image, CloudWatch Logs, and what their secrets come from. Subnets that the deploy itself makes are judged
by the invariant of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.aws.network import Subnet
from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding, Run
from oaktree_cfn.template.invariants.way_out import NOT_FARGATE, needed

WHY = (
    "Tasks stop before they start (`ResourceInitializationError: unable to pull secrets or registry auth`, "
    "`CannotPullContainerError`), and the rollout goes back, or waits for hours."
)
FIX = (
    "Route 0.0.0.0/0 of the subnets to a NAT gateway, or add the endpoints to their VPC (interface endpoints with private DNS; S3 as a "
    "gateway endpoint of the subnets' route table); in a public subnet AssignPublicIp: ENABLED is a way out too."
)


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Subnets that are not there, and those that lead nowhere."""
    for run in wanted.running:
        if run.owner.at("LaunchType").text in NOT_FARGATE:
            continue
        subnets, asked = account.subnets_of(wanted, run), account.subnet_ids(wanted, run)
        place = run.network.at("Subnets")
        if missing := [each for each in asked if each not in subnets]:
            yield place.finding(f"({', '.join(missing)}) do not exist in {account.aws.region}")
        services = needed(wanted.system, run) if subnets else []
        lost: dict[tuple[str, ...], list[str]] = {}
        for subnet in subnets.values():
            lost.setdefault(_missing(run, subnet, services, account), []).append(subnet.id)
        for absent, ids in lost.items():
            if absent:
                words = f"({', '.join(ids)}) lead nowhere, and their VPC has no endpoint for {', '.join(absent)}"
                yield place.finding(words)


def _missing(run: Run, subnet: Subnet, services: list[str], account: Account) -> tuple[str, ...]:
    """The endpoints that are needed and not there; none where there is a way out, or where that is not known."""
    public = run.network.at("AssignPublicIp").default("DISABLED").text
    ways = account.ways(subnet.vpc)
    table = ways.table(subnet.id)
    if table in ways.elsewhere or public is None or (table in ways.internet and public == "ENABLED"):
        return ()
    return ways.lacks(subnet.id, services)
