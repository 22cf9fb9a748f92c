"""A stack's outputs for people and for programs."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Container, Iterable

from oaktree_cfn.models import Output
from oaktree_cfn.terminal.review_markdown import code
from oaktree_cfn.terminal.words import printable

FORMATS = ("table", "markdown", "json", "env", "github")


def table(outputs: Iterable[Output]) -> str:
    """Name and value, one a line, never wrapped (so that it can be copied); longer texts are left to ``blocks``."""
    rows = [(output.key, printable(output.value)) for output in outputs if "\n" not in output.value]
    width = max((len(key) for key, _ in rows), default=0)
    return "\n".join(f"{key:<{width}}  {value}" for key, value in rows)


def blocks(outputs: Iterable[Output]) -> list[tuple[str, str]]:
    """Title and text of the outputs that are made to be pasted: those of several lines."""
    return [(output.description or output.key, output.value.strip("\n")) for output in outputs if "\n" in output.value]


def text(outputs: Iterable[Output], form: str) -> str:
    """The outputs as ``markdown`` (a table), ``json`` (one object), ``env`` (lines for a shell) or ``github`` (lines for $GITHUB_OUTPUT)."""
    match form:
        case "markdown":
            rows = (f"| {code(output.key)} | {_cell(output.value)} |" for output in outputs if "\n" not in output.value)
            return "\n".join(("| Output | Value |", "|---|---|", *rows))
        case "json":
            return json.dumps({output.key: output.value for output in outputs}, indent=2, ensure_ascii=False)
        case "env":
            return "\n".join(f"{shell_name(output.key)}={shlex.quote(output.value)}" for output in outputs)
        case _:
            return "\n".join(_github(output) for output in outputs)


def _cell(value: str) -> str:
    return code(value).replace("|", r"\|")


def shell_name(key: str) -> str:
    """``LoadBalancerDnsName`` as ``LOAD_BALANCER_DNS_NAME``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key).upper()


def _github(output: Output) -> str:
    if "\n" not in output.value and "\r" not in output.value:
        return f"{output.key}={output.value}"
    # The end mark depends on the text, so that no value can close its own block and go on as a command.
    mark = f"END_{hashlib.sha256(output.value.encode()).hexdigest()[:16]}"
    return f"{output.key}<<{mark}\n{output.value}\n{mark}"


def exports(rows: Iterable[tuple[str, str, tuple[str, ...]]], frozen: Container[str] = ()) -> str:
    """Each export with its value, and below it who imports it."""
    lines = []
    for name, value, importers in rows:
        mark = "  (frozen)" if name in frozen else ""
        lines.append(f"{printable(name)}  {printable(value)}{mark}")
        lines += [f"  imported by {printable(user)}" for user in importers]
    return "\n".join(lines) or "Nothing is exported."
