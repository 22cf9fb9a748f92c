"""Default egress, and rules that several resources add to one group."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Made
from oaktree_cfn.local.resources import handlers

from .ground import Ground

GROUP = "AWS::EC2::SecurityGroup"
HTTPS_OUT = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
HTTP_IN = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}


def outbound(ground: Ground, group: str) -> list[tuple[str, str]]:
    rules = ground.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    return [(rule["IpProtocol"], item["CidrIp"]) for rule in rules for item in rule["IpRanges"]]


def make(ground: Ground, **properties: Any) -> Made:
    return ground.make(GROUP, GroupDescription="g", VpcId=ground.vpc, **properties)


def test_a_group_without_egress_rules_lets_everything_out(ground: Ground) -> None:
    assert outbound(ground, make(ground).physical_id) == [("-1", "0.0.0.0/0")]
    assert outbound(ground, make(ground, SecurityGroupEgress=[]).physical_id) == [("-1", "0.0.0.0/0")]


def test_egress_rules_take_the_place_of_the_one_that_lets_everything_out(ground: Ground) -> None:
    assert outbound(ground, make(ground, SecurityGroupEgress=[HTTPS_OUT]).physical_id) == [("tcp", "0.0.0.0/0")]


def test_an_egress_rule_of_its_own_resource_does_so_too(ground: Ground) -> None:
    group = make(ground).physical_id
    ground.make("AWS::EC2::SecurityGroupEgress", GroupId=group, **HTTPS_OUT)
    assert outbound(ground, group) == [("tcp", "0.0.0.0/0")]


def test_everything_may_be_let_out_by_name(ground: Ground) -> None:
    everything = {"IpProtocol": -1, "CidrIp": "0.0.0.0/0", "Description": "all"}
    group = make(ground, SecurityGroupEgress=[everything]).physical_id
    assert outbound(ground, group) == [("-1", "0.0.0.0/0")]
    rule = ground.make("AWS::EC2::SecurityGroupEgress", GroupId=make(ground).physical_id, **everything)
    assert rule.physical_id.startswith("sgr-")


def test_taking_the_egress_rules_away_brings_the_default_back(ground: Ground) -> None:
    made = make(ground, SecurityGroupEgress=[HTTPS_OUT])
    handlers()[GROUP].update(made, {"SecurityGroupEgress": [HTTPS_OUT]}, {}, ground.request())
    assert outbound(ground, made.physical_id) == [("-1", "0.0.0.0/0")]


def test_a_group_reads_and_removes_only_the_rules_it_lists_itself(ground: Ground) -> None:
    made = make(ground, SecurityGroupIngress=[HTTP_IN])
    ssh = {**HTTP_IN, "FromPort": 22, "ToPort": 22}
    rule = ground.make("AWS::EC2::SecurityGroupIngress", GroupId=made.physical_id, **ssh)
    read = handlers()[GROUP].read(made, {"SecurityGroupIngress": [HTTP_IN]}, ground.request())
    assert read["SecurityGroupIngress"] == [HTTP_IN]
    handlers()[GROUP].update(made, {"SecurityGroupIngress": [HTTP_IN]}, {}, ground.request())
    rules = ground.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[rule.physical_id])
    assert [item["FromPort"] for item in rules["SecurityGroupRules"]] == [22]


def test_ports_written_as_text_are_the_same_rule(ground: Ground) -> None:
    made = make(ground, SecurityGroupIngress=[{**HTTP_IN, "FromPort": "80", "ToPort": "80"}])
    handlers()[GROUP].update(
        made,
        {"SecurityGroupIngress": [{**HTTP_IN, "FromPort": "80"}]},
        {"SecurityGroupIngress": [HTTP_IN]},
        ground.request(),
    )
    [group] = ground.client("ec2").describe_security_groups(GroupIds=[made.physical_id])["SecurityGroups"]
    assert [rule["FromPort"] for rule in group["IpPermissions"]] == [80]
