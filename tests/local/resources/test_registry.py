"""The folder is the registry."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from oaktree_cfn.local import resources
from oaktree_cfn.local.handler import Handler
from oaktree_cfn.local.resources import handlers
from oaktree_cfn.local.resources.sqs import Queue
from oaktree_cfn.template import schemas

from .ground import Ground
from .test_every_handler import SAMPLES

# Attributes of a kind of resource that the stage does not play, or that no template can use.
UNPLAYED_ATTRIBUTES = {
    "AWS::EC2::NatGateway": {"AutoProvisionZones", "AutoScalingIps", "RouteTableId"},  # regional gateways
    "AWS::EC2::Subnet": {"BlockPublicAccessStates"},
    "AWS::Lambda::Function": {"SnapStartResponse"},
}


def schema(kind: str) -> schemas.Schema:
    found = schemas.of(kind)
    assert found is not None
    return found


def test_every_handler_is_found_under_the_type_it_names() -> None:
    assert len(handlers()) >= 49
    assert all(isinstance(handler, Handler) and handler.type == kind for kind, handler in handlers().items())


def test_the_registry_is_read_once_and_cannot_be_written() -> None:
    assert handlers() is handlers()
    with pytest.raises(TypeError):
        handlers()["AWS::New::Type"] = None  # type: ignore[index]


def test_two_handlers_for_one_type_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = ModuleType("twin")
    other = type("OtherQueue", (Queue,), {"__module__": "twin"})
    twin.__dict__["OtherQueue"] = other
    modules = list(resources._modules())
    monkeypatch.setattr(resources, "_modules", lambda: iter([*modules, twin]))
    with pytest.raises(ValueError, match="AWS::SQS::Queue has two handlers: Queue and OtherQueue"):
        resources.handlers.__wrapped__()


@pytest.mark.parametrize("kind", sorted(handlers()))
def test_every_property_a_handler_speaks_of_stands_in_the_schema(kind: str) -> None:
    handler = handlers()[kind]
    named = {path.split(".")[0] for path in {*handler.supported, *handler.not_kept}}
    assert named - schema(kind).properties == set()


@pytest.mark.parametrize("kind", sorted(handlers()))
def test_no_property_is_both_supported_and_not_kept(kind: str) -> None:
    handler = handlers()[kind]
    assert handler.supported & set(handler.not_kept) == set()


def first_samples() -> list[tuple[str, Any]]:
    return list({kind: (kind, sample) for kind, sample in reversed(SAMPLES)}.values())


@pytest.mark.parametrize(("kind", "sample"), first_samples(), ids=[kind for kind, _ in first_samples()])
def test_a_made_resource_has_every_attribute_the_schema_promises(kind: str, sample: Any, ground: Ground) -> None:
    made = handlers()[kind].create(sample(ground).versions[0], ground.request())
    promised = {pointer[0] for pointer in schema(kind).read_only if len(pointer) == 1}
    assert promised - set(made.attributes) - UNPLAYED_ATTRIBUTES.get(kind, set()) == set()
    assert set(made.attributes) - promised <= schema(kind).properties
