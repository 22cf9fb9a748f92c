"""Revisions from requests: fetch the template, check it, settle its parameters and capabilities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import Refusal, Revision
from oaktree_cfn.template import graph, parameters, read, rules
from oaktree_cfn.template.values import UNKNOWN, TemplateError

LARGEST_BODY = 51_200
"""Bytes of a TemplateBody (quota)."""
LARGEST_OBJECT = 1_000_000
"""Bytes of a template in S3 (quota)."""

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
    body = body_of(region, request, previous)
    template = checked(body)
    declared = template.get("Parameters", {})
    given = _effective(declared, given_parameters(request.get("Parameters", ()), previous))
    capabilities = tuple(request.get("Capabilities", ()))
    require_capabilities(template, capabilities)
    tags = (
        {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        if "Tags" in request
        else dict(previous.tags)
        if previous
        else {}
    )
    values = parameters.resolved(declared, given, region.ssm)
    revision = Revision(body, template, given, values, tags, capabilities, tuple(request.get("NotificationARNs", ())))
    check_rules(revision)
    return revision


def nested(region: Region, parent: Revision, properties: Mapping[str, Any]) -> Revision:
    """The revision of a nested stack, from its evaluated properties; parameter values may be UNKNOWN."""
    url = properties.get("TemplateURL")
    if not isinstance(url, str):
        raise TemplateError("Property TemplateURL of a nested stack must be known before it is created")
    body = fetch(region, url)
    template = checked(body)
    declared = template.get("Parameters", {})
    given = _effective(declared, _parameters_of(properties))
    require_capabilities(template, parent.capabilities)
    own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
    tags = {**parent.tags, **own}
    values = parameters.resolved(declared, given, region.ssm)
    revision = Revision(body, template, given, values, tags, parent.capabilities, parent.notification_arns)
    check_rules(revision)
    return revision


def _parameters_of(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    given = properties.get("Parameters", {})
    if not isinstance(given, dict) or any(isinstance(value, dict | list) for value in given.values()):
        raise TemplateError("Value of property Parameters must be an object with String (or simple type) properties")
    return given


def body_of(region: Region, request: Mapping[str, Any], previous: Revision | None) -> str:
    """The template's text, from whichever of the three places the request names."""
    if request.get("UsePreviousTemplate"):
        if previous is None:
            raise Refusal("UsePreviousTemplate cannot be used when there is no previous template")
        return previous.body
    if "TemplateURL" in request and "TemplateBody" not in request:
        return fetch(region, request["TemplateURL"])
    if "TemplateBody" not in request:
        raise Refusal("Either Template URL or Template Body must be specified.")
    body = str(request["TemplateBody"])
    if len(body.encode()) > LARGEST_BODY:
        raise Refusal(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to {LARGEST_BODY}"
        )
    return body


def fetch(region: Region, url: str) -> str:
    """A template from S3 by its HTTPS URL, virtual-host or path style. Raises Refusal."""
    bucket, key, version = _s3_address(url)
    extra = {"VersionId": version} if version else {}
    try:
        body = region.services.client("s3").get_object(Bucket=bucket, Key=key, **extra)["Body"].read()
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        raise Refusal(
            f"S3 error: {message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        ) from error
    if len(body) > LARGEST_OBJECT:
        raise Refusal(f"Template may not exceed {LARGEST_OBJECT} bytes in size.")
    return str(body.decode())


def _s3_address(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        raise Refusal(f"S3 error: Domain name specified in {parts.netloc} is not a valid S3 domain")
    if parts.scheme != "https" or not parts.hostname:
        raise Refusal("TemplateURL must be a supported URL.")
    host, path = parts.hostname, unquote(parts.path.lstrip("/"))
    if ".amazonaws.com" not in host or not (host.startswith("s3") or ".s3" in host):
        raise Refusal("TemplateURL must reference a valid S3 object to which you have access.")
    bucket, key = path.split("/", 1) if host.startswith("s3") and "/" in path else (host.split(".s3", 1)[0], path)
    return bucket, key, parse_qs(parts.query).get("versionId", [""])[0]


def checked(body: str) -> Mapping[str, Any]:
    """The parsed template, structurally sound. Raises Refusal."""
    try:
        template = read.parse(body, "Template format error")
        graph.check(template)
    except TemplateError as error:
        raise Refusal(str(error)) from error
    except InvalidInput as error:
        said = re.sub(r"^Template format error(:\d+)?: (Template format error: )?", "", error.message)
        raise Refusal(f"Template format error: {said}") from error
    if "Transform" in template:
        raise Refusal(f"The local stage does not play transforms: {template['Transform']}")
    return template


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
