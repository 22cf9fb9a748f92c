"""Any table that DynamoDB would take."""

from __future__ import annotations

from hypothesis import strategies as st

from oaktree_cfn.services.capacity import Capacity, OnDemand, Provisioned
from oaktree_cfn.services.index import GlobalIndex, Key, LocalIndex
from oaktree_cfn.services.table import Table

TYPES = {"at": "N", "blob": "B", "email": "S", "id": "S", "rank": "N", "team": "S"}
"""An attribute has one type wherever it is in a key."""

UNITS = st.integers(1, 40)


@st.composite
def capacities(draw: st.DrawFn) -> Capacity:
    minimum = draw(UNITS)
    more = draw(st.none() | UNITS)
    return Capacity(minimum=minimum, maximum=None if more is None else minimum + more, target=draw(st.integers(20, 90)))


ON_DEMAND = st.builds(OnDemand, most_reads=st.none() | UNITS, most_writes=st.none() | UNITS)
PROVISIONED = st.builds(Provisioned, reads=capacities(), writes=capacities())


def key(name: str) -> Key:
    return Key(name=name, type=TYPES[name])


def keys(*but: str) -> st.SearchStrategy[Key]:
    return st.sampled_from([key(name) for name in TYPES if name not in but])


@st.composite
def projections(draw: st.DrawFn) -> dict[str, object]:
    projection = draw(st.sampled_from(["ALL", "KEYS_ONLY", "INCLUDE"]))
    named = st.lists(st.sampled_from(["name", "city", "note"]), min_size=1, unique=True).map(tuple)
    return {"projection": projection, "attributes": draw(named) if projection == "INCLUDE" else ()}


@st.composite
def global_indexes(draw: st.DrawFn, name: str, billing: st.SearchStrategy[OnDemand | Provisioned]) -> GlobalIndex:
    partition = draw(keys())
    sort = draw(st.none() | keys(partition.name))
    more = draw(projections())
    return GlobalIndex(name=name, partition=partition, sort=sort, billing=draw(st.none() | billing), **more)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    partition = draw(keys())
    sort = draw(st.none() | keys(partition.name))
    billing = draw(st.sampled_from([ON_DEMAND, PROVISIONED]))
    count = draw(st.integers(0, 3))
    orders = draw(st.lists(keys(partition.name), max_size=2, unique_by=lambda order: order.name)) if sort else []
    recovery = draw(st.booleans())
    return Table(
        partition=partition,
        sort=sort,
        billing=draw(billing),
        global_indexes=tuple(draw(global_indexes(f"by-way.{number}", billing)) for number in range(count)),
        local_indexes=tuple(LocalIndex(name=f"in_{order.name}", sort=order, **draw(projections())) for order in orders),
        expires=draw(st.none() | st.just("until")),
        stream=draw(st.none() | st.sampled_from(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])),
        table_class=draw(st.none() | st.sampled_from(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])),
        encryption=draw(st.sampled_from(["aws-owned", "aws-managed", "alias/users"])),
        recovery=recovery,
        recovery_days=draw(st.none() | st.integers(1, 35)) if recovery else None,
        protected=draw(st.booleans()),
        keep=draw(st.booleans()),
    )
