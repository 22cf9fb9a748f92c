"""The macros' handler against random events, in a cage.

``python -m fuzz.macros SECONDS`` makes events out of the words that the handler knows, so that they get deep; with atheris
installed (``python -m fuzz.guided SECONDS``) new events are bred from those that reached new code. Both check the same:
the handler never raises, answers success or a named failure, is done within a second, and expands an expansion to itself.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from fuzz import cage
from oaktree_cfn.macros.handler import MACROS, handle
from oaktree_cfn.macros.reference import usual
from oaktree_cfn.macros.shorthand import SHORTHANDS

SLOW = 1.0
"""Seconds an answer may take."""

_KEYS = (
    "Ref",
    "Fn::GetAtt",
    "Fn::Sub",
    "Fn::If",
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "Resources",
    "Globals",
)
_TEXTS = (
    "Web",
    "Web.Arn",
    "${Web.Name} ${x",
    "",
    "\u0000",
    "é",
    "__class__",
    "{0.__class__}",
    "!!python/none",
    "1e999",
)
_PARTS = ("Canary", "BlueGreen", "SecretsManager", "Arn", "On", "Intent", "Hosts", "Paths", "Priority", "Name")


def check(event: Any) -> str:
    """Hand one event to the handler and judge the answer; its status. Raises AssertionError."""
    start = time.monotonic()
    answer = handle(event)
    assert time.monotonic() - start < SLOW, "too slow"
    json.dumps(answer)
    if answer["status"] != "success":
        assert answer["errorMessage"]
        assert "defect" not in answer["errorMessage"], answer["errorMessage"]
        return "a named failure"
    if not str(event.get("transformId")).endswith("OakTreeGrants"):
        again = handle({**event, "fragment": answer["fragment"]})
        assert again.get("fragment") == answer["fragment"], "an expansion does not expand to itself"
    return "success"


class Breeder:
    """Random events: usual ones with a few changes, or anything at all."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret
        self._words = sorted({*_KEYS, *_PARTS, *(word for kind in SHORTHANDS for word in SHORTHANDS[kind].properties)})

    def event(self) -> Any:
        """The next one."""
        chance = self._random
        fragment = self.template() if chance.random() < 0.9 else self.value(4)
        params = {} if chance.random() < 0.7 else self.value(3)
        return {
            "requestId": "fuzz",
            "transformId": f"123456789012::{chance.choice([*MACROS, 'Other'])}",
            "fragment": fragment,
            "params": params,
            "templateParameterValues": {"P": chance.choice(_TEXTS)},
        }

    def template(self) -> Any:
        """A few shorthands, each a usual one with some properties changed."""
        resources = {f"Web{number or ''}": self.resource() for number in range(self._random.randint(1, 3))}
        template = {"Resources": resources, "Parameters": {"P": {"Type": "String"}}}
        if self._random.random() < 0.3:
            template["Globals"] = {self._random.choice(["All", "WebService", "X"]): self.value(2)}
        if self._random.random() < 0.3:
            template["Outputs"] = {"O": {"Value": self.value(3)}}
        return template

    def resource(self) -> Any:
        """One shorthand."""
        kind = self._random.choice(list(SHORTHANDS))
        properties = dict(usual(kind)["Properties"])
        for _ in range(self._random.randint(0, 3)):
            properties[self._random.choice(SHORTHANDS[kind].properties)] = self.value(3)
        if self._random.random() < 0.2:
            del properties[self._random.choice(list(properties))]
        return {"Type": kind, "Properties": properties}

    def value(self, depth: int) -> Any:
        """Anything JSON can say, in words that mean something here."""
        chance = self._random
        if depth == 0 or chance.random() < 0.4:
            return chance.choice([None, True, 0, -1, 1e308, 443, 256, "512", *_TEXTS, *self._words])
        if chance.random() < 0.3:
            return [self.value(depth - 1) for _ in range(chance.randint(0, 3))]
        return {chance.choice(self._words): self.value(depth - 1) for _ in range(chance.randint(0, 3))}


def run(seconds: float, seed: int, one: Callable[[Any], str] = check) -> Counter[str]:
    """Events for so long; how often each outcome came."""
    breeder, counts, end = Breeder(seed), Counter[str](), time.monotonic() + seconds
    while time.monotonic() < end:
        event = breeder.event()
        try:
            counts[one(event)] += 1
        except AssertionError:
            sys.stderr.write(f"seed {seed}, after {counts.total()} events: {json.dumps(event)}\n")
            raise
    return counts


if __name__ == "__main__":
    handle({})  # everything that is imported late is imported before the cage shuts
    cage.lock()
    counted = run(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6))  # noqa: S311
    told = ", ".join(f"{count} x {outcome}" for outcome, count in counted.most_common())
    print(f"{counted.total()} events: {told}; nothing raised, hung or got out")
