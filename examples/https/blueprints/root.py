"""HTTPS under a name of one's own.

The environment gives the certificate, the domain and its hosted zone; with a certificate the load balancer speaks HTTPS and
sends HTTP there, and the domain becomes an alias of it. The certificate comes from outside: it outlives every deploy.

    oaktree build
    oaktree local start && eval "$(oaktree local env)"
    aws acm request-certificate --domain-name shop.example.com
    aws route53 create-hosted-zone --name example.com --caller-reference 1
    oaktree deploy --env local --parameter CertificateArn=... --parameter HostedZoneId=...
"""

from oaktree_cfn.compose import Alb, Cluster, Described, Network, System, WebService

_shop = WebService(image="public.ecr.aws/nginx/nginx-unprivileged:1.29", port=8080)

root = System(
    "A shop behind HTTPS.",
    {"Network": Network(), "Cluster": Cluster(), "Alb": Alb(), "Shop": Described(_shop, "shop")},
    exports=("ApplicationUrl",),
)
