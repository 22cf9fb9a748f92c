"""What was seen of failing tasks, in lines for a person."""

from __future__ import annotations

from oaktree_cfn.aws.ecs import Container, StoppedTask
from oaktree_cfn.aws.symptoms import Log, Symptoms, Target
from oaktree_cfn.deploy.symptoms import lines


def task(reason: str, *containers: Container) -> StoppedTask:
    return StoppedTask("1", "web:2", reason, containers=containers)


EXITED = task("Essential container in task exited", Container("web", 1), Container("side"))
KILLED = task("", Container("web", 137, "OutOfMemoryError: Container killed due to memory usage"))
UNBORN = task("Task failed to start", Container("web", reason="CannotPullContainerError: no such image"))


def plain(text: str) -> str:
    return text


def test_tasks_that_stopped_alike_are_told_once_with_their_number() -> None:
    assert lines(Symptoms(tasks=(EXITED, KILLED, EXITED, UNBORN)), plain) == [
        "2 tasks stopped: Essential container in task exited (web exited with code 1)",
        "1 task stopped: no reason was given (web exited with code 137: OutOfMemoryError: Container killed due to memory usage)",
        "1 task stopped: Task failed to start (web: CannotPullContainerError: no such image)",
    ]


def test_targets_say_what_their_load_balancer_thinks() -> None:
    targets = (Target("10.0.0.4:5000", "unhealthy", "Request timed out"), Target("10.0.0.5:5000", "unused", ""))
    assert lines(Symptoms(targets=targets), plain) == [
        "target 10.0.0.4:5000 is unhealthy: Request timed out",
        "target 10.0.0.5:5000 is unused",
    ]


def test_messages_that_tell_of_trouble_are_told_oldest_first() -> None:
    messages = ("rolling back to deployment 1.", "has started 1 tasks: (task a).", "deployment failed: no", "is steady")
    assert lines(Symptoms(messages=messages), plain) == [
        "ECS: deployment failed: no",
        "ECS: rolling back to deployment 1.",
    ]


def test_the_log_ends_the_story_line_by_line() -> None:
    found = lines(Symptoms(log=Log("/ecs/web", "ecs/web/1", ("starting", "Error\n    at main"))), plain)
    assert found == ["the last lines of /ecs/web, ecs/web/1:", "  | starting", "  | Error", "  |     at main"]


def test_no_line_escapes_who_hides_secrets() -> None:
    whole = Symptoms(
        (task("s3cret", Container("s3cret", 1, "s3cret")),),
        (Target("s3cret", "s3cret", "s3cret"),),
        ("failed s3cret",),
        Log("s3cret", "s3cret", ("s3cret",)),
    )
    assert "s3cret" not in "\n".join(lines(whole, lambda text: text.replace("s3cret", "(hidden)")))


def test_nothing_seen_is_nothing_said() -> None:
    assert lines(Symptoms(), plain) == []
