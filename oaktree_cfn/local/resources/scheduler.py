"""Schedules and their groups."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import differ, given, known

_PLAIN = (
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
)
_DATES = ("EndDate", "StartDate")


class Schedule(Handler):
    """A schedule; ``Ref`` is its name."""

    type = "AWS::Scheduler::Schedule"
    supported = frozenset({*_PLAIN, "GroupName", "Name"})

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("Name") or request.name(64)
        settings = given(properties, *_PLAIN, "GroupName")
        arn = call(request.client("scheduler"), "create_schedule", Name=name, **settings)["ScheduleArn"]
        return Made(name, {"Arn": arn})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        """A schedule is put whole. Another group means another schedule of the same name, as in AWS."""
        if differ(before, after, "GroupName"):
            self.delete(made, before, request)
            return self.create({**after, "Name": made.physical_id}, request)
        settings = {"State": "ENABLED", **given(after, *_PLAIN, "GroupName")}
        call(request.client("scheduler"), "update_schedule", Name=made.physical_id, **settings)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFoundException"):
            place = given(properties, "GroupName")
            call(request.client("scheduler"), "delete_schedule", Name=made.physical_id, **place)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        place = given(properties, "GroupName")
        found = call(request.client("scheduler"), "get_schedule", Name=made.physical_id, **place)
        dates = {name: _instant(found[name]) for name in _DATES if found.get(name)}
        return known({**given(found, *_PLAIN, "GroupName", "Name"), **dates})


def _instant(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"))


class ScheduleGroup(Handler):
    """A group of schedules; ``Ref`` is its name. Its schedules go with it."""

    type = "AWS::Scheduler::ScheduleGroup"
    supported = frozenset({"Name", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        scheduler, name = request.client("scheduler"), properties.get("Name") or request.name(64)
        if _groups(scheduler, name):
            raise refusal("ConflictException", f"Schedule group {name} already exists.", "CreateScheduleGroup")
        call(scheduler, "create_schedule_group", Name=name, **given(properties, "Tags"))
        group = call(scheduler, "get_schedule_group", Name=name)
        dates = {date: str(moment) for date, moment in given(group, "CreationDate", "LastModificationDate").items()}
        return Made(name, {**given(group, "Arn", "State"), **dates})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        tagging.retag(request.client("scheduler"), made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        scheduler = request.client("scheduler")
        for group in _groups(scheduler, made.physical_id):  # asked first: moto breaks down over an unknown one
            call(scheduler, "delete_schedule_group", Name=group["Name"])

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        scheduler = request.client("scheduler")
        group = call(scheduler, "get_schedule_group", Name=made.physical_id)
        return {"Name": group["Name"], "Tags": tagging.tags_of(scheduler, made.attributes["Arn"], properties)}


def _groups(scheduler: Any, name: str) -> list[dict[str, Any]]:
    found = call(scheduler, "list_schedule_groups", NamePrefix=name)["ScheduleGroups"]
    return [group for group in found if group["Name"] == name]
