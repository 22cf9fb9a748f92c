"""Any description: drawn from the fields' own kinds, mended by the checker's own words, some values left to CloudFormation.

The checker names the field of every problem. So what was drawn at random becomes valid by setting the named field back,
again and again: a problem that named another field than the one to change would never go away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from troposphere import Parameter, Ref, Split

from oaktree_cfn.services import fields as kinds
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.fields import Choice, Kind, Named, Number, Part, Scalar, Several, Switch
from oaktree_cfn.services.grants import ACTIONS, Grant
from oaktree_cfn.services.rollout import ROLLOUTS
from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.traffic import Route
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.when import When
from oaktree_cfn.services.worker import Worker

KINDS = (WebService, Worker, ScheduledTask, *ROLLOUTS)
"""What a description may be of: a kind of service, or a web service with one kind of rollout."""

ACCOUNT, REGION = "123456789012", "eu-west-1"

ARNS = {
    "repository": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app",
    "kms_key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012",
    "function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:check",
    "role": f"arn:aws:iam::{ACCOUNT}:role/ask",
}
SECRETS = {
    "SecretsManager": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf",
    "ParameterStore": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/db/host",
}
GRANTED = {
    "table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/users",
    "index": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/users/index/by-email",
    "stream": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/users/stream/2026-01-01T00:00:00.000",
    "queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
    "bucket": "arn:aws:s3:::uploads",
    "secret": SECRETS["SecretsManager"],
    "parameter": SECRETS["ParameterStore"],
    "topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:news",
    "key": ARNS["kms_key"],
}


def letters(alphabet: str, first: str = "") -> st.SearchStrategy[str]:
    """A short text of some letters; the first may be of its own kind."""
    rest = st.text(alphabet, min_size=0 if first else 1, max_size=8)
    return st.builds("{}{}".format, st.sampled_from(first), rest) if first else rest


LOWER, DIGITS = "abcz", "019"
NAMES = letters(LOWER)
WORDS = st.text("abcXYZ 019.,:;/=_-${}äß漢", max_size=20)
PRINTABLE = "aZ0 .,:;/=_-${}~"
TEXTS = {
    "container_name": letters(LOWER + "AZ" + DIGITS + "_-"),
    "name": letters(LOWER + "AZ" + DIGITS),
    "user": st.sampled_from(["1000", 1000, "node", "1000:1000", "app-1.x:staff"]),
    "matcher": st.sampled_from(["200", 204, "200-299", "200,202", "200-204,301-399"]),
    "path": letters(PRINTABLE.replace(" ", ""), "/"),
    "hosts": st.lists(letters(LOWER + DIGITS + ".*?-"), max_size=3).map(tuple),
    "paths": st.lists(letters(LOWER + "AZ" + DIGITS + "_.$/~@:+&*?-", "/*?"), max_size=3).map(tuple),
    "id": letters(LOWER + DIGITS + "_", LOWER),
    "namespace": letters(LOWER + "AZ" + DIGITS + "._/#:-", LOWER + "AZ" + DIGITS + "._/#-"),
    "statistic": st.sampled_from(["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p99"]),
    "expression": st.just("a + b") | letters(PRINTABLE),
    "json_key": letters(PRINTABLE.replace(":", "")),
    "deregistration_delay": st.integers(0, 3599),  # moto counts 3600 out
    "alarms": st.lists(letters(PRINTABLE), max_size=3).map(tuple),
}
KEYS = {
    "environment": letters("ABC_" + DIGITS, "ABZ_a"),
    "secrets": letters("ABC_" + DIGITS, "ABZ_a"),
    "tmpfs": st.lists(letters(LOWER + DIGITS + "_.-"), min_size=1, max_size=2).map(lambda names: "/" + "/".join(names)),
    "dimensions": letters(PRINTABLE),
}
"""What AWS would recognize, and much of what it would merely take; drawing from the patterns themselves takes seconds."""


# Literals


def literal(cls: type, name: str) -> st.SearchStrategy[Any]:
    """What the field may be: what AWS would recognize where any letters will do."""
    known = {
        "image": st.builds("{}:{}".format, NAMES, st.sampled_from(["1", "1.29-alpine", "3f2c1ab"])),
        "schedule": st.sampled_from(
            ["rate(1 hour)", "rate(5 minutes)", "cron(0 3 * * ? *)", "at(2030-01-01T00:00:00)"]
        ),
        "timezone": st.sampled_from(["UTC", "Asia/Singapore", "America/Argentina/Buenos_Aires"]),
        "arn": st.just(SECRETS.get(cls.__name__, "")),
        "policy_name": NAMES,
        **TEXTS,
        **{field: st.just(arn) for field, arn in ARNS.items()},
    }
    kind = kinds.kind_of(cls, name)
    if name in KEYS and isinstance(kind, Named):
        inner = letters(PRINTABLE) | st.integers(0, 9) if name == "dimensions" else of_kind(kind.kind)
        return st.dictionaries(KEYS[name], inner, max_size=3)
    if cls is ServiceConnect and name == "name":
        return NAMES
    if name in known:
        return known[name]
    return of_kind(kind)


@cache
def of_kind(kind: Kind) -> st.SearchStrategy[Any]:
    match kind:
        case Number(low, high, 0):
            edges = st.sampled_from([int(low), int(high)])
            return edges | st.integers(int(low), int(high)) | edges.map(str)
        case Number(low, high, decimals):
            places = 1 if decimals is None else decimals
            return st.integers(int(low * 10**places), int(high) * 10**places).map(lambda each: each / 10**places)
        case Choice(values):
            return st.sampled_from(values)
        case Scalar():
            return WORDS | st.integers(-(10**9), 10**9) | st.booleans()
        case Switch():
            return st.booleans() | st.sampled_from(["true", "false"])
        case Part(classes):
            return st.sampled_from(classes).flatmap(drawn)
        case Several(inner, most):
            return st.lists(of_kind(inner), max_size=min(most, 3)).map(tuple)
    raise TypeError(kind)


@cache
def drawn(cls: type) -> st.SearchStrategy[Any]:
    """Any description of a class: the required fields and some of the others, each right by itself."""
    if cls is Grant:
        pairs = [(intent, kind) for kind, intents in ACTIONS.items() for intent in intents]
        return st.sampled_from(pairs).map(lambda pair: Grant(*pair, GRANTED[pair[1]]))
    every = {each.name: literal(cls, each.name) for each in fields(cls)}
    needed = {name: strategy for name, strategy in every.items() if kinds.required(cls, name)}
    others = {name: strategy for name, strategy in every.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=others).map(lambda said: cls(**said))


SIZES = st.sampled_from([(cpu, str(mib)) for cpu, choices in MEMORY.items() for mib in choices])


@st.composite
def said(draw: st.DrawFn, kind: type | None = None) -> Any:
    """Any valid service whose values are all literals; of one kind, or of any."""
    kind = kind or draw(st.sampled_from(KINDS))
    service = draw(drawn(WebService if kind in ROLLOUTS else kind))
    cpu, memory = draw(SIZES)
    service = replace(service, cpu=cpu, memory=memory)
    if kind in ROLLOUTS:
        service = replace(service, rollout=draw(drawn(kind)), route=Route(priority=1, paths=("/shop/*",)))
    return mended(service)


# Mending

NOTHING = object()
WHERE_THE_DEFAULT_IS_NO_HELP = {
    "availability_zone_rebalancing": "DISABLED",
    "health_check_grace_period": 300,
    "readonly_root_filesystem": False,
}


def mended(description: Any) -> Any:
    """The description with every field set back that the checker complains of."""
    for _ in range(40):
        problem = next(kinds.problems(description), None)
        if problem is None:
            return description
        description = without(description, problem.field.split(".")[1:])
        assume(description is not NOTHING)
    raise AssertionError(f"the checker never stops complaining: {problem}")


def without(value: Any, steps: list[str]) -> Any:
    """The value with what stands at the path set back to its default; where there is none, without what holds it."""
    if isinstance(value, Mapping):
        inner = NOTHING if len(steps) == 1 else without(value[steps[0]], steps[1:])
        return {**{k: v for k, v in value.items() if k != steps[0]}, **({} if inner is NOTHING else {steps[0]: inner})}
    if isinstance(value, tuple):
        index = int(steps[0])
        inner = NOTHING if len(steps) == 1 else without(value[index], steps[1:])
        return (*value[:index], *(() if inner is NOTHING else (inner,)), *value[index + 1 :])
    if not steps:
        return NOTHING
    name, held = steps[0], getattr(value, steps[0])
    if len(steps) > 1 and held is not None:
        inner = without(held, steps[1:])
        if inner is not NOTHING:
            return replace(value, **{name: inner})
    usual = WHERE_THE_DEFAULT_IS_NO_HELP.get(name, kinds.default_of(type(value), name))
    return NOTHING if kinds.required(type(value), name) or held == usual else replace(value, **{name: usual})


# Values that only CloudFormation knows


@dataclass(frozen=True)
class Asked:
    """A valid service, the paths of the values that are asked as parameters, and the condition its options stand under."""

    service: Any
    places: tuple[tuple[str, ...], ...] = ()
    condition: str = ""

    def described(self, stem: str) -> tuple[Any, list[Parameter]]:
        """The description with references instead of these values, and the parameters that have them."""
        found, parameters = self._under_condition(), list[Parameter]()
        for number, steps in enumerate(self.places):
            changed, parameter = put(found, steps, f"{stem}P{number}")
            if not any(kinds.problems(changed)):  # without a route a part must be as usual; with a reference it is not
                found = changed
                parameters.append(parameter)
        return found, parameters

    def _under_condition(self) -> Any:
        names = [name for name in ("scaling", "spot") if getattr(self.service, name, None) is not None]
        given = {name: When(self.condition, getattr(self.service, name)) for name in names if self.condition}
        return replace(self.service, **given)


@st.composite
def asked(draw: st.DrawFn, kind: type) -> Asked:
    """Any valid service of a kind, some of its values from parameters, its options perhaps under a condition."""
    service = draw(said(kind))
    options = {"scaling", "spot"}
    places = [steps for steps in referable(service) if steps[0] not in options]
    chosen = draw(st.sets(st.sampled_from(places), max_size=4))
    return Asked(service, tuple(sorted(chosen)), draw(st.sampled_from(["", "Yes", "No"])))


def referable(value: Any, steps: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of the values that may be an intrinsic function."""
    for each in fields(value):
        kind, held = kinds.kind_of(type(value), each.name), getattr(value, each.name)
        here = (*steps, each.name)
        if held is None or kinds.is_known(type(value), each.name):
            yield from _below(held, kind, here)
        elif isinstance(kind, Several):
            yield from [here] if held and not any("," in item for item in held) else []
        else:
            yield here


def _below(held: Any, kind: Kind, here: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if is_dataclass(held):
        yield from referable(held, here)
    elif isinstance(kind, Named):
        for name, value in (held or {}).items():
            yield from referable(value, (*here, name)) if is_dataclass(value) else [(*here, name)]
    elif isinstance(kind, Several):
        for index, value in enumerate(held or ()):
            yield from referable(value, (*here, str(index))) if is_dataclass(value) else []


def put(value: Any, steps: tuple[str, ...], name: str, kind: Any = None) -> tuple[Any, Parameter]:
    """The value with a reference to a parameter of this name instead of what stands at the path, and the parameter."""
    if not steps:
        whole = ",".join(value) if isinstance(value, tuple) else kinds.as_text(value)
        parameter = Parameter(name, Type="Number" if isinstance(kind, Number) else "String", Default=whole)
        return (Split(",", Ref(name)) if isinstance(value, tuple) else Ref(name)), parameter
    first, *rest = steps
    if isinstance(value, Mapping):
        inner, parameter = put(value[first], tuple(rest), name, Scalar())
        return {**value, first: inner}, parameter
    if isinstance(value, tuple):
        inner, parameter = put(value[int(first)], tuple(rest), name)
        return (*value[: int(first)], inner, *value[int(first) + 1 :]), parameter
    inner, parameter = put(getattr(value, first), tuple(rest), name, kinds.kind_of(type(value), first))
    return replace(value, **{first: inner}), parameter
