"""Schedules: what EventBridge Scheduler and Application Auto Scaling take, and what only looks right."""

from __future__ import annotations

import re

import pytest
from troposphere import Ref

from oaktree_cfn.services import schedule
from tests.services.rendering import complaints, scheduled

GOOD = (
    "rate(1 minute)",
    "rate(5 minutes)",
    "rate(1 hour)",
    "rate(12 hours)",
    "rate(1 day)",
    "rate(30 days)",
    "cron(0 3 * * ? *)",
    "cron(0 8 ? * MON-FRI *)",
    "cron(0/15 9-17 1,15 * ? 2027)",
    "at(2030-01-01T00:00:00)",
)
NONE = (
    "hourly",
    "rate(0 minutes)",
    "rate(5)",
    "rate(5 seconds)",
    "rate(1.5 hours)",
    "cron(0 3 * * ?)",
    "cron(0 3 * * ? * *)",
    "at(2030-01-01)",
    "at(2030-01-01T00:00:00Z)",
    "",
)


@pytest.mark.parametrize("expression", GOOD)
def test_a_schedule_is_taken(expression: str) -> None:
    assert complaints(scheduled(schedule=expression)) == []


@pytest.mark.parametrize("expression", NONE)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    assert complaints(scheduled(schedule=expression)) == [
        f"ScheduledTask.schedule: {expression!r} is not rate(5 minutes), cron(0 3 * * ? *) or at(2030-01-01T00:00:00)"
    ]


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ("rate(1 minutes)", "rate(1 minute)"),
        ("rate(2 hour)", "rate(2 hours)"),
        ("rate(1 days)", "rate(1 day)"),
        ("rate(10 day)", "rate(10 days)"),
    ],
)
def test_one_is_counted_in_the_singular(expression: str, right: str) -> None:
    assert complaints(scheduled(schedule=expression)) == [
        f"ScheduledTask.schedule: {expression!r} has the wrong number of its unit. Write {right}"
    ]
    assert complaints(scheduled(schedule=right)) == []


@pytest.mark.parametrize("expression", ["cron(0 3 * * * *)", "cron(0 3 ? * ? *)", "cron(0 3 1 * MON *)"])
def test_a_cron_says_one_kind_of_day(expression: str) -> None:
    assert complaints(scheduled(schedule=expression)) == [
        "ScheduledTask.schedule: either the day of the month or the day of the week is ?, and not both. "
        "For example cron(0 3 * * ? *)"
    ]


def test_a_schedule_from_elsewhere_is_not_judged() -> None:
    assert complaints(scheduled(schedule=Ref("When"))) == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Singapore", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_time_zones_have_their_usual_names(zone: str) -> None:
    assert complaints(scheduled(timezone=zone)) == []
    assert re.fullmatch(schedule.TIMEZONE.pattern, zone)


@pytest.mark.parametrize("zone", ["", "+08:00", "Asia/", "a b", "Z" * 51])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    (told,) = complaints(scheduled(timezone=zone))
    assert told.endswith("is not a time zone such as Asia/Singapore")
