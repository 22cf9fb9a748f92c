"""Lambda functions called: their code, as Lambda stored it, in a process of its own.

The process has the package and Python's standard library, no site-packages and no environment but the function's own, so
that what is missing in a package is missing here too. It is ended after the function's timeout. What it prints goes to
the function's log group, as in AWS. The Python is the stage's, whichever version the function asks for, and the SDK that
Lambda's runtimes carry is not there.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from oaktree_cfn.local import function_runtime
from oaktree_cfn.local.resources.lambda_functions import code_bucket, code_key
from oaktree_cfn.local.resources.service import already_gone
from oaktree_cfn.local.services import Services

_LOG = logging.getLogger(__name__)

MOST = 6 * 1024 * 1024
"""Bytes of an event, and of an answer (Lambda quotas, synchronous invocation)."""


class FunctionFailed(Exception):
    """A function that gave no answer; the text says why, as far as the stage knows."""


def call(services: Services, function: str, event: Mapping[str, Any]) -> Any:
    """What a function answers to an event. ``function`` is a name or an ARN, of a version or an alias too.

    Raises FunctionFailed.
    """
    found = _configuration(services, function)
    if not str(found.get("Runtime")).startswith("python"):
        raise FunctionFailed(f"the local stage runs functions of Python only, not of {found.get('Runtime')}")
    code, request = _code(services, found), str(uuid.uuid4())
    asked = json.dumps({"event": event, "context": _context(found, request)}).encode()
    if len(asked) > MOST:
        raise FunctionFailed(f"the event has {len(asked)} bytes; Lambda takes {MOST}")
    ran = _run(code, found, asked)
    _log(services, found, request, ran.stderr)
    if ran.returncode != 0 or len(ran.stdout) > MOST:
        raise FunctionFailed(_last_line(ran.stderr) or f"it answered {len(ran.stdout)} bytes; Lambda takes {MOST}")
    return json.loads(ran.stdout)


def _configuration(services: Services, function: str) -> Mapping[str, Any]:
    try:
        answer = services.client("lambda").get_function(FunctionName=function)
    except ClientError as error:
        raise FunctionFailed(error.response["Error"].get("Message", str(error))) from error
    configuration: Mapping[str, Any] = answer["Configuration"]
    return configuration


def _code(services: Services, found: Mapping[str, Any]) -> bytes:
    place = {"Bucket": code_bucket(services.region), "Key": code_key(found["CodeSha256"])}
    try:
        return bytes(services.client("s3").get_object(**place)["Body"].read())
    except ClientError as error:
        why = "it was not made by a stack, and moto does not give a function's code away"
        raise FunctionFailed(f"the code of {found['FunctionName']} is not at hand: {why}") from error


def _context(found: Mapping[str, Any], request: str) -> dict[str, Any]:
    return {
        "function_name": found["FunctionName"],
        "function_version": found["Version"],
        "invoked_function_arn": found["FunctionArn"],
        "memory_limit_in_mb": str(found["MemorySize"]),
        "aws_request_id": request,
    }


def _run(code: bytes, found: Mapping[str, Any], asked: bytes) -> subprocess.CompletedProcess[bytes]:
    own = found.get("Environment", {}).get("Variables", {})
    with tempfile.TemporaryDirectory(prefix="oaktree-function-") as folder:
        zipfile.ZipFile(io.BytesIO(code)).extractall(folder)
        command = [sys.executable, "-I", "-S", str(function_runtime.__file__), folder, str(found["Handler"])]
        try:
            return subprocess.run(  # noqa: S603  # our own runtime; what it runs is what the stack brought, as in AWS
                command, input=asked, capture_output=True, timeout=found["Timeout"], cwd=folder, env=own, check=False
            )
        except subprocess.TimeoutExpired as error:
            said = (error.stderr or b"") + f"\nTask timed out after {found['Timeout']} seconds".encode()
            return subprocess.CompletedProcess(command, 1, b"", said)


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _log(services: Services, found: Mapping[str, Any], request: str, said: bytes) -> None:
    """What the function printed, where Lambda puts it; a log group that is not there loses it, as in AWS."""
    logs, group = services.client("logs"), f"/aws/lambda/{found['FunctionName']}"
    lines = [f"START RequestId: {request}", *said.decode(errors="replace").splitlines(), f"END RequestId: {request}"]
    stream = f"{time.strftime('%Y/%m/%d')}/[{found['Version']}]{request.replace('-', '')}"
    now = int(time.time() * 1000)
    with suppress(ClientError), already_gone("ResourceNotFoundException"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": now, "message": line} for line in lines if line]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
