"""What resource handlers really call, as the actions that IAM would ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from oaktree_cfn.local.services import Services

_IAM = {"monitoring": "cloudwatch"}
"""Services whose name in a signature is not the one in IAM."""

_ACTIONS = {
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""Operations whose action has another name."""


@contextmanager
def recorded() -> Iterator[set[str]]:
    """The actions called inside, of every client the stage makes from now on."""
    calls: set[str] = set()
    make = Services._make

    def listening(services: Services, service: str) -> Any:
        client = make(services, service)
        client.meta.events.register("before-call", note)
        return client

    def note(model: Any, **_: Any) -> None:
        prefix = model.service_model.signing_name
        called = f"{_IAM.get(prefix, prefix)}:{model.name}"
        calls.add(_ACTIONS.get(called, called))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Services, "_make", listening)
        yield calls
