"""Templates hold anything anywhere: whatever stands where a list, a text or a number should, nothing breaks."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, Detail
from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequences import access, availability, cost, data, find, network
from tests.review.change_sets import plain

TYPES = sorted(
    {*access.SOURCES, *data.HOLDS, *cost.DRIVERS, *network._TELLTALE, *network._PUBLIC, *availability._CARRIES}
    | {row[0] for row in availability._LOWERED}
)
NAMES = st.sampled_from(
    sorted(
        {source.property.split(".")[0] for sources in access.SOURCES.values() for source in sources if source.property}
        | {name.split(".")[0] for _, name in (*data._RETENTIONS, *data._SWITCHES)}
        | {row[1].split(".")[0] for row in availability._LOWERED}
        | {"Statement", "Effect", "Principal", "Action", "NotAction", "Resource", "Condition", "SecurityGroupIngress"}
        | {"CidrIp", "IpProtocol", "FromPort", "ToPort", "GroupId", "Scheme", "GatewayId", "DestinationCidrBlock"}
        | {"LifecycleConfiguration", "LifecyclePolicy", "LifecyclePolicyText", "Rules", "rules", "selection", "Key"}
        | {"Value", "LoadBalancerAttributes", "ManagedPolicyArns", "PermissionsBoundary", "CapacityProviderStrategy"}
        | {
            "NetworkConfiguration",
            "AwsvpcConfiguration",
            "Subnets",
            "ClusterSettings",
            "Name",
            "Cpu",
            "Memory",
            "Roles",
        }
        | {"TimeToLiveSpecification", "Enabled", "Policies", "PolicyName", "VpcEndpointType", "SubnetIds", "AWS"}
    )
)
ODD = (True, False, KNOWN_AFTER_APPLY, "arn:aws:iam::1:role/x", "arn:", "igw-1", "Interface", "nan", "internet-facing")
LEAVES = st.sampled_from(
    [
        None,
        "",
        "*",
        "true",
        "false",
        0,
        -1,
        1e400,
        "-1",
        "80",
        "0.0.0.0/0",
        "::/0",
        "Enabled",
        "{",
        "[]",
        '{"a": 1}',
        *ODD,
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=10
)
SECTIONS = st.none() | st.fixed_dictionaries({}, optional={"Properties": VALUES, "DeletionPolicy": LEAVES})
POINTERS = st.lists(NAMES | st.sampled_from(["0", "7"]), max_size=4).map(lambda keys: "/Properties/" + "/".join(keys))
DETAILS = st.builds(
    Detail,
    attribute=st.just("Properties"),
    name=NAMES,
    path=st.just("") | POINTERS,
    before=st.none() | st.text(max_size=3) | st.sampled_from(['{"Statement": []}', "[1]", "{"]),
    after=st.none() | st.text(max_size=3) | st.sampled_from(['{"Statement": [{}]}', "[1]", "{"]),
)
CHANGES = st.builds(
    Change,
    action=st.sampled_from(["Add", "Modify", "Remove", "Import", "Dynamic"]),
    logical_id=st.sampled_from(["A", "B", "C"]),
    type=st.sampled_from(TYPES),
    replacement=st.sampled_from(["", "True", "False", "Conditional"]),
    details=st.lists(DETAILS, max_size=3).map(tuple),
    before=SECTIONS,
    after=SECTIONS,
)


@given(st.lists(CHANGES, max_size=3))
def test_nothing_breaks(changes: list[Change]) -> None:
    for each in find(Changes.of(plain(*changes))):
        assert each.text
