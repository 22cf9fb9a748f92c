"""Samples of functions, versions, aliases, permissions and macros."""

from __future__ import annotations

import io
import zipfile

from .ground import ACCOUNT, REGION, Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life
from .samples_of_compute import trust

INLINE = "def handle(event, context):\n    return event\n"


def packed(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), text)
    return out.getvalue()


def stored(ground: Ground, text: str) -> dict[str, str]:
    """A package in S3."""
    bucket, key = f"code-{ground.number()}", f"{ground.number()}.zip"
    ground.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    ground.client("s3").put_object(Bucket=bucket, Key=key, Body=packed(text))
    return {"S3Bucket": bucket, "S3Key": key}


def role(ground: Ground) -> str:
    made = ground.make("AWS::IAM::Role", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    return str(made.attributes["Arn"])


def function(ground: Ground) -> Life:
    return life(
        {
            "FunctionName": f"macros-{ground.number()}",
            "Architectures": ["arm64"],
            "Code": stored(ground, INLINE),
            "Description": "expands templates",
            "Environment": {"Variables": {"LEVEL": "info"}},
            "EphemeralStorage": {"Size": 1024},
            "Handler": "index.handle",
            "KmsKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012",
            "LoggingConfig": {"LogFormat": "JSON"},
            "MemorySize": 512,
            "PackageType": "Zip",
            "ReservedConcurrentExecutions": 5,
            "Role": role(ground),
            "Runtime": "python3.13",
            "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"},
            "Tags": TAGS,
            "Timeout": 30,
            "TracingConfig": {"Mode": "Active"},
        },
        {
            "Code": stored(ground, "handle = print\n"),
            "Description": None,
            "Environment": None,
            "Handler": "index.other",
            "MemorySize": None,
            "ReservedConcurrentExecutions": 7,
            "Role": role(ground),
            "Runtime": "python3.14",
            "Tags": OTHER_TAGS,
            "Timeout": 60,
        },
        {"ReservedConcurrentExecutions": None},
    )


def inline_function(ground: Ground) -> Life:
    first = {"Code": {"ZipFile": INLINE}, "Handler": "index.handle", "Role": role(ground), "Runtime": "python3.13"}
    return life(first, {"Code": {"ZipFile": f"# again\n{INLINE}"}})


def function_of(ground: Ground) -> str:
    properties = inline_function(ground).versions[0]
    return ground.make("AWS::Lambda::Function", **properties).physical_id


def version(ground: Ground) -> Life:
    name = function_of(ground)
    sha256 = ground.client("lambda").get_function(FunctionName=name)["Configuration"]["CodeSha256"]
    return life({"FunctionName": name, "Description": "the first", "CodeSha256": sha256})


def alias(ground: Ground) -> Life:
    name = function_of(ground)
    first = ground.make("AWS::Lambda::Version", FunctionName=name).attributes["Version"]
    ground.client("lambda").update_function_configuration(FunctionName=name, Timeout=9)
    second = ground.make("AWS::Lambda::Version", FunctionName=name).attributes["Version"]
    return life(
        {"FunctionName": name, "FunctionVersion": first, "Name": "live", "Description": "what is called"},
        {"FunctionVersion": second, "Description": None},
    )


def permission(ground: Ground) -> Life:
    return life(
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": function_of(ground),
            "Principal": "events.amazonaws.com",
            "SourceAccount": ACCOUNT,
            "SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly",
        }
    )


def macro(ground: Ground) -> Life:
    place = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
    return life(
        {
            "Name": f"Shorthand{ground.number()}",
            "Description": "services in a few lines",
            "FunctionName": f"{place}:macros:live",
            "LogGroupName": "/macros/errors",
            "LogRoleARN": f"arn:aws:iam::{ACCOUNT}:role/macro-logs",
        },
        {"FunctionName": f"{place}:other", "Description": None, "LogGroupName": None, "LogRoleARN": None},
    )


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::Lambda::Function", function),
    ("AWS::Lambda::Function", inline_function),
    ("AWS::Lambda::Version", version),
    ("AWS::Lambda::Alias", alias),
    ("AWS::Lambda::Permission", permission),
    ("AWS::CloudFormation::Macro", macro),
]
