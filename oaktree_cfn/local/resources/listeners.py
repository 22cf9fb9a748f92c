"""Listeners, their rules and their additional certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.load_balancers import changed_attributes, retag, tags_of
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import as_sent, attributes, differ, given, known, only, split

_ACTION = (
    "AuthenticateCognitoConfig",
    "FixedResponseConfig",
    "ForwardConfig",
    "Order",
    "RedirectConfig",
    "TargetGroupArn",
    "Type",
)
_NO_LONGER = ("ListenerNotFound", "LoadBalancerNotFound", "RuleNotFound")


class Listener(Handler):
    """A listener; ``Ref`` is its ARN."""

    type = "AWS::ElasticLoadBalancingV2::Listener"
    supported = frozenset(
        {
            "AlpnPolicy",
            "Certificates",
            *(f"DefaultActions.{name}" for name in _ACTION),
            "ListenerAttributes",
            "LoadBalancerArn",
            "Port",
            "Protocol",
            "SslPolicy",
            "Tags",
        }
    )
    not_kept: ClassVar[Mapping[str, str]] = {"MutualAuthentication": "moto's listeners do not hold it"}
    _settings = ("Certificates", "DefaultActions", "MutualAuthentication", "Port", "Protocol", "SslPolicy")

    def create(self, properties: Properties, request: Request) -> Made:
        elbv2 = request.client("elbv2")
        _refuse_taken_port(elbv2, properties)
        settings = given(properties, *self._settings, "AlpnPolicy", "LoadBalancerArn", "Tags")
        listener = only(call(elbv2, "create_listener", **settings)["Listeners"])
        arn = listener["ListenerArn"]
        made = Made(arn, {"ListenerArn": arn})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._attributes(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        elbv2, arn = request.client("elbv2"), made.physical_id
        if differ(before, after, "AlpnPolicy"):
            raise NotPlayed(self.type, "AlpnPolicy", "moto's ModifyListener does not know it")
        if differ(before, after, *self._settings):
            # Every setting each time: moto stumbles over the ones that are left out.
            settings = {"Certificates": [], **given(after, *self._settings)}
            if after.get("Protocol") == "HTTPS":
                settings.setdefault("SslPolicy", "ELBSecurityPolicy-2016-08")  # AWS's default
            call(elbv2, "modify_listener", ListenerArn=arn, **settings)
        self._attributes(made, before, after, request)
        retag(elbv2, arn, before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*_NO_LONGER):
            call(request.client("elbv2"), "delete_listener", ListenerArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        elbv2, arn = request.client("elbv2"), made.physical_id
        listener = only(call(elbv2, "describe_listeners", ListenerArns=[arn])["Listeners"])
        kept = call(elbv2, "describe_listener_attributes", ListenerArn=arn)["Attributes"]
        secure = listener.get("Protocol") in ("HTTPS", "TLS")  # moto remembers what it was before it became plain
        certificates = listener.get("Certificates", []) if secure else []
        return known(
            {
                **given(listener, "AlpnPolicy", "LoadBalancerArn", "Port", "Protocol"),
                "SslPolicy": listener.get("SslPolicy") if secure else None,
                "Certificates": [given(item, "CertificateArn") for item in certificates],
                "DefaultActions": [given(action, *_ACTION) for action in listener["DefaultActions"]],
                "ListenerAttributes": attributes(properties.get("ListenerAttributes"), kept),
                "Tags": tags_of(elbv2, arn, properties),
            }
        )

    def _attributes(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        wanted = changed_attributes("ListenerAttributes", {"tcp.idle_timeout.seconds": "350"}, before, after)
        if wanted:
            elbv2 = request.client("elbv2")
            call(elbv2, "modify_listener_attributes", ListenerArn=made.physical_id, Attributes=wanted)


def _refuse_taken_port(elbv2: Any, properties: Properties) -> None:
    """AWS has one listener to a port; moto compares the port with the wrong thing and takes any number."""
    found = call(elbv2, "describe_listeners", LoadBalancerArn=properties["LoadBalancerArn"])["Listeners"]
    if any(str(listener.get("Port")) == str(properties.get("Port")) for listener in found):
        message = "A listener already exists on this port for this load balancer"
        raise refusal("DuplicateListener", f"{message} '{properties['LoadBalancerArn']}'", "CreateListener")


class ListenerRule(Handler):
    """A rule of a listener; ``Ref`` is its ARN."""

    type = "AWS::ElasticLoadBalancingV2::ListenerRule"
    supported = frozenset(
        {
            *(f"Actions.{name}" for name in _ACTION),
            "Conditions.Field",
            "Conditions.HostHeaderConfig",
            "Conditions.HttpHeaderConfig",
            "Conditions.HttpRequestMethodConfig",
            "Conditions.PathPatternConfig",
            "Conditions.QueryStringConfig",
            "Conditions.SourceIpConfig",
            "Conditions.Values",
            "ListenerArn",
            "Priority",
            "Tags",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        settings = given(properties, "Actions", "Conditions", "ListenerArn", "Priority", "Tags")
        rule = only(call(request.client("elbv2"), "create_rule", **settings)["Rules"])
        return Made(rule["RuleArn"], {"RuleArn": rule["RuleArn"], "IsDefault": False})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        elbv2, arn = request.client("elbv2"), made.physical_id
        if differ(before, after, "Actions", "Conditions"):
            call(elbv2, "modify_rule", RuleArn=arn, **given(after, "Actions", "Conditions"))
        if differ(before, after, "Priority"):
            priority = {"RuleArn": arn, "Priority": after["Priority"]}
            call(elbv2, "set_rule_priorities", RulePriorities=[priority])
        retag(elbv2, arn, before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*_NO_LONGER):
            call(request.client("elbv2"), "delete_rule", RuleArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        elbv2, arn = request.client("elbv2"), made.physical_id
        rule = only(call(elbv2, "describe_rules", RuleArns=[arn])["Rules"])
        return known(
            {
                "Actions": [given(action, *_ACTION) for action in rule["Actions"]],
                "Conditions": [known(condition) for condition in rule["Conditions"]],
                "ListenerArn": arn.replace(":listener-rule/", ":listener/").rsplit("/", 1)[0],
                "Priority": int(rule["Priority"]),
                "Tags": tags_of(elbv2, arn, properties),
            }
        )


class ListenerCertificate(Handler):
    """Certificates beside a listener's default one."""

    type = "AWS::ElasticLoadBalancingV2::ListenerCertificate"
    supported = frozenset({"Certificates", "ListenerArn"})

    def create(self, properties: Properties, request: Request) -> Made:
        settings = given(properties, "Certificates", "ListenerArn")
        call(request.client("elbv2"), "add_listener_certificates", **settings)
        name = request.name()
        return Made(name, {"Id": name})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        elbv2, listener = request.client("elbv2"), after["ListenerArn"]
        added, removed = split(before["Certificates"], after["Certificates"])
        if added:
            call(elbv2, "add_listener_certificates", ListenerArn=listener, Certificates=added)
        if removed:
            call(elbv2, "remove_listener_certificates", ListenerArn=listener, Certificates=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*_NO_LONGER):
            settings = given(properties, "Certificates", "ListenerArn")
            call(request.client("elbv2"), "remove_listener_certificates", **settings)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(request.client("elbv2"), "describe_listener_certificates", ListenerArn=properties["ListenerArn"])[
            "Certificates"
        ]
        arns = [item["CertificateArn"] for item in found if not item.get("IsDefault")]
        declared = [item["CertificateArn"] for item in properties["Certificates"]]
        kept = [{"CertificateArn": arn} for arn in as_sent(arns, declared) if arn in declared]
        only(kept)
        return {"Certificates": kept, "ListenerArn": properties["ListenerArn"]}
