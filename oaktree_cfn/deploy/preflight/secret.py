"""The secrets that containers are told, and those that templates look up, are in Secrets Manager, with the keys of their JSON.

Looking for a key needs the right to read the secret; no value is kept or shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding, Part

WHY = (
    "Tasks stop before they start (`ResourceInitializationError: unable to pull secrets`), or a resource cannot be made, and the deploy "
    "is rolled back."
)
FIX = "Make the secret, in this region and with that key, or correct the name. A secret that is to be deleted can be restored."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A secret that is asked for at a place, and the part of it that is."""

    place: Part
    secret: str
    key: str = ""
    stage: str = ""
    version: str = ""


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Secrets that are not there, first; then keys, which not everybody may look for."""
    asked = [*_of_containers(wanted), *_of_references(wanted)]
    there = [each for each in asked if account.secret(each.secret)]
    yield from (each.place.finding(f"is {each.secret}, which there is not") for each in asked if each not in there)
    for each in there:
        keys = account.keys(each.secret, each.stage, each.version) if each.key else frozenset({""})
        if keys is None:
            yield each.place.finding(f"wants {each.key} of {each.secret}, which holds no JSON object")
        elif each.key not in keys and each.key:
            yield each.place.finding(f"wants {each.key} of {each.secret}, which has no such key")


def _of_containers(wanted: Wanted) -> Iterator[_Asked]:
    """``arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY:STAGE:VERSION``."""
    for container in wanted.starting:
        for secret in container.at("Secrets").items:
            place = secret.at("ValueFrom")
            parts = (place.text or "").split(":")
            if parts[2:3] == ["secretsmanager"]:
                yield _Asked(place, ":".join(parts[:7]), *parts[7:10])


def _of_references(wanted: Wanted) -> Iterator[_Asked]:
    """``{{resolve:secretsmanager:NAME-OR-ARN:SecretString:KEY:STAGE:VERSION}}``."""
    for resource, name in wanted.dynamic("secretsmanager"):
        parts = name.split(":")
        length = 7 if parts[0] == "arn" else 1
        yield _Asked(resource, ":".join(parts[:length]), *parts[length + 1 : length + 4])
