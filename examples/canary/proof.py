"""The service is rolled out in two steps, and what watches it can be named later without touching anything else."""

from __future__ import annotations

from examples.account import Account, Change, Facts

CHANGE = Change(
    "An alarm takes the rollout back",
    "environments/local.toml",
    "ContainerPort = 8080",
    'ContainerPort = 8080\nRollbackAlarmNames = "shop-errors"',
)

DEPLOYED = {
    "strategy": "CANARY",
    "first": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 10},
    "the way back stays for": 5,
    "alarms": None,
    "tasks while both versions run": (100, 200),
    "revision": "1",
}

CHANGED = {"alarms": {"alarmNames": ["shop-errors"], "enable": True, "rollback": True}}


def facts(account: Account) -> Facts:
    """What the service says."""
    service = account.service("shop")
    rollout = service["deploymentConfiguration"]
    return {
        "strategy": rollout["strategy"],
        "first": rollout["canaryConfiguration"],
        "the way back stays for": rollout["bakeTimeInMinutes"],
        "alarms": rollout.get("alarms"),
        "tasks while both versions run": (rollout["minimumHealthyPercent"], rollout["maximumPercent"]),
        "revision": service["taskDefinition"].rpartition(":")[2],
    }
