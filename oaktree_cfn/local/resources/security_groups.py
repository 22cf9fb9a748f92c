"""Security groups and their rules.

Rules are added as permissions and taken away by their ids: moto compares permissions loosely and overlooks IPv6 ranges
when it revokes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources import ec2_tags
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import given, known, only, split

Rule = dict[str, Any]

_EVERYWHERE: Rule = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
_WAY = {True: "egress", False: "ingress"}
_PEER = {True: "Destination", False: "Source"}


class SecurityGroup(Handler):
    """A security group; ``Ref`` is its id. Without egress rules of its own it keeps AWS's rule that allows everything."""

    type = "AWS::EC2::SecurityGroup"
    supported = frozenset(
        {
            "GroupDescription",
            "GroupName",
            "SecurityGroupEgress.CidrIp",
            "SecurityGroupEgress.CidrIpv6",
            "SecurityGroupEgress.Description",
            "SecurityGroupEgress.DestinationPrefixListId",
            "SecurityGroupEgress.DestinationSecurityGroupId",
            "SecurityGroupEgress.FromPort",
            "SecurityGroupEgress.IpProtocol",
            "SecurityGroupEgress.ToPort",
            "SecurityGroupIngress.CidrIp",
            "SecurityGroupIngress.CidrIpv6",
            "SecurityGroupIngress.Description",
            "SecurityGroupIngress.FromPort",
            "SecurityGroupIngress.IpProtocol",
            "SecurityGroupIngress.SourcePrefixListId",
            "SecurityGroupIngress.SourceSecurityGroupId",
            "SecurityGroupIngress.ToPort",
            "Tags",
            "VpcId",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        identity = call(
            request.client("ec2"),
            "create_security_group",
            GroupName=properties.get("GroupName") or request.name(),
            Description=properties["GroupDescription"],
            **given(properties, "VpcId"),
            TagSpecifications=ec2_tags.specified("security-group", properties),
        )["GroupId"]
        made = Made(identity, {"Id": identity, "GroupId": identity})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._rules(identity, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        self._rules(made.physical_id, before, after, request)
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        _refuse_while_in_use(made.physical_id, request)
        with already_gone("InvalidGroup.NotFound"):
            call(request.client("ec2"), "delete_security_group", GroupId=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        group = call(request.client("ec2"), "describe_security_groups", GroupIds=[made.physical_id])
        found = only(group["SecurityGroups"])
        ingress = _spoken_of(_flat(found["IpPermissions"], egress=False), properties.get("SecurityGroupIngress"))
        egress = _spoken_of(_flat(found["IpPermissionsEgress"], egress=True), properties.get("SecurityGroupEgress"))
        return known(
            {
                "GroupDescription": found["Description"],
                **given(found, "GroupName", "VpcId"),
                "SecurityGroupIngress": ingress,
                "SecurityGroupEgress": egress,
                "Tags": ec2_tags.tags_of(found, properties),
            }
        )

    def _rules(self, identity: str, before: Properties, after: Properties, request: Request) -> None:
        ingress_before = [_plain(rule) for rule in before.get("SecurityGroupIngress") or ()]
        ingress_after = [_plain(rule) for rule in after.get("SecurityGroupIngress") or ()]
        egress_before = [_plain(rule) for rule in before.get("SecurityGroupEgress") or (_EVERYWHERE,)]
        egress_after = [_plain(rule) for rule in after.get("SecurityGroupEgress") or (_EVERYWHERE,)]
        _replace(identity, ingress_before, ingress_after, request, egress=False)
        _replace(identity, egress_before, egress_after, request, egress=True)


class _SingleRule(Handler):
    """One rule of a group that the template declares elsewhere; ``Ref`` is the rule's id."""

    egress: bool

    def create(self, properties: Properties, request: Request) -> Made:
        group, rule = properties["GroupId"], _plain(properties)
        if self.egress and rule != _EVERYWHERE:
            # As in AWS: the rule that allows everything goes as soon as a rule of its own is declared for the group.
            _revoke(group, [_EVERYWHERE], request, egress=True)
        elif self.egress:
            return self._made(_rule_id(group, rule, request, egress=True))
        _authorize(group, [rule], request, egress=self.egress)
        return self._made(_rule_id(group, rule, request, egress=self.egress))

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        rule = _plain(after)
        if not ("CidrIp" in rule or "CidrIpv6" in rule):
            raise NotPlayed(
                self.type, "Description", "moto only changes the description of a rule for an address range"
            )
        rule.setdefault("Description", "")
        permission = _permission(rule, egress=self.egress)
        operation = f"update_security_group_rule_descriptions_{_WAY[self.egress]}"
        call(request.client("ec2"), operation, GroupId=after["GroupId"], IpPermissions=[permission])
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidGroup.NotFound", "InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"):
            call(
                request.client("ec2"),
                f"revoke_security_group_{_WAY[self.egress]}",
                GroupId=properties["GroupId"],
                SecurityGroupRuleIds=[made.physical_id],
            )

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        ec2 = request.client("ec2")
        found = call(ec2, "describe_security_group_rules", SecurityGroupRuleIds=[made.physical_id])
        by_id = only(found["SecurityGroupRules"])
        group = only(call(ec2, "describe_security_groups", GroupIds=[by_id["GroupId"]])["SecurityGroups"])
        permissions = group["IpPermissionsEgress" if self.egress else "IpPermissions"]
        identity = _identity(by_id)
        rule = only([rule for rule in _flat(permissions, egress=self.egress) if _identity(rule) == identity])
        return {"GroupId": by_id["GroupId"], **rule}

    def _made(self, identity: str) -> Made:
        return Made(identity, {"Id": identity})


class SecurityGroupIngress(_SingleRule):
    """One inbound rule of a group."""

    type = "AWS::EC2::SecurityGroupIngress"
    egress = False
    supported = frozenset(
        {
            "CidrIp",
            "CidrIpv6",
            "Description",
            "FromPort",
            "GroupId",
            "IpProtocol",
            "SourcePrefixListId",
            "SourceSecurityGroupId",
            "ToPort",
        }
    )


class SecurityGroupEgress(_SingleRule):
    """One outbound rule of a group; the group's rule that allows everything goes with it."""

    type = "AWS::EC2::SecurityGroupEgress"
    egress = True
    supported = frozenset(
        {
            "CidrIp",
            "CidrIpv6",
            "Description",
            "DestinationPrefixListId",
            "DestinationSecurityGroupId",
            "FromPort",
            "GroupId",
            "IpProtocol",
            "ToPort",
        }
    )


def _plain(rule: Mapping[str, Any]) -> Rule:
    """A rule as EC2 keeps it: protocols as text, ports as numbers and none of them where every protocol is meant."""
    plain = {key: value for key, value in rule.items() if value is not None and key != "GroupId"}
    plain["IpProtocol"] = str(plain["IpProtocol"]).lower()
    for port in ("FromPort", "ToPort"):
        if plain["IpProtocol"] == "-1":
            plain.pop(port, None)
        elif port in plain:
            plain[port] = int(plain[port])
    return plain


def _permission(rule: Rule, *, egress: bool) -> dict[str, Any]:
    peer, text = _PEER[egress], given(rule, "Description")
    permission = given(rule, "IpProtocol", "FromPort", "ToPort")
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **text}]
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **text}]
    if f"{peer}PrefixListId" in rule:
        permission["PrefixListIds"] = [{"PrefixListId": rule[f"{peer}PrefixListId"], **text}]
    if f"{peer}SecurityGroupId" in rule:
        permission["UserIdGroupPairs"] = [{"GroupId": rule[f"{peer}SecurityGroupId"], **text}]
    return permission


def _flat(permissions: Iterable[dict[str, Any]], *, egress: bool) -> list[Rule]:
    """EC2's grouped permissions as CloudFormation's list of rules, one peer each."""
    peer = _PEER[egress]
    peers = {
        "IpRanges": ("CidrIp", "CidrIp"),
        "Ipv6Ranges": ("CidrIpv6", "CidrIpv6"),
        "PrefixListIds": ("PrefixListId", f"{peer}PrefixListId"),
        "UserIdGroupPairs": ("GroupId", f"{peer}SecurityGroupId"),
    }
    return [
        {**given(permission, "IpProtocol", "FromPort", "ToPort"), ours: item[theirs], **given(item, "Description")}
        for permission in permissions
        for group, (theirs, ours) in peers.items()
        for item in permission.get(group, [])
    ]


def _identity(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two rules the same rule, in CloudFormation's words or in those of DescribeSecurityGroupRules."""
    peer = (
        rule.get("CidrIp")
        or rule.get("CidrIpv4")
        or rule.get("CidrIpv6")
        or rule.get("PrefixListId")
        or rule.get("SourcePrefixListId")
        or rule.get("DestinationPrefixListId")
        or rule.get("SourceSecurityGroupId")
        or rule.get("DestinationSecurityGroupId")
        or rule.get("ReferencedGroupInfo", {}).get("GroupId")
    )
    every = rule["IpProtocol"] == "-1"
    return rule["IpProtocol"], None if every else rule.get("FromPort"), None if every else rule.get("ToPort"), peer


def _spoken_of(found: list[Rule], sent: Iterable[Mapping[str, Any]] | None) -> list[Rule]:
    """Of a group's rules those that its template lists, in its order: other resources add rules to the same group."""
    by_identity = {_identity(rule): rule for rule in found}
    wanted = [_identity(_plain(rule)) for rule in sent or ()]
    return [by_identity[identity] for identity in wanted if identity in by_identity]


def _replace(group: str, before: list[Rule], after: list[Rule], request: Request, *, egress: bool) -> None:
    added, removed = split(before, after)
    _revoke(group, removed, request, egress=egress)
    _authorize(group, added, request, egress=egress)


def _authorize(group: str, rules: list[Rule], request: Request, *, egress: bool) -> None:
    if rules:
        permissions = [_permission(rule, egress=egress) for rule in rules]
        call(
            request.client("ec2"), f"authorize_security_group_{_WAY[egress]}", GroupId=group, IpPermissions=permissions
        )


def _revoke(group: str, rules: list[Rule], request: Request, *, egress: bool) -> None:
    identities = [_identity(rule) for rule in rules]
    existing = _existing(group, request, egress=egress) if rules else []
    ids = [rule["SecurityGroupRuleId"] for rule in existing if _identity(rule) in identities]
    if ids:
        call(request.client("ec2"), f"revoke_security_group_{_WAY[egress]}", GroupId=group, SecurityGroupRuleIds=ids)


def _existing(group: str, request: Request, *, egress: bool) -> list[Rule]:
    of_group = [{"Name": "group-id", "Values": [group]}]
    rules = call(request.client("ec2"), "describe_security_group_rules", Filters=of_group)["SecurityGroupRules"]
    return [rule for rule in rules if rule["IsEgress"] == egress]


def _rule_id(group: str, rule: Rule, request: Request, *, egress: bool) -> str:
    found = _existing(group, request, egress=egress)
    return str(next(item["SecurityGroupRuleId"] for item in found if _identity(item) == _identity(rule)))


def _refuse_while_in_use(group: str, request: Request) -> None:
    """AWS keeps a group that a network interface or another group's rule refers to; moto does not look."""
    ec2 = request.client("ec2")
    by_group = [{"Name": "group-id", "Values": [group]}]
    used = bool(call(ec2, "describe_network_interfaces", Filters=by_group)["NetworkInterfaces"])
    for name in ("ip-permission.group-id", "egress.ip-permission.group-id"):
        referring = call(ec2, "describe_security_groups", Filters=[{"Name": name, "Values": [group]}])["SecurityGroups"]
        used = used or any(other["GroupId"] != group for other in referring)
    if used:
        raise refusal("DependencyViolation", f"resource {group} has a dependent object", "DeleteSecurityGroup")
