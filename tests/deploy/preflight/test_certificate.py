"""``certificate``: issued, here, and for the domain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .conftest import Ground

PLACE = "Listener.Certificates.0.CertificateArn"


def listener(arn: str, record: str = "") -> str:
    """A listener with a certificate, and the record that points at its load balancer."""
    named = f"\n  Record: {{Type: AWS::Route53::RecordSet, Properties: {{Name: {record}, AliasTarget: {{DNSName: !GetAtt Balancer.DNSName}}}}}}"
    return f"""
  Balancer: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {{LoadBalancerArn: !Ref Balancer, Certificates: [{{CertificateArn: "{arn}"}}]}}""" + (
        named if record else ""
    )


@pytest.fixture
def issued(ground: Ground) -> str:
    """A certificate for example.com and what is directly below it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.com")])
    others = x509.SubjectAlternativeName([x509.DNSName("example.com"), x509.DNSName("*.example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    body: Any = made.add_extension(others, critical=False).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    imported = ground.client("acm").import_certificate(
        Certificate=body.public_bytes(pem),
        PrivateKey=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    )
    return str(imported["CertificateArn"])


@pytest.mark.parametrize("domain", ["", "example.com", "shop.example.com."])
def test_a_certificate_that_is_issued_and_for_the_domain_is_good(ground: Ground, issued: str, domain: str) -> None:
    assert ground.said("certificate", listener(issued, domain)) == []


def test_one_that_is_not_issued_is_named_with_its_state(ground: Ground) -> None:
    arn = ground.client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    assert ground.said("certificate", listener(arn)) == [f"{PLACE} is {arn}, which is PENDING_VALIDATION"]


def test_one_that_is_not_there_is_named(ground: Ground, issued: str) -> None:
    gone = issued[:-4] + "0000"
    assert ground.said("certificate", listener(gone)) == [f"{PLACE} is {gone}, which there is not"]


def test_one_of_another_region_cannot_be_used(ground: Ground, issued: str) -> None:
    elsewhere = issued.replace("ap-southeast-1", "us-east-1")
    assert ground.said("certificate", listener(elsewhere)) == [
        f"{PLACE} is in us-east-1, and the load balancer in ap-southeast-1"
    ]


@pytest.mark.parametrize("domain", ["example.org", "a.b.example.com"])
def test_one_for_other_domains_is_named_with_them(ground: Ground, issued: str, domain: str) -> None:
    expected = [f"Listener.Certificates is for example.com, *.example.com, not for {domain}"]
    assert ground.said("certificate", listener(issued, domain)) == expected
    head = "Parameters: {DomainName: {Type: String}}"
    assert ground.said("certificate", listener(issued), head, values={"DomainName": domain}) == expected


def test_what_is_no_arn_is_told_as_it_is(ground: Ground) -> None:
    assert ground.said("certificate", listener("mine")) == [f"{PLACE} is mine, which is no ARN of a certificate"]


def test_a_certificate_of_the_system_itself_is_made_with_it(ground: Ground) -> None:
    made = "\n  Made: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: example.com}}"
    resources = made + listener("x").replace('"x"', "!Ref Made")
    assert ground.said("certificate", resources) == []
