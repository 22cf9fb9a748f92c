"""How much a resource holds: items, images, objects, bytes, messages, asked of the service that keeps them.

What is said here makes a review more telling and decides nothing, so no error in it counts: what cannot be asked, or is
not allowed to be, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.errors import OaktreeError

_PAGE = 1000
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def stock(connection: Connection, resources: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Place -> what the resource holds (``"1,204 items, 3 MB"``), for those that could be asked.

    ``resources`` is place -> (type, physical id). All are asked at the same time; nothing is raised.
    """
    asked = {place: each for place, each in resources.items() if each[0] in _COUNTERS}
    answers = together(*(partial(_held, connection, *each) for each in asked.values()))
    return {place: answer for place, answer in zip(asked, answers, strict=True) if answer}


def _held(connection: Connection, type_: str, physical_id: str) -> str:
    try:
        return _COUNTERS[type_](connection, physical_id)
    except (OaktreeError, KeyError, TypeError, ValueError):
        return ""


def _table(connection: Connection, name: str) -> str:
    table = connection.call("dynamodb", "describe_table", TableName=name)["Table"]
    return f"{_count(table['ItemCount'], 'item')}, {size(table['TableSizeBytes'])}, as counted some hours ago"


def _repository(connection: Connection, name: str) -> str:
    reply = connection.call("ecr", "list_images", repositoryName=name, maxResults=_PAGE)
    return _first_page(len({each.get("imageDigest") for each in reply["imageIds"]}), "image", "nextToken" in reply)


def _bucket(connection: Connection, name: str) -> str:
    reply = connection.call("s3", "list_objects_v2", Bucket=name, MaxKeys=_PAGE)
    return _first_page(int(reply["KeyCount"]), "object", bool(reply.get("IsTruncated")))


def _log_group(connection: Connection, name: str) -> str:
    groups = connection.call("logs", "describe_log_groups", logGroupNamePrefix=name)["logGroups"]
    return next((size(group["storedBytes"]) for group in groups if group["logGroupName"] == name), "")


def _queue(connection: Connection, url: str) -> str:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = connection.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=names)["Attributes"]
    return _count(sum(int(found[name]) for name in names), "message")


_COUNTERS: Mapping[str, Callable[[Connection, str], str]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::ECR::Repository": _repository,
    "AWS::S3::Bucket": _bucket,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SQS::Queue": _queue,
}


def _first_page(number: int, noun: str, more: bool) -> str:
    return f"{number:,}+ {noun}s" if more else _count(number, noun)


def _count(number: Any, noun: str) -> str:
    return f"{int(number):,} {noun}{'' if int(number) == 1 else 's'}"


def size(number: Any) -> str:
    """Bytes for people: ``512 bytes``, ``3 MB``."""
    amount, unit = float(number), 0
    while amount >= 1000 and unit + 1 < len(_UNITS):
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f}".removesuffix(".0") + f" {_UNITS[unit]}"
