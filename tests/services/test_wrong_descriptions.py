"""Any wrong description is refused with InvalidInput that names the wrong field, and with nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from troposphere import Ref

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services import fields as kinds
from oaktree_cfn.services.container_health_check import ContainerHealthCheck
from oaktree_cfn.services.fields import Choice, Kind, Named, Number, Part, Scalar, Several, Switch, Text
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.metrics import Metric
from oaktree_cfn.services.rollout import BlueGreen, EarlySuccess, Rolling
from oaktree_cfn.services.scaling import Scaling, ScheduledAction
from oaktree_cfn.services.secrets import ParameterStore
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.sidecar import Sidecar
from oaktree_cfn.services.target_tracking import TargetTracking
from oaktree_cfn.services.traffic import Route, Targets
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.when import When
from oaktree_cfn.services.worker import Worker
from tests.services.any_description import SECRETS, said
from tests.services.rendering import GROUND

NEVER = ([], {}, {"a": 1, "b": 2}, object(), 5.5, -1, 10**13, True, "", " ", "nonsense!\n", "ä" * 5000)


def wrong(kind: Kind) -> st.SearchStrategy[Any]:
    """Values that are none of the kind."""
    return st.sampled_from([value for value in _candidates(kind) if not _right(value, kind)])


def _candidates(kind: Kind) -> Iterator[Any]:
    yield from NEVER
    match kind:
        case Number(low, high):
            yield from (low - 1, high + 1, str(high + 1), f"{high}x", low + 0.55)
        case Choice(values):
            yield from (values[0].swapcase() + "x", values)
        case Part():
            yield from (Ref("Part"), {"Ref": "Part"}, "part", GROUND)
        case Several(inner, most):
            yield from (
                "text",
                5,
                ["x"] * (most + 1),
                [next(bad for bad in _candidates(inner) if not _right(bad, inner))],
            )
        case Named(inner):
            yield from ("text", Ref("Map"), {"\n": "x"}, {5: "x"})


def _right(value: Any, kind: Kind) -> bool:
    """Whether the value is one of the kind, by itself."""
    match kind:
        case Several():
            return kind.takes(value) and all(_right(item, kind.kind) for item in value)
        case Named():
            names = kind.takes(value) and all(re.fullmatch(kind.pattern, str(name)) for name in value)
            return names and all(_right(item, kind.kind) for item in value.values())
        case Scalar() | Switch() | Text() | Number() | Choice() | Part():
            return kind.takes(value)


Place = tuple[str, ...]


def places(value: Any, steps: Place = ()) -> Iterator[tuple[Place, type, str]]:
    """Path, class and name of every field of a description and its parts."""
    for each in fields(value):
        here, held = (*steps, each.name), getattr(value, each.name)
        yield here, type(value), each.name
        if is_dataclass(held):
            yield from places(held, here)
        items = held.items() if isinstance(held, Mapping) else enumerate(held) if isinstance(held, tuple) else ()
        for name, item in items:
            if is_dataclass(item):
                yield from places(item, (*here, str(name)))


def put(value: Any, steps: Place, new: Any) -> Any:
    """The value with something else at the path."""
    if not steps:
        return new
    first, *rest = steps
    if isinstance(value, Mapping):
        return {**value, first: put(value[first], tuple(rest), new)}
    if isinstance(value, tuple):
        index = int(first)
        return (*value[:index], put(value[index], tuple(rest), new), *value[index + 1 :])
    return replace(value, **{first: put(getattr(value, first), tuple(rest), new)})


@given(data=st.data())
def test_one_wrong_value_is_refused_by_the_path_of_its_field(data: st.DataObject) -> None:
    service = data.draw(said())
    steps, cls, name = data.draw(st.sampled_from(list(places(service))))
    kind = kinds.kind_of(cls, name)
    value = data.draw(wrong(kind))
    event(type(kind).__name__)
    _refused(put(service, steps, value), ".".join((type(service).__name__, *steps)))


@given(data=st.data())
def test_what_must_be_known_is_refused_where_it_is_a_reference(data: st.DataObject) -> None:
    service = data.draw(said())
    known = [(steps, cls, name) for steps, cls, name in places(service) if kinds.is_known(cls, name)]
    steps, _, _ = data.draw(st.sampled_from(known))
    reference = data.draw(st.sampled_from([Ref("X"), {"Ref": "X"}, {"Fn::ImportValue": "x"}]))
    _refused(put(service, steps, reference), ".".join((type(service).__name__, *steps)))


@given(data=st.data())
def test_only_options_may_stand_under_a_condition(data: st.DataObject) -> None:
    service = data.draw(said())
    options = ("scaling", "spot", "execute_command", "alarms")
    steps, cls, name = data.draw(st.sampled_from([place for place in places(service) if place[2] not in options]))
    _refused(put(service, steps, When("C", kinds.default_of(cls, name))), ".".join((type(service).__name__, *steps)))


def _refused(description: Any, path: str) -> None:
    found = list(kinds.problems(description))
    assert found
    assert all(problem.field == path or problem.field.startswith(f"{path}.") for problem in found), found
    with pytest.raises(InvalidInput) as caught:
        description.resources(GROUND)
    assert caught.value.message == "\n".join(map(str, found))
    assert len(caught.value.message) < 2000


# Values that are right by themselves and contradict each other

Change = Callable[[Any], Any]
SECRET = ParameterStore(arn=SECRETS["ParameterStore"])
METRIC = Metric(namespace="App", name="Waiting")
SLOW = ContainerHealthCheck(command=("CMD", "true"), start_period=200)


def said_of(*classes: type, **given: Any) -> Change:
    """A change of some kinds of services; others are left alone."""
    return lambda service: replace(service, **given) if isinstance(service, classes or (object,)) else None


def scaled(**given: Any) -> Change:
    return said_of(Service, desired_count=None, scaling=Scaling(**{"max_capacity": 4, **given}))


def two(name: str) -> tuple[Sidecar, Sidecar]:
    return Sidecar(name=name, image="a:1"), Sidecar(name=name, image="b:1")


CONTRADICTIONS: list[tuple[str, Change]] = [
    ("user", said_of(user="root")),
    ("environment.DB_PASSWORD", said_of(environment={"DB_PASSWORD": "hunter2"}, secrets={})),
    ("secrets.KEY", said_of(environment={"KEY": "a"}, secrets={"KEY": SECRET})),
    ("environment.PORT", said_of(WebService, environment={"PORT": "80"}, secrets={})),
    ("secrets.QUEUE_URL", said_of(Worker, environment={}, secrets={"QUEUE_URL": SECRET})),
    ("memory", said_of(cpu="256", memory="4096", tmpfs={}, sidecars=())),
    ("readonly_root_filesystem", said_of(execute_command=True, readonly_root_filesystem=True)),
    ("sidecars", said_of(sidecars=two("agent"))),
    ("sidecars", said_of(container_name="app", sidecars=(Sidecar(name="app", image="a:1"),))),
    ("sidecars", said_of(WebService, port=80, sidecars=(Sidecar(name="a", image="a:1", port=80),))),
    ("sidecars", said_of(cpu="256", memory="512", tmpfs={}, sidecars=(Sidecar(name="a", image="a:1", memory=512),))),
    ("tmpfs", said_of(cpu="256", memory="512", tmpfs={"/a": 512}, sidecars=())),
    ("sidecars.0.user", said_of(sidecars=(Sidecar(name="a", image="a:1", user="0"),))),
    ("grants.0.intent", said_of(grants=(Grant("read", "queue", Ref("Q")),))),
    ("grants.0.arn", said_of(grants=(Grant("read", "table", "arn:aws:s3:::b"),))),
    ("desired_count", said_of(Service, desired_count=2, scaling=Scaling(max_capacity=4))),
    ("scaling.min_capacity", scaled(min_capacity=5)),
    ("scaling.min_capacity", scaled(min_capacity=0)),
    ("scaling.scheduled_actions.0.min_capacity", scaled(scheduled_actions=(ScheduledAction(name="A", schedule="rate(1 day)"),))),
    ("scaling.scheduled_actions.0.schedule", scaled(scheduled_actions=(ScheduledAction(name="A", schedule="rate(1 days)", min_capacity=1),))),
    ("scaling.target_tracking", scaled(target_tracking=2 * (TargetTracking(name="A", metric=METRIC, target=1),))),
    ("scaling.target_tracking.0.metric", scaled(target_tracking=(TargetTracking(name="A", metric=Metric(), target=1),))),
    ("scaling.target_tracking.0.name", lambda service: scaled(target_tracking=(TargetTracking(name="Backlog", metric=METRIC, target=1),))(service) if isinstance(service, Worker) else None),
    ("scaling.requests", lambda service: scaled(requests=5)(service) if isinstance(service, Worker) else None),
    ("rollout", said_of(Service, desired_count=1, scaling=None, rollout=Rolling(maximum_percent=150, minimum_healthy_percent=100))),
    ("rollout.minimum_healthy_percent", said_of(Service, rollout=Rolling(maximum_percent=100, minimum_healthy_percent=100))),
    ("rollout.early_success.healthy_percent", said_of(Service, rollout=Rolling(early_success=EarlySuccess(healthy_percent=1)))),
    ("availability_zone_rebalancing", said_of(Service, rollout=Rolling(maximum_percent=100), desired_count=4, scaling=None, availability_zone_rebalancing="ENABLED")),
    ("rollout", said_of(WebService, rollout=BlueGreen(), route=None, scaling=None, health_check=HealthCheck(), targets=Targets())),
    ("health_check", said_of(WebService, route=None, rollout=Rolling(), desired_count=None, scaling=None, health_check=HealthCheck(path="/x"))),
    ("health_check.timeout", said_of(WebService, health_check=HealthCheck(interval=10, timeout=10))),
    ("targets.slow_start", said_of(WebService, targets=Targets(slow_start=60, algorithm="weighted_random"))),
    ("route.hosts", said_of(WebService, route=Route(priority=1))),
    ("route.paths", said_of(WebService, route=Route(priority=1, paths=("/a", "/a")))),
    ("health_check_grace_period", said_of(WebService, container_health_check=SLOW, health_check_grace_period=60)),
    ("container_health_check.command", said_of(container_health_check=ContainerHealthCheck(command=("true",)))),
    ("service_connect.name", said_of(Worker, service_connect=ServiceConnect(name="jobs"))),
    ("service_connect.request_timeout", said_of(Service, service_connect=ServiceConnect(protocol="tcp", request_timeout=5))),
]  # fmt: skip


@given(data=st.data())
def test_a_contradiction_is_refused_by_the_field_to_change(data: st.DataObject) -> None:
    service = data.draw(said())
    field, change = data.draw(st.sampled_from(CONTRADICTIONS))
    changed = change(service)
    assume(changed is not None)
    event(field)
    path = f"{type(service).__name__}.{field}"
    found = list(kinds.problems(changed))
    assert path in [problem.field for problem in found]
    assert all(problem.fix for problem in found)
    with pytest.raises(InvalidInput, match=re.escape(path)):
        changed.resources(GROUND)
