"""Which partition a region belongs to, and the domain it answers under. Pure; botocore's table is the test's oracle."""

from __future__ import annotations

from typing import NamedTuple


class Partition(NamedTuple):
    """What ARNs begin with after ``arn:``, and the domain of addresses."""

    name: str
    suffix: str


_AWS = Partition("aws", "amazonaws.com")
_OTHERS = {
    "cn-": Partition("aws-cn", "amazonaws.com.cn"),
    "us-gov-": Partition("aws-us-gov", "amazonaws.com"),
    "us-iso-": Partition("aws-iso", "c2s.ic.gov"),
    "us-isob-": Partition("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-": Partition("aws-iso-f", "csp.hci.ic.gov"),
    "eu-isoe-": Partition("aws-iso-e", "cloud.adc-e.uk"),
    "eusc-": Partition("aws-eusc", "amazonaws.eu"),
}


def partition(region: str) -> Partition:
    """The partition of a region; a region younger than this table is taken for an ordinary one."""
    return next((found for prefix, found in _OTHERS.items() if region.startswith(prefix)), _AWS)
