"""The service knows the bucket and the secret by reference, and may do with each what was granted and nothing else."""

from __future__ import annotations

from examples.account import Account, Change, Facts

CHANGE = Change("It only reads from now on", "blueprints/root.py", 'Grant("read-write"', 'Grant("read"')

_READ = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]

DEPLOYED = {
    "bucket": "uploads-123456789012",
    "open to the public": False,
    "secret": "signing",
    "the secret in plain": False,
    "the application may": [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        *_READ[:2],
        "s3:ListBucket",
        "s3:PutObject",
    ],
    "to start it ECS may read": ["key"],
}

CHANGED = {"the application may": _READ}


def facts(account: Account) -> Facts:
    """What the container, the bucket, the secret and the roles say."""
    container, bucket = account.container("gallery"), account.outputs["BucketName"]
    closed = account.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    (secret,) = container["secrets"]
    value = account.client("secretsmanager").get_secret_value(SecretId="uploads/key")["SecretString"]
    return {
        "bucket": account.variables("gallery")["BUCKET"],
        "open to the public": not all(closed.values()),
        "secret": secret["valueFrom"].removeprefix(account.id("Store/Key")).strip(":"),
        "the secret in plain": value in str(container),
        "the application may": account.allowed("gallery"),
        "to start it ECS may read": _fetched(account),
    }


def _fetched(account: Account) -> list[str]:
    policy = account.client("iam").get_role_policy(
        RoleName="uploads-gallery-execution-role", PolicyName="uploads-gallery-execution"
    )
    statements = policy["PolicyDocument"]["Statement"]
    arns = [
        arn for each in statements if each["Action"] == ["secretsmanager:GetSecretValue"] for arn in each["Resource"]
    ]
    return [arn.split(":uploads/")[1].partition("-")[0] for arn in arns]
