"""What a person fills in where there is no environment to say it: template -> parameter -> value."""

from __future__ import annotations

FILLED_IN = {
    "catalog": {
        "Prefix": "oaktree-dev",
        "VersionName": "v1",
        "VersionDescription": "The first.",
        "TemplateUrl": "https://oaktree-artifacts.s3.ap-southeast-1.amazonaws.com/0a1b.json",
    },
    "pipeline": {
        "Prefix": "oaktree-dev",
        "GitHubOwner": "octo-org",
        "GitHubOwnerId": "6811672",
        "GitHubRepository": "oaktree",
        "GitHubRepositoryId": "1296269",
        "GitHubEnvironment": "dev",
        "ArtifactBucket": "oaktree-artifacts-123456789012-ap-southeast-1",
    },
    "product": {
        "Platform": "oaktree-dev",
        "Repository": "oaktree-dev",
        "ImageTag": "3f2c1ab",
        "Path": "/orders/*",
        "Priority": "10",
        "RetainTable": "false",
        "TableDeletionProtection": "false",
    },
}
