"""Web services: behind the load balancer's default target group, or with an entrance of their own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data
from troposphere import Ref

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.container_health_check import ContainerHealthCheck
from oaktree_cfn.services.ground import Balancer
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.rollout import BlueGreen, Canary, Linear
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.traffic import Route, Targets
from oaktree_cfn.services.web_service import WebService
from tests.services.rendering import (
    BALANCER,
    GROUND,
    at,
    complaints,
    container,
    made,
    names_of,
    properties,
    statements,
    web,
)

TESTED = replace(GROUND, balancer=replace(BALANCER, test_listener="arn:test-listener"))

SAID: list[tuple[str, Any, str, Any]] = [
    ("port", 8080, "TaskDefinition.Properties.ContainerDefinitions.0.PortMappings.0.ContainerPort", 8080),
    ("port", 8080, "TaskDefinition.Properties.ContainerDefinitions.0.Environment.0", {"Name": "PORT", "Value": "8080"}),
    ("port", 8080, "TargetGroup.Properties.Port", 8080),
    ("port", 8080, "Service.Properties.LoadBalancers.0.ContainerPort", 8080),
    ("port", 8080, "SecurityGroup.Properties.SecurityGroupIngress.0.FromPort", 8080),
    ("port", 8080, "LoadBalancerEgress.Properties.ToPort", 8080),
    ("health_check_grace_period", 300, "Service.Properties.HealthCheckGracePeriodSeconds", 300),
    ("route", Route(priority=7, paths=("/x",)), "ListenerRule.Properties.Priority", 7),
    ("health_check", HealthCheck(path="/health"), "TargetGroup.Properties.HealthCheckPath", "/health"),
    ("targets", Targets(deregistration_delay=5), "TargetGroup.Properties.TargetGroupAttributes.0.Value", "5"),
]


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_where_it_belongs(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(made(web()), path) != expected
    assert at(made(web(**{field: value})), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    assert {field for field, *_ in SAID} == names_of(WebService) - names_of(Service)


def test_without_a_route_it_is_behind_the_load_balancers_default_target_group() -> None:
    found = made(web(route=None))
    assert found["Service"]["Properties"]["LoadBalancers"] == [
        {"ContainerName": "oaktree-api", "ContainerPort": 5000, "TargetGroupArn": "arn:default-group"}
    ]
    assert not {"TargetGroup", "ListenerRule"} & set(found)


def test_with_a_route_it_waits_for_its_rule_because_ecs_does() -> None:
    service = made(web())["Service"]
    assert service["DependsOn"] == ["ExecutionPolicy", "ListenerRule"]
    assert service["Properties"]["LoadBalancers"][0]["TargetGroupArn"] == {"Ref": "TargetGroup"}


# The way in


def test_only_the_load_balancer_comes_in_and_it_may_go_out_to_here() -> None:
    found = made(web())
    (way_in,) = found["SecurityGroup"]["Properties"]["SecurityGroupIngress"]
    assert (way_in["SourceSecurityGroupId"], way_in["FromPort"], way_in["ToPort"]) == ("sg-balancer", 5000, 5000)
    way_out = found["LoadBalancerEgress"]["Properties"]
    assert way_out["GroupId"] == "sg-balancer"
    assert way_out["DestinationSecurityGroupId"] == {"Fn::GetAtt": ["SecurityGroup", "GroupId"]}


def test_a_group_that_the_ground_gives_has_its_ways_already() -> None:
    found = made(web(), replace(GROUND, security_group="sg-tasks"))
    assert not {"SecurityGroup", "LoadBalancerEgress"} & set(found)


@pytest.mark.parametrize(
    ("service", "ground", "told"),
    [
        (web(), replace(GROUND, balancer=None), "Ground.balancer.security_group: requests come from the load balancer's security group, and there is none"),
        (web(), replace(GROUND, balancer=Balancer(listener=None), security_group="sg"), "Ground.balancer.listener: a route is a rule of the load balancer's listener, and there is none"),
        (web(), replace(GROUND, vpc=None), "Ground.vpc: a security group of its own is made in a VPC, and there is none"),
        (web(), replace(GROUND, vpc=None, security_group="sg"), "Ground.vpc: a target group is made in a VPC, and there is none"),
        (web(route=None), replace(GROUND, balancer=replace(BALANCER, target_group=None)),
         "Ground.balancer.target_group: a service without a route is behind the default target group, and there is none"),
        (web(scaling=Scaling(max_capacity=2, requests=5)), replace(GROUND, balancer=replace(BALANCER, full_name=None)),
         "Ground.balancer.full_name: requests are measured at the load balancer, and there is none"),
    ],
)  # fmt: skip
def test_a_ground_that_lacks_what_is_needed_is_told_what(service: Any, ground: Any, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        made(service, ground)
    assert caught.value.message == told
    assert caught.value.advice == f"Give the ground its {told.partition(':')[0].removeprefix('Ground.')}."


# Requests and how they are handed out


@pytest.mark.parametrize(
    ("route", "conditions"),
    [
        (Route(priority=1, hosts=("a.example.com", "*.b.com")), [{"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example.com", "*.b.com"]}}]),
        (Route(priority=1, paths=("/a/*",)), [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a/*"]}}]),
        (Route(priority=1, hosts=("a.b",), paths=(Ref("Path"),)), [
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.b"]}},
            {"Field": "path-pattern", "PathPatternConfig": {"Values": [{"Ref": "Path"}]}}]),
    ],
)  # fmt: skip
def test_a_route_goes_by_host_by_path_or_both(route: Route, conditions: Any) -> None:
    assert properties(web(route=route), "ListenerRule") == {
        "ListenerArn": "arn:listener",
        "Priority": 1,
        "Conditions": conditions,
        "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}],
    }
    assert names_of(Route) == {"priority", "hosts", "paths"}


@pytest.mark.parametrize(
    ("route", "told"),
    [
        (Route(priority=1), "hosts: neither hosts nor paths are given. Give one, for example the path /api/*"),
        (Route(priority=0, paths=("/",)), "priority: 0 is not a whole number from 1 to 50000"),
        (Route(priority=1, paths=("api/*",)), "paths.0: 'api/*' is not a path starting with /, * and ? allowed"),
        (Route(priority=1, paths=("/ä",)), "paths.0: '/ä' is not a path starting with /, * and ? allowed"),
        (Route(priority=1, hosts=("a b",)), "hosts.0: 'a b' is not a host name, * and ? allowed"),
        (Route(priority=1, hosts=("a.b", "c.d", "e.f"), paths=("/a", "/b", "/c")), "paths: a rule takes 5 hosts and paths in all. Leave some out"),
        (Route(priority=1, paths=("/",) * 6), "paths: it is not a list of at most 5, each a path starting with /, * and ? allowed"),
        (Route(priority=1, paths=Ref("Paths")), "paths: it must be known here: no reference, and nothing under a condition"),
    ],
)  # fmt: skip
def test_a_route_that_no_listener_takes_is_refused_in_words(route: Route, told: str) -> None:
    assert complaints(web(route=route)) == [f"WebService.route.{told}"]


CHECKED: list[tuple[str, Any, str]] = [
    ("path", "/ready", "HealthCheckPath"),
    ("interval", 60, "HealthCheckIntervalSeconds"),
    ("timeout", 5, "HealthCheckTimeoutSeconds"),
    ("healthy_threshold", 5, "HealthyThresholdCount"),
    ("unhealthy_threshold", 5, "UnhealthyThresholdCount"),
]


@pytest.mark.parametrize(("field", "value", "name"), CHECKED)
def test_each_choice_is_one_thing_in_the_check(field: str, value: Any, name: str) -> None:
    assert properties(web(), "TargetGroup")[name] != value
    assert properties(web(health_check=HealthCheck(**{field: value})), "TargetGroup")[name] == value


def test_healthy_answers_are_told_as_the_load_balancer_wants() -> None:
    assert properties(web(), "TargetGroup")["Matcher"] == {"HttpCode": "200-499"}
    given = properties(web(health_check=HealthCheck(matcher=200)), "TargetGroup")
    assert given["Matcher"] == {"HttpCode": "200"}
    assert {field for field, *_ in CHECKED} | {"matcher"} == names_of(HealthCheck)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (HealthCheck(interval=20), "timeout: 20 is not less than the interval 20. Make it less"),
        (HealthCheck(path="health"), "path: 'health' is not a path starting with /"),
        (HealthCheck(matcher="200-299-300"), "matcher: '200-299-300' is not codes from 200 to 499 such as 200, 200-299 or 200,202"),
        (HealthCheck(matcher="500"), "matcher: '500' is not codes from 200 to 499 such as 200, 200-299 or 200,202"),
    ],
)  # fmt: skip
def test_a_check_that_no_load_balancer_takes_is_refused_in_words(check: HealthCheck, told: str) -> None:
    assert complaints(web(health_check=check)) == [f"WebService.health_check.{told}"]


def attributes(**said: Any) -> dict[str, Any]:
    given = properties(web(targets=Targets(**said)), "TargetGroup")["TargetGroupAttributes"]
    return {each["Key"]: each["Value"] for each in given}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"deregistration_delay": 0}, {"deregistration_delay.timeout_seconds": "0"}),
        ({"stickiness": 60}, {"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "60"}),
        ({"slow_start": 30}, {"slow_start.duration_seconds": "30"}),
        ({"algorithm": "least_outstanding_requests"}, {"load_balancing.algorithm.type": "least_outstanding_requests"}),
        ({"slow_start": Ref("Seconds")}, {"slow_start.duration_seconds": {"Ref": "Seconds"}}),
    ],
)  # fmt: skip
def test_each_choice_is_an_attribute_of_the_target_group(said: dict[str, Any], expected: dict[str, Any]) -> None:
    assert attributes(**said) == {"deregistration_delay.timeout_seconds": "30"} | expected
    assert names_of(Targets) == {"deregistration_delay", "stickiness", "slow_start", "algorithm"}


def test_only_round_robin_knows_a_slow_start() -> None:
    assert complaints(web(targets=Targets(slow_start=60, algorithm="weighted_random"))) == [
        "WebService.targets.slow_start: weighted_random has no slow start. Take round_robin, or leave it out"
    ]


def test_a_target_group_has_a_tag_for_a_name_so_that_it_can_be_replaced() -> None:
    given = properties(web(), "TargetGroup")
    assert "Name" not in given
    assert given["Tags"] == [{"Key": "Name", "Value": "oaktree-api-tasks"}]
    assert (given["TargetType"], given["Protocol"], given["VpcId"]) == ("ip", "HTTP", "vpc-1")


# What contradicts what


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"health_check": HealthCheck(path="/x")}, "health_check: the load balancer's default target group has its own. Give a route, or say it in the load balancer's parameters"),
        ({"targets": Targets(stickiness=5)}, "targets: the load balancer's default target group has its own. Give a route, or say it in the load balancer's parameters"),
        ({"rollout": BlueGreen()}, "rollout: it moves traffic by a listener rule of its own. Give a route"),
    ],
)  # fmt: skip
def test_what_needs_an_entrance_of_its_own_is_refused_without(said: dict[str, Any], told: str) -> None:
    assert complaints(web(route=None, **said)) == [f"WebService.{told}"]
    assert complaints(web(**said)) == []


def test_a_task_has_at_least_the_time_that_its_container_may_need() -> None:
    slow = ContainerHealthCheck(command=("CMD", "true"), start_period=120)
    assert complaints(web(container_health_check=slow, health_check_grace_period=120)) == []
    assert complaints(web(container_health_check=slow)) == [
        "WebService.health_check_grace_period: 60 seconds are less than the 120 that the container may need. "
        "Make it at least container_health_check.start_period"
    ]
    assert complaints(web(container_health_check=slow, health_check_grace_period=Ref("Grace"))) == []


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (ContainerHealthCheck(), "command: it does not begin with CMD or CMD-SHELL. For example CMD-SHELL, then wget -q -O- localhost:5000"),
        (ContainerHealthCheck(command=("true",)), "command: it does not begin with CMD or CMD-SHELL. For example CMD-SHELL, then wget -q -O- localhost:5000"),
        (ContainerHealthCheck(command=("CMD", "x"), timeout=30), "timeout: 30 is not less than the interval 30. Make it less"),
        (ContainerHealthCheck(command=("CMD", "x"), retries=0), "retries: 0 is not a whole number from 1 to 10"),
    ],
)  # fmt: skip
def test_a_check_that_no_container_can_run_is_refused_in_words(check: ContainerHealthCheck, told: str) -> None:
    assert complaints(web(container_health_check=check)) == [f"WebService.container_health_check.{told}"]


def test_each_choice_is_one_thing_in_the_containers_check() -> None:
    check = ContainerHealthCheck(command=("CMD", "probe", 5), interval=60, timeout=10, retries=5, start_period=0)
    assert container(web(container_health_check=check))["HealthCheck"] == {
        "Command": ["CMD", "probe", "5"],
        "Interval": 60,
        "Timeout": 10,
        "Retries": 5,
        "StartPeriod": 0,
    }
    assert names_of(ContainerHealthCheck) == {"command", "interval", "timeout", "retries", "start_period"}


# Two versions side by side


@pytest.mark.parametrize("rollout", [BlueGreen(), Canary(), Linear()], ids=lambda value: type(value).__name__)
def test_a_rollout_that_shifts_traffic_has_two_target_groups_known_to_the_load_balancer(rollout: Any) -> None:
    found = made(web(rollout=rollout))
    one, other = found["TargetGroup"]["Properties"], found["AlternateTargetGroup"]["Properties"]
    assert one == other
    assert found["ListenerRule"]["Properties"]["Actions"] == [
        {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": {"Ref": "TargetGroup"}, "Weight": 1},
                    {"TargetGroupArn": {"Ref": "AlternateTargetGroup"}, "Weight": 0},
                ]
            },
        }
    ]
    (behind,) = found["Service"]["Properties"]["LoadBalancers"]
    assert behind["AdvancedConfiguration"] == {
        "AlternateTargetGroupArn": {"Ref": "AlternateTargetGroup"},
        "ProductionListenerRule": {"Ref": "ListenerRule"},
        "RoleArn": {"Fn::GetAtt": ["TrafficRole", "Arn"]},
    }


def test_the_new_version_is_shown_on_a_test_listener_first_where_there_is_one() -> None:
    found = made(web(rollout=BlueGreen()), TESTED)
    shown = found["TestListenerRule"]["Properties"]
    assert shown["ListenerArn"] == "arn:test-listener"
    assert shown["Actions"] == [{"Type": "forward", "TargetGroupArn": {"Ref": "AlternateTargetGroup"}}]
    (behind,) = found["Service"]["Properties"]["LoadBalancers"]
    assert behind["AdvancedConfiguration"]["TestListenerRule"] == {"Ref": "TestListenerRule"}
    assert "TestListenerRule" not in made(web(), TESTED)


@pytest.mark.parametrize(
    ("ground", "rules"), [(GROUND, ["ListenerRule"]), (TESTED, ["ListenerRule", "TestListenerRule"])]
)
def test_ecs_moves_the_traffic_of_this_service_only(ground: Any, rules: list[str]) -> None:
    may = statements(web(rollout=BlueGreen()), "TrafficRole", ground)
    assert may["MoveTraffic"]["Resource"] == [{"Ref": rule} for rule in rules]
    assert may["MoveTargets"]["Resource"] == [{"Ref": "TargetGroup"}, {"Ref": "AlternateTargetGroup"}]
    assert may["Look"]["Resource"] == ["*"]
    (trust,) = properties(web(rollout=BlueGreen()), "TrafficRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": ["ecs.amazonaws.com"]}


def test_no_more_than_awss_own_policy_for_that_allows() -> None:
    """AmazonECSInfrastructureRolePolicyForLoadBalancers, as moto carries it; its two on listeners are for others."""
    policy = json.loads(aws_managed_policies_data)["AmazonECSInfrastructureRolePolicyForLoadBalancers"]["Document"]
    theirs = {
        action
        for each in policy["Statement"]
        for action in (each["Action"] if isinstance(each["Action"], list) else [each["Action"]])
    }
    ours = {
        action for each in statements(web(rollout=BlueGreen()), "TrafficRole").values() for action in each["Action"]
    }
    assert theirs - ours == {"elasticloadbalancing:ModifyListener"}
    assert ours - theirs == set()
