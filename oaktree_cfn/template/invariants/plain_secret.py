"""No secret stands in the environment of a container: ``Secrets`` and a reference belong there.

A secret is what a telling name announces (``DB_PASSWORD``), what looks like one (an access key, a private key, a JWT, a URL with
a password), and every NoEcho parameter. What it is, is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import Finding, Part, System
from oaktree_cfn.template.secrets import SHAPES
from oaktree_cfn.template.stacks import symbolic

WHY = (
    "Whoever may describe the task definition reads it, now and in every old revision; so does whoever sees the template, the "
    "change set, a screen of the console. (Security Hub ECS.8)"
)
FIX = "Keep it in Secrets Manager or SSM and name it in the container's Secrets: the value then reaches the container only."

_NAME = re.compile(
    r"(pass(word|wd|phrase)|(^|_)pass|_pwd|secret|token|(api|access|private|secret|encryption|signing)_?key|credential)"
    r"(s|_?(base|value|v?\d+))*$",
    re.IGNORECASE,
)
_HIDDEN = "⟨hidden/"
_HARMLESS = {"", "true", "false", "none", "null", "enabled", "disabled"}


def find(system: System) -> Iterator[Finding]:
    """Secrets that anybody can read."""
    for container in system.containers():
        for variable in container.at("Environment").items:
            reason = _reason(variable)
            if reason:
                yield variable.at("Value").finding(f"of {variable.at('Name').text or 'a variable'} {reason}")


def _reason(variable: Part) -> str:
    value = variable.at("Value").value
    if not isinstance(value, str):
        return ""
    if _HIDDEN in value:
        return "is a NoEcho parameter, readable here"
    if SHAPES.search(value):
        return "looks like a secret in plain text"
    if "{{resolve:secretsmanager:" in value:
        return "is resolved to plain text before the task definition is made"
    told = _NAME.search(variable.at("Name").text or "")
    return "is a secret in plain text, by its name" if told and not _harmless(value) else ""


def _harmless(value: str) -> bool:
    return value.lower() in _HARMLESS or value.startswith("arn:") or symbolic(value)
