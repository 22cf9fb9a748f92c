"""Who can newly reach which port of what, and what is connected to the internet that was not.

The internet is refused, anybody else asked about; closing is worth a note. The rules of one security group are taken
together, wherever they stand, so that moving one to a resource of its own opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.review.changed import Changed, Changes
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.reach import Opening, awaited, internet, newly, opening
from oaktree_cfn.template.plain import at, listed, truth

GROUP, RULE = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"
_BALANCERS = {"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"}
_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_ANYWHERE = ("0.0.0.0/0", "::/0")


def find(changes: Changes) -> Iterator[Consequence]:
    """Everything that opens or closes."""
    yield from _groups(changes)
    for changed in changes:
        yield from _untold(changed)
        if not changed.gone:
            yield from _exposed(changed)
            yield from _balancer(changed)
            yield from _route(changed)
        yield from _network_acl(changed)


# Security groups


def _groups(changes: Changes) -> Iterator[Consequence]:
    before: dict[str, list[Opening]] = {}
    after: dict[str, list[Opening]] = {}
    for changed in changes:
        before.setdefault(_group(changed), []).extend(_openings(changed, changed.before))
        after.setdefault(_group(changed), []).extend(_openings(changed, changed.after))
    for changed in changes:
        if changed.type in {GROUP, RULE}:
            group = _group(changed)
            yield from _opened(changed, newly(before[group], _openings(changed, changed.after)), before[group])
            if not (changed.gone and changed.type == GROUP):
                yield from _closed(changed, newly(after[group], _openings(changed, changed.before)))


def _group(changed: Changed) -> str:
    """Which group a resource's rules belong to: its physical id, or its own place where that is not known."""
    if changed.type == RULE:
        ids = [changed.was("GroupId"), changed.will("GroupId")]
        known = [each for each in ids if isinstance(each, str) and KNOWN_AFTER_APPLY not in each]
        return known[0] if known else changed.place
    return changed.change.physical_id or changed.place


def _openings(changed: Changed, side: Mapping[str, Any]) -> list[Opening]:
    properties = at(side, "Properties")
    if changed.type == GROUP:
        return [opening(rule) for rule in listed(at(properties, "SecurityGroupIngress"))]
    return [opening(properties)] if changed.type == RULE and properties else []


def _opened(changed: Changed, found: tuple[Opening, ...], before: list[Opening]) -> Iterator[Consequence]:
    for each in found:
        target = changed.name if changed.type == GROUP else f"{_target(changed)} ({changed.name})"
        text = f"{_who(each.source)} can now reach {each.ports} of {target}"
        yield _tell(changed, _severity(each, before), text)


def _target(changed: Changed) -> str:
    group = str(changed.will("GroupId") or changed.will("GroupName") or "a group")
    return "a group known after apply" if KNOWN_AFTER_APPLY in group else group


def _severity(each: Opening, before: list[Opening]) -> Severity:
    if each.internet:
        return Severity.REFUSE
    same = [old for old in before if old.first <= each.first and each.last <= old.last]
    # a source that is not known yet, where another was let in through the same ports, most likely is that same one anew
    return Severity.NOTE if awaited(each.source) and same else Severity.ASK


def _closed(changed: Changed, found: tuple[Opening, ...]) -> Iterator[Consequence]:
    for each in found:
        yield _tell(changed, Severity.NOTE, f"{_who(each.source)} can no longer reach {each.ports} of {changed.name}")


def _who(source: str) -> str:
    if source in _ANYWHERE:
        return "the internet" if source == _ANYWHERE[0] else "the internet (IPv6)"
    if internet(source):
        return f"a large part of the internet ({source})"
    return "a source known only after apply" if awaited(source) else source


_TELLTALE = {
    GROUP: {"SecurityGroupIngress"},
    RULE: {"CidrIp", "CidrIpv6", "FromPort", "ToPort", "IpProtocol", "SourceSecurityGroupId", "SourcePrefixListId"},
    "AWS::RDS::DBInstance": {"PubliclyAccessible"},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"Scheme"},
    "AWS::EC2::NetworkAclEntry": {"CidrBlock", "Ipv6CidrBlock", "RuleAction", "PortRange", "Protocol"},
    "AWS::EC2::Route": {"GatewayId", "DestinationCidrBlock"},
}


def _untold(changed: Changed) -> Iterator[Consequence]:
    names = sorted(changed.untold & _TELLTALE.get(changed.type, set()))
    if names:
        text = f"{changed.name} changes its {', '.join(names)}, and the change set does not tell how"
        yield _tell(changed, Severity.REFUSE, text)
    if changed.new and not changed.after and changed.type in {GROUP, RULE}:
        yield _tell(changed, Severity.ASK, f"{changed.name} is new, and the change set does not tell whom it lets in")


# Network ACLs


def _network_acl(changed: Changed) -> Iterator[Consequence]:
    if changed.type != "AWS::EC2::NetworkAclEntry":
        return
    before, after = (_entry(side) for side in (changed.before, changed.after))
    for each in newly(before["allow"], after["allow"]):
        severity = Severity.REFUSE if each.internet else Severity.ASK
        yield _tell(changed, severity, f"{changed.name} lets {_who(each.source)} in on {each.ports}")
    for each in newly(after["deny"], before["deny"]):
        severity = Severity.REFUSE if each.internet else Severity.ASK
        yield _tell(changed, severity, f"{changed.name} no longer keeps {_who(each.source)} out of {each.ports}")


def _entry(side: Mapping[str, Any]) -> dict[str, list[Opening]]:
    properties = at(side, "Properties")
    found: dict[str, list[Opening]] = {"allow": [], "deny": []}
    if properties and not truth(at(properties, "Egress")):
        rule = {
            "IpProtocol": at(properties, "Protocol"),
            "FromPort": at(properties, "PortRange", "From"),
            "ToPort": at(properties, "PortRange", "To"),
            "CidrIp": at(properties, "CidrBlock"),
            "CidrIpv6": at(properties, "Ipv6CidrBlock"),
        }
        action = "deny" if str(at(properties, "RuleAction")).lower() == "deny" else "allow"
        found[action].append(opening(rule))
    return found


# What faces the internet


_PUBLIC: Mapping[str, tuple[str, str]] = {
    "AWS::RDS::DBInstance": ("PubliclyAccessible", "true"),
    "AWS::RDS::DBCluster": ("PubliclyAccessible", "true"),
    "AWS::Redshift::Cluster": ("PubliclyAccessible", "true"),
    "AWS::DMS::ReplicationInstance": ("PubliclyAccessible", "true"),
    "AWS::AmazonMQ::Broker": ("PubliclyAccessible", "true"),
    "AWS::Lambda::Url": ("AuthType", "none"),
    "AWS::EKS::Cluster": ("ResourcesVpcConfig.EndpointPublicAccess", "true"),
}
"""Type -> the property that opens it to the internet, and the value that does."""

_PUBLIC_IP: Mapping[str, tuple[str, str, str]] = {
    "AWS::EC2::Subnet": ("MapPublicIpOnLaunch", "true", "gives a public IP to whatever starts in it"),
    "AWS::ECS::Service": (
        "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp",
        "enabled",
        "gives its tasks public IPs",
    ),
}


def _exposed(changed: Changed) -> Iterator[Consequence]:
    if changed.type in _PUBLIC and _turns(changed, *_PUBLIC[changed.type]):
        name = _PUBLIC[changed.type][0].rpartition(".")[2]
        text = (
            f"the internet can now reach {changed.name} ({name} {changed.will(*_PUBLIC[changed.type][0].split('.'))})"
        )
        yield _tell(changed, Severity.REFUSE, text)
    if changed.type in _PUBLIC_IP and _turns(changed, *_PUBLIC_IP[changed.type][:2]):
        yield _tell(changed, Severity.ASK, f"{changed.name} {_PUBLIC_IP[changed.type][2]}")


def _turns(changed: Changed, name: str, open_: str) -> bool:
    keys = name.split(".")
    before, after = (str(side(*keys)).lower() == open_ for side in (changed.was, changed.will))
    return after and not before


def _balancer(changed: Changed) -> Iterator[Consequence]:
    if changed.type in _BALANCERS and changed.after and _facing(changed.after) and not _facing(changed.before):
        kind = "the new load balancer" if changed.new else "the load balancer"
        yield _tell(changed, Severity.REFUSE, f"the internet can now reach {kind} {changed.name}")
    if changed.type == _LISTENER and (changed.new or changed.differs("Port")) and changed.will("Port") is not None:
        yield _tell(changed, Severity.ASK, f"{changed.name} listens on port {changed.will('Port')}, newly")


def _facing(side: Mapping[str, Any]) -> bool:
    """Without a word about it, a load balancer faces the internet."""
    properties = at(side, "Properties")
    return isinstance(properties, Mapping) and at(properties, "Scheme") in (None, "internet-facing")


def _route(changed: Changed) -> Iterator[Consequence]:
    if changed.type != "AWS::EC2::Route" or not _leads_out(changed.after) or _leads_out(changed.before):
        return
    table = str(changed.will("RouteTableId") or "")
    shown = f" of {table}" if table and KNOWN_AFTER_APPLY not in table else ""
    severity = Severity.ASK if changed.new else Severity.REFUSE
    yield _tell(changed, severity, f"{changed.name} connects the subnets{shown} to the internet, in both directions")


def _leads_out(side: Mapping[str, Any]) -> bool:
    properties = at(side, "Properties")
    gateway = str(at(properties, "GatewayId") or "")
    blocks = at(properties, "DestinationCidrBlock"), at(properties, "DestinationIpv6CidrBlock")
    anywhere = any(block in _ANYWHERE for block in blocks)
    return anywhere and (gateway.startswith("igw-") or KNOWN_AFTER_APPLY in gateway)


def _tell(changed: Changed, severity: Severity, text: str) -> Consequence:
    return Consequence("network", changed.place, severity, text)
