"""Which ports are open to whom, so that what opens newly can be told from what was open. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.template.plain import at, number

EVERY = "every"
"""The protocol of a rule for all protocols (-1)."""

PORTS = (0, 65535)

_PROTOCOLS = {"-1": EVERY, "all": EVERY, "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_HUGE = {4: 8, 6: 16}
"""A public block with a shorter prefix is as good as the internet."""

Range = tuple[int, int]


class Opening(NamedTuple):
    """A range of ports of one protocol, open to one source (a block, a group, a prefix list)."""

    source: str
    protocol: str
    first: int
    last: int

    @property
    def internet(self) -> bool:
        """Whether anybody may come."""
        return internet(self.source)

    @property
    def ports(self) -> str:
        """For people: ``port 5432``, ``ports 8000 to 8999``, ``every port``."""
        kind = "" if self.protocol in {"tcp", EVERY} else f"{self.protocol} "
        if self.protocol == EVERY:
            return "every port"
        if self.protocol.startswith("icmp"):
            return "ICMP"
        if (self.first, self.last) == PORTS:
            return f"every {self.protocol} port"
        if self.first == self.last:
            return f"{kind}port {self.first}"
        return f"{kind}ports {self.first} to {self.last}"


def opening(rule: Any) -> Opening:
    """From a rule of a security group. What it does not tell counts as everything."""
    protocol = str(at(rule, "IpProtocol") if at(rule, "IpProtocol") is not None else "-1").lower()
    protocol = _PROTOCOLS.get(protocol, protocol)
    first, last = number(at(rule, "FromPort")), number(at(rule, "ToPort"))
    whole = protocol == EVERY or first is None or last is None or first < 0 or protocol.startswith("icmp")
    ports = PORTS if whole else (int(first or 0), int(last or 0))
    return Opening(_source(rule), protocol, *ports)


def _source(rule: Any) -> str:
    for key in ("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId"):
        value = at(rule, key)
        if value is not None:
            return str(value)
    return ""


@lru_cache(maxsize=4096)
def _block(source: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(source.strip(), strict=False)
    except ValueError:
        return None


def internet(source: str) -> bool:
    """Whether a source is the internet, or so much of it that it makes no difference."""
    block = _block(source)
    return block is not None and block.prefixlen < _HUGE[block.version] and not (block.prefixlen and block.is_private)


def _within(narrow: str, wide: str) -> bool:
    """Whether everybody in ``narrow`` is in ``wide``. A group is inside of itself only."""
    if narrow == wide:
        return True
    one, other = _block(narrow), _block(wide)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return one.subnet_of(other)
    return False


def newly(before: Iterable[Opening], after: Iterable[Opening]) -> tuple[Opening, ...]:
    """What ``after`` opens and ``before`` did not: merged ranges, and of a range that grew only what is new."""
    olds = tuple(before)
    found: dict[tuple[str, str], list[Range]] = {}
    for each in after:
        open_ = [
            (old.first, old.last) for old in olds if _protocol_within(each, old) and _within(each.source, old.source)
        ]
        found.setdefault((each.source, each.protocol), []).extend(_without((each.first, each.last), open_))
    return tuple(
        Opening(source, protocol, *ports) for (source, protocol), ranges in found.items() for ports in merged(ranges)
    )


def _protocol_within(narrow: Opening, wide: Opening) -> bool:
    return wide.protocol in {EVERY, narrow.protocol}


def merged(ranges: Iterable[Range]) -> Iterator[Range]:
    """The same ports in as few ranges as possible, sorted."""
    current: Range | None = None
    for first, last in sorted(ranges):
        if current is not None and first <= current[1] + 1:
            current = (current[0], max(current[1], last))
            continue
        if current is not None:
            yield current
        current = (first, last)
    if current is not None:
        yield current


def _without(ports: Range, taken: Iterable[Range]) -> Iterator[Range]:
    first, last = ports
    for low, high in merged(taken):
        if low > last or high < first:
            continue
        if first < low:
            yield first, low - 1
        first = high + 1
    if first <= last:
        yield first, last


def awaited(source: str) -> bool:
    """Whether who it is comes to light only after apply."""
    return KNOWN_AFTER_APPLY in source or not source
