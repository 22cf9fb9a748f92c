"""The subnets that tasks are put into have addresses for all tasks that may run while a new version takes over.

That is as many as ``MaximumPercent`` allows of the wanted number, or of an autoscaler's most; where the service is there already,
those that come on top. Of subnets that are made with the service, the size counts.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator
from typing import NamedTuple

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding, Part, Run, System

WHY = "Tasks stay PROVISIONING (`RESOURCE:ENI`, `not enough free addresses in subnet`), and the rollout goes back, or waits for hours."
FIX = (
    "Add larger subnets, free addresses in these, or allow fewer tasks at once: a lower MaximumPercent or fewer tasks."
)

_RESERVED = 5
"""Addresses of each subnet that AWS keeps (VPC user guide, "Subnet CIDR blocks")."""


class _Demand(NamedTuple):
    """Tasks of a service: as many as run in the steady state, and as many as may run in a rollout."""

    steady: int
    surge: int


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Services whose tasks will not all find an address, each together with those before it in the same subnets."""
    taken: dict[frozenset[str], int] = {}
    for run in wanted.running:
        demand, subnets = _demand(wanted.system, run), run.network.at("Subnets")
        if demand is None or not subnets.items or not subnets.told:
            continue
        places, room, need = _room(wanted, run, demand, account)
        taken[places] = taken.get(places, 0) + need
        if room is not None and taken[places] > room:
            yield subnets.finding(f"have {room} free addresses for {taken[places]} more tasks")


def _room(wanted: Wanted, run: Run, demand: _Demand, account: Account) -> tuple[frozenset[str], int | None, int]:
    """The subnets, the free addresses in them (None where that is not known), and those that the service needs."""
    items = run.network.at("Subnets").items
    own = [subnet for each in items if (subnet := wanted.system.find(each)) is not None]
    if len(own) == len(items):
        return frozenset(each.place for each in own), _sizes(own), demand.surge
    found = {} if own else account.subnets_of(wanted, run)
    there = bool(found) and run.owner.place in account.deployed()
    room = sum(each.free for each in found.values()) if found else None
    return frozenset(found), room, demand.surge - demand.steady if there else demand.surge


def _demand(system: System, run: Run) -> _Demand | None:
    """None where the number is not known."""
    if run.owner.type != "AWS::ECS::Service" or run.owner.at("SchedulingStrategy").text == "DAEMON":
        return None
    targets = system.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    most = [each.at("MaxCapacity").number for each in targets if system.scaled(each) == run.owner]
    numbers = [*most, run.owner.at("DesiredCount").default("0" if most else "1").number]
    percent = run.owner.at("DeploymentConfiguration", "MaximumPercent").default("200").number
    if None in numbers or percent is None:
        return None
    steady = int(max(each for each in numbers if each is not None))
    return _Demand(steady, math.floor(steady * percent / 100))


def _sizes(subnets: list[Part]) -> int | None:
    """Addresses of subnets that are being made; None where a size is not known."""
    total = 0
    for subnet in subnets:
        try:
            total += ipaddress.ip_network(subnet.at("CidrBlock").text or "").num_addresses - _RESERVED
        except ValueError:
            return None
    return total
