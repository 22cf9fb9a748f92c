"""The log of a network's traffic: who spoke to whom, on which port, and whether it was let through.

Records come in the default format, which CloudWatch Logs Insights reads by itself. Nothing about a flow log but its tags
can change: another setting makes another flow log (CloudFormation template reference, AWS::EC2::FlowLog).
"""

from __future__ import annotations

from typing import Any

from awacs import logs
from awacs.aws import Allow, ArnLike, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.sts import AssumeRole
from troposphere import AWS_ACCOUNT_ID, AWSObject, GetAtt, Ref, Sub, Tags, ec2
from troposphere.iam import PolicyType, Role
from troposphere.logs import LogGroup

from oaktree_cfn.services.exempt import ENCRYPTED_ANYWAY, exempt
from oaktree_cfn.services.names import named


class FlowLog(ec2.FlowLog):  # type: ignore[misc]  # troposphere has no types
    """troposphere's own knows no LogGroupName; the resource schema does."""

    props = {**ec2.FlowLog.props, "LogGroupName": (str, False)}  # noqa: RUF012 - troposphere's way to declare


def flow_log(prefix: Any, vpc: Any, days: Any) -> list[AWSObject]:
    """All traffic of a network, in the log group ``/vpc/<prefix>`` for some days, by a role that can do no more."""
    return [
        _group(prefix, days),
        Role(
            "FlowLogRole",
            RoleName=named("{}-flow-log-role", prefix),
            Description="VPC flow logs are written with it",
            AssumeRolePolicyDocument=_trust_flow_logs_of_this_account(),
        ),
        PolicyType(
            "FlowLogPolicy",
            PolicyName=named("{}-flow-log", prefix),
            PolicyDocument=_policy(_write_records(GetAtt("FlowLogGroup", "Arn"))),
            Roles=[Ref("FlowLogRole")],
        ),
        FlowLog(
            "FlowLog",
            DependsOn="FlowLogPolicy",
            ResourceType="VPC",
            ResourceId=vpc,
            TrafficType="ALL",
            LogDestinationType="cloud-watch-logs",
            LogGroupName=Ref("FlowLogGroup"),
            DeliverLogsPermissionArn=GetAtt("FlowLogRole", "Arn"),
            Tags=Tags(Name=named("{}-flow-log", prefix)),
        ),
    ]


def _group(prefix: Any, days: Any) -> LogGroup:
    group = LogGroup("FlowLogGroup", LogGroupName=named("/vpc/{}", prefix), RetentionInDays=days)
    return exempt(group, ENCRYPTED_ANYWAY, "CKV_AWS_158")


def _policy(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def _trust_flow_logs_of_this_account() -> PolicyDocument:
    """The conditions are those of the VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs"."""
    any_of_ours = Sub("arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*")
    ours = Condition(
        [StringEquals({"aws:SourceAccount": Ref(AWS_ACCOUNT_ID)}), ArnLike({"aws:SourceArn": any_of_ours})]
    )
    service = Principal("Service", ["vpc-flow-logs.amazonaws.com"])
    return _policy(Statement(Effect=Allow, Principal=service, Action=[AssumeRole], Condition=ours))


def _write_records(log_group: Any) -> Statement:
    """AWS's example may also make log groups: then a group that went with its stack would come back, kept for ever."""
    actions = [logs.CreateLogStream, logs.DescribeLogGroups, logs.DescribeLogStreams, logs.PutLogEvents]
    return Statement(Sid="WriteRecords", Effect=Allow, Action=actions, Resource=[log_group])
