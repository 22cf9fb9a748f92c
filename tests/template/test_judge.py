"""Templates judged with an environment's values: our own, broken ones, and any at all."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn import environment
from oaktree_cfn.environment import Environment
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import tree
from oaktree_cfn.template.invariants import rules
from oaktree_cfn.template.invariants._system import Finding
from oaktree_cfn.template.judge import Judgement, idle, judge
from oaktree_cfn.template.policies import SOURCES
from oaktree_cfn.template.tree import Tree

PROJECT = Path(__file__).parents[2]
ENVIRONMENTS = environment.names(PROJECT / "environments")
OURS = tree.load(PROJECT / "templates" / "root.yaml")


def our(name: str) -> Environment:
    return environment.load(name, PROJECT / "environments")


def said(judgement: Judgement) -> list[str]:
    return [f"{each.rule} {each.place} {each.message}".strip() for each in judgement.findings]


def any_environment(**more: Any) -> Environment:
    return Environment("test", "eu-west-1", "123456789012", "oaktree-test", **{"path": Path("test.toml"), **more})


# --- our own ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_our_templates_break_no_rule_in_any_environment_and_nothing_is_accepted_idly(name: str) -> None:
    judgement = judge(OURS, our(name))
    assert said(judgement) == []
    assert idle(our(name), [judgement]) == ()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_neither_do_they_with_an_image_that_was_shipped(name: str) -> None:
    assert said(judge(OURS, our(name), kept={"ImageTag": "1a2b3c4"})) == []


SWITCHES = [
    (name, str(value))
    for name, declaration in OURS.template["Parameters"].items()
    for value in declaration.get("AllowedValues", ())
    if name not in {"AlarmsAndDashboard", "Cpu", "Memory", "NatGateways", "TaskSubnets"}
]


@pytest.mark.parametrize(("name", "value"), SWITCHES)
def test_no_switch_breaks_a_rule(name: str, value: str) -> None:
    for each in ENVIRONMENTS:
        assert said(judge(OURS, our(each), {name: value, "ImageTag": "1a2b3c4"})) == []


BROKEN = {
    "breaker": {"AlarmsAndDashboard": "false"},
    "check-timeout": {"HealthCheckTimeout": "30"},
    "fargate-size": {"Cpu": "256", "Memory": "4096"},
    "mutable-tag": {"ImageTag": "latest"},
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_value_that_breaks_a_rule_is_found_in_the_stack_where_it_ends_up(rule: str) -> None:
    findings = judge(OURS, our("prod"), BROKEN[rule]).findings
    assert {each.rule for each in findings} == {rule}
    assert all(each.path[0] in OURS.children and each.path[1:] for each in findings)


def test_the_network_without_its_way_out_is_found_at_the_service_in_the_other_stack() -> None:
    network = OURS.children["Network"]
    resources = {name: body for name, body in network.template["Resources"].items() if "PrivateWayOut" not in name}
    cut_off = Tree(network.name, {**network.template, "Resources": resources}, network.children)
    tree = Tree(OURS.name, OURS.template, {**OURS.children, "Network": cut_off})
    (finding,) = judge(tree, our("prod"), {"InterfaceEndpoints": "false"}).findings
    assert finding.rule == "way-out"
    assert finding.place == "Service/Service.NetworkConfiguration.AwsvpcConfiguration.Subnets"
    assert "Network/PrivateSubnetA, Network/PrivateSubnetB, Network/PrivateSubnetC" in finding.message


@pytest.mark.parametrize("endpoints", ["true", "false"])
def test_without_nat_the_endpoints_are_the_way_out(endpoints: str) -> None:
    values = {
        "TaskSubnets": "private",
        "NatGateways": "none",
        "InterfaceEndpoints": endpoints,
        "ExecuteCommand": "true",
    }
    assert {each.rule for each in judge(OURS, our("prod"), values).findings} == (
        {"way-out"} if endpoints == "false" else set()
    )


def test_the_place_is_the_one_that_is_deployed() -> None:
    (finding,) = judge(OURS, our("dev"), {"HealthCheckTimeout": "30"}).findings
    assert finding.place == "Alb/TargetGroup.HealthCheckTimeoutSeconds"
    assert finding.fix == "Set the timeout below the interval."


# --- values -----------------------------------------------------------------------------------------------------------

SERVICE = {
    "Type": "AWS::ECS::Service",
    "Properties": {"LoadBalancers": [{"TargetGroupArn": "arn"}], "HealthCheckGracePeriodSeconds": {"Ref": "Grace"}},
}


def asking(type_: str = "Number", **more: Any) -> Tree:
    """A service whose grace period is a parameter."""
    return Tree("root.yaml", {"Parameters": {"Grace": {"Type": type_, **more}}, "Resources": {"Service": SERVICE}})


FOUND = [
    "grace-period Service.HealthCheckGracePeriodSeconds is 0, and a load balancer checks the tasks from their first second"
]


def test_the_command_line_wins_over_the_file_and_the_file_over_what_is_deployed() -> None:
    file = any_environment(parameters={"Grace": "0"})
    assert said(judge(asking(), file)) == FOUND
    assert said(judge(asking(), file, {"Grace": "60"})) == []
    assert said(judge(asking(), file, kept={"Grace": "60"})) == FOUND
    assert said(judge(asking(), any_environment(), kept={"Grace": "0"})) == FOUND


def test_a_parameter_without_any_value_is_not_known() -> None:
    assert said(judge(asking(), any_environment())) == []


def test_what_ssm_holds_is_not_known() -> None:
    assert said(judge(asking("AWS::SSM::Parameter::Value<String>", Default="0"), any_environment())) == []


def test_a_condition_on_what_ssm_or_another_stack_holds_decides_nothing() -> None:
    template = {
        "Parameters": {"Stage": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stage"}},
        "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
        "Resources": {
            "Service": {**SERVICE, "Condition": "Live", "Properties": {"LoadBalancers": [{"ContainerName": "app"}]}}
        },
    }
    assert said(judge(Tree("root.yaml", template), any_environment())) == []
    template["Conditions"] = {"Live": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "live"]}]}}
    assert said(judge(Tree("root.yaml", template), any_environment())) == []


def test_a_value_that_the_template_refuses_is_a_finding_about_the_environment() -> None:
    (finding,) = judge(asking(MinValue=10), any_environment(parameters={"Grace": "0"})).findings
    assert (finding.rule, finding.path) == ("evaluation", ())
    assert finding.message == "Parameter 'Grace' must be a number not less than 10"
    assert finding.fix == "Correct test.toml or the template."


def test_a_template_that_cloudformation_refuses_is_a_finding_too() -> None:
    (finding,) = judge(
        Tree("root.yaml", {"Resources": {"A": {"Type": "X", "Properties": {"B": {"Ref": "C"}}}}}), any_environment()
    ).findings
    assert finding.rule == "evaluation"
    assert "Unresolved resource dependencies [C]" in finding.message


def test_what_a_transform_makes_of_a_template_is_not_known_yet() -> None:
    template = {"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::All": ["X", ["a"], {}]}}
    assert judge(Tree("root.yaml", template), any_environment()) == Judgement()


def test_the_same_secret_is_never_shown_by_any_rule() -> None:
    template = {
        "Parameters": {"Hidden": {"Type": "String", "NoEcho": True, "Default": "s3cr3t-value"}},
        "Resources": {
            "Task": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "RequiresCompatibilities": ["FARGATE"],
                    "Cpu": {"Ref": "Hidden"},
                    "ContainerDefinitions": [
                        {"Image": {"Ref": "Hidden"}, "Environment": [{"Name": "A", "Value": {"Ref": "Hidden"}}]}
                    ],
                },
            }
        },
    }
    found = judge(Tree("root.yaml", template), any_environment(production=True), {"Hidden": "s3cr3t-other"})
    assert found.findings
    assert "s3cr3t" not in str(found)


# --- what is accepted ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ["grace-period:Service", "grace-period:Service.HealthCheckGracePeriodSeconds"])
def test_a_finding_is_accepted_by_the_path_of_its_property_or_its_resource(entry: str) -> None:
    file = any_environment(parameters={"Grace": "0"}, accepted={entry: "it answers at once"})
    judgement = judge(asking(), file)
    assert judgement == Judgement((), frozenset({entry}))
    assert idle(file, [judgement]) == ()


@pytest.mark.parametrize("entry", ["grace-period:Other", "grace-periods:Service", "grace-period:Service.DesiredCount"])
def test_an_entry_that_matches_nothing_lets_nothing_pass_and_is_a_finding_itself(entry: str) -> None:
    file = any_environment(parameters={"Grace": "0"}, accepted={entry: "it answers at once"})
    judgement = judge(asking(), file)
    assert said(judgement) == FOUND
    (finding,) = idle(file, [judgement])
    assert (finding.rule, finding.message) == ("accepted", f'"{entry}" accepts what is not found')


# --- the folder ---------------------------------------------------------------------------------------------------------


def test_every_file_is_a_rule_with_a_name_of_its_own_and_all_that_a_reader_wants() -> None:
    folder = PROJECT / "oaktree_cfn" / "template" / "invariants"
    files = {path.stem.replace("_", "-") for path in folder.glob("[!_]*.py")}
    assert [each.id for each in rules()] == sorted(files)
    assert all(each.what.endswith(".") and each.why and each.fix.endswith(".") for each in rules())


def test_every_rule_has_its_tests() -> None:
    folder = Path(__file__).parent / "invariants"
    assert {f"test_{each.id.replace('-', '_')}.py" for each in rules()} == {
        path.name for path in folder.glob("test_*.py")
    }


def test_the_page_about_the_rules_is_what_they_say() -> None:
    page = runpy.run_path(str(PROJECT / "docs" / "invariants.py"))["page"]()
    assert (PROJECT / "docs" / "invariants.md").read_text(encoding="utf-8") == page, "run: python docs/invariants.py"


def test_judging_needs_none_of_the_heavy_libraries() -> None:
    script = (
        "import sys; from pathlib import Path; from oaktree_cfn import environment; from oaktree_cfn.template import judge, tree;"
        "judge.judge(tree.load(Path('templates/root.yaml')), environment.load('prod'));"
        "print({'boto3', 'botocore', 'cfnlint', 'troposphere', 'awacs', 'moto', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "set()\n"


# --- anything at all ----------------------------------------------------------------------------------------------------

TYPES = st.sampled_from(
    sorted(
        {
            "AWS::ECS::Service",
            "AWS::ECS::TaskDefinition",
            "AWS::ECS::Cluster",
            "AWS::ECS::ClusterCapacityProviderAssociations",
        }
        | {"AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::Events::Rule"}
        | {
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::Scheduler::Schedule",
            "AWS::EC2::VPCEndpoint",
            STACK_TYPE,
        }
        | {"AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::Subnet", "AWS::EC2::RouteTable"}
        | SOURCES.keys()
    )
)
NAMES = st.sampled_from(
    sorted(
        {"TaskDefinition", "LoadBalancers", "TargetGroupArn", "ContainerName", "ContainerPort", "AdvancedConfiguration"}
        | {"AlternateTargetGroupArn", "ContainerDefinitions", "PortMappings", "Name", "Image", "Environment"}
        | {"Value", "Secrets", "ValueFrom", "HealthCheck", "Interval", "Timeout"}
        | {"Cpu", "Memory", "RequiresCompatibilities", "NetworkMode", "NetworkConfiguration", "AwsvpcConfiguration"}
        | {
            "AwsVpcConfiguration",
            "Subnets",
            "AssignPublicIp",
            "DeploymentConfiguration",
            "DeploymentCircuitBreaker",
            "Alarms",
        }
        | {"AlarmNames", "Strategy", "Enable", "Rollback", "ThresholdConfiguration", "CapacityProviderStrategy"}
        | {
            "DefaultCapacityProviderStrategy",
            "CapacityProvider",
            "Base",
            "Weight",
            "ServiceConnectConfiguration",
            "Services",
        }
        | {
            "PortName",
            "HealthCheckTimeoutSeconds",
            "HealthCheckIntervalSeconds",
            "Protocol",
            "Port",
            "HealthCheckGracePeriodSeconds",
        }
        | {"DesiredCount", "ResourceId", "ServiceNamespace", "Cluster", "ServiceName", "ListenerArn"}
        | {"Priority", "PolicyDocument", "Policies", "Statement", "Effect", "Action"}
        | {"NotAction", "Resource", "NotResource", "Principal", "AWS", "SubnetId"}
        | {"RouteTableId", "DestinationCidrBlock", "GatewayId", "NatGatewayId", "VpcId", "ServiceEndpoint"}
        | {"VpcEndpointType", "RouteTableIds", "PrivateDnsEnabled", "Target", "Targets", "EcsParameters"}
        | {"TaskDefinitionArn", "LogConfiguration", "LogDriver", "EnableExecuteCommand", "DeploymentController", "Type"}
        | {"Parameters", "TemplateURL", "InlinePolicy"}
    )
)
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["", "*", "s3:*", "Allow", "0.0.0.0/0", "FARGATE", "FARGATE_SPOT", "BLUE_GREEN", "ecs", "service/A/B", "{", "[]"]),
    st.sampled_from([True, False, 0, -1, 80, 1e300, 0.5, "nan", "²", "1 vCPU", "⟨", "⟨A⟩", "⟨A/B/C⟩:latest", "ENABLED", "Gateway"]),
    st.sampled_from([{"Ref": "A"}, {"Ref": "P"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Fn::ImportValue": "x"}, {"Ref": "AWS::NoValue"}]),
    st.sampled_from([{"Fn::Sub": "${A}/${B.Arn}"}, {"Fn::Split": [",", {"Ref": "A"}]}, {"Fn::If": ["Maybe", "x", {"Ref": "P"}]}]),
    st.sampled_from([{"Fn::Select": [1, {"Fn::Split": [",", {"Ref": "A"}]}]}, {"Fn::Cidr": [{"Fn::GetAtt": ["A", "CidrBlock"]}, 2]}]),
    st.text(max_size=6),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25
)
RESOURCES = st.fixed_dictionaries(
    {"Type": TYPES},
    optional={
        "Properties": st.dictionaries(NAMES, VALUES, max_size=6),
        "Condition": st.sampled_from(["Maybe", "Never"]),
    },
)
SECTIONS: Mapping[str, Any] = {
    "Parameters": {
        "P": {"Type": "String"},
        "Ssm": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/x"},
    },
    "Conditions": {"Maybe": {"Fn::Equals": [{"Ref": "P"}, "x"]}, "Never": {"Fn::Equals": ["a", "b"]}},
}


@given(
    st.fixed_dictionaries(dict.fromkeys("AB", RESOURCES)),
    st.dictionaries(NAMES.filter(str.isalnum), RESOURCES, max_size=3),
    st.booleans(),
)
def test_no_template_breaks_a_rule_itself(resources: dict[str, Any], more: dict[str, Any], production: bool) -> None:
    template = {**SECTIONS, "Resources": {**resources, **more}}
    child = {"Resources": resources, **SECTIONS}
    judged = Tree(
        "root.yaml", template, {"A": Tree("child.yaml", child)} if resources["A"]["Type"] == STACK_TYPE else {}
    )
    for finding in judge(judged, any_environment(production=production, kept_parameters=("P",))).findings:
        assert isinstance(finding, Finding)
        assert finding.rule
        assert finding.message


def our_properties() -> Iterator[tuple[str, str]]:
    for path, each in OURS.walk():
        for name, resource in each.template["Resources"].items():
            for key in resource.get("Properties", {}):
                yield "/".join((*path, name)), key


@given(st.sampled_from(sorted(our_properties())), VALUES)
def test_nor_does_anything_in_the_place_of_one_of_our_properties(place: tuple[str, str], value: Any) -> None:
    path, key = place
    changed = _with(OURS, path.split("/"), key, value)
    for name in ("dev", "prod"):
        assert all(each.message for each in judge(changed, our(name)).findings)


def _with(whole: Tree, path: list[str], key: str, value: Any) -> Tree:
    head, *rest = path
    if rest:
        return Tree(whole.name, whole.template, {**whole.children, head: _with(whole.children[head], rest, key, value)})
    resource = whole.template["Resources"][head]
    properties = {**resource["Properties"], key: value}
    resources = {**whole.template["Resources"], head: {**resource, "Properties": properties}}
    return Tree(whole.name, {**whole.template, "Resources": resources}, whole.children)
