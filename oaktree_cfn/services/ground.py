"""Where a service runs: what its description leaves open because it is the environment's to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import GetAtt, Ref

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.names import named


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """The load balancer whose listener a web service stands behind.

    ``full_name`` is ``app/<name>/<id>``, as metrics call it. ``target_group`` is the ARN of the group that the listener
    forwards to by default (``target_group_name`` is its ``targetgroup/<name>/<id>``): the service without a route of its
    own is behind it. ``test_listener`` is where a blue/green rollout shows the new version first.
    """

    listener: Value
    security_group: Value = None
    full_name: Value = None
    target_group: Value = None
    target_group_name: Value = None
    test_listener: Value = None


class Lacking(InvalidInput):
    """A ground without something that the service needs: its ``field``, and ``why``."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"Ground.{field}: {why}, and there is none", f"Give the ground its {field}.")
        self.field, self.why = field, why


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a service stands on; values are text or intrinsic functions.

    ``prefix`` begins every physical name, ``stem`` every logical id (empty where a template holds one service).
    ``cluster`` is the cluster's name, ``subnets`` a list of ids (or what gives one). Where ``security_group`` is not
    given, the service makes one of its own, for which ``vpc`` is needed. ``public_ip`` is ``ENABLED`` or ``DISABLED``.
    ``peers`` is the security group whose members may call each other by Service Connect.
    ``namespace`` is the ARN of the Cloud Map namespace of Service Connect; without it the cluster's default is used.
    """

    prefix: Value
    cluster: Value
    subnets: Value
    vpc: Value = None
    security_group: Value = None
    peers: Value = None
    public_ip: Value = "DISABLED"
    balancer: Balancer | None = None
    namespace: Value = None
    stem: str = ""

    def id(self, kind: str) -> str:
        """The logical id of the service's resource of this kind."""
        return f"{self.stem}{kind}"

    def ref(self, kind: str) -> Ref:
        """``!Ref`` to the service's resource of this kind."""
        return Ref(self.id(kind))

    def att(self, kind: str, attribute: str) -> GetAtt:
        """``!GetAtt`` of the service's resource of this kind."""
        return GetAtt(self.id(kind), attribute)

    def needed(self, field: str, why: str) -> Any:
        """What the ground has under this name (``balancer.listener``). Raises Lacking where it has nothing."""
        value: Any = self
        for name in field.split("."):
            value = getattr(value, name, None)
        if value is None:
            raise Lacking(field, why)
        return value

    def name(self, pattern: str) -> Any:
        """``pattern`` with ``{}`` replaced by the prefix."""
        return named(pattern, self.prefix)
