"""Templates of requests: where their text comes from, and whether it is a template at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import Refusal, Revision
from oaktree_cfn.template import graph, read, transforms
from oaktree_cfn.template.values import TemplateError

LARGEST_BODY = 51_200
"""Bytes of a TemplateBody (quota)."""
LARGEST_OBJECT = 1_000_000
"""Bytes of a template in S3 (quota)."""


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


def parsed(body: str) -> Mapping[str, Any]:
    """The template that a text is, judged as far as no transform can mend it. Raises Refusal."""
    try:
        template = read.parse(body, "Template format error")
        if transforms.names(template):
            graph.check_before_transforms(template)
    except TemplateError as error:
        raise Refusal(str(error)) from error
    except InvalidInput as error:
        said = re.sub(r"^Template format error(:\d+)?: (Template format error: )?", "", error.message)
        raise Refusal(f"Template format error: {said}") from error
    return template


def check(template: Mapping[str, Any]) -> None:
    """Refuse a template (after its transforms, where it has any) that CloudFormation would not take."""
    try:
        graph.check(template)
    except TemplateError as error:
        raise Refusal(str(error)) from error


def checked(body: str) -> Mapping[str, Any]:
    """The template that a text is, structurally sound. Raises Refusal."""
    template = parsed(body)
    if not transforms.names(template):
        check(template)
    return template
