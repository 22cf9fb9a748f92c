"""Canary: a tenth of the requests tries the next version before the rest follows.

After ten minutes without an alarm the other nine tenths move, and for five more the way back is at hand. The alarms that
take it back are named by the environment (RollbackAlarmNames).

    oaktree build
    oaktree deploy --env local
"""

from oaktree_cfn.compose import Alb, Canary, Cluster, Described, Network, Route, System, WebService

_shop = WebService(
    image="public.ecr.aws/nginx/nginx-unprivileged:1.28",
    port=8080,
    route=Route(priority=10, paths=("/*",)),
    rollout=Canary(canary_percent=10, canary_bake_time=10, bake_time=5),
)

root = System(
    "A shop that tries its next version on a few.",
    {"Network": Network(), "Cluster": Cluster(), "Alb": Alb(test_port=9000), "Shop": Described(_shop, "shop")},
    exports=("ApplicationUrl",),
)
