"""What a person fills in where there is no environment to say it: template -> parameter -> value."""

from __future__ import annotations

FILLED_IN = {
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
