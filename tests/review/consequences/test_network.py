"""Who can newly reach what."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, Detail
from oaktree_cfn.review.reach import PORTS, Opening, merged, newly
from tests.review.change_sets import plain
from tests.review.ours import create, update

from .find import add, alone, modify, of, remove, said

GROUP, RULE = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"
BALANCER, ROUTE = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::EC2::Route"


def rule(first: Any, last: Any = None, protocol: str = "tcp", **source: Any) -> dict[str, Any]:
    ports = {"FromPort": first, "ToPort": first if last is None else last}
    return {"IpProtocol": protocol, **ports, **(source or {"CidrIp": "0.0.0.0/0"})}


def group(*rules: Any) -> dict[str, Any]:
    return {"SecurityGroupIngress": list(rules)}


# Our own templates


def postgres_for_all(properties: dict[str, Any]) -> None:
    properties["SecurityGroupIngress"].append(rule(5432))


def test_our_tasks_opened_to_the_world_are_refused() -> None:
    (found,) = of(update(edits={"Network/TaskSecurityGroup": postgres_for_all}), "network")
    assert (found.place, found.severity) == ("Network/TaskSecurityGroup", "refuse")
    assert found.text == "the internet can now reach port 5432 of TaskSecurityGroup"


def test_another_container_port_is_reached_by_the_load_balancer_only() -> None:
    found = said(update(after={"ContainerPort": "8080"}), "network")
    assert {severity for severity, _ in found} == {"ask", "note"}
    assert not any("internet" in text for _, text in found)


def test_a_first_create_shows_what_faces_the_internet() -> None:
    places = {each.place for each in of(create(), "network") if "internet can now reach" in each.text}
    assert places == {"Alb/LoadBalancer", "Network/LoadBalancerSecurityGroup"}


# Security groups

CLOSED, LAN = group(), {"CidrIp": "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (CLOSED, group(rule(5432)), ("refuse", "the internet can now reach port 5432 of Thing")),
        (CLOSED, group(rule("22", CidrIpv6="::/0")), ("refuse", "the internet (IPv6) can now reach port 22 of Thing")),
        (CLOSED, group(rule(0, 65535)), ("refuse", "the internet can now reach every tcp port of Thing")),
        (CLOSED, group({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}), ("refuse", "the internet can now reach every port of Thing")),
        (CLOSED, group(rule(53, protocol="17")), ("refuse", "the internet can now reach udp port 53 of Thing")),
        (CLOSED, group(rule(80, CidrIp="128.0.0.0/1")),
         ("refuse", "a large part of the internet (128.0.0.0/1) can now reach port 80 of Thing")),
        (CLOSED, group(rule(80, **LAN)), ("ask", "10.0.0.0/8 can now reach port 80 of Thing")),
        (CLOSED, group(rule(80, SourceSecurityGroupId="sg-2")), ("ask", "sg-2 can now reach port 80 of Thing")),
        (group(rule(80)), group(rule(80, 90)), ("refuse", "the internet can now reach ports 81 to 90 of Thing")),
        (group(rule(80, **LAN)), group(rule(80)), ("refuse", "the internet can now reach port 80 of Thing")),
        (CLOSED, group(rule(80), rule(81)), ("refuse", "the internet can now reach ports 80 to 81 of Thing")),
        (group(rule(80)), group(rule(KNOWN_AFTER_APPLY)), ("refuse", "the internet can now reach ports 0 to 79 of Thing")),
    ],
)  # fmt: skip
def test_what_opens(before: Any, after: Any, told: tuple[str, str]) -> None:
    assert said(alone(modify(GROUP, before, after)), "network")[0] == told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (group(rule(80)), group(rule("80"))),
        (group(rule(80, 90)), group(rule(80, 85), rule(86, 90))),
        (group({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}), group({"IpProtocol": -1, "CidrIp": "0.0.0.0/0"})),
        (group(rule(80, Description="a")), group(rule(80) | {"Description": "b"})),
    ],
)
def test_the_same_reach_said_otherwise_is_nothing(before: Any, after: Any) -> None:
    before = {"SecurityGroupIngress": [{**each} for each in before["SecurityGroupIngress"]]}
    for each in before["SecurityGroupIngress"]:
        each.setdefault("CidrIp", "0.0.0.0/0")
    assert said(alone(modify(GROUP, before, after)), "network") == []


def test_closing_is_a_note() -> None:
    found = said(alone(modify(GROUP, group(rule(80)), CLOSED)), "network")
    assert found == [("note", "the internet can no longer reach port 80 of Thing")]


def test_a_rule_that_moves_to_a_resource_of_its_own_opens_nothing() -> None:
    inline = modify(GROUP, group(rule(80)), CLOSED)
    own = add(RULE, {"GroupId": "phys-1", **rule(80)}, "Rule")
    assert said(plain(inline, own), "network") == []


def test_a_rule_of_its_own_names_the_group_it_opens() -> None:
    (found,) = said(alone(add(RULE, {"GroupId": "sg-1", **rule(22)})), "network")
    assert found == ("refuse", "the internet can now reach port 22 of sg-1 (Thing)")
    assert said(alone(remove(RULE, {"GroupId": "sg-1", **rule(22)})), "network")[0][0] == "note"


def test_a_group_known_only_later_in_place_of_another_is_a_note() -> None:
    before, after = (group(rule(80, SourceSecurityGroupId=each)) for each in ("sg-1", KNOWN_AFTER_APPLY))
    assert {severity for severity, _ in said(alone(modify(GROUP, before, after)), "network")} == {"note"}


@pytest.mark.parametrize(
    "change",
    [
        Change("Modify", "G", GROUP, details=(Detail("Properties", "SecurityGroupIngress"),)),
        Change("Modify", "R", RULE, details=(Detail("Properties", "CidrIp"),)),
    ],
)
def test_what_is_not_told_is_refused(change: Change) -> None:
    assert said(alone(change), "network")[0][0] == "refuse"


def test_one_value_of_a_rule_is_enough_to_judge_by() -> None:
    detail = Detail(
        "Properties", "SecurityGroupIngress", "/Properties/SecurityGroupIngress/0/CidrIp", "10.0.0.0/8", "0.0.0.0/0"
    )
    (found, *_) = said(alone(Change("Modify", "G", GROUP, details=(detail,))), "network")
    assert found == ("refuse", "the internet can now reach every port of G")


# What faces the internet


@pytest.mark.parametrize(
    ("type_", "before", "after", "severity"),
    [
        (BALANCER, {"Scheme": "internal"}, {"Scheme": "internet-facing"}, "refuse"),
        (BALANCER, {"Scheme": "internal"}, {}, "refuse"),
        ("AWS::RDS::DBInstance", {}, {"PubliclyAccessible": "true"}, "refuse"),
        ("AWS::Lambda::Url", {"AuthType": "AWS_IAM"}, {"AuthType": "NONE"}, "refuse"),
        ("AWS::EC2::Subnet", {"MapPublicIpOnLaunch": "false"}, {"MapPublicIpOnLaunch": "true"}, "ask"),
        ("AWS::EC2::NetworkAclEntry", {"RuleAction": "deny", "Protocol": 6, "PortRange": {"From": 22, "To": 22}, "CidrBlock": "0.0.0.0/0"},
         {"RuleAction": "allow", "Protocol": 6, "PortRange": {"From": 22, "To": 22}, "CidrBlock": "0.0.0.0/0"}, "refuse"),
        (ROUTE, {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"},
         {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}, "refuse"),
        ("AWS::ElasticLoadBalancingV2::Listener", {"Port": 80}, {"Port": 81}, "ask"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_turns_to_the_internet(type_: str, before: Any, after: Any, severity: str) -> None:
    assert said(alone(modify(type_, before, after)), "network")[0][0] == severity
    assert said(alone(modify(type_, after, after)), "network") == []


def test_tasks_with_public_addresses_are_asked_about() -> None:
    found = said(update({"TaskSubnets": "private", "NatGateways": "single"}, {"TaskSubnets": "public"}), "network")
    assert ("ask", "Service gives its tasks public IPs") in found


SOURCES = st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "sg-1"])
OPENINGS = st.builds(
    lambda source, protocol, ports: Opening(source, protocol, min(ports), max(ports)),
    SOURCES,
    st.sampled_from(["tcp", "udp", "every"]),
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
WITHIN = {"0.0.0.0/0": {"0.0.0.0/0"}, "10.0.0.0/8": {"0.0.0.0/0", "10.0.0.0/8"}, "sg-1": {"sg-1"}}
WITHIN["10.1.0.0/16"] = {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16"}


def reached(openings: Any, source: str, protocol: str, port: int) -> bool:
    return any(
        each.source in WITHIN[source] and each.protocol in {"every", protocol} and each.first <= port <= each.last
        for each in openings
    )


@given(st.lists(OPENINGS, max_size=4), st.lists(OPENINGS, max_size=4))
def test_what_opens_newly_is_exactly_what_was_closed(before: Any, after: Any) -> None:
    found = newly(before, after)
    for source in WITHIN:
        for protocol in ("tcp", "udp", "sctp"):
            for port in range(14):
                new = reached(after, source, protocol, port) and not reached(before, source, protocol, port)
                assert not new or reached(found, source, protocol, port)
    assert newly(after, after) == ()


@given(
    st.lists(st.tuples(st.integers(*PORTS), st.integers(*PORTS)).map(lambda pair: (min(pair), max(pair))), max_size=5)
)
def test_merged_ranges_do_not_touch(ranges: Any) -> None:
    found = list(merged(ranges))
    assert all(one[1] + 1 < two[0] for one, two in pairwise(found))
