"""While a stack waits for its services, what ECS says of them is told, and why they fail is asked in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from oaktree_cfn.aws.ecs import Service, ServiceEvent
from oaktree_cfn.deploy.attendant import Attendant
from oaktree_cfn.deploy.news import Progress, Told
from oaktree_cfn.deploy.rollout import SERVICE_TYPE
from oaktree_cfn.errors import AwsError, OaktreeError
from oaktree_cfn.models import StackEvent

from .fake_cloudformation import BEGAN, MuteConnection, event, nested, stack

PATH = ("Web", "Service")
ARN = "arn:aws:ecs:eu-west-1:123456789012:service/c/web"
OLD = ServiceEvent("0", BEGAN - timedelta(seconds=60), "has reached a steady state.")
STARTED = ServiceEvent("1", BEGAN + timedelta(seconds=1), "has started 1 tasks: (task a).")
FAILED = ServiceEvent("2", BEGAN + timedelta(seconds=2), "deployment failed: s3cret")


@dataclass
class FakeAws:
    """One service, as ECS tells it now; ``asked`` counts the questions."""

    service_now: Service | OaktreeError | None
    asked: int = 0

    @property
    def ecs(self) -> FakeAws:
        return self

    def service(self, arn: str) -> Service | None:
        assert arn == ARN
        self.asked += 1
        if isinstance(self.service_now, OaktreeError):
            raise self.service_now
        return self.service_now

    @property
    def connection(self) -> MuteConnection:
        return MuteConnection()


def web(*events: ServiceEvent) -> Service:
    return Service(ARN, "web", "c", events=events)


def told(status: str, second: float = 1, arn: str = ARN) -> Told:
    plain: StackEvent = event(nested("Web"), "Service", status, second, type_=SERVICE_TYPE)
    return Told(PATH, replace(plain, physical_id=arn))


def progress(*news: Told) -> Progress:
    return Progress(stack("UPDATE_IN_PROGRESS"), news, began=BEGAN)


def attendant(aws: FakeAws) -> Attendant:
    found: Any = aws
    return Attendant(found, lambda text: text.replace("s3cret", "(hidden)"))


def test_messages_of_a_service_at_work_are_told_once_and_none_of_before() -> None:
    aws = FakeAws(web(STARTED, OLD))
    watching = attendant(aws)
    found = watching.attend(progress(told("UPDATE_IN_PROGRESS")))
    assert [(said.path, said.message) for said in found.said] == [(PATH, "has started 1 tasks: (task a).")]
    assert watching.attend(progress()).said == ()
    aws.service_now = web(FAILED, STARTED, OLD)
    assert [said.message for said in watching.attend(progress()).said] == ["deployment failed: (hidden)"]


def test_a_service_that_is_done_is_asked_no_more() -> None:
    aws = FakeAws(web(STARTED))
    watching = attendant(aws)
    watching.attend(progress(told("UPDATE_IN_PROGRESS")))
    watching.attend(progress(told("UPDATE_COMPLETE")))
    asked = aws.asked
    watching.attend(progress())
    assert aws.asked == asked


def test_without_services_nothing_is_asked() -> None:
    aws = FakeAws(web())
    watching = attendant(aws)
    table = Told(("Table",), event(nested("Web"), "Table", "CREATE_IN_PROGRESS", 1))
    unmade = told("CREATE_IN_PROGRESS", arn="")
    assert watching.attend(progress(table, unmade)).said == ()
    assert aws.asked == 0


def test_a_service_that_fails_is_explained_even_when_all_is_over_at_the_first_look() -> None:
    watching = attendant(FakeAws(web(FAILED)))
    watching.attend(progress(told("UPDATE_IN_PROGRESS"), told("UPDATE_FAILED", 2), told("UPDATE_COMPLETE", 3)))
    assert watching.explained == {PATH: ("ECS: deployment failed: (hidden)",)}


def test_the_first_explanation_stays() -> None:
    aws = FakeAws(web(FAILED))
    watching = attendant(aws)
    watching.attend(progress(told("UPDATE_FAILED", 2)))
    aws.service_now = web()
    watching.attend(progress(told("UPDATE_FAILED", 3)))
    assert watching.explained[PATH] == ("ECS: deployment failed: (hidden)",)


def test_what_cannot_be_asked_changes_nothing() -> None:
    watching = attendant(FakeAws(AwsError("DescribeServices", "AccessDenied", "no")))
    before = progress(told("UPDATE_IN_PROGRESS"), told("UPDATE_FAILED", 2))
    assert watching.attend(before) == before
    assert watching.explained == {}
