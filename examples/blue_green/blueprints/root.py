"""Blue/green: the next version stands complete beside the old one before anybody gets it.

ECS starts it, shows it on the test listener (port 9000, open to one block of addresses), and waits there for a person to say
yes. Then all requests move at once, and for ten minutes the way back is at hand. The service needs two target groups, rules
at both listeners and a role to move traffic with; they follow from saying BlueGreen.

    oaktree build
    oaktree deploy --env local
"""

from oaktree_cfn.compose import Alb, BlueGreen, Cluster, Described, Hook, Network, Route, System, WebService

_shop = WebService(
    image="public.ecr.aws/nginx/nginx-unprivileged:1.28",
    port=8080,
    route=Route(priority=10, paths=("/*",)),
    rollout=BlueGreen(bake_time=10, hooks=(Hook(stages=("POST_TEST_TRAFFIC_SHIFT",), timeout=60),)),
)

root = System(
    "A shop whose versions change places.",
    {
        "Network": Network(),
        "Cluster": Cluster(),
        "Alb": Alb(test_port=9000),
        "Shop": Described(_shop, "shop"),
    },
    exports=("ApplicationUrl",),
)
