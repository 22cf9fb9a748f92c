"""The table of partitions says what botocore's own says."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader

from oaktree_cfn.aws.partition import partition

REGIONS = [
    (each["id"], each["outputs"]["dnsSuffix"], region)
    for each in Loader().load_data("partitions")["partitions"]
    for region in each["regions"]
    if not region.endswith("-global")
]


@pytest.mark.parametrize(("name", "suffix", "region"), REGIONS)
def test_every_region_has_the_partition_and_domain_that_botocore_gives_it(name: str, suffix: str, region: str) -> None:
    assert partition(region) == (name, suffix)


def test_a_region_nobody_knows_yet_is_an_ordinary_one() -> None:
    assert partition("mars-north-1").name == "aws"
