"""Tasks without a way to the internet: private subnets, no NAT, endpoints for AWS's services.

Image, logs, parameters and secrets reach the tasks through interface endpoints; S3, where images' layers lie, and DynamoDB
through gateway endpoints. Everything else does not, so images come from a repository of ECR, which is there before the system.
Where tasks run is the environment's choice (environments/local.toml); the blueprint would be the same with NAT.

    oaktree build
    oaktree local start && eval "$(oaktree local env)"
    aws ecr create-repository --repository-name vault
    aws ecr put-image --repository-name vault --image-tag 1.0 --image-manifest ...    (docs/image.md has one)
    oaktree deploy --env local --parameter RepositoryUrl=... --parameter RepositoryArn=...
"""

from troposphere import Ref, Sub

from oaktree_cfn.compose import Alb, Cluster, Described, Network, Route, System, WebService

_vault = WebService(
    image=Sub("${RepositoryUrl}:1.0"),
    repository=Ref("RepositoryArn"),
    port=8080,
    route=Route(priority=10, paths=("/*",)),
)

root = System(
    "A service that nothing leaves.",
    {
        "Network": Network(),
        "Cluster": Cluster(),
        "Alb": Alb(),
        "Vault": Described(_vault, "vault"),
    },
    exports=("ApplicationUrl",),
)
