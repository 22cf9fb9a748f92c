"""What is paid for by the hour whether it is used or not: how many more or fewer of each. Counted, never priced.

One consequence for each kind of driver, over all stacks; its details name the places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from oaktree_cfn.review.changed import Changed, Changes
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.template.plain import at, listed, number

SERVICE, TASK = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"

Amount = Callable[[Mapping[str, Any]], float]


class Driver(NamedTuple):
    """A kind of cost: its name for one and for many, and how much of it a resource's sections stand for."""

    one: str
    many: str
    amount: Amount


def _each(_: Mapping[str, Any]) -> float:
    return 1


def _endpoint(side: Mapping[str, Any]) -> float:
    """Interface endpoints cost by zone; gateway endpoints nothing."""
    if at(side, "Properties", "VpcEndpointType") != "Interface":
        return 0
    return max(1, len(listed(at(side, "Properties", "SubnetIds"))))


def _setting(value: str) -> Amount:
    def amount(side: Mapping[str, Any]) -> float:
        settings = listed(at(side, "Properties", "ClusterSettings"))
        return sum(1 for each in settings if (at(each, "Name"), at(each, "Value")) == ("containerInsights", value))

    return amount


def _units(name: str) -> Amount:
    def amount(side: Mapping[str, Any]) -> float:
        return number(at(side, "Properties", "ProvisionedThroughput", name)) or 0

    return amount


DRIVERS: Mapping[str, tuple[Driver, ...]] = {
    "AWS::EC2::NatGateway": (Driver("NAT gateway", "NAT gateways", _each),),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (Driver("load balancer", "load balancers", _each),),
    "AWS::ElasticLoadBalancing::LoadBalancer": (Driver("load balancer", "load balancers", _each),),
    "AWS::EC2::VPCEndpoint": (Driver("interface endpoint by zone", "interface endpoints by zone", _endpoint),),
    "AWS::EC2::EIP": (Driver("public IP address", "public IP addresses", _each),),
    "AWS::EC2::Instance": (Driver("machine", "machines", _each),),
    "AWS::EC2::FlowLog": (Driver("flow log", "flow logs", _each),),
    "AWS::EC2::TransitGatewayAttachment": (Driver("transit gateway attachment", "transit gateway attachments", _each),),
    "AWS::EC2::VPNConnection": (Driver("VPN connection", "VPN connections", _each),),
    "AWS::KMS::Key": (Driver("KMS key", "KMS keys", _each),),
    "AWS::SecretsManager::Secret": (Driver("secret", "secrets", _each),),
    "AWS::Route53::HostedZone": (Driver("hosted zone", "hosted zones", _each),),
    "AWS::RDS::DBInstance": (Driver("database instance", "database instances", _each),),
    "AWS::ElastiCache::ReplicationGroup": (Driver("cache", "caches", _each),),
    "AWS::OpenSearchService::Domain": (Driver("search domain", "search domains", _each),),
    "AWS::WAFv2::WebACL": (Driver("web ACL", "web ACLs", _each),),
    "AWS::CloudWatch::Alarm": (Driver("alarm", "alarms", _each),),
    "AWS::CloudWatch::Dashboard": (Driver("dashboard", "dashboards", _each),),
    "AWS::DynamoDB::Table": (
        Driver("provisioned read unit", "provisioned read units", _units("ReadCapacityUnits")),
        Driver("provisioned write unit", "provisioned write units", _units("WriteCapacityUnits")),
    ),
    "AWS::ECS::Cluster": (
        Driver("cluster with Container Insights", "clusters with Container Insights", _setting("enabled")),
        Driver("cluster with enhanced Container Insights", "clusters with enhanced Container Insights", _setting("enhanced")),
    ),
}  # fmt: skip
"""Type -> what a resource of it adds to the bill by being there."""


def find(changes: Changes) -> Iterator[Consequence]:
    """One sum for each kind of driver whose number changes, then the tasks that always run."""
    sums: dict[Driver, list[tuple[str, float]]] = {}
    for changed in changes:
        for driver in DRIVERS.get(changed.type, ()):
            if more := _more(changed, driver.amount):
                sums.setdefault(driver, []).append((changed.place, more))
    for driver, found in sums.items():
        yield from _sum(driver, found)
    yield from _tasks(changes)


def _more(changed: Changed, amount: Amount) -> float:
    before = 0 if changed.new else amount(changed.before)
    return (0 if changed.gone else amount(changed.after)) - before


def _sum(driver: Driver, found: list[tuple[str, float]]) -> Iterator[Consequence]:
    total = sum(more for _, more in found)
    if total:
        word = driver.one if abs(total) == 1 else driver.many
        places = tuple(f"{more:+g} {place}" for place, more in found)
        yield Consequence("cost", "", Severity.NOTE, f"{abs(total):g} {word} {_direction(total)}", places)


def _direction(total: float) -> str:
    return "more" if total > 0 else "fewer"


# Tasks that always run


class Load(NamedTuple):
    """What a service keeps running: tasks, of a size where that is known."""

    tasks: float
    size: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.tasks:g} {'task' if self.tasks == 1 else 'tasks'}{self.size and f' of {self.size}'}"


_NONE = Load(0, "")


def _tasks(changes: Changes) -> Iterator[Consequence]:
    definitions = {each.path[:-1]: each for each in changes if each.type == TASK}
    for changed in changes:
        if changed.type == SERVICE:
            yield from _service(changed, definitions.pop(changed.path[:-1], None))
    for definition in definitions.values():
        yield from _resized(definition)


def _service(changed: Changed, definition: Changed | None) -> Iterator[Consequence]:
    sizes = ("", "") if definition is None else (_size(definition.before), _size(definition.after))
    before = _NONE if changed.new else _load(changed.before, sizes[0])
    after = _NONE if changed.gone else _load(changed.after, sizes[1])
    if before != after and (before.tasks or after.tasks):
        yield Consequence("cost", changed.place, Severity.NOTE, f"{changed.name} keeps running {after}, was {before}")


def _load(service: Mapping[str, Any], size: str) -> Load:
    count = number(at(service, "Properties", "DesiredCount"))
    return Load((1 if service else 0) if count is None else count, size)


def _size(definition: Mapping[str, Any]) -> str:
    cpu, memory = (at(definition, "Properties", name) for name in ("Cpu", "Memory"))
    return f"{cpu} CPU units and {memory} MiB" if cpu is not None and memory is not None else ""


def _resized(definition: Changed) -> Iterator[Consequence]:
    before, after = _size(definition.before), _size(definition.after)
    if before and after and before != after:
        yield Consequence(
            "cost", definition.place, Severity.NOTE, f"{definition.name}: each task has {after}, was {before}"
        )
