"""Revisions from requests: the template, its transforms called, its parameters and capabilities settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from oaktree_cfn.local import templates
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import Refusal, Revision
from oaktree_cfn.local.transforms import TransformFailed, processed, refuse_unplayed
from oaktree_cfn.template import parameters, rules, transforms
from oaktree_cfn.template.values import UNKNOWN, TemplateError

NO_TEMPLATE: Mapping[str, Any] = {"Resources": {}}
"""What a revision holds whose transforms gave nothing."""

_IAM_NAMES = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
}
_IAM = {
    *_IAM_NAMES,
    "AWS::IAM::Policy",
    "AWS::IAM::AccessKey",
    "AWS::IAM::UserToGroupAddition",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
}


def from_request(region: Region, request: Mapping[str, Any], previous: Revision | None) -> Revision:
    """The revision a CreateStack, UpdateStack or CreateChangeSet asks for. Raises Refusal as CloudFormation does."""
    asked = Asked(
        templates.body_of(region, request, previous),
        given_parameters(request.get("Parameters", ()), previous),
        _tags(request["Tags"]) if "Tags" in request else dict(previous.tags) if previous else {},
        tuple(request.get("Capabilities", ())),
        tuple(request.get("NotificationARNs", ())),
    )
    return _revised(region, asked, previous if request.get("UsePreviousTemplate") else None)


def nested(
    region: Region, parent: Revision, properties: Mapping[str, Any], planned: Revision | None = None
) -> Revision:
    """The revision of a nested stack, from its evaluated properties; parameter values may be UNKNOWN.

    ``planned`` is the one of its change set: what its transforms made there holds, as long as nothing else was asked.
    """
    url = properties.get("TemplateURL")
    if not isinstance(url, str):
        raise TemplateError("Property TemplateURL of a nested stack must be known before it is created")
    tags = {**parent.tags, **_tags(properties.get("Tags", ()))}
    asked = Asked(
        templates.fetch(region, url), _parameters_of(properties), tags, parent.capabilities, parent.notification_arns
    )
    revision = _revised(region, asked, planned)
    if revision.failure:
        raise Refusal(revision.failure)
    return revision


@dataclass(frozen=True)
class Asked:
    """What a stack is asked to be, before its template is read."""

    body: str
    parameters: Mapping[str, Any]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...]
    notification_arns: tuple[str, ...]


def _revised(region: Region, asked: Asked, known: Revision | None) -> Revision:
    """The revision, its transforms called unless ``known`` has what they made of the same text."""
    template = templates.parsed(asked.body)
    names = transforms.names(template)
    if not names:
        templates.check(template)
        return _settled(region, asked, template, ())
    if "CAPABILITY_AUTO_EXPAND" not in asked.capabilities:
        raise Refusal("Requires capabilities : [CAPABILITY_AUTO_EXPAND]", "InsufficientCapabilitiesException")
    refuse_unplayed(names)
    before = _of(region, asked, template)
    try:
        made = known.template if known is not None and known.body == asked.body else None
        made = processed(region, template, before.values) if made is None else made
        templates.check(made)
        return _settled(region, asked, made, names)
    except (TransformFailed, Refusal) as error:
        return replace(before, template=NO_TEMPLATE, transforms=names, failure=str(error))


def _settled(region: Region, asked: Asked, template: Mapping[str, Any], names: tuple[str, ...]) -> Revision:
    require_capabilities(template, asked.capabilities)
    revision = replace(_of(region, asked, template), transforms=names)
    check_rules(revision)
    return revision


def _of(region: Region, asked: Asked, template: Mapping[str, Any]) -> Revision:
    declared = template.get("Parameters", {})
    given = _effective(declared, asked.parameters)
    values = parameters.resolved(declared, given, region.ssm)
    return Revision(asked.body, template, given, values, asked.tags, asked.capabilities, asked.notification_arns)


def _tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _parameters_of(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    given = properties.get("Parameters", {})
    if not isinstance(given, dict) or any(isinstance(value, dict | list) for value in given.values()):
        raise TemplateError("Value of property Parameters must be an object with String (or simple type) properties")
    return given


def given_parameters(items: Iterable[Mapping[str, Any]], previous: Revision | None) -> dict[str, str]:
    """Parameter values of a request, previous values filled in."""
    out = {}
    for item in items:
        key = item["ParameterKey"]
        if item.get("UsePreviousValue"):
            if previous is None or key not in previous.parameters:
                raise Refusal(
                    f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template"
                )
            out[key] = previous.parameters[key]
        else:
            out[key] = item.get("ParameterValue", "")
    return out


def _effective(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return parameters.effective(declared, given)
    except TemplateError as error:
        raise Refusal(str(error)) from error


def check_rules(revision: Revision) -> None:
    """Refuse parameter combinations that the template's Rules forbid."""
    if "Rules" not in revision.template or UNKNOWN in revision.parameters.values():
        return
    try:
        broken = rules.broken(revision.template, revision.values)
    except TemplateError as error:
        raise Refusal(str(error)) from error
    if broken:
        raise Refusal("Template error: " + "; ".join(broken))


def require_capabilities(template: Mapping[str, Any], given: Iterable[str]) -> None:
    """Refuse IAM resources that the caller has not acknowledged."""
    resources = template["Resources"].values()
    iam = [resource for resource in resources if resource["Type"] in _IAM]
    named = any(_IAM_NAMES.get(resource["Type"], "-") in resource.get("Properties", {}) for resource in iam)
    acknowledged = set(given)
    needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM" if iam else ""
    if needed and needed not in acknowledged and "CAPABILITY_NAMED_IAM" not in acknowledged:
        raise Refusal(f"Requires capabilities : [{needed}]", "InsufficientCapabilitiesException")
