"""The task is an ARM one, the capacity is mixed, and the autoscaler has its bounds, measures and times."""

from __future__ import annotations

from examples.account import Account, Change, Facts

CHANGE = Change("More at most", "blueprints/root.py", "max_capacity=12", "max_capacity=16")

DEPLOYED = {
    "architecture": "ARM64",
    "size": ("512", "1024"),
    "capacity": {"FARGATE": (2, 1), "FARGATE_SPOT": (0, 3)},
    "tasks": (2, 12),
    "near": {"ECSServiceAverageCPUUtilization": 50.0, "ALBRequestCountPerTarget": 600.0},
    "in the morning": ("cron(30 7 ? * MON-FRI *)", "Asia/Singapore", 6),
}

CHANGED = {"tasks": (2, 16)}


def facts(account: Account) -> Facts:
    """What the task, the service and the autoscaler say."""
    ecs, scaling = account.client("ecs"), account.client("application-autoscaling")
    service = account.service("render")
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    (morning,) = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    tracked = [policy["TargetTrackingScalingPolicyConfiguration"] for policy in policies]
    return {
        "architecture": task["runtimePlatform"]["cpuArchitecture"],
        "size": (task["cpu"], task["memory"]),
        "capacity": {
            each["capacityProvider"]: (each.get("base", 0), each["weight"])
            for each in service["capacityProviderStrategy"]
        },
        "tasks": (target["MinCapacity"], target["MaxCapacity"]),
        "near": {
            each["PredefinedMetricSpecification"]["PredefinedMetricType"]: each["TargetValue"] for each in tracked
        },
        "in the morning": (
            morning["Schedule"],
            morning["Timezone"],
            morning["ScalableTargetAction"]["MinCapacity"],
        ),
    }
