"""There is no way out: neither NAT nor a route; and what a task needs to start is reached inside the network."""

from __future__ import annotations

from examples.account import Account, Answer, Change, Facts

CHANGE = Change("A new image", "blueprints/root.py", "${RepositoryUrl}:1.0", "${RepositoryUrl}:1.1")

DEPLOYED = {
    "NAT gateways": 0,
    "tasks have public addresses": "DISABLED",
    "the tasks' subnets lead to": {"local", "endpoints"},
    "endpoints": {"dynamodb", "ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager", "ssm", "ssmmessages", "sts"},
    "image": "1.0",
    "running": 1,
}

CHANGED = {"image": "1.1"}


def prepare(account: Account) -> dict[str, str]:
    """The repository with two images, which is there before the system and after it."""
    made = account.client("ecr").create_repository(repositoryName="vault")["repository"]
    account.push("vault", "1.0", "1.1")
    return {"RepositoryUrl": made["repositoryUri"], "RepositoryArn": made["repositoryArn"]}


def facts(account: Account) -> Facts:
    """What the network and the service say."""
    ec2, service = account.client("ec2"), account.service("vault")
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    here = [{"Name": "vpc-id", "Values": [account.id("Network/Vpc")]}]
    nat = ec2.describe_nat_gateways(Filter=here)["NatGateways"]
    endpoints = ec2.describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": network["subnets"]}])
    routes = [route for table in tables["RouteTables"] for route in table["Routes"]]
    return {
        "NAT gateways": len([each for each in nat if each["State"] != "deleted"]),
        "tasks have public addresses": network["assignPublicIp"],
        "the tasks' subnets lead to": {_where(route) for route in routes},
        "endpoints": {each["ServiceName"].split(".", 3)[3] for each in endpoints if each["State"] != "deleted"},
        "image": account.container("vault")["image"].rpartition(":")[2],
        "running": service["runningCount"],
    }


def _where(route: Answer) -> str:
    target = route.get("GatewayId") or route.get("NatGatewayId") or "somewhere"
    return "endpoints" if target.startswith("vpce-") else target
