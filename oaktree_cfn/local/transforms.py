"""Transforms as CloudFormation runs them: macros are called where they are deployed, SAM's transform is the translator.

What a macro answers is judged as CloudFormation judges it, and its words are CloudFormation's. Parameters of a call are
evaluated before, from the template's parameters and mappings alone; the fragment is passed as it stands. Sources: the user
guide, "Macros", and what CloudFormation answers where that page is silent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.local import functions, sam
from oaktree_cfn.local.functions import FunctionFailed
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import ACCOUNT, Refusal
from oaktree_cfn.template import transforms
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import UNKNOWN, TemplateError

HOSTED = "AWS::"
"""How the names of transforms begin that AWS runs itself."""


class TransformFailed(Exception):
    """A transform that gave no template; the text is the StatusReason."""


def refuse_unplayed(names: Iterable[str]) -> None:
    """Refuse transforms of AWS's own that the stage does not play."""
    strange = [name for name in names if name.startswith(HOSTED) and name != sam.NAME]
    if strange:
        raise Refusal(f"The local stage does not play the transform {', '.join(strange)}")


def processed(region: Region, template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template after its transforms, called with these parameter values. Raises TransformFailed."""
    unknown = [name for name, value in values.items() if value is UNKNOWN]
    if unknown:
        raise TransformFailed(f"Usage of {{{{IntrinsicFunction:{unknown[0]}}}}} is not allowed.")
    try:
        return transforms.process(template, Caller(region, template, values).call)
    except TemplateError as error:
        raise TransformFailed(str(error)) from error


@dataclass(frozen=True)
class Caller:
    """Calls the transforms of one template."""

    region: Region
    template: Mapping[str, Any]
    values: Mapping[str, Any]

    def call(self, name: str, fragment: Any, parameters: Mapping[str, Any], _: str) -> Any:
        """What a transform makes of a fragment. Raises TransformFailed."""
        if name == sam.NAME:
            return self.translated(fragment)
        identity = f"{ACCOUNT}::{name}"
        macro = self.region.macros.get(name)
        if macro is None:
            raise TransformFailed(f"No transform named {identity} found.")
        event = {
            "accountId": ACCOUNT,
            "fragment": fragment,
            "transformId": identity,
            "requestId": str(uuid.uuid4()),
            "region": self.region.name,
            "params": {key: self.evaluated(key, value, identity) for key, value in parameters.items()},
            "templateParameterValues": dict(self.values),
        }
        try:
            answer = functions.call(self.region.services, macro.function, event)
        except FunctionFailed as error:
            raise TransformFailed(f"Received malformed response from transform {identity}") from error
        return _judged(identity, event["requestId"], answer)

    def translated(self, fragment: Any) -> dict[str, Any]:
        """What SAM makes of a template."""
        try:
            return sam.translate(self.region.services, fragment, self.values)
        except sam.NotServerless as error:
            raise TransformFailed(f"Transform {sam.NAME} failed with: {error}") from error

    def evaluated(self, key: str, value: Any, identity: str) -> Any:
        """A parameter of a call, which must come to plain values."""
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": self.region.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if _plain(value):
            return value
        scope = Scope(self.template, self.values, pseudo, _Nowhere(self.region))
        try:
            found = scope.value(value)
        except (TemplateError, LookupError):
            found = UNKNOWN
        if not _plain(found):
            raise TransformFailed(
                f"The value of parameter {key} under transform {identity} must resolve to a string, number, boolean or a list of any of these."
            )
        return found


def _plain(value: Any) -> bool:
    return all(isinstance(item, str | int | float) for item in (value if isinstance(value, list) else [value]))


def _judged(identity: str, request: str, answer: Any) -> Any:
    if not isinstance(answer, dict) or answer.get("requestId") != request or "status" not in answer:
        raise TransformFailed(f"Received malformed response from transform {identity}")
    if str(answer["status"]).lower() != "success":
        said = answer.get("errorMessage")
        raise TransformFailed(
            f"Transform {identity} failed with: {said}"
            if said
            else f"Transform {identity} failed without an error message."
        )
    if "fragment" not in answer:
        raise TransformFailed(f"Received malformed response from transform {identity}")
    return answer["fragment"]


@dataclass(frozen=True)
class _Nowhere:
    """Where no resource is yet, and no other stack is asked."""

    region: Region

    def physical_id(self, _: str) -> Any:
        return UNKNOWN

    def attribute(self, _: str, __: str) -> Any:
        return UNKNOWN

    def export(self, _: str) -> Any:
        return UNKNOWN

    def stack_output(self, _: str, __: str, ___: str) -> Any:
        return UNKNOWN

    def zones(self, region: str) -> list[str]:
        return self.region.zones(region)
