"""Lambda functions, their versions and aliases, and who may call them.

Lambda copies the code when a function is made. moto keeps such a copy too, and gives no way to it: what GetFunction names
as its place is not there. So the code is also laid into a bucket under its hash, which GetFunction does tell
(``local/functions`` runs it from there).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call, code_of, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, given, known, only, tag_change, tag_map
from oaktree_cfn.local.resources.tagging import in_order

_GONE = "ResourceNotFoundException"
_CONFIGURATION = ("Description", "Handler", "MemorySize", "Role", "Runtime", "Timeout", "Environment")
_FIXED = ("Architectures", "EphemeralStorage", "KmsKeyArn", "TracingConfig")
_USUAL: Mapping[str, Any] = {
    "Description": "",
    "MemorySize": 128,
    "Timeout": 3,
    "Environment": {"Variables": {}},
}
"""What a property becomes again that a template no longer has."""

_INLINE = {"python": "index.py", "nodejs": "index.js"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def code_bucket(region: str) -> str:
    """Where Lambda keeps its copies of functions' code."""
    return f"awslambda-{region}-tasks"


def code_key(code_sha256: str) -> str:
    """The name of a copy, from the CodeSha256 that GetFunction tells."""
    return f"snapshots/{base64.b64decode(code_sha256).hex()}"


class Function(Handler):
    """A function; ``Ref`` is its name."""

    type = "AWS::Lambda::Function"
    supported = frozenset(
        {"Code.S3Bucket", "Code.S3Key", "Code.ZipFile", "FunctionName", "PackageType", "Tags", *_CONFIGURATION, *_FIXED}
        | {"ReservedConcurrentExecutions"}
    )
    not_kept: ClassVar[Mapping[str, str]] = {
        "LoggingConfig": "moto's functions log to /aws/lambda/<name>",
        "RuntimeManagementConfig": "moto's runtimes are not managed",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        client, name = request.client("lambda"), properties.get("FunctionName") or request.name(64)
        code = _code(properties, request)
        settings = given(properties, *_CONFIGURATION, *_FIXED, "PackageType", "Tags")
        made = call(client, "create_function", FunctionName=name, Code={"ZipFile": code}, **settings)
        found = Made(name, {"Arn": made["FunctionArn"]})
        with undone_on_failure(lambda: self.delete(found, properties, request)):
            _keep(code, request)
            self._reserve(found, {}, properties, request)
        return found

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        client, name = request.client("lambda"), made.physical_id
        for fixed in _FIXED:
            if differ(before, after, fixed):
                raise NotPlayed(self.type, fixed, "moto keeps what the function was made with")
        if differ(before, after, "Code"):
            code = _code(after, request)
            _keep(code, request)
            call(client, "update_function_code", FunctionName=name, ZipFile=code)
        changed = {key: after.get(key, _USUAL.get(key)) for key in _CONFIGURATION if differ(before, after, key)}
        if changed:
            call(client, "update_function_configuration", FunctionName=name, **changed)
        self._reserve(made, before, after, request)
        tags, removed = tag_change(before, after)
        if tags:
            call(client, "tag_resource", Resource=made.attributes["Arn"], Tags=tag_map(tags))
        if removed:
            call(client, "untag_resource", Resource=made.attributes["Arn"], TagKeys=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(request.client("lambda"), "delete_function", FunctionName=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(request.client("lambda"), "get_function", FunctionName=made.physical_id)
        configuration = {**found["Configuration"], "KmsKeyArn": found["Configuration"].get("KMSKeyArn")}
        sent = _sha256(_code(properties, request))
        return known(
            {
                **given(configuration, "FunctionName", "PackageType", *_CONFIGURATION, *_FIXED),
                "Code": properties["Code"] if configuration["CodeSha256"] == sent else None,
                "ReservedConcurrentExecutions": found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
                "Tags": in_order(found.get("Tags", {}), properties),
            }
        )

    def _reserve(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        reserved = "ReservedConcurrentExecutions"
        if not differ(before, after, reserved):
            return
        client = request.client("lambda")
        if after.get(reserved) is None:
            call(client, "delete_function_concurrency", FunctionName=made.physical_id)
        else:
            wanted = {reserved: after[reserved]}
            call(client, "put_function_concurrency", FunctionName=made.physical_id, **wanted)


def _code(properties: Properties, request: Request) -> bytes:
    """The package: from S3, or made of inline text as CloudFormation makes it."""
    code = properties["Code"]
    if "ZipFile" not in code:
        place = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
        return bytes(request.client("s3").get_object(**place)["Body"].read())
    runtime = str(properties.get("Runtime", ""))
    name = next((file for kind, file in _INLINE.items() if runtime.startswith(kind)), "")
    if not name:
        raise refusal("InvalidParameterValueException", f"ZipFile can not be used with {runtime}", "CreateFunction")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, _EARLIEST), code["ZipFile"])
    return packed.getvalue()


def _sha256(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def _keep(code: bytes, request: Request) -> None:
    s3, bucket = request.client("s3"), code_bucket(request.region)
    place = {} if request.region == "us-east-1" else {"LocationConstraint": request.region}
    with already_gone("BucketAlreadyOwnedByYou"):
        s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
    s3.put_object(Bucket=bucket, Key=code_key(_sha256(code)), Body=code)


class Version(Handler):
    """A version of a function, which never changes; ``Ref`` is its ARN."""

    type = "AWS::Lambda::Version"
    supported = frozenset({"CodeSha256", "Description", "FunctionName"})

    def create(self, properties: Properties, request: Request) -> Made:
        client, name = request.client("lambda"), properties["FunctionName"]
        self._refuse_other_code(client, properties)
        there = {each["Version"] for each in call(client, "list_versions_by_function", FunctionName=name)["Versions"]}
        made = call(client, "publish_version", **given(properties, "FunctionName", "Description"))
        version, arn = made["Version"], made["FunctionArn"]
        if version in there:
            why = (
                f"A version for this Lambda function exists ( {version} ). Modify the function to create a new version."
            )
            raise refusal("AlreadyExists", why, "PublishVersion")
        return Made(arn, {"Version": version, "FunctionArn": arn})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(request.client("lambda"), "delete_function", FunctionName=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(request.client("lambda"), "get_function", FunctionName=made.physical_id)["Configuration"]
        described = found["Description"] if "Description" in properties else None
        sha256 = found["CodeSha256"] if "CodeSha256" in properties else None
        return known({"FunctionName": _as_asked(found, properties), "Description": described, "CodeSha256": sha256})

    def _refuse_other_code(self, client: Any, properties: Properties) -> None:
        wanted = properties.get("CodeSha256")
        found = call(client, "get_function", FunctionName=properties["FunctionName"])["Configuration"]["CodeSha256"]
        if wanted is not None and wanted != found:
            why = f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({found}). Please try again with the CodeSHA256 in $LATEST."
            raise refusal("InvalidParameterValueException", why, "PublishVersion")


def _as_asked(found: Mapping[str, Any], properties: Properties) -> str:
    """The function's name, or its ARN where the template names it so."""
    by_arn = str(properties.get("FunctionName", "")).startswith("arn:")
    unqualified = ":".join(str(found["FunctionArn"]).split(":")[:7])
    return unqualified if by_arn else str(found["FunctionName"])


class Alias(Handler):
    """A name for a version; ``Ref`` is its ARN."""

    type = "AWS::Lambda::Alias"
    supported = frozenset({"Description", "FunctionName", "FunctionVersion", "Name"})

    def create(self, properties: Properties, request: Request) -> Made:
        arn = call(request.client("lambda"), "create_alias", **given(properties, *self.supported))["AliasArn"]
        return Made(arn, {"AliasArn": arn})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        changed = {"Description": "", **given(after, *self.supported)}
        call(request.client("lambda"), "update_alias", **changed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(request.client("lambda"), "delete_alias", **given(properties, "FunctionName", "Name"))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        place = given(properties, "FunctionName", "Name")
        found = call(request.client("lambda"), "get_alias", **place)
        function = call(request.client("lambda"), "get_function", FunctionName=made.physical_id)["Configuration"]
        described = found.get("Description") or None
        asked = {"FunctionName": _as_asked(function, properties), "Description": described}
        return known({**given(found, "FunctionVersion", "Name"), **asked})


class Permission(Handler):
    """Who may call a function: a statement of its policy, which never changes; ``Ref`` is the statement's id."""

    type = "AWS::Lambda::Permission"
    supported = frozenset({"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"})

    def create(self, properties: Properties, request: Request) -> Made:
        sid = request.name(100)
        call(request.client("lambda"), "add_permission", StatementId=sid, **given(properties, *self.supported))
        return Made(sid, {"Id": sid})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        place = {"FunctionName": properties["FunctionName"], "StatementId": made.physical_id}
        with already_gone(_GONE):
            call(request.client("lambda"), "remove_permission", **place)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        statement = only(_statements(request.client("lambda"), properties["FunctionName"], made.physical_id))
        conditions = {
            key.lower(): value for each in statement.get("Condition", {}).values() for key, value in each.items()
        }
        principal = statement["Principal"]
        return known(
            {
                "Action": statement["Action"],
                "FunctionName": _function(statement["Resource"], properties),
                "Principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
                "SourceAccount": conditions.get("aws:sourceaccount"),
                "SourceArn": conditions.get("aws:sourcearn"),
            }
        )


def _statements(client: Any, function: str, sid: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(call(client, "get_policy", FunctionName=function)["Policy"])
    except ClientError as error:
        if code_of(error) == _GONE:
            return []
        raise
    return [each for each in policy["Statement"] if each["Sid"] == sid]


def _function(arn: str, properties: Properties) -> str:
    return arn if str(properties["FunctionName"]).startswith("arn:") else arn.split(":")[6]
