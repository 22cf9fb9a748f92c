"""docs/monitoring.md says what the alarms are, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

from oaktree_cfn.blueprints.monitoring import Monitoring
from oaktree_cfn.services.alarms import Alarm, Limits, of_table, of_tasks, of_traffic
from oaktree_cfn.services.measured import Items, Tasks, Traffic

PAGE = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text(encoding="utf-8")


def row(alarm: Alarm) -> tuple[str, str, str]:
    minutes = int(alarm.period) // 60
    count = (
        f"{alarm.datapoints_to_alarm} of {alarm.evaluation_periods} minutes" if minutes == 1 else f"{minutes} minutes"
    )
    return f"`<prefix>-{alarm.name}`", count, "yes" if alarm.rolls_back else ""


def test_every_alarm_of_the_system_stands_on_the_page_as_it_is() -> None:
    limits = Limits()
    alarms = (*of_traffic(Traffic("a", "b"), limits), *of_tasks(Tasks("c", "d"), limits), *of_table(Items("e"), limits))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if "`<prefix>-" in line]
    assert [(name, count, back) for name, _, count, back in rows] == [row(alarm) for alarm in alarms]


def test_every_parameter_it_speaks_of_exists() -> None:
    declared = Monitoring().compose().to_dict()["Parameters"]
    assert set(re.findall(r"`(\w+Threshold|AlarmEmail)`", PAGE)) == {
        name for name in declared if name.endswith("Threshold") or name == "AlarmEmail"
    }


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    made: dict[str, list[object]] = {}
    exec(example, made)  # noqa: S102  # our own page
    assert len(made["resources"]) == 6


def test_the_metrics_it_counts_for_the_bill_are_the_ones_that_are_watched() -> None:
    limits = Limits()
    alarms = (*of_traffic(Traffic("a", "b"), limits), *of_tasks(Tasks("c", "d"), limits), *of_table(Items("e"), limits))
    assert f"{sum(len(alarm.metric.inputs) or 1 for alarm in alarms)} watched metrics" in PAGE
