"""The certificates of listeners are issued, are in the stack's region, and are for the domains that lead there.

Domains are those of the system's records that point at the listener's load balancer, and the root's parameter ``DomainName``.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding, Part

WHY = (
    "The listener cannot be made (`CertificateNotFound`, `UnsupportedCertificate`), and all that was made before it is rolled back; "
    "or it is made, and every browser warns."
)
FIX = (
    "Request the certificate in the stack's region for the domain, and answer its validation (a DNS record) until ACM says ISSUED; "
    "then give its ARN."
)

_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Certificates that cannot be used."""
    for listener in wanted.system.of_type(_LISTENER, "AWS::ElasticLoadBalancingV2::ListenerCertificate"):
        arns = [each.at("CertificateArn") for each in listener.at("Certificates").items]
        told = [(each, arn) for each in arns if (arn := account.known(each.value))]
        for place, arn in told:
            yield from _unusable(place, arn, account)
        if listener.type == _LISTENER and told and len(told) == len(arns):
            yield from _uncovered(wanted, listener, [arn for _, arn in told], account)


def _unusable(place: Part, arn: str, account: Account) -> Iterator[Finding]:
    region = (arn.split(":") + [""] * 4)[3]
    if not region:
        yield place.finding(f"is {arn}, which is no ARN of a certificate")
        return
    if region != account.aws.region:
        yield place.finding(f"is in {region}, and the load balancer in {account.aws.region}")
        return
    found = account.certificate(arn)
    if found is None:
        yield place.finding(f"is {arn}, which there is not")
    elif found.status != "ISSUED":
        yield place.finding(f"is {arn}, which is {found.status}")


def _uncovered(wanted: Wanted, listener: Part, arns: list[str], account: Account) -> Iterator[Finding]:
    """Domains that none of the listener's certificates is for."""
    found = [
        each for arn in arns if f":{account.aws.region}:" in arn and (each := account.certificate(arn)) is not None
    ]
    for domain in sorted(_domains(wanted, listener)):
        if found and not any(each.covers(domain) for each in found):
            names = ", ".join(name for each in found for name in each.names)
            yield listener.at("Certificates").finding(f"is for {names}, not for {domain}")


def _domains(wanted: Wanted, listener: Part) -> set[str]:
    balancer = wanted.system.identity(listener.at("LoadBalancerArn"))
    records = wanted.system.of_type("AWS::Route53::RecordSet")
    mine = [each for each in records if wanted.system.identity(each.at("AliasTarget", "DNSName")) == balancer]
    names = [name.rstrip(".") for each in mine if (name := each.at("Name").text)]
    return {*names, *filter(None, [wanted.parameters.get("DomainName")])}
