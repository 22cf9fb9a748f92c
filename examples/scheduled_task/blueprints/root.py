"""A task by the clock: every night at three in Singapore, within a quarter of an hour.

EventBridge Scheduler starts it with a role that may run this task in this cluster and nothing else. A start that fails is
tried again; one that never succeeds is kept with the dead letters.

    oaktree build
    oaktree deploy --env local
"""

from oaktree_cfn.compose import Cluster, Described, Network, ScheduledTask, System

_nightly = ScheduledTask(
    image="public.ecr.aws/docker/library/busybox:1.37",
    command=("sh", "-c", "echo reported"),
    schedule="cron(0 3 * * ? *)",
    timezone="Asia/Singapore",
    flexible_time_window=15,
    maximum_retry_attempts=2,
)

root = System(
    "Reports: a task every night.",
    {"Network": Network(), "Cluster": Cluster(), "Nightly": Described(_nightly, "nightly")},
)
