"""A worker with its queue, and the service that fills it.

The worker finds the queue in QUEUE_URL and may take messages from it; what it fails at three times lands with the dead
letters. It scales by the backlog: near 50 waiting messages per task. The intake finds the queue's address and ARN as outputs
of the worker's stack, by their names, and may send.

    oaktree build
    oaktree deploy --env local
"""

from troposphere import Ref

from oaktree_cfn.compose import (
    Alb,
    Cluster,
    Described,
    Grant,
    Network,
    Queue,
    Route,
    Scaling,
    System,
    WebService,
    Worker,
)

_intake = WebService(
    image="public.ecr.aws/nginx/nginx-unprivileged:1.29",
    port=8080,
    route=Route(priority=10, paths=("/orders",)),
    environment={"ORDERS": Ref("QueueUrl")},
    grants=(Grant("send", "queue", Ref("QueueArn")),),
)

_handler = Worker(
    image="public.ecr.aws/docker/library/busybox:1.37",
    command=("sh", "-c", "while true; do sleep 1; done"),
    queue=Queue(visibility_timeout=120, max_receive_count=3),
    backlog_per_task=50,
    scaling=Scaling(min_capacity=1, max_capacity=10),
)

root = System(
    "Orders: taken by a web service, handled by a worker.",
    {
        "Network": Network(),
        "Cluster": Cluster(),
        "Alb": Alb(),
        "Intake": Described(_intake, "intake"),
        "Handler": Described(_handler, "handler"),
    },
    exports=("ApplicationUrl", "QueueUrl"),
)
