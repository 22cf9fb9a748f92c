"""Watching: the status alone decides, events never do, and what cannot be seen is Unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaktree_cfn.aws.failures import NOBODY
from oaktree_cfn.deploy.news import Progress
from oaktree_cfn.deploy.watch import Feed, Watch, Watcher
from oaktree_cfn.errors import AwsError, InvalidInput, Unknown
from oaktree_cfn.models import STACK_TYPE, ChangeSet, Stack

from .fake_cloudformation import BEGAN, ROOT, FakeCloudFormation, FakeTime, event, nested, stack

ARN = "arn:changeset"
MADE = ChangeSet(ARN, "n", ROOT, "oaktree-dev", "CREATE_COMPLETE")
THROTTLED = AwsError("DescribeStacks", "Throttling", "Rate exceeded")
DEAD = AwsError("DescribeStacks", "NoAnswer", "connection refused")


def follow(
    cloudformation: FakeCloudFormation, watch: Watch | None = None, time: FakeTime | None = None
) -> tuple[Stack, list[Progress]]:
    seen: list[Progress] = []
    watcher = Watcher(cloudformation, watch or Watch(ROOT, None, MADE), (time or FakeTime()).time())  # type: ignore[arg-type]
    return watcher.follow(seen.append), seen


def test_it_ends_when_the_stack_rests() -> None:
    end, seen = follow(FakeCloudFormation([stack("CREATE_IN_PROGRESS"), stack("CREATE_COMPLETE")]))
    assert end.status == "CREATE_COMPLETE"
    assert [progress.stack.status for progress in seen] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_review_in_progress_after_execution_is_an_old_answer() -> None:
    end, _ = follow(
        FakeCloudFormation([stack("REVIEW_IN_PROGRESS"), stack("CREATE_IN_PROGRESS"), stack("CREATE_COMPLETE")])
    )
    assert end.status == "CREATE_COMPLETE"


def test_the_status_from_before_the_update_is_an_old_answer() -> None:
    before = stack("UPDATE_COMPLETE", change_set_id="arn:older")
    later = stack("UPDATE_COMPLETE", updated=BEGAN.replace(hour=13), change_set_id=ARN)
    cloudformation = FakeCloudFormation([before, stack("UPDATE_IN_PROGRESS"), later])
    end, seen = follow(cloudformation, Watch(ROOT, before, MADE))
    assert end is later
    assert len(seen) == 3


def test_an_update_that_was_over_before_the_first_look_is_recognised() -> None:
    before = stack("UPDATE_COMPLETE", change_set_id="arn:older")
    end, seen = follow(FakeCloudFormation([stack("UPDATE_COMPLETE", change_set_id=ARN)]), Watch(ROOT, before, MADE))
    assert end.status == "UPDATE_COMPLETE"
    assert len(seen) == 1


def test_a_deletion_ends_when_the_stack_is_gone() -> None:
    before = stack("CREATE_COMPLETE")
    cloudformation = FakeCloudFormation([before, stack("DELETE_IN_PROGRESS"), None])
    end, _ = follow(cloudformation, Watch(ROOT, before, deleting=True))
    assert end.status == "DELETE_COMPLETE"


def test_events_that_cannot_be_read_change_nothing_but_the_view() -> None:
    cloudformation = FakeCloudFormation([stack("UPDATE_IN_PROGRESS"), stack("UPDATE_COMPLETE")], events_fail=THROTTLED)
    end, seen = follow(cloudformation, Watch(ROOT))
    assert end.status == "UPDATE_COMPLETE"
    assert "Rate exceeded" in seen[0].trouble


def test_a_throttled_status_is_asked_again() -> None:
    end, _ = follow(
        FakeCloudFormation([stack("UPDATE_IN_PROGRESS"), THROTTLED, THROTTLED, stack("UPDATE_COMPLETE")]), Watch(ROOT)
    )
    assert end.status == "UPDATE_COMPLETE"


def test_a_status_that_stays_away_is_unknown_and_says_how_to_resume() -> None:
    time = FakeTime()
    with pytest.raises(Unknown, match="connection refused") as caught:
        follow(FakeCloudFormation([stack("UPDATE_IN_PROGRESS"), DEAD]), Watch(ROOT), time)
    assert "oaktree watch" in caught.value.advice
    assert 120 <= time.seconds < 140


def test_a_stage_that_has_ended_is_unknown_at_once_and_nothing_is_left_to_watch() -> None:
    time = FakeTime()
    ended = AwsError("DescribeStacks", NOBODY, "refused", advice="Start a new one.")
    with pytest.raises(Unknown) as caught:
        follow(FakeCloudFormation([stack("UPDATE_IN_PROGRESS"), ended]), Watch(ROOT), time)
    assert caught.value.advice == "Start a new one."
    assert time.seconds < 5


def test_expired_credentials_are_unknown_at_once() -> None:
    time = FakeTime()
    with pytest.raises(Unknown, match="expired"):
        follow(
            FakeCloudFormation([stack("UPDATE_IN_PROGRESS"), InvalidInput("The AWS credentials have expired.")]),
            Watch(ROOT),
            time,
        )
    assert time.seconds < 5


def test_a_stack_that_vanishes_is_unknown() -> None:
    with pytest.raises(Unknown, match="not there any more"):
        follow(FakeCloudFormation([stack("UPDATE_IN_PROGRESS"), None]), Watch(ROOT))


def test_an_operation_without_end_is_unknown_in_the_end() -> None:
    with pytest.raises(Unknown, match="still running after 4 hours"):
        follow(FakeCloudFormation([stack("UPDATE_IN_PROGRESS")]), Watch(ROOT))


def test_a_change_set_that_nobody_takes_up_is_unknown() -> None:
    with pytest.raises(Unknown, match="nothing seems to have started"):
        follow(FakeCloudFormation([stack("REVIEW_IN_PROGRESS")]))


def test_looks_grow_apart_while_nothing_happens_and_are_close_again_after_news() -> None:
    time = FakeTime()
    cloudformation = FakeCloudFormation([*[stack("UPDATE_IN_PROGRESS")] * 6, stack("UPDATE_COMPLETE")])
    follow(cloudformation, Watch(ROOT), time)
    assert time.sleeps == [0.5, 0.75, 1.125, 1.6875, 2.53125, 3.0]
    cloudformation = FakeCloudFormation([*[stack("UPDATE_IN_PROGRESS")] * 4, stack("UPDATE_COMPLETE")])
    cloudformation.tell([event(ROOT, "Table", "UPDATE_IN_PROGRESS", 1)])
    time = FakeTime()
    follow(cloudformation, Watch(ROOT), time)
    assert time.sleeps == [0.5, 0.75, 1.125, 1.6875]


def test_whoever_is_near_is_looked_at_often() -> None:
    time = FakeTime()
    near = replace(time.time(), shortest=0.1, longest=0.2)
    cloudformation = FakeCloudFormation([*[stack("UPDATE_IN_PROGRESS")] * 5, stack("UPDATE_COMPLETE")])
    Watcher(cloudformation, Watch(ROOT), near).follow(lambda _: None)  # type: ignore[arg-type]
    assert time.sleeps == pytest.approx([0.1, 0.15, 0.2, 0.2, 0.2])


def test_nested_events_carry_the_path_and_are_told_once() -> None:
    cloudformation = FakeCloudFormation([stack("UPDATE_IN_PROGRESS")])
    inner = nested("Data")
    cloudformation.tell(
        [
            event(ROOT, "Data", "UPDATE_IN_PROGRESS", 1, type_=STACK_TYPE),
            event(inner, "", "UPDATE_IN_PROGRESS", 2),
            event(inner, "Table", "UPDATE_COMPLETE", 3),
        ]
    )
    feed = Feed(cloudformation, ROOT, None)  # type: ignore[arg-type]
    assert [told.path for told in feed.news()] == [("Data",), ("Data",), ("Data", "Table")]
    assert feed.news() == ()


def test_the_last_events_of_a_nested_stack_are_read_with_its_end() -> None:
    cloudformation = FakeCloudFormation([stack("UPDATE_IN_PROGRESS")])
    inner = nested("Data")
    cloudformation.tell([event(ROOT, "Data", "UPDATE_IN_PROGRESS", 1, type_=STACK_TYPE)])
    feed = Feed(cloudformation, ROOT, None)  # type: ignore[arg-type]
    feed.news()
    cloudformation.tell(
        [event(inner, "Table", "UPDATE_FAILED", 2), event(ROOT, "Data", "UPDATE_FAILED", 3, type_=STACK_TYPE)]
    )
    assert [told.path for told in feed.news()] == [("Data", "Table"), ("Data",)]
    cloudformation.calls.clear()
    feed.news()
    assert cloudformation.calls == ["events"], "a nested stack that rests is not asked again"


def test_events_of_earlier_operations_are_not_told() -> None:
    cloudformation = FakeCloudFormation([stack("UPDATE_COMPLETE")])
    cloudformation.tell([event(ROOT, "Table", "CREATE_FAILED", -60), event(ROOT, "Table", "UPDATE_COMPLETE", 1)])
    _, seen = follow(cloudformation, Watch(ROOT))
    assert [told.event.status for told in seen[0].news] == ["UPDATE_COMPLETE"]
