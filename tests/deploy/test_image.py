"""What another image may touch, and which image was there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oaktree_cfn import environment
from oaktree_cfn.aws.ecr import Repository
from oaktree_cfn.aws.ecs import Revision
from oaktree_cfn.deploy.image import before, request, strangers
from oaktree_cfn.deploy.slot import Slot
from oaktree_cfn.models import KNOWN_AFTER_APPLY, Stack
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.review.review import Action, Label, PropertyChange, Review, review
from oaktree_cfn.template import tree

PROJECT = Path(__file__).parents[2]
DIGEST = f"sha256:{'0a' * 32}"
EMPTY = Slot("ImageTag", "", False, Repository("1", "x", "app", "app"), {})
FILLED = replace(EMPTY, value=f"sha256:{'0b' * 32}")


def ours(**changed: str) -> Version:
    dev = environment.load("dev", PROJECT / "environments")
    return Version(tree.load(PROJECT / "templates" / "root.yaml"), {**dev.parameters, **changed}, dev.tags)


def others(slot: Slot, old: Version, new: Version) -> tuple[str, ...]:
    return strangers(review(forecast(old, new).change_set), slot)


def test_another_image_touches_nothing_else() -> None:
    assert others(FILLED, ours(ImageTag="one"), ours(ImageTag=DIGEST)) == ()


@pytest.mark.parametrize("most", ["0", "4"], ids=["a fixed number of tasks", "an autoscaler"])
def test_the_first_image_may_start_the_service_and_its_autoscaling(most: str) -> None:
    old, new = ours(MaxTasks=most), ours(MaxTasks=most, ImageTag=DIGEST)
    assert others(EMPTY, old, new) == ()
    assert any("would" in line for line in others(FILLED, old, new)), "only the first one may"


def test_whatever_else_changes_is_named_with_its_property() -> None:
    found = others(FILLED, ours(ImageTag="one"), ours(ImageTag=DIGEST, Cpu="512", Memory="1024", DesiredCount="2"))
    assert "Service/Service.DesiredCount (AWS::ECS::Service) would change" in found
    assert "Service/TaskDefinition.Cpu (AWS::ECS::TaskDefinition) would change" in found
    found = others(FILLED, ours(ImageTag="one"), ours(ImageTag=DIGEST, HealthCheckInterval="45"))
    assert found == ("Alb/TargetGroup (AWS::ElasticLoadBalancingV2::TargetGroup) would be modified",)


def test_a_value_of_another_stack_that_counts_as_not_known_is_no_stranger() -> None:
    """As CloudFormation puts it: the outputs of nested stacks are not known before the change set has run."""
    foretold = forecast(ours(ImageTag="one"), ours(ImageTag=DIGEST)).change_set
    made = review(foretold)
    awaited = PropertyChange("NetworkConfiguration/AwsvpcConfiguration/Subnets/0", "subnet-1", KNOWN_AFTER_APPLY)
    untold = PropertyChange("LoadBalancers", told=False)
    moved = PropertyChange("PlatformVersion", "1.4.0", "LATEST")

    def with_(*more: PropertyChange) -> Review:
        entries = [
            replace(each, properties=(*each.properties, *more)) if each.type == "AWS::ECS::Service" else each
            for each in made.entries
        ]
        return replace(made, entries=tuple(entries))

    assert strangers(with_(awaited, untold), FILLED, foretold) == ()
    assert strangers(with_(awaited, moved), FILLED, foretold) == (
        "Service/Service.PlatformVersion (AWS::ECS::Service) would change",
    )
    assert len(strangers(with_(awaited, untold), FILLED)) == 2, "without a forecast nobody can tell"
    both = forecast(ours(ImageTag="one"), ours(ImageTag=DIGEST, TaskSubnets="private", NatGateways="single")).change_set
    assert "Service/Service.NetworkConfiguration (AWS::ECS::Service) would change" in strangers(
        with_(awaited), FILLED, both
    )


def test_a_service_that_would_be_replaced_is_refused() -> None:
    made = review(forecast(ours(ImageTag="one"), ours(ImageTag=DIGEST)).change_set)
    entries = [
        replace(each, action=Action.REPLACE) if each.type == "AWS::ECS::Service" else each for each in made.entries
    ]
    assert strangers(replace(made, entries=tuple(entries)), FILLED) == (
        "Service/Service (AWS::ECS::Service) would be replaced",
    )


def test_what_surely_stays_is_no_stranger() -> None:
    made = review(forecast(ours(ImageTag="one"), ours(ImageTag=DIGEST, HealthCheckInterval="45")).change_set)
    calm = tuple(replace(each, label=Label.NOISE) if "Alb" in each.path else each for each in made.entries)
    assert strangers(replace(made, entries=calm), FILLED) == ()


def test_everything_but_the_image_stays_as_the_stack_has_it() -> None:
    stack = Stack(
        "arn", "shop", "UPDATE_COMPLETE", parameters={"Cpu": "256", "ImageTag": "", "Secret": "****"}, tags={"a": "b"}
    )
    made = request(stack, EMPTY, DIGEST, "1f2e", "arn:role")
    assert {each.key: each.value for each in made.parameters} == {"Cpu": None, "Secret": None, "ImageTag": DIGEST}
    assert (made.template_url, made.kind, made.tags, made.role_arn) == ("", "UPDATE", {"a": "b"}, "arn:role")
    assert made.name == "oaktree-image-0a0a0a0a0a0a-1f2e"
    whole = replace(FILLED, whole=True)
    assert request(stack, whole, DIGEST, "1").parameters[-1].value == f"app@{DIGEST}"


# The image before

START = datetime(2026, 1, 1, tzinfo=UTC)


def revision(number: int, version: str, ended: int | None = None) -> Revision:
    name = f"app@{version}" if version.startswith("sha256:") else f"app:{version}"
    return Revision(number, {"web": name}, START + timedelta(hours=ended) if ended is not None else None)


@pytest.mark.parametrize(
    ("revisions", "found"),
    [
        ([], ""),
        ([revision(1, "none", 1)], ""),
        ([revision(1, "a", 1)], "a"),
        ([revision(2, "b", 2), revision(1, "a", 1)], "b"),
        ([revision(2, "now", 2), revision(1, "a", 1)], "a"),
        ([revision(3, "failed", 3), revision(2, "b", 4), revision(1, "a", 2)], "b"),
        ([revision(2, "b"), revision(1, "a")], "b"),
        ([revision(2, DIGEST, 2), revision(1, "a", 1)], DIGEST),
    ],
    ids=["none", "no image yet", "one", "the last", "the same image", "never came up", "still active", "a digest"],
)
def test_the_image_before_is_the_one_that_went_out_of_service_last(revisions: list[Revision], found: str) -> None:
    assert before(revisions, "web", "now") == found


def test_another_container_of_the_family_has_no_say() -> None:
    assert before([revision(1, "a", 1)], "worker", "now") == ""
