"""A task reaches what it needs to start: by NAT, by a public IP, or by endpoints in its VPC.

Without a way out of its subnet it needs the interface endpoints ``ecr.api`` and ``ecr.dkr`` and the gateway endpoint ``s3``,
``logs`` where it logs to CloudWatch, ``secretsmanager`` and ``ssm`` where its secrets come from there, and ``ssmmessages`` for
ECS Exec.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from oaktree_cfn.template.invariants._network import Network
from oaktree_cfn.template.invariants._system import Finding, Part, Run, System

WHY = (
    "Tasks stop before they start (`ResourceInitializationError: unable to pull secrets or registry auth`, "
    "`CannotPullContainerError`), and the deployment hangs for hours. "
    "[amazon-ecs-agent #1128](https://github.com/aws/amazon-ecs-agent/issues/1128), "
    "[keycloak-on-aws #222](https://github.com/aws-samples/keycloak-on-aws/issues/222)"
)
FIX = (
    "Route 0.0.0.0/0 of the subnets to a NAT gateway, or add the endpoints; in a public subnet AssignPublicIp: ENABLED is a way "
    "out too."
)


_HOLDERS = {"AWS::SecretsManager::Secret": "secretsmanager", "AWS::SSM::Parameter": "ssm"}
NOT_FARGATE = {"EC2", "EXTERNAL"}
"""Launch types whose images are pulled by the machine, not from the task's subnet."""


def find(system: System) -> Iterator[Finding]:
    """Tasks in subnets that lead nowhere."""
    network = Network(system)
    for run in system.runs:
        if run.owner.at("LaunchType").text in NOT_FARGATE:
            continue
        lost: dict[str, list[str]] = {}
        for subnet in filter(None, map(system.find, run.network.at("Subnets").items)):
            missing = ", ".join(_missing(network, run, subnet))
            lost.setdefault(missing, []).append(subnet.place)
        for missing, places in lost.items():
            if missing:
                message = f"({', '.join(places)}) lead nowhere, and the VPC has no endpoint for {missing}"
                yield run.network.at("Subnets").finding(message)


def _missing(network: Network, run: Run, subnet: Part) -> list[str]:
    """The endpoints that are needed and not there; none where there is a way out, or where that is not known."""
    public = run.network.at("AssignPublicIp").default("DISABLED").text
    ways = network.ways(subnet)
    if ways is None or public is None or ways.elsewhere or (ways.internet and public == "ENABLED"):
        return []
    return network.missing_endpoints(subnet, ways.table, needed(network.system, run))


def needed(system: System, run: Run) -> list[str]:
    """The services that tasks call to start (``ecr.api``)."""
    containers = run.task.at("ContainerDefinitions").items if run.task is not None else ()
    logs = ["logs"] * any(each.at("LogConfiguration", "LogDriver").text == "awslogs" for each in containers)
    shell = ["ssmmessages"] * run.owner.at("EnableExecuteCommand").on
    secrets = {_source(system, secret.at("ValueFrom")) for each in containers for secret in each.at("Secrets").items}
    return ["ecr.api", "ecr.dkr", "s3", *logs, *sorted(filter(None, secrets)), *shell]


def _source(system: System, secret: Part) -> str:
    """The service that holds a secret: an ARN says so, a plain name is an SSM parameter; empty where it is not known."""
    value = secret.value if isinstance(secret.value, str) else ""
    stated = next((service for service in ("secretsmanager", "ssm") if f":{service}:" in value), "")
    found = system.find(replace(secret, value=value.partition("⟩")[0] + "⟩"))  # a key of the secret may follow
    return stated or _HOLDERS.get(found.type if found is not None else "", "ssm" if secret.text is not None else "")
