"""ARM64 on Fargate Spot, scaled by what it does and by the clock.

Two tasks always run on Fargate; of those beyond, three of four on Spot, which costs less and may be taken away. The service
scales on CPU and on requests, whichever asks for more tasks, and is ready before the working day begins.

    oaktree build
    oaktree deploy --env local
"""

from oaktree_cfn.compose import (
    Alb,
    Cluster,
    Described,
    Network,
    Route,
    Scaling,
    ScheduledAction,
    Spot,
    System,
    WebService,
)

_render = WebService(
    image="public.ecr.aws/nginx/nginx-unprivileged:1.29",
    port=8080,
    route=Route(priority=10, paths=("/*",)),
    architecture="ARM64",
    cpu=512,
    memory=1024,
    spot=Spot(base=2),
    scaling=Scaling(
        min_capacity=2,
        max_capacity=12,
        cpu=50,
        requests=600,
        scheduled_actions=(
            ScheduledAction(
                name="Morning", schedule="cron(30 7 ? * MON-FRI *)", timezone="Asia/Singapore", min_capacity=6
            ),
        ),
    ),
)

root = System(
    "A renderer on cheap processors.",
    {"Network": Network(), "Cluster": Cluster(), "Alb": Alb(), "Render": Described(_render, "render")},
    exports=("ApplicationUrl",),
)
