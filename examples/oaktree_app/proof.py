"""The library's own system as it is: no blueprint here, only an environment.

oaktree build
oaktree deploy --env local
"""

from __future__ import annotations

from examples.account import Account, Change, Facts

CHANGE = Change("The first image", "environments/local.toml", 'ImageTag = ""', 'ImageTag = "1a2b3c4"')

DEPLOYED = {
    "image": "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-example:none",
    "told": {"PORT": "5000", "DYNAMODB_TABLE": "oaktree-example-users", "USE_AWS_DB": "true"},
    "may do eight things with": ["oaktree-example-users"],
    "running": 0,
    "behind the load balancer": True,
}

CHANGED = {"image": "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-example:1a2b3c4", "running": 1}


def meanwhile(account: Account) -> None:
    """Somebody pushes the first image."""
    account.push("oaktree-example", "1a2b3c4")


def facts(account: Account) -> Facts:
    """What the service, the load balancer and the task's role say."""
    (service,) = account.client("ecs").describe_services(
        cluster="oaktree-example-cluster", services=["oaktree-example-service"]
    )["services"]
    task = account.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    told = {each["name"]: each["value"] for each in task["containerDefinitions"][0]["environment"]}
    return {
        "image": task["containerDefinitions"][0]["image"],
        "told": {name: told[name] for name in ("PORT", "DYNAMODB_TABLE", "USE_AWS_DB")},
        "may do eight things with": _tables(account),
        "running": service["runningCount"],
        "behind the load balancer": service["loadBalancers"][0]["targetGroupArn"] == account.id("Alb/TargetGroup"),
    }


def _tables(account: Account) -> list[str]:
    arn = account.id("Service/TaskPolicy")
    document = account.client("iam").get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    (statement,) = document["Statement"]
    return [arn.rpartition("/")[2] for arn in statement["Resource"] if len(statement["Action"]) == 8]
