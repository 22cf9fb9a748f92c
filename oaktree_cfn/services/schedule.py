"""When something happens by the clock: ``rate(…)``, ``cron(…)`` or ``at(…)``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value

EXPRESSION = fields.Text(
    r"rate\([1-9][0-9]* (minutes?|hours?|days?)\)"
    r"|cron\([^ ()]+( [^ ()]+){5}\)"
    r"|at\([0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\)",
    "rate(5 minutes), cron(0 3 * * ? *) or at(2030-01-01T00:00:00)",
    256,
)
TIMEZONE = fields.Text(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", "a time zone such as Asia/Singapore", 50)


def contradictions(schedule: Value) -> Iterator[Problem]:
    """What EventBridge Scheduler and Application Auto Scaling refuse though it looks right."""
    if not fields.is_literal(schedule):
        return
    one = re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", schedule)
    if one and (one.group(1) == "1") == bool(one.group(3)):
        right = f"rate({one.group(1)} {one.group(2)}{'' if one.group(3) else 's'})"
        yield Problem("schedule", f"{schedule!r} has the wrong number of its unit", f"Write {right}")
    if schedule.startswith("cron("):
        _, _, day_of_month, _, day_of_week, _ = schedule[5:-1].split(" ")
        if (day_of_month == "?") == (day_of_week == "?"):
            problem = "either the day of the month or the day of the week is ?, and not both"
            yield Problem("schedule", problem, "For example cron(0 3 * * ? *)")
