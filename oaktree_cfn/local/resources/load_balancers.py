"""Load balancers."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.access_logs import refuse_unwritable
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import Tag, as_sent, attributes, differ, given, known, only, tag_change
from oaktree_cfn.local.resources.tagging import in_order
from oaktree_cfn.local.resources.vpc import require_internet_gateway, vpc_of_subnet

# AWS's values, so that a removed attribute goes back to what it was before the template spoke of it.
_DEFAULTS = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}


class LoadBalancer(Handler):
    """A load balancer; ``Ref`` is its ARN."""

    type = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    supported = frozenset(
        {
            "IpAddressType",
            "LoadBalancerAttributes",
            "Name",
            "Scheme",
            "SecurityGroups",
            "SubnetMappings.SubnetId",
            "Subnets",
            "Tags",
            "Type",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        _require_way_out(properties, request)
        plain = ("IpAddressType", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Tags", "Type")
        name = properties.get("Name") or request.name(32)
        found = call(request.client("elbv2"), "create_load_balancer", Name=name, **given(properties, *plain))
        made = _made(found["LoadBalancers"][0])
        with undone_on_failure(lambda: _delete(made.physical_id, request)):
            self._attributes(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        elbv2, arn = request.client("elbv2"), made.physical_id
        self._attributes(made, before, after, request)
        if differ(before, after, "SecurityGroups"):
            if not after.get("SecurityGroups"):
                raise NotPlayed(self.type, "SecurityGroups", "the network's default group would have to be found")
            call(elbv2, "set_security_groups", LoadBalancerArn=arn, SecurityGroups=after["SecurityGroups"])
        if differ(before, after, "Subnets", "SubnetMappings"):
            call(elbv2, "set_subnets", LoadBalancerArn=arn, **given(after, "Subnets", "SubnetMappings"))
        if differ(before, after, "IpAddressType"):
            kind = after.get("IpAddressType", "ipv4")
            call(elbv2, "set_ip_address_type", LoadBalancerArn=arn, IpAddressType=kind)
        retag(elbv2, arn, before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        if not _found(made.physical_id, request):
            return
        found = call(request.client("elbv2"), "describe_load_balancer_attributes", LoadBalancerArn=made.physical_id)[
            "Attributes"
        ]
        if {"Key": "deletion_protection.enabled", "Value": "true"} in found:
            message = f"Load balancer '{made.physical_id}' cannot be deleted because deletion protection is enabled"
            raise refusal("OperationNotPermitted", message, "DeleteLoadBalancer")
        _delete(made.physical_id, request)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        elbv2, arn = request.client("elbv2"), made.physical_id
        balancer = only(_found(arn, request))
        kept = call(elbv2, "describe_load_balancer_attributes", LoadBalancerArn=arn)["Attributes"]
        subnets = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
        mapped = [mapping["SubnetId"] for mapping in properties.get("SubnetMappings") or ()]
        return known(
            {
                **given(balancer, "IpAddressType", "Scheme", "Type"),
                "Name": balancer["LoadBalancerName"],
                "SecurityGroups": as_sent(balancer.get("SecurityGroups", []), properties.get("SecurityGroups")),
                "Subnets": [] if mapped else as_sent(subnets, properties.get("Subnets")),
                "SubnetMappings": [{"SubnetId": subnet} for subnet in as_sent(subnets, mapped)] if mapped else [],
                "LoadBalancerAttributes": attributes(properties.get("LoadBalancerAttributes"), kept),
                "Tags": tags_of(elbv2, arn, properties),
            }
        )

    def _attributes(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        wanted = changed_attributes("LoadBalancerAttributes", _DEFAULTS, before, after)
        if wanted:
            refuse_unwritable(after.get("LoadBalancerAttributes") or (), request)
            elbv2 = request.client("elbv2")
            call(elbv2, "modify_load_balancer_attributes", LoadBalancerArn=made.physical_id, Attributes=wanted)


def changed_attributes(name: str, defaults: dict[str, str], before: Properties, after: Properties) -> list[Tag]:
    """The attributes to set; one that a template no longer speaks of goes back to its default, where it has one."""
    old = {item["Key"]: item["Value"] for item in before.get(name) or ()}
    new = {item["Key"]: item["Value"] for item in after.get(name) or ()}
    dropped = {key: defaults[key] for key in old if key not in new and key in defaults}
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    return [{"Key": key, "Value": value} for key, value in {**dropped, **changed}.items()]


def retag(elbv2: Any, arn: str, before: Properties, after: Properties) -> None:
    """Bring the tags of a load balancer, target group, listener or rule from one version to the next."""
    changed, removed = tag_change(before, after)
    if changed:
        call(elbv2, "add_tags", ResourceArns=[arn], Tags=changed)
    if removed:
        call(elbv2, "remove_tags", ResourceArns=[arn], TagKeys=removed)


def tags_of(elbv2: Any, arn: str, properties: Properties) -> list[Tag]:
    """The tags of a load balancer, target group, listener or rule, in the order of the template."""
    described = only(call(elbv2, "describe_tags", ResourceArns=[arn])["TagDescriptions"])
    return in_order(described.get("Tags"), properties)


def _require_way_out(properties: Properties, request: Request) -> None:
    subnets = properties.get("Subnets") or [item["SubnetId"] for item in properties.get("SubnetMappings") or ()]
    if properties.get("Scheme", "internet-facing") == "internet-facing" and subnets:
        vpc_id = vpc_of_subnet(subnets[0], request)
        refused = refusal("InvalidSubnet", f"VPC {vpc_id} has no internet gateway", "CreateLoadBalancer")
        require_internet_gateway(vpc_id, refused, request)


def exists(arn: str, request: Request) -> bool:
    """Whether there is a load balancer of this ARN."""
    return bool(_found(arn, request))


def _found(arn: str, request: Request) -> list[dict[str, Any]]:
    with already_gone("LoadBalancerNotFound"):
        return list(call(request.client("elbv2"), "describe_load_balancers", LoadBalancerArns=[arn])["LoadBalancers"])
    return []


def _delete(arn: str, request: Request) -> None:
    call(request.client("elbv2"), "delete_load_balancer", LoadBalancerArn=arn)


def _made(balancer: dict[str, Any]) -> Made:
    arn = balancer["LoadBalancerArn"]
    attributes = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": balancer["LoadBalancerName"],
        "LoadBalancerFullName": arn.split(":loadbalancer/", 1)[1],
        "DNSName": balancer["DNSName"],
        "CanonicalHostedZoneID": balancer.get("CanonicalHostedZoneId", ""),
    }
    return Made(arn, attributes)
