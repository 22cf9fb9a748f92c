"""A task has a public IP only where that leads somewhere: in subnets with a route to an internet gateway."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._network import Network
from oaktree_cfn.template.invariants._system import Finding, System

WHY = (
    "In a private subnet the address is paid for, looks like exposure in every audit (Security Hub ECS.2), and carries no "
    "traffic: its route leads past the internet gateway."
)
FIX = "Set AssignPublicIp to DISABLED, or choose public subnets."


def find(system: System) -> Iterator[Finding]:
    """Public IPs in private subnets."""
    network = Network(system)
    for run in system.runs:
        wanted = run.network.at("AssignPublicIp")
        subnets = filter(None, map(system.find, run.network.at("Subnets").items)) if wanted.text == "ENABLED" else ()
        ways = [(each.place, network.ways(each)) for each in subnets]
        private = [place for place, way in ways if way is not None and not way.internet]
        if private:
            yield wanted.finding(f"is ENABLED, and no route leads to an internet gateway from {', '.join(private)}")
