"""What is paid for by the hour, counted."""

from __future__ import annotations

from tests.review.change_sets import plain
from tests.review.ours import create, update

from .find import add, alone, modify, of, remove, said

NAT, ENDPOINT, TABLE = "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", "AWS::DynamoDB::Table"


def test_private_subnets_of_ours_cost_nat_gateways_and_their_addresses() -> None:
    found = of(update(after={"TaskSubnets": "private", "NatGateways": "per-zone"}), "cost")
    told = {each.text: each.details for each in found}
    assert set(told) == {"2 NAT gateways more", "2 public IP addresses more"}
    assert {each.severity for each in found} == {"note"}
    assert told["2 NAT gateways more"] == ("+1 Network/NatGatewayA", "+1 Network/NatGatewayB")


def test_tasks_are_counted_by_their_size() -> None:
    before, after = {"ImageTag": "v1"}, {"DesiredCount": "3", "Cpu": "512", "Memory": "1024"}
    ((_, text),) = said(update(before, after), "cost")
    assert (
        text == "Service keeps running 3 tasks of 512 CPU units and 1024 MiB, was 1 task of 256 CPU units and 512 MiB"
    )


def test_a_first_create_says_what_it_costs() -> None:
    texts = [text for _, text in said(create(), "cost")]
    assert "1 load balancer more" in texts
    assert "1 cluster with Container Insights more" in texts


def test_what_comes_and_what_goes_are_one_sum() -> None:
    assert said(plain(add(NAT, {}, "A"), remove(NAT, {}, "B")), "cost") == []
    assert said(plain(remove(NAT, {}, "A")), "cost") == [("note", "1 NAT gateway fewer")]


def test_interface_endpoints_count_by_zone_and_gateway_endpoints_not() -> None:
    interface = {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}
    assert said(alone(add(ENDPOINT, interface)), "cost") == [("note", "2 interface endpoints by zone more")]
    assert said(alone(add(ENDPOINT, {"VpcEndpointType": "Gateway"})), "cost") == []


def test_provisioned_throughput_counts_in_units() -> None:
    one, two = ({"ProvisionedThroughput": {"ReadCapacityUnits": units}} for units in (5, "15"))
    assert said(alone(modify(TABLE, one, two)), "cost") == [("note", "10 provisioned read units more")]
