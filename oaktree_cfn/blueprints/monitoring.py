"""What is watched: alarms, the topic they tell, and a dashboard.

Everything here speaks of the service by its name only, so that the alarms are there before the service, whose rollouts ask
them. Thresholds in which teams differ are parameters; which alarms take a rollout back stands in services/alarms.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import Equals, Join, Not, Parameter, Ref, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services import alarms, dashboard
from oaktree_cfn.services.alarm_topic import alarm_topic, by_email
from oaktree_cfn.services.alarms import Alarm, Limits
from oaktree_cfn.services.measured import Items, Tasks, Traffic
from oaktree_cfn.services.names import named

_PREFIX = Ref("Prefix")
_TRAFFIC = Traffic(Ref("LoadBalancerFullName"), Ref("TargetGroupFullName"))
_TASKS = Tasks(Ref("ClusterName"), named("{}-service", _PREFIX))
_TABLE = Items(Ref("TableName"))


@dataclass(frozen=True)
class Monitoring:
    """Monitoring: alarms for the web service, its load balancer and its table, the topic they tell, and a dashboard."""

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
        template.add_condition("HasAlarmEmail", Not(Equals(Ref("AlarmEmail"), "")))
        limits = Limits(
            errors=Ref("ErrorThreshold"),
            latency=Ref("LatencyThreshold"),
            cpu=Ref("CpuThreshold"),
            memory=Ref("MemoryThreshold"),
        )
        watched = _alarms(limits)
        template.add_resource([*alarm_topic(_PREFIX), by_email(Ref("AlarmEmail"), "HasAlarmEmail")])
        template.add_resource([alarm.render(_PREFIX, [Ref("AlarmTopic")]) for alarm in watched])
        template.add_resource(dashboard.dashboard(_PREFIX, _rows(watched, limits)))
        _outputs(template, watched)
        return template


def _alarms(limits: Limits) -> tuple[Alarm, ...]:
    return (
        *alarms.of_traffic(_TRAFFIC, limits),
        *alarms.of_tasks(_TASKS, limits),
        *alarms.of_table(_TABLE, limits),
    )


def _rows(watched: tuple[Alarm, ...], limits: Limits) -> tuple[dashboard.Row, ...]:
    return (
        *dashboard.of_alarms(watched, _PREFIX),
        *dashboard.of_traffic(_TRAFFIC, limits),
        *dashboard.of_tasks(_TASKS, limits),
        *dashboard.of_table(_TABLE),
        *dashboard.of_log(named("/ecs/{}", _PREFIX)),
    )


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    questions = {
        "E-mail": _email(),
        "Errors": form.asked(Limits, "errors", "ErrorThreshold"),
        "Latency": form.asked(Limits, "latency", "LatencyThreshold"),
        "CPU": form.asked(Limits, "cpu", "CpuThreshold"),
        "Memory": form.asked(Limits, "memory", "MemoryThreshold"),
    }
    form.ask(template, "Monitoring", questions)
    wiring = {
        "Cluster": form.given("ClusterName", "Cluster of the service."),
        "Load balancer's name": form.given("LoadBalancerFullName", "The load balancer, as metrics call it."),
        "Target group's name": form.given("TargetGroupFullName", "The target group of the tasks, as metrics call it."),
        "Table": form.given("TableName", "Users table."),
    }
    form.ask(template, form.WIRING, wiring)


def _email() -> Parameter:
    return form.text(
        "AlarmEmail",
        "Address that alarms are sent to, once its owner has confirmed it; empty for none.",
        pattern=r"([^@\s]+@[^@\s]+\.[^@\s]+)?",
        constraint="empty or an e-mail address",
        MaxLength=320,
        Default="",
    )


def _outputs(template: Template, watched: tuple[Alarm, ...]) -> None:
    back = Join(",", alarms.rollback_names(watched, _PREFIX))
    form.tell(template, "RollbackAlarmNames", "Alarms that take a rollout back, joined by commas.", back)
    form.tell(template, "AlarmTopicArn", "The topic that alarms tell; other stacks' alarms may too.", Ref("AlarmTopic"))
    form.tell(template, "DashboardName", "The dashboard.", Ref("Dashboard"))
