"""Hooks: what must agree before a rollout goes on."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import Ref

from oaktree_cfn.services.hook import MOVING, STAGES, Hook
from oaktree_cfn.services.rollout import BlueGreen
from tests.services.rendering import ARN, at, complaints, made, names_of, properties, statements, web

FUNCTION = ARN.format("lambda", "function:check")
ROLE = "arn:aws:iam::123456789012:role/ask"


def hook(**said: Any) -> dict[str, Any]:
    given = Hook(**{"stages": ("POST_SCALE_UP",), **said})
    found: dict[str, Any] = properties(web(rollout=BlueGreen(hooks=(given,))), "Service")
    return dict(found["DeploymentConfiguration"]["LifecycleHooks"][0])


SAID: list[tuple[str, Any, str, Any]] = [
    ("stages", ("PRE_SCALE_UP", "POST_SCALE_UP"), "LifecycleStages", ["PRE_SCALE_UP", "POST_SCALE_UP"]),
    ("function", FUNCTION, "HookTargetArn", FUNCTION),
    ("timeout", 60, "TimeoutConfiguration.TimeoutInMinutes", 60),
    ("timeout_action", "CONTINUE", "TimeoutConfiguration.Action", "CONTINUE"),
]


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_hook(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(hook(), path) != expected
    assert at(hook(**{field: value}), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    assert {field for field, *_ in SAID} | {"role"} == names_of(Hook)


def test_without_a_function_the_rollout_pauses_for_a_person() -> None:
    assert hook() == {
        "LifecycleStages": ["POST_SCALE_UP"],
        "TargetType": "PAUSE",
        "TimeoutConfiguration": {"TimeoutInMinutes": 1440, "Action": "ROLLBACK"},
    }
    assert "HookRole" not in made(web(rollout=BlueGreen(hooks=(Hook(stages=("POST_SCALE_UP",)),))))


def test_a_function_is_called_with_a_role_made_for_it() -> None:
    hooks = (Hook(stages=("POST_SCALE_UP",), function=FUNCTION), Hook(stages=("PRE_SCALE_UP",), function=Ref("Other")))
    service = web(rollout=BlueGreen(hooks=hooks))
    assert hook(function=FUNCTION)["RoleArn"] == {"Fn::GetAtt": ["HookRole", "Arn"]}
    assert statements(service, "HookRole")["Ask"]["Action"] == ["lambda:InvokeFunction"]
    assert statements(service, "HookRole")["Ask"]["Resource"] == [FUNCTION, {"Ref": "Other"}]
    (trust,) = properties(service, "HookRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": ["ecs.amazonaws.com"]}


def test_a_function_may_bring_its_role() -> None:
    service = web(rollout=BlueGreen(hooks=(Hook(stages=("POST_SCALE_UP",), function=FUNCTION, role=ROLE),)))
    assert hook(function=FUNCTION, role=ROLE)["RoleArn"] == ROLE
    assert "HookRole" not in made(service)


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_may_be_asked_at_every_stage_a_person_only_while_nothing_moves(stage: str) -> None:
    assert complaints(Hook(stages=(stage,), function=FUNCTION)) == []
    moving = f"Hook.stages.0: a rollout cannot pause at {stage}. Pause before or after it, or give a function"
    assert complaints(Hook(stages=(stage,))) == ([moving] if stage in MOVING else [])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Hook(), f"stages: there is none. Name one of {', '.join(STAGES)}"),
        (Hook(stages=("LUNCH",)), f"stages.0: 'LUNCH' is not one of {', '.join(STAGES)}"),
        (Hook(stages=("PRE_SCALE_UP",), role=ROLE), "role: a pause calls nothing. Leave it out, or give the function"),
        (Hook(stages=("PRE_SCALE_UP",), function=ROLE), "function: it is not an ARN of lambda"),
        (Hook(stages=("PRE_SCALE_UP",), timeout=0), "timeout: 0 is not a whole number from 1 to 20160"),
    ],
)
def test_what_ecs_refuses_is_refused_in_words(given: Hook, told: str) -> None:
    shown = told.replace("it is not", f"{given.function!r} is not") if len(str(given.function)) <= 40 else told
    assert complaints(given) == [f"Hook.{shown}"]
