"""What IAM knows of actions: which kinds of resource each may be limited to, and how their ARNs look.

The data is the Service Authorization Reference's, as shipped by cfn-lint, read as JSON without importing cfnlint.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_ARN = {
    "application-autoscaling:ScalableTarget": "arn:${Partition}:application-autoscaling:${Region}:${Account}:scalable-target/.*",
    "ecs:task-definition": "arn:${Partition}:ecs:${Region}:${Account}:task-definition/.*",
    "secretsmanager:Secret": "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:.*",
    "wafv2:rulegroup": "arn:${Partition}:wafv2:${Region}:${Account}:*/rulegroup/.*",
    "wafv2:webacl": "arn:${Partition}:wafv2:${Region}:${Account}:*/webacl/.*",
}
"""ARNs that the data leaves out or shortens too much, as the Service Authorization Reference has them."""

_PSEUDO = {"Partition": "AWS::Partition", "Region": "AWS::Region", "Account": "AWS::AccountId"}


@cache
def _services() -> Mapping[str, Any]:
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("cfn-lint is not installed: pip install -r requirements.txt")
    path = Path(found.origin).parent / "data" / "AdditionalSpecs" / "Policies.json"
    services: Mapping[str, Any] = json.loads(path.read_bytes())
    return services


def kinds(action: str) -> tuple[str, ...] | None:
    """The kinds of resource that an action (``ecs:CreateService``) may be limited to, none where IAM takes ``*`` only.

    None for what is no action of IAM, which some schemas name all the same (``s3:REST.PUT.OBJECT``).
    """
    service, _, name = action.partition(":")
    known = _services().get(service, {}).get("Actions", {}).get(name.lower())
    return None if known is None else tuple(known.get("Resources") or ())


def arn(service: str, kind: str) -> str:
    """The beginning of the ARNs of a kind of resource, up to its name, in the language of ``Fn::Sub``."""
    formats = _services()[service]["Resources"].get(kind, {}).get("ARNFormats") or ("*",)
    found = str(_ARN.get(f"{service}:{kind}", formats[0])).partition(".*")[0]
    for short, long in _PSEUDO.items():
        found = found.replace(f"${{{short}}}", f"${{{long}}}")
    return found


def kinds_of(service: str) -> tuple[str, ...]:
    """Every kind of resource that a service has."""
    return tuple(_services().get(service, {}).get("Resources", ()))
