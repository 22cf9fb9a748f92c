"""Keys of our own, for what a key of AWS cannot do.

A key of AWS costs nothing and asks for nothing, but its policy is fixed: it lets in no service but its own. Where a second
service has to use the key, there must be one whose policy says so (about 1 USD a month, AWS KMS pricing).
"""

from __future__ import annotations

from typing import Any

from awacs.aws import Action, Allow, ArnEquals, Condition, PolicyDocument, Principal, Statement
from troposphere import Sub
from troposphere.kms import Key

THIS_KEY = ["*"]
"""In a key's policy ``*`` is the key itself, which has no ARN yet (KMS developer guide, "Key policies")."""


def key(title: str, description: str, *grants: Statement, **more: Any) -> Key:
    """A symmetric key that turns over every year. The account's own policies say who may administer and use it;
    ``grants`` are the services that may use it besides.
    """
    policy = PolicyDocument(Version="2012-10-17", Statement=[_administer(), *grants])
    return Key(title, Description=description, EnableKeyRotation=True, KeyPolicy=policy, **more)


def _administer() -> Statement:
    """Without it nobody could ever change the key again (KMS developer guide, "Default key policy")."""
    account = Principal("AWS", [Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")])
    return Statement(Sid="Account", Effect=Allow, Principal=account, Action=[Action("kms", "*")], Resource=THIS_KEY)


def encrypts_logs(log_group: Any) -> Statement:
    """Let CloudWatch Logs encrypt the log group of this name, and no other (CloudWatch Logs user guide, "Encrypt log
    data in CloudWatch Logs using AWS KMS").
    """
    arn = Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}", Group=log_group)
    return Statement(
        Sid="Logs",
        Effect=Allow,
        Principal=Principal("Service", [Sub("logs.${AWS::Region}.${AWS::URLSuffix}")]),
        Action=[
            Action("kms", each) for each in ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey")
        ],
        Resource=THIS_KEY,
        Condition=Condition(ArnEquals({"kms:EncryptionContext:aws:logs:arn": arn})),
    )
