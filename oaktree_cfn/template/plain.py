"""Plain data from outside, asked without fear: whatever stands where a list, a text or a number should. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def at(value: Any, *keys: str) -> Any:
    """What stands below ``keys``; None where the way ends early. List positions are keys of digits."""
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def parsed(text: Any) -> Any:
    """A JSON list or object as such; anything else, also one that was cut short, stays the text it is."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def truth(value: Any) -> bool:
    """Whether a property is switched on; CloudFormation tells booleans as texts."""
    return str(value).lower() == "true"


def number(value: Any) -> float | None:
    """A finite number told as one or as a text; None for anything else."""
    try:
        found = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found is not None and math.isfinite(found) else None


def listed(value: Any) -> list[Any]:
    """A list as it is, nothing as the empty one, anything else as its only element."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
