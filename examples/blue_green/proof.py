"""ECS knows two target groups, both rules and a role; a new image is rolled out by that configuration."""

from __future__ import annotations

from examples.account import Account, Answer, Change, Facts

CHANGE = Change("A new version", "environments/local.toml", "unprivileged:1.28", "unprivileged:1.29")

DEPLOYED = {
    "version": "1.28",
    "strategy": ("BLUE_GREEN", 10),
    "asks a person at": [["POST_TEST_TRAFFIC_SHIFT"]],
    "moves between": True,
    "test listener": (9000, "203.0.113.0/24"),
    "the role may move": True,
    "running": 1,
}

CHANGED = {"version": "1.29"}


def facts(account: Account) -> Facts:
    """What the service, the listeners and the role say."""
    service = account.service("shop")
    rollout, (behind,) = service["deploymentConfiguration"], service["loadBalancers"]
    return {
        "version": account.container("shop")["image"].rpartition(":")[2],
        "strategy": (rollout["strategy"], rollout["bakeTimeInMinutes"]),
        "asks a person at": [hook["lifecycleStages"] for hook in rollout["lifecycleHooks"]],
        "moves between": (behind["targetGroupArn"], behind["advancedConfiguration"]) == _places(account),
        "test listener": _test_listener(account),
        "the role may move": account.id("Shop/ListenerRule") in str(_role(account)),
        "running": service["runningCount"],
    }


def _places(account: Account) -> tuple[str, dict[str, str]]:
    role = account.client("iam").get_role(RoleName=account.id("Shop/TrafficRole"))["Role"]
    more = {
        "alternateTargetGroupArn": account.id("Shop/AlternateTargetGroup"),
        "productionListenerRule": account.id("Shop/ListenerRule"),
        "testListenerRule": account.id("Shop/TestListenerRule"),
        "roleArn": role["Arn"],
    }
    return account.id("Shop/TargetGroup"), more


def _test_listener(account: Account) -> tuple[int, str]:
    (listener,) = account.client("elbv2").describe_listeners(ListenerArns=[account.id("Alb/TestListener")])["Listeners"]
    (group,) = account.client("ec2").describe_security_groups(
        GroupIds=[account.id("Network/LoadBalancerSecurityGroup")]
    )["SecurityGroups"]
    (rule,) = [each for each in group["IpPermissions"] if each["FromPort"] == listener["Port"]]
    return listener["Port"], rule["IpRanges"][0]["CidrIp"]


def _role(account: Account) -> Answer:
    iam = account.client("iam")
    return dict(iam.get_role_policy(RoleName="shop-green-shop-traffic-role", PolicyName="move-traffic"))
