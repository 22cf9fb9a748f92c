"""A second container in the task: a cache beside the application, gone when the task is.

It is as closed as the application: no root, nothing to write to. It may end without ending the task, and is started again.
The application's own check tells ECS when it hangs, besides the load balancer asking from outside.

    oaktree build
    oaktree deploy --env local
"""

from oaktree_cfn.compose import (
    Alb,
    Cluster,
    ContainerHealthCheck,
    Described,
    Network,
    RestartPolicy,
    Route,
    Sidecar,
    System,
    WebService,
)

_cache = Sidecar(
    name="cache",
    image="public.ecr.aws/docker/library/redis:8.2",
    command=("redis-server", "--save", "", "--maxmemory", "128mb"),
    memory=192,
    user="999",
    restart_policy=RestartPolicy(),
)

_news = WebService(
    image="public.ecr.aws/nginx/nginx-unprivileged:1.29",
    port=8080,
    memory=1024,
    route=Route(priority=10, paths=("/*",)),
    environment={"CACHE": "localhost:6379"},
    container_health_check=ContainerHealthCheck(command=("CMD-SHELL", "wget -q -O- localhost:8080 || exit 1")),
    sidecars=(_cache,),
)

root = System(
    "News with a cache in each task.",
    {"Network": Network(), "Cluster": Cluster(), "Alb": Alb(), "News": Described(_news, "news")},
    exports=("ApplicationUrl",),
)
