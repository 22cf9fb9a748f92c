"""A service runs what its stack says, or the deploy says why it does not; what cannot be seen is Unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.aws.ecs import Deployment, Service, ServiceEvent
from oaktree_cfn.deploy.rollout import SERVICE_TYPE, Asked, Verifier, may_touch, problem, touched
from oaktree_cfn.errors import AwsError, DeployFailed, InvalidInput, OaktreeError, Unknown
from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet, StackResource

from .fake_cloudformation import BEGAN, ROOT, FakeTime, MuteConnection, nested, stack

REGISTRY = "arn:aws:ecs:eu-west-1:123456789012:task-definition/"
ASKED = Asked(("Web", "Service"), "arn:aws:ecs:eu-west-1:1:service/c/web", "c", f"{REGISTRY}web:2")
ROLLED_BACK = (
    ServiceEvent("3", BEGAN + timedelta(seconds=9), "rolling back to deployment ecs-svc/1."),
    ServiceEvent("2", BEGAN + timedelta(seconds=8), "(deployment ecs-svc/2) deployment failed: tasks failed to start."),
)


def service(runs: str = "web:2", rollout: str = "COMPLETED", reason: str = "", *, events: Sequence[ServiceEvent] = ()) -> Service:  # fmt: skip
    old = Deployment("ecs-svc/0", "ACTIVE", f"{REGISTRY}web:0", "COMPLETED")
    primary = Deployment("ecs-svc/1", "PRIMARY", f"{REGISTRY}{runs}", rollout, reason)
    return Service(ASKED.arn, "web", "c", deployments=(old, primary), events=tuple(events))


# One service


def test_a_service_that_runs_what_was_asked_is_fine() -> None:
    assert problem(ASKED, service()) == ""


@pytest.mark.parametrize("rollout", ["IN_PROGRESS", "", "SOMETHING_NEW"])
def test_only_a_failed_rollout_is_a_problem(rollout: str) -> None:
    assert problem(ASKED, service(rollout=rollout)) == ""


def test_a_failed_rollout_says_ecs_reason() -> None:
    found = problem(ASKED, service(rollout="FAILED", reason="tasks failed to start."))
    assert found == "its deployment of web:2 failed: tasks failed to start."


@given(
    st.sampled_from(["COMPLETED", "IN_PROGRESS", "FAILED", ""]), st.integers(1, 99).filter(lambda number: number != 2)
)
def test_another_revision_is_a_problem_however_well_it_runs(rollout: str, revision: int) -> None:
    found = problem(ASKED, service(f"web:{revision}", rollout), BEGAN)
    assert found == f"runs web:{revision}, not web:2 as the stack says"


def test_the_reason_why_it_runs_another_one_is_told() -> None:
    found = problem(ASKED, service("web:1", events=ROLLED_BACK), BEGAN)
    assert found.endswith("as the stack says: (deployment ecs-svc/2) deployment failed: tasks failed to start.")


@pytest.mark.parametrize("said", ["web", "web:2", f"{REGISTRY}web:2", ""])
def test_what_was_asked_may_be_said_in_every_way_that_cloudformation_takes(said: str) -> None:
    assert problem(replace(ASKED, task_definition=said), service()) == ""


def test_another_family_is_another_one() -> None:
    assert problem(replace(ASKED, task_definition="we"), service()) == "runs web:2, not we as the stack says"
    assert problem(replace(ASKED, task_definition="web:22"), service()) != ""


def test_a_deployment_that_was_taken_back_is_a_problem_even_with_the_same_task_definition() -> None:
    assert "was taken back" in problem(ASKED, service(events=ROLLED_BACK), BEGAN)
    later = BEGAN + timedelta(seconds=60)
    assert problem(ASKED, service(events=ROLLED_BACK), later) == "", "that was an earlier operation"


def test_a_service_of_another_controller_is_not_judged() -> None:
    assert problem(ASKED, replace(service(), deployments=())) == ""


@pytest.mark.parametrize("gone", [None, replace(service(), status="INACTIVE")])
def test_a_service_that_is_not_there_is_a_problem(gone: Service | None) -> None:
    assert problem(ASKED, gone) == "does not exist in ECS"


# Which services


def changes(*found: Change) -> ChangeSet:
    return ChangeSet("arn", "n", "s", "s", "CREATE_COMPLETE", changes=found)


def test_a_change_set_may_touch_a_service_where_it_names_one_or_is_not_known_to_its_leaves() -> None:
    table, web = Change("Add", "Table", "AWS::DynamoDB::Table"), Change("Modify", "Web", SERVICE_TYPE)
    assert not may_touch(changes(table))
    assert may_touch(changes(table, web))
    assert may_touch(changes(Change("Modify", "Inner", STACK_TYPE, nested=changes(web))))
    assert not may_touch(changes(Change("Modify", "Inner", STACK_TYPE, nested=changes(table))))
    assert may_touch(changes(Change("Modify", "Inner", STACK_TYPE)))
    assert may_touch(None)


@dataclass
class FakeStacks:
    """Resources by stack, and what was sent for them."""

    rows: dict[str, list[StackResource]]
    properties: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def resources(self, stack_id: str) -> tuple[StackResource, ...]:
        self.asked.append(stack_id)
        return tuple(self.rows[stack_id])

    def sent(self, stack_id: str, logical_id: str) -> Any:
        return self.properties.get(logical_id, {})


def row(
    name: str, type_: str = SERVICE_TYPE, second: float | None = 5, status: str = "UPDATE_COMPLETE"
) -> StackResource:
    physical = nested(name) if type_ == STACK_TYPE else f"arn:{name}"
    return StackResource(
        name, physical, type_, status, time=None if second is None else BEGAN + timedelta(seconds=second)
    )


def test_services_of_the_whole_tree_count_and_only_those_that_the_operation_touched() -> None:
    inner = [
        row("Service"),
        row("Untouched", second=-60),
        row("Removed", status="DELETE_COMPLETE"),
        row("Untold", second=None),
    ]
    stacks = FakeStacks(
        {ROOT: [row("Web", STACK_TYPE), row("Data", STACK_TYPE, -60), row("Own")], nested("Web"): inner},
        {"Service": {"Cluster": "c", "TaskDefinition": "web:2"}},
    )
    found = touched(stacks, stack("UPDATE_COMPLETE"))  # type: ignore[arg-type]
    assert found == (
        Asked(("Own",), "arn:Own"),
        Asked(("Web", "Service"), "arn:Service", "c", "web:2"),
        Asked(("Web", "Untold"), "arn:Untold"),
    )
    assert stacks.asked == [ROOT, nested("Web")]


# Until it is settled


@dataclass
class FakeAws:
    """A stack of one service; ``answers`` of ECS come one by one, the last one again and again."""

    answers: list[Service | OaktreeError | None]
    cloudformation: Any = None
    connection: MuteConnection = field(default_factory=MuteConnection)

    @property
    def ecs(self) -> FakeAws:
        return self

    def service(self, arn: str, cluster: str) -> Service | None:
        assert (arn, cluster) == (ASKED.arn, ASKED.cluster)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OaktreeError):
            raise answer
        return answer


def verify(
    *answers: Service | OaktreeError | None, say: Callable[[str], None] = lambda _: None, time: FakeTime | None = None
) -> None:
    service_row = StackResource("Service", ASKED.arn, SERVICE_TYPE, "UPDATE_COMPLETE")
    sent = {"Service": {"Cluster": ASKED.cluster, "TaskDefinition": ASKED.task_definition}}
    stacks = FakeStacks({ROOT: [row("Web", STACK_TYPE)], nested("Web"): [service_row]}, sent)
    aws: Any = FakeAws(list(answers), stacks)
    Verifier(aws, (time or FakeTime()).time(), lambda text: text, say).verify(stack("UPDATE_COMPLETE"))


def test_a_settled_service_costs_one_look() -> None:
    time = FakeTime()
    verify(service(), time=time)
    assert time.sleeps == []


def test_a_service_that_still_rolls_out_is_waited_for_and_that_is_said_once() -> None:
    said: list[str] = []
    verify(*[service(rollout="IN_PROGRESS")] * 3, service(), say=said.append)
    assert said == ["oaktree-dev: UPDATE_COMPLETE, and ECS still rolls out Web/Service (AWS::ECS::Service)."]


def test_a_rollback_is_a_failed_deploy_that_says_what_runs_and_how_to_try_again() -> None:
    with pytest.raises(DeployFailed) as caught:
        verify(service(rollout="IN_PROGRESS"), service("web:1", events=ROLLED_BACK))
    assert caught.value.exit_code == 5
    assert "Web/Service (AWS::ECS::Service): runs web:1, not web:2 as the stack says" in caught.value.message
    assert "\n  ECS: rolling back to deployment ecs-svc/1." in caught.value.message
    assert "oaktree-dev is in UPDATE_COMPLETE all the same" in caught.value.message
    assert "--cluster c --service web --task-definition web:2`" in caught.value.advice


def test_a_throttled_look_is_repeated() -> None:
    throttled = AwsError("DescribeServices", "ThrottlingException", "slowly")
    verify(throttled, throttled, service())


@pytest.mark.parametrize(
    "error", [AwsError("DescribeServices", "AccessDeniedException", "no"), InvalidInput("credentials have expired")]
)
def test_what_may_not_be_seen_is_unknown_at_once(error: OaktreeError) -> None:
    time = FakeTime()
    with pytest.raises(Unknown, match="whether its services run what it says cannot be seen") as caught:
        verify(error, time=time)
    assert "oaktree watch" in caught.value.advice
    assert time.sleeps == []


def test_what_stays_unseen_is_unknown_in_the_end() -> None:
    time = FakeTime()
    with pytest.raises(Unknown):
        verify(AwsError("DescribeServices", "NoAnswer", "nobody"), time=time)
    assert 120 <= time.seconds < 140


def test_a_rollout_without_end_is_unknown() -> None:
    time = FakeTime()
    with pytest.raises(Unknown, match="still rolls out, 15 minutes after"):
        verify(service(rollout="IN_PROGRESS"), time=time)
    assert 900 <= time.seconds < 910
