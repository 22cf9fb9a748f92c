"""The root: what it asks, how it wires its children, what it tells others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXPORTED = {
    "RepositoryUrl",
    "TableName",
    "TableArn",
    "LoadBalancerDnsName",
    "ApplicationUrl",
    "VpcId",
    "PublicSubnetIds",
    "TaskSubnetIds",
    "TaskPublicIp",
    "ClusterName",
    "ListenerArn",
    "LoadBalancerSecurityGroupId",
    "TaskSecurityGroupId",
    "ServiceName",
    "AlarmTopicArn",
    "DashboardName",
}


def test_it_nests_the_seven_parts_by_relative_path(templates: dict[str, Any]) -> None:
    urls = {title: body["Properties"]["TemplateURL"] for title, body in templates["root"]["Resources"].items()}
    assert urls == {
        title: f"./{title.lower()}.yaml"
        for title in ("Network", "Ecr", "Data", "Cluster", "Alb", "Monitoring", "Service")
    }


def test_every_child_gets_exactly_the_parameters_it_asks_for(templates: dict[str, Any]) -> None:
    for title, body in templates["root"]["Resources"].items():
        assert body["Properties"]["Parameters"].keys() == templates[title.lower()]["Parameters"].keys()


def test_what_it_passes_on_is_declared_as_the_child_declares_it(templates: dict[str, Any]) -> None:
    for title, body in templates["root"]["Resources"].items():
        for name, value in body["Properties"]["Parameters"].items():
            if value == {"Ref": name}:
                assert templates["root"]["Parameters"][name] == templates[title.lower()]["Parameters"][name]


def test_a_person_is_never_asked_for_what_a_sibling_knows(templates: dict[str, Any]) -> None:
    asked = templates["root"]["Parameters"]
    assert not {"VpcId", "TableArn", "ClusterName", "Https", "TargetGroupArn"} & asked.keys()
    assert {name for name, declaration in asked.items() if "Default" not in declaration} == {"Prefix", "Environment"}


def test_it_exports_the_environments_interface_under_the_prefix(picture: Callable[..., Any]) -> None:
    drawn = picture("root", Prefix="oaktree-dev")
    assert drawn.template["Outputs"].keys() == EXPORTED | {"PushCommands"}
    assert {name: drawn.export(name) for name in EXPORTED} == {name: f"oaktree-dev-{name}" for name in EXPORTED}


def test_the_services_rollouts_are_told_of_the_alarms_that_were_there_before(picture: Callable[..., Any]) -> None:
    told = picture("root").properties("Service")["Parameters"]["RollbackAlarmNames"]
    assert told == "<Monitoring.Outputs.RollbackAlarmNames>"


def test_without_alarms_and_dashboard_all_else_is_there_and_no_rollout_asks_for_them(
    picture: Callable[..., Any],
) -> None:
    drawn = picture("root", AlarmsAndDashboard="false")
    assert drawn.resources() == picture("root").resources() - {"Monitoring"}
    assert drawn.properties("Service")["Parameters"]["RollbackAlarmNames"] == ""
    outputs = drawn.template["Outputs"]
    conditional = {name for name, output in outputs.items() if output.get("Condition") == "HasMonitoring"}
    assert conditional == {"AlarmTopicArn", "DashboardName"}


def test_the_rules_of_its_children_are_its_own_so_that_they_speak_first(templates: dict[str, Any]) -> None:
    children = (templates[title.lower()].get("Rules", {}) for title in templates["root"]["Resources"])
    assert templates["root"]["Rules"] == {name: rule for rules in children for name, rule in rules.items()}
    assert {"PrivateTasksNeedNat", "PlainHttpIsAChoice", "MemoryFitsCpu256"} <= templates["root"]["Rules"].keys()


@pytest.mark.parametrize(
    ("certificate", "expected"), [("", "false"), ("arn:aws:acm:x:123456789012:certificate/1", "true")]
)
def test_port_443_is_open_only_with_a_certificate(certificate: str, expected: str, picture: Callable[..., Any]) -> None:
    network = picture("root", CertificateArn=certificate).properties("Network")
    assert network["Parameters"]["Https"] == expected


def test_the_push_commands_are_filled_in_for_the_environment(picture: Callable[..., Any]) -> None:
    assert picture("root", Environment="dev").output("PushCommands").splitlines() == [
        "APP=${APP:-../oaktree}",
        'TAG=$(git -C "$APP" rev-parse --short HEAD)',
        "aws ecr get-login-password --region ap-southeast-1"
        " | docker login --username AWS --password-stdin <Ecr.Outputs.RepositoryUrl>",
        'docker build --platform linux/amd64 --tag <Ecr.Outputs.RepositoryUrl>:$TAG "$APP"',
        "docker push <Ecr.Outputs.RepositoryUrl>:$TAG",
        'make image ENV=dev ARGS="--tag $TAG"',
    ]


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
def test_the_push_commands_are_a_script_a_shell_can_read(picture: Callable[..., Any], tmp_path: Path) -> None:
    """Every program is played by one that writes down how it was called."""
    for program in ("git", "aws", "docker", "make"):
        (tmp_path / program).write_text(f'#!/bin/sh\necho "{program} $*" >> {tmp_path}/calls\necho 3f2c1ab\n')
        (tmp_path / program).chmod(0o755)
    script = picture("root", Environment="dev").output("PushCommands").replace("<", "").replace(">", "")
    subprocess.run(  # noqa: S603
        [shutil.which("sh") or "", "-ec", script],
        check=True,
        capture_output=True,
        env={"PATH": f"{tmp_path}:/bin:/usr/bin"},
    )
    calls = (tmp_path / "calls").read_text().splitlines()
    assert "docker push Ecr.Outputs.RepositoryUrl:3f2c1ab" in calls
    assert calls[-1] == "make image ENV=dev ARGS=--tag 3f2c1ab"
