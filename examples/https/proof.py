"""The load balancer shows the certificate, HTTP leads to HTTPS, and the name leads to the load balancer."""

from __future__ import annotations

from examples.account import Account, Answer, Change, Facts

DOMAIN = "shop.example.com"

CHANGE = Change(
    "Nothing listens on port 80",
    "environments/local.toml",
    "AccessLogs = false",
    "AccessLogs = false\nHttpRedirect = false",
)

DEPLOYED = {
    "address": "https://shop.example.com",
    "443": ("forward", DOMAIN, "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"),
    "80": ("redirect", "HTTPS", "443"),
    "open ports": {80, 443},
    "the name leads to the load balancer": True,
}

CHANGED = {"80": None}


def prepare(account: Account) -> dict[str, str]:
    """The certificate and the hosted zone, which are there before the system and after it."""
    certificate = account.client("acm").request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")
    zone = account.client("route53").create_hosted_zone(Name="example.com", CallerReference="https")
    return {
        "CertificateArn": certificate["CertificateArn"],
        "HostedZoneId": zone["HostedZone"]["Id"].rpartition("/")[2],
    }


def facts(account: Account) -> Facts:
    """What the listeners, the certificate and the record say."""
    elbv2, balancer = account.client("elbv2"), account.id("Alb/LoadBalancer")
    listeners = {each["Port"]: each for each in elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]}
    (group,) = account.client("ec2").describe_security_groups(
        GroupIds=[account.id("Network/LoadBalancerSecurityGroup")]
    )["SecurityGroups"]
    (named,) = elbv2.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]
    return {
        "address": account.outputs["ApplicationUrl"],
        "443": _secure(account, listeners[443]),
        "80": _plain(listeners.get(80)),
        "open ports": {rule["FromPort"] for rule in group["IpPermissions"]},
        "the name leads to the load balancer": _alias(account).rstrip(".") == named["DNSName"],
    }


def _secure(account: Account, listener: Answer) -> tuple[str, str, str]:
    arn = listener["Certificates"][0]["CertificateArn"]
    certificate = account.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    return listener["DefaultActions"][0]["Type"], certificate["DomainName"], listener["SslPolicy"]


def _plain(listener: Answer | None) -> tuple[str, str, str] | None:
    if listener is None:
        return None
    (action,) = listener["DefaultActions"]
    return action["Type"], action["RedirectConfig"]["Protocol"], action["RedirectConfig"]["Port"]


def _alias(account: Account) -> str:
    route53 = account.client("route53")
    (zone,) = route53.list_hosted_zones_by_name(DNSName="example.com")["HostedZones"]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return next(str(each["AliasTarget"]["DNSName"]) for each in records if each["Name"].rstrip(".") == DOMAIN)
