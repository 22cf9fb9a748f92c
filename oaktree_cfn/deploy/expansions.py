"""What deployed stacks were made from, against what today's macros would make of the same templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import together
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.expansion import expand
from oaktree_cfn.macros.handler import MACROS
from oaktree_cfn.macros.source import Source
from oaktree_cfn.models import STACK_TYPE, Stack
from oaktree_cfn.template import read, transforms
from oaktree_cfn.template.parameters import MASK


@dataclass(frozen=True)
class Expansion:
    """One stack's template after the macros, as deployed and as made here. ``reason`` says why it cannot be made here."""

    place: str
    deployed: Mapping[str, Any] = field(default_factory=dict)
    here: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def same(self) -> bool:
        """Whether deploying the same template again would change nothing because of the macros."""
        return self.deployed == self.here


def deployed(cloudformation: CloudFormation, stack: Stack, place: str = "") -> tuple[Expansion, ...]:
    """The expansions of a stack and of those nested in it, where macros of ours take part."""
    questions: list[Any] = [
        partial(cloudformation.template, stack.id),
        partial(cloudformation.template, stack.id, processed=True),
        partial(cloudformation.resources, stack.id),
    ]
    original, processed, resources = together(*questions)
    here = place or stack.name
    found = _compared(here, _parsed(original, here), _parsed(processed, here), stack)
    nested = [each for each in resources if each.type == STACK_TYPE and each.status != "DELETE_COMPLETE"]
    for each in nested:
        child = cloudformation.stack(each.physical_id)
        if child is not None:
            found += deployed(cloudformation, child, f"{here}/{each.logical_id}")
    return found


def _parsed(template: Mapping[str, Any] | str, name: str) -> Mapping[str, Any]:
    return read.parse(template, name) if isinstance(template, str) else template


def _compared(
    place: str, original: Mapping[str, Any], processed: Mapping[str, Any], stack: Stack
) -> tuple[Expansion, ...]:
    names = transforms.names(original)
    if not any(name in MACROS for name in names):
        return ()
    foreign = [name for name in names if name not in MACROS]
    if foreign:
        return (Expansion(place, reason=f"calls {', '.join(foreign)} too, which only CloudFormation can run."),)
    values = {key: value for key, value in stack.parameters.items() if value != MASK}
    try:
        return (Expansion(place, processed, expand(original, values, Source(place))),)
    except InvalidInput as error:
        return (Expansion(place, reason=f"this version does not expand it: {error.message}"),)
