"""Both containers run in each task, closed alike, and only the application's end is the task's."""

from __future__ import annotations

from examples.account import Account, Change, Facts

CHANGE = Change("A bigger cache", "blueprints/root.py", '"128mb"', '"160mb"')

DEPLOYED = {
    "containers": {"news-news": True, "cache": False},
    "users": ["1000", "999"],
    "nothing to write to": [True, True],
    "the cache may use": (192, "128mb"),
    "the cache is started again": True,
    "ECS asks": ["CMD-SHELL", "wget -q -O- localhost:8080 || exit 1"],
    "revision": "1",
}

CHANGED = {"the cache may use": (192, "160mb"), "revision": "2"}


def facts(account: Account) -> Facts:
    """What the task definition says that the service runs."""
    arn = account.service("news")["taskDefinition"]
    task = account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    news, cache = task["containerDefinitions"]
    return {
        "containers": {each["name"]: each["essential"] for each in (news, cache)},
        "users": [each["user"] for each in (news, cache)],
        "nothing to write to": [each["readonlyRootFilesystem"] for each in (news, cache)],
        "the cache may use": (cache["memory"], cache["command"][-1]),
        "the cache is started again": cache["restartPolicy"]["enabled"],
        "ECS asks": news["healthCheck"]["command"],
        "revision": arn.rpartition(":")[2],
    }
