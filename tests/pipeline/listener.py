"""What ``oaktree`` really asks of AWS, as the requests that IAM would judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from oaktree_cfn.aws.connection import Connection
from tests.catalog.ground import ACCOUNT, REGION

_BUCKET_ACTIONS = {
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
}
"""Operations of S3 whose action has another name."""

_CLOUDFORMATION_KEYS = {"RoleARN": "cloudformation:RoleArn", "TemplateURL": "cloudformation:TemplateUrl"}


@dataclass(frozen=True)
class Asked:
    """One request: action, what it is about, and the context keys that go with it."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, compare=False)


@contextmanager
def heard() -> Iterator[set[Asked]]:
    """The requests of every client that ``oaktree`` makes inside."""
    found: set[Asked] = set()
    clients: list[Any] = []
    make = Connection._make

    def note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        found.add(_asked(model, params))

    def listening(connection: Connection, service: str) -> Any:
        clients.append(make(connection, service))
        clients[-1].meta.events.register("provide-client-params", note, unique_id="heard")
        return clients[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_make", listening)
        yield found
    for client in clients:  # commands share them
        client.meta.events.unregister("provide-client-params", unique_id="heard")


def _asked(model: Any, params: Mapping[str, Any]) -> Asked:
    prefix = model.service_model.signing_name
    match prefix:
        case "s3":
            return _of_s3(model.name, params)
        case "cloudformation":
            context = {key: params[name] for name, key in _CLOUDFORMATION_KEYS.items() if name in params}
            return Asked(f"cloudformation:{model.name}", _stack(params), context)
    return Asked(f"{prefix}:{model.name}", "*")


def _of_s3(operation: str, params: Mapping[str, Any]) -> Asked:
    place = f"{params['Bucket']}/{params['Key']}" if "Key" in params else params["Bucket"]
    context = {"s3:if-none-match": params["IfNoneMatch"]} if "IfNoneMatch" in params else {}
    return Asked(_BUCKET_ACTIONS.get(operation, f"s3:{operation}"), f"arn:aws:s3:::{place}", context)


def _stack(params: Mapping[str, Any]) -> str:
    """The stack that IAM is asked about: by name or ARN; for a change set's ARN, the one it was made for."""
    name = params.get("StackName") or ""
    if not name and "ChangeSetName" in params:
        name = "oaktree-local"
    if not name:
        return "*"
    return name if name.startswith("arn:") else f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/0a1b"
