"""Rules of an event bus."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, undone_on_failure
from oaktree_cfn.local.resources.shapes import document, given, known

_PLAIN = ("Description", "EventPattern", "RoleArn", "ScheduleExpression", "State")
_TARGET = (
    "Arn",
    "BatchParameters",
    "DeadLetterConfig",
    "EcsParameters",
    "HttpParameters",
    "Id",
    "Input",
    "InputPath",
    "InputTransformer",
    "RetryPolicy",
    "RoleArn",
    "SqsParameters",
)


class Rule(Handler):
    """A rule; ``Ref`` is its name, behind the bus's name and a bar where it is not on the default bus."""

    type = "AWS::Events::Rule"
    supported = frozenset({*_PLAIN, "EventBusName", "Name", "Tags", *(f"Targets.{name}" for name in _TARGET)})

    def create(self, properties: Properties, request: Request) -> Made:
        events, bus = request.client("events"), properties.get("EventBusName", "default")
        name = properties.get("Name") or request.name(64)
        settings = given(properties, *_PLAIN, "Tags")
        arn = call(events, "put_rule", Name=name, EventBusName=bus, **settings)["RuleArn"]
        made = Made(name if bus == "default" else f"{bus}|{name}", {"Arn": arn, "RuleName": name})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._aim(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        """A rule is put whole: what the template leaves out goes back to its default."""
        events, bus = request.client("events"), after.get("EventBusName", "default")
        settings = given(after, *_PLAIN)
        call(events, "put_rule", Name=made.attributes["RuleName"], EventBusName=bus, **settings)
        self._aim(made, before, after, request)
        tagging.retag(events, made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFoundException"):
            self._aim(made, properties, {"EventBusName": properties.get("EventBusName")}, request)
            call(request.client("events"), "delete_rule", **_place(made, properties))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        events = request.client("events")
        found = call(events, "describe_rule", **_place(made, properties))
        place = {"EventBusName": found.get("EventBusName"), "Rule": found["Name"]}
        targets = call(events, "list_targets_by_rule", **place)["Targets"]
        return known(
            {
                **given(found, *_PLAIN, "EventBusName", "Name"),
                "EventPattern": document(found.get("EventPattern")),
                "Targets": [_target_back(target) for target in targets],
                "Tags": tagging.tags_of(events, made.attributes["Arn"], properties),
            }
        )

    def _aim(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        events, rule = request.client("events"), made.attributes["RuleName"]
        bus = after.get("EventBusName") or "default"
        old = {target["Id"]: target for target in before.get("Targets") or ()}
        new = {target["Id"]: target for target in after.get("Targets") or ()}
        changed = [target for identity, target in new.items() if old.get(identity) != target]
        removed = [identity for identity in old if identity not in new]
        if removed:
            call(events, "remove_targets", Rule=rule, EventBusName=bus, Ids=removed)
        if changed:
            call(events, "put_targets", Rule=rule, EventBusName=bus, Targets=changed)


def _place(made: Made, properties: Properties) -> dict[str, Any]:
    return {"Name": made.attributes["RuleName"], "EventBusName": properties.get("EventBusName") or "default"}


def _target_back(target: dict[str, Any]) -> dict[str, Any]:
    """A target in CloudFormation's words, which write the network of an ECS task in a case of their own."""
    found = given(target, *_TARGET)
    network = found.get("EcsParameters", {}).get("NetworkConfiguration", {})
    if "AwsvpcConfiguration" in network:
        network["AwsVpcConfiguration"] = network.pop("AwsvpcConfiguration")
    return found
