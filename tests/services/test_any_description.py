"""Any valid description becomes resources that both linters take, that obey the house rules, and that the local stage makes
and keeps value by value; any wrong one is refused in words that name what is wrong.

Linting and deploying cost seconds, so descriptions are drawn first and then judged many to a template, each under a stem of
its own, and what they say alike is judged once. A finding names the stem, and the failure shows the description.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from troposphere import Equals, Parameter, Ref, Sub, Template

from oaktree_cfn.local.handler import Request
from oaktree_cfn.local.resources import handlers
from oaktree_cfn.local.server import Stage, serve
from oaktree_cfn.services.ground import Balancer, Ground
from oaktree_cfn.template.graph import creation_order
from oaktree_cfn.template.invariants import System, find
from oaktree_cfn.template.lint import lint, second_opinion
from oaktree_cfn.template.stacks import Evaluator, Place, passed
from oaktree_cfn.template.tree import Tree
from tests.local.player import REGION, Player
from tests.local.resources.test_every_handler import differences, kept_paths
from tests.services.any_description import ACCOUNT, KINDS, ROLLOUTS, Asked, asked

SHARES = {kind: 1 if kind in ROLLOUTS else 3 for kind in KINDS}
PER_EXAMPLE = 7
"""Descriptions drawn for every example that the profile of hypothesis wants: about 200 quickly, 14,000 at length. A web
service with a rollout is the largest, and there are four kinds of rollout: each has a third of what the others have.
"""

TOGETHER = 60
"""Descriptions in one template. What several of them say alike stands there once: about 300 resources, 90 parameters."""

GIVEN = ("Vpc", "Cluster", "Listener", "TestListener", "BalancerGroup", "BalancerName", "Group", "GroupName", "Peers", "Subnets")  # fmt: skip
"""What descriptions stand on, as parameters."""

TITLE = re.compile(r"S(\d+)x\w+")
PARAMETER = re.compile(r"S\d+xP\d+\b")
PREFIX = re.compile(r"(?<=StackName}-)\d+")
"""What carries the number of a description: its logical ids, of resources and of parameters, and its prefix."""


@dataclass(frozen=True)
class Batch:
    """Descriptions in one template, each on a ground of its own."""

    members: Sequence[Asked]

    @cached_property
    def template(self) -> dict[str, Any]:
        return said_once([alone(member, number) for number, member in enumerate(self.members)])

    def member(self, title: str) -> str:
        """The description that a logical id belongs to."""
        found = TITLE.search(title)
        return repr(self.members[int(found[1])]) if found else ""


def alone(member: Asked, number: int) -> dict[str, Any]:
    """The template of one description, with all that it may stand on as parameters."""
    whole = Template()
    for name in GIVEN:
        whole.add_parameter(Parameter(name, Type="CommaDelimitedList" if name == "Subnets" else "String"))
    whole.add_parameter(Parameter("Switch", Type="String", Default="on"))
    whole.add_condition("Yes", Equals(Ref("Switch"), "on"))
    whole.add_condition("No", Equals(Ref("Switch"), "off"))
    description, parameters = apart(member, number + 1).described(f"S{number}x")
    whole.add_resource(description.resources(ground(number)))
    for parameter in parameters:
        whole.add_parameter(parameter)
    found: dict[str, Any] = whole.to_dict()
    return found


def said_once(templates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The templates as one, in which a resource stands once that differs from others in the number of its description only.
    What it refers to must be the same. More than half are such: the same role, the same queue. Task definitions are not:
    services name their containers.
    """
    whole = {section: merged(template[section] for template in templates) for section in ("Conditions", "Parameters")}
    resources: dict[str, Any] = {}
    stands_as: dict[str, str] = {}
    first: dict[tuple[str, int], str] = {}
    for template in templates:
        among = Counter[str]()  # its own: a service has two target groups
        for title in creation_order(template):
            resource = template["Resources"][title]
            said = TITLE.sub(lambda found: stands_as.get(found[0], found[0]), json.dumps(resource))
            alike = PREFIX.sub("", PARAMETER.sub(lambda found: json.dumps(whole["Parameters"][found[0]]), said))
            alike += title if resource["Type"] == "AWS::ECS::TaskDefinition" else ""
            stands_as[title] = first.setdefault((alike, among[alike]), title)
            among[alike] += 1
            if stands_as[title] == title:
                resources[title] = json.loads(said)
    return without_the_unused({"Description": "Services of any kind.", **whole, "Resources": resources})


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: each for part in parts for name, each in part.items()}


def without_the_unused(template: dict[str, Any]) -> dict[str, Any]:
    """The template with the conditions and parameters that something in it names."""
    for section, users in (("Conditions", ["Resources"]), ("Parameters", ["Resources", "Conditions"])):
        said = json.dumps([template[each] for each in users])
        template[section] = {name: body for name, body in template[section].items() if f'"{name}"' in said}
    return template


def apart(member: Asked, number: int) -> Asked:
    """What must be its own in an account: a place among a listener's rules, the name of a policy."""
    given: dict[str, Any] = {}
    if member.service.policy_name is not None:
        given["policy_name"] = f"{member.service.policy_name}-{number}"
    if getattr(member.service, "route", None) is not None:
        given["route"] = replace(member.service.route, priority=number)
    own = [("route", "priority"), ("policy_name",)]
    places = tuple(steps for steps in member.places if steps not in own)
    return Asked(replace(member.service, **given), places, member.condition)


def ground(number: int) -> Ground:
    """Where a service runs: the first in a group that is there, each other in its own; public or not, and so on."""
    index = number % 12
    balancer = Balancer(
        listener=Ref("Listener"),
        security_group=Ref("BalancerGroup"),
        full_name=Ref("BalancerName"),
        target_group=Ref("Group"),
        target_group_name=Ref("GroupName"),
        test_listener=Ref("TestListener") if index % 2 else None,
    )
    return Ground(
        prefix=Sub(f"${{AWS::StackName}}-{number}"),
        cluster=Ref("Cluster"),
        subnets=Ref("Subnets"),
        vpc=Ref("Vpc"),
        security_group=None if index else Ref("Peers"),
        peers=Ref("Peers") if index % 5 else None,
        public_ip="ENABLED" if index % 2 else "DISABLED",
        balancer=balancer,
        stem=f"S{number}x",
    )


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    """Descriptions of every kind as hypothesis draws them, many to a template."""
    drawn: list[Asked] = []
    share = settings().max_examples * PER_EXAMPLE // sum(SHARES.values())
    for kind, shares in SHARES.items():
        drawn += of_kind(kind, share * shares)
    return [Batch(drawn[start : start + TOGETHER]) for start in range(0, len(drawn), TOGETHER)]


def of_kind(kind: type, wanted: int) -> list[Asked]:
    drawn: list[Asked] = []

    @settings(max_examples=wanted, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(one=asked(kind))
    def collect(one: Asked) -> None:
        drawn.append(one)

    collect()
    return drawn


def written(folder: Path, batches: Sequence[Batch]) -> Path:
    for number, batch in enumerate(batches):
        (folder / f"{number}.json").write_text(json.dumps(batch.template), encoding="utf-8")
    return folder


def told(findings: Sequence[Any], batches: Sequence[Batch]) -> list[str]:
    """Findings with the descriptions that they are about."""
    by_file = {f"{number}.json": batch for number, batch in enumerate(batches)}
    return [f"{each.rule} {each.path}: {each.message}\n{by_file[each.file].member(each.path)}" for each in findings]


@pytest.mark.hypothesis
def test_each_kind_of_service_and_of_option_was_drawn(batches: list[Batch], record_property: Any) -> None:
    services = [member.service for batch in batches for member in batch.members]
    kinds = {type(service) for service in services} | {type(getattr(service, "rollout", None)) for service in services}
    parameters = sum(len(member.places) for batch in batches for member in batch.members)
    resources = sum(len(batch.template["Resources"]) for batch in batches)
    record_property("drawn", f"{len(services)} descriptions, {resources} resources, {parameters} parameters")
    assert kinds >= set(KINDS)


@pytest.mark.hypothesis
def test_awss_own_engine_takes_them(batches: list[Batch], tmp_path: Path) -> None:
    assert told(second_opinion(written(tmp_path, batches)), batches) == []


@pytest.mark.hypothesis
def test_cfn_lint_takes_them(batches: list[Batch], tmp_path: Path) -> None:
    assert told(lint(written(tmp_path, batches), [REGION]), batches) == []


@pytest.mark.hypothesis
def test_they_obey_the_house_rules(batches: list[Batch]) -> None:
    broken = []
    for batch in batches:
        tree = Tree("services", batch.template, {})
        values = {name: f"given-{name}" for name in batch.template["Parameters"] if name in GIVEN}
        stack = Evaluator(Place("services", REGION)).evaluate(tree, passed(tree, {"Parameters": values}), {})
        findings = find(System.of(stack))
        broken += [f"{each.rule} {each.place}: {each.message}\n{batch.member(each.resource)}" for each in findings]
    assert broken == []


# On the local stage


@dataclass(frozen=True)
class Local:
    """The local stage: as callers see it, and what it holds."""

    stage: Stage
    player: Player

    def lost(self, stack: str, batch: Batch) -> list[str]:
        """Where what the services hold is not what the template said, evaluated."""
        found = []
        for title, resource in self.stage.planes[REGION].books.stacks[stack].resources.items():
            handler = handlers()[resource.type]
            request = Request("stack", title, REGION, ACCOUNT, self.stage.services[REGION].client)
            sent = kept_paths(resource.properties, set(handler.not_kept))
            held = handler.read(resource.made, resource.properties, request)
            changed = differences(as_text(sent), as_text(held))
            found += [f"{title}{line}\n{batch.member(title)}" for line in changed]
        return found

    def failures(self, stack: str, batch: Batch) -> list[str]:
        """What went wrong, with the descriptions that it is about."""
        return [
            f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}\n{batch.member(each['LogicalResourceId'])}"
            for each in self.player.events(stack)
            if each["ResourceStatus"].endswith("_FAILED") and "cancelled" not in each.get("ResourceStatusReason", "")
        ]


def as_text(value: Any) -> Any:
    """CloudFormation hands all scalars on as text; a service may hold ``100`` as ``100.0``."""
    if isinstance(value, Mapping):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).removesuffix(".0")


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    server = serve(0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Local(server.app, Player(f"http://127.0.0.1:{server.server_port}"))
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def place(local: Local) -> dict[str, str]:
    """What services stand on: a network, a cluster, a load balancer with two listeners."""
    stack = local.player.create(PLACE, name="place")
    assert local.player.stack(stack)["StackStatus"] == "CREATE_COMPLETE", local.player.story(stack)
    return local.player.outputs(stack)


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def forward(port: int) -> dict[str, Any]:
    action = {"Type": "forward", "TargetGroupArn": {"Ref": "Group"}}
    return resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn={"Ref": "Balancer"}, Port=port, Protocol="HTTP", DefaultActions=[action])  # fmt: skip


PLACE = {
    "Resources": {
        "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
        "One": resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24", AvailabilityZone=f"{REGION}a"),
        "Two": resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.1.0/24", AvailabilityZone=f"{REGION}b"),
        "BalancerGroup": resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription="balancer"),
        "Peers": resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription="peers"),
        "Balancer": resource(
            "ElasticLoadBalancingV2::LoadBalancer", Subnets=[{"Ref": "One"}, {"Ref": "Two"}], Scheme="internal"
        ),
        "Group": resource("ElasticLoadBalancingV2::TargetGroup", VpcId={"Ref": "Vpc"}, Port=80, Protocol="HTTP"),
        "Listener": forward(80),
        "TestListener": forward(81),
        "Cluster": resource("ECS::Cluster", CapacityProviders=["FARGATE", "FARGATE_SPOT"]),
    },
    "Outputs": {
        **{
            name: {"Value": {"Ref": name}}
            for name in ("Vpc", "Cluster", "Listener", "TestListener", "BalancerGroup", "Group", "Peers")
        },
        "Subnets": {"Value": {"Fn::Join": [",", [{"Ref": "One"}, {"Ref": "Two"}]]}},
        "BalancerName": {"Value": {"Fn::GetAtt": ["Balancer", "LoadBalancerFullName"]}},
        "GroupName": {"Value": {"Fn::GetAtt": ["Group", "TargetGroupFullName"]}},
    },
}


@pytest.mark.hypothesis
def test_the_local_stage_makes_them_keeps_every_value_and_takes_them_away(
    batches: list[Batch], local: Local, place: Mapping[str, str]
) -> None:
    player = local.player
    for number, batch in enumerate(batches):
        parameters = {name: place[name] for name in batch.template["Parameters"] if name in GIVEN}
        stack = player.create(player.upload(batch.template), name=f"batch-{number}", **parameters)
        assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE", local.failures(stack, batch)
        assert local.lost(stack, batch) == []
        assert player.delete(stack) == "DELETE_COMPLETE", local.failures(stack, batch)
