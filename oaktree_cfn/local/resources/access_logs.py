"""Whether a load balancer could write its access logs: Elastic Load Balancing tries the bucket the moment it is told of it.

moto's load balancers take any bucket. AWS refuses one that is not there or whose policy does not let the service write, which
is how a template is found out that makes the load balancer before the policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from oaktree_cfn.local.handler import Request
from oaktree_cfn.local.resources.service import call, refusal

_TEST_FILE = "ELBAccessLogTestFile"


def refuse_unwritable(attributes: Iterable[Mapping[str, Any]], request: Request) -> None:
    """Raise the service's error where access logs are switched on for a bucket that they could not be written to."""
    said = {str(each["Key"]): str(each["Value"]) for each in attributes}
    if said.get("access_logs.s3.enabled") != "true":
        return
    bucket, prefix = said.get("access_logs.s3.bucket", ""), said.get("access_logs.s3.prefix", "")
    path = "/".join(part for part in (prefix, "AWSLogs", request.account, _TEST_FILE) if part)
    if not any(_lets_write(each, f"arn:aws:s3:::{bucket}/{path}") for each in _statements(bucket, request)):
        message = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
        raise refusal("InvalidConfigurationRequest", message, "ModifyLoadBalancerAttributes")


def _statements(bucket: str, request: Request) -> list[dict[str, Any]]:
    try:
        policy = json.loads(call(request.client("s3"), "get_bucket_policy", Bucket=bucket)["Policy"])
    except ClientError:
        return []  # no such bucket, or no policy
    found = policy.get("Statement", [])
    return found if isinstance(found, list) else [found]


def _lets_write(statement: Mapping[str, Any], object_: str) -> bool:
    """Whether a statement lets the service put the object. Accounts are taken for Elastic Load Balancing's own, which older
    policies name by number.
    """
    principal = statement.get("Principal", {})
    who = _several(principal.get("Service")) if isinstance(principal, Mapping) else []
    named = any("elasticloadbalancing" in each for each in who) or (
        isinstance(principal, Mapping) and "AWS" in principal
    )
    acts = any(fnmatchcase("s3:PutObject", each) for each in _several(statement.get("Action")))
    covers = any(fnmatchcase(object_, each) for each in _several(statement.get("Resource")))
    return statement.get("Effect") == "Allow" and named and acts and covers


def _several(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
