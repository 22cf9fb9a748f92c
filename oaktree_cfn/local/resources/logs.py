"""Log groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, given, known


class LogGroup(Handler):
    """A log group; ``Ref`` is its name, and ``Arn`` ends with ``:*``. Without a retention, logs are kept for ever."""

    type = "AWS::Logs::LogGroup"
    supported = frozenset({"KmsKeyId", "LogGroupName", "RetentionInDays", "Tags"})
    not_kept: ClassVar[Mapping[str, str]] = {"LogGroupClass": "moto's log groups have no class"}

    def create(self, properties: Properties, request: Request) -> Made:
        logs, name = request.client("logs"), properties.get("LogGroupName") or request.name(512)
        settings = given(properties, "KmsKeyId", "LogGroupClass", "Tags")
        call(logs, "create_log_group", LogGroupName=name, **settings)
        made = Made(name, {"Arn": f"arn:aws:logs:{request.region}:{request.account}:log-group:{name}:*"})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._retain(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        logs = request.client("logs")
        if differ(before, after, "LogGroupClass"):
            raise NotPlayed(self.type, "LogGroupClass", "a log group's class is chosen once, at its creation")
        if differ(before, after, "KmsKeyId"):
            raise NotPlayed(self.type, "KmsKeyId", "moto cannot associate a key with an existing log group")
        self._retain(made, before, after, request)
        tagging.retag(logs, made.attributes["Arn"].removesuffix(":*"), before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFoundException"):
            call(request.client("logs"), "delete_log_group", LogGroupName=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        logs, name = request.client("logs"), made.physical_id
        groups = call(logs, "describe_log_groups", LogGroupNamePrefix=name)["LogGroups"]
        found = [group for group in groups if group["LogGroupName"] == name]
        if not found:
            raise refusal("ResourceNotFoundException", f"The log group {name} does not exist.", "DescribeLogGroups")
        tags = tagging.tags_of(logs, made.attributes["Arn"].removesuffix(":*"), properties)
        return known({**given(found[0], *self.supported), "Tags": tags})

    def _retain(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        if not differ(before, after, "RetentionInDays"):
            return
        logs, days = request.client("logs"), after.get("RetentionInDays")
        if days:
            call(logs, "put_retention_policy", LogGroupName=made.physical_id, RetentionInDays=days)
        else:
            call(logs, "delete_retention_policy", LogGroupName=made.physical_id)
