"""What a review costs: 500 resources in 20 nested stacks, from fetched answers to every face. CPU, not wall clock.

python -m benchmarks.review [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from oaktree_cfn.review import saved
from oaktree_cfn.review.gates import judge
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.terminal import faces, review_text

STACKS = 20
RESOURCES = 500
AIM = 1.0
"""Seconds of CPU for all of it."""
PAGE = 2_000_000
"""Bytes that the page may have."""

_KINDS = ("AWS::DynamoDB::Table", "AWS::ECS::TaskDefinition", "AWS::EC2::SecurityGroup", "AWS::IAM::Policy", "AWS::SNS::Topic")  # fmt: skip


def answers() -> str:
    """The saved answers of such a tree, described without and with values, as a file holds them."""
    sets = [f"arn:aws:cloudformation:eu-west-1:123456789012:changeSet/oaktree/{index}" for index in range(STACKS + 1)]
    nested = [_stack(index, sets[index + 1]) for index in range(STACKS)]
    found = [_answer(sets[0], "oaktree-bench", nested)]
    for index, arn in enumerate(sets[1:]):
        numbers = range(index, RESOURCES, STACKS)
        found += [_answer(arn, f"oaktree-bench-{index}", [_change(n, valued) for n in numbers]) for valued in (0, 1)]
    return json.dumps(found)


def _answer(arn: str, name: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
    stack = f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1"
    return {"ChangeSetId": arn, "StackId": stack, "StackName": name, "Status": "CREATE_COMPLETE", "Changes": changes}


def _stack(index: int, arn: str) -> dict[str, Any]:
    body = {"Action": "Modify", "LogicalResourceId": f"Stack{index}", "ResourceType": "AWS::CloudFormation::Stack"}
    return {"Type": "Resource", "ResourceChange": {**body, "Replacement": "False", "ChangeSetId": arn}}


def _change(number: int, valued: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Action": ("Modify", "Modify", "Modify", "Add", "Remove")[number % 5],
        "LogicalResourceId": f"Resource{number}",
        "PhysicalResourceId": f"oaktree-bench-resource-{number}",
        "ResourceType": _KINDS[number // 5 % len(_KINDS)],
        "Replacement": ("False", "True", "Conditional")[number % 3],
        "Details": [_detail(number, index, valued) for index in range(3)],
    }
    if valued:
        body |= {
            f"{side}Context": json.dumps({"Properties": _properties(number, side)}) for side in ("Before", "After")
        }
    return {"Type": "Resource", "ResourceChange": body}


def _detail(number: int, index: int, valued: int) -> dict[str, Any]:
    target: dict[str, Any] = {"Attribute": "Properties", "Name": f"Property{index}", "RequiresRecreation": "Never"}
    if valued:
        sides = {"BeforeValue": f"value-{number}-{index}", "AfterValue": f"new-value-{number}-{index}" * 4}
        target |= {"Path": f"/Properties/Property{index}", **sides}
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def _properties(number: int, side: str) -> dict[str, Any]:
    secret = {"Name": "API_TOKEN", "Value": f"secret-{number}-{side}"}
    plain = {f"Property{index}": f"{side}-{number}-{index}" for index in range(6)}
    return {**plain, "ContainerDefinitions": [{"Name": "web", "Environment": [secret]}]}


def main(rounds: int) -> None:
    """Print the medians beside what is aimed at."""
    text = answers()
    times = [_round(text) for _ in range(rounds + 1)][1:]  # the first one loads schemas and the page's template
    print(f"{RESOURCES} resources in {STACKS} nested stacks, {len(text) / 1e6:.1f} MB of answers; medians of CPU")
    for name in times[0]:
        print(f"{name:<12} {statistics.median(each[name] for each in times) * 1000:7.1f} ms")
    whole = statistics.median(sum(each.values()) for each in times)
    print(f"{'all of it':<12} {whole * 1000:7.1f} ms   (aim: under {AIM * 1000:.0f})")
    page = faces.render("html", *_reviewed(saved.load(text, "answers")), {})
    print(f"the page has {len(page.encode()) / 1e6:.2f} MB (aim: under {PAGE / 1e6:.0f})")


def _reviewed(tree: Any) -> tuple[Review, Verdict]:
    made = label(review(tree))
    return made, judge(made)


def _round(text: str) -> dict[str, float]:
    """Seconds of CPU for each step."""
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        spent[name] = time.process_time() - start
        return result

    tree = timed("load", lambda: saved.load(text, "answers"))
    made, verdict = timed("review", lambda: _reviewed(tree))
    timed("terminal", lambda: review_text.render(made))
    for face in faces.FACES:
        timed(face, lambda face=face: faces.render(face, made, verdict, {}))
    return spent


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
