"""Two services behind one load balancer, told apart by host and by path.

Each has a target group and a listener rule of its own; the smaller priority is asked first. Whatever no rule wants goes to
the load balancer's default target group. They run in a security group each, and only the load balancer may call them.

    oaktree build
    oaktree deploy --env local
"""

from oaktree_cfn.compose import Alb, Cluster, Described, HealthCheck, Network, Route, System, WebService

_NGINX = "public.ecr.aws/nginx/nginx-unprivileged:1.29"

_api = WebService(
    image=_NGINX,
    port=8080,
    route=Route(priority=10, paths=("/api/*",)),
    health_check=HealthCheck(path="/api/health"),
)

_shop = WebService(
    image=_NGINX,
    port=8080,
    route=Route(priority=20, hosts=("shop.example.com",)),
    environment={"CURRENCY": "SGD"},
)

root = System(
    "Two services behind one load balancer.",
    {
        "Network": Network(),
        "Cluster": Cluster(),
        "Alb": Alb(),
        "Api": Described(_api, "api"),
        "Shop": Described(_shop, "shop"),
    },
    exports=("ApplicationUrl", "ApiServiceName", "ShopServiceName"),
)
