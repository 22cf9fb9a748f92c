"""Expressions mean here what GitHub's documentation says that they mean there."""

from __future__ import annotations

from typing import Any

import pytest

from examples.actions.expressions import NotPlayed, Scope

SCOPE = Scope(
    {
        "inputs": {"environment": "dev", "image": "", "count": 3.0},
        "github": {"event": {"pull_request": {"number": 7, "labels": ["a", "B"]}}, "repository": "oak/shop"},
        "steps": {"push": {"outputs": {"digest": "sha256:1"}}},
    },
    {"success": lambda: True, "cancelled": lambda: False},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'it''s'", "it's"),
        ("inputs.environment", "dev"),
        ("inputs['environment']", "dev"),
        ("INPUTS_NOT && 1", NotPlayed),
        ("github.event.pull_request.labels[1]", "B"),
        ("github.event.nothing.of.this", None),
        ("inputs.ENVIRONMENT == 'DEV'", True),
        ("inputs.image != ''", False),
        ("inputs.image || inputs.environment || 'x'", "dev"),
        ("inputs.image && 'yes' || 'no'", "no"),
        ("inputs.environment && 'yes' || 'no'", "yes"),
        ("!inputs.image && success()", True),
        ("!cancelled() && !failed()", NotPlayed),
        ("null == 0", True),
        ("null == ''", True),
        ("'0' == 0", True),
        ("'abc' == 0", False),
        ("true == 1", True),
        ("'1' == true", True),
        ("2 < 10 && 'b' > 'A'", True),
        ("inputs.count >= 3", True),
        ("(true || false) && false", False),
        ("contains(github.event.pull_request.labels, 'b')", True),
        ("contains('linux/ARM64', 'arm64')", True),
        ("startsWith(github.repository, 'OAK/')", True),
        ("format('{0}/plan-{1}.md {{0}}', inputs.environment, 3)", "dev/plan-3.md {0}"),
        ("fromJSON('[1, 2]')[1] == 2", True),
        ("steps.push.outputs.digest", "sha256:1"),
        ("steps.other.outputs.digest", None),
        ("secrets.KEY", NotPlayed),
        ("hashFiles('x')", NotPlayed),
        ("1 +", NotPlayed),
        ("(1", NotPlayed),
        ("", NotPlayed),
    ],
)
def test_expressions(expression: str, value: Any) -> None:
    if value is NotPlayed:
        with pytest.raises(NotPlayed):
            SCOPE.evaluate(expression)
    else:
        assert SCOPE.evaluate(expression) == value
        assert SCOPE.evaluate(f"${{{{ {expression} }}}}") == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("plain", "plain"),
        ("${{ github.event.pull_request.number }}", 7),
        ("oaktree-${{ inputs.environment }}-${{ github.event.pull_request.number }}", "oaktree-dev-7"),
        ("${{ inputs.image }}${{ inputs.nothing }}", ""),
        ({"if": ["${{ !inputs.image }}", 5]}, {"if": [True, 5]}),
        ("a ${{ 1 == 1 }} b", "a true b"),
    ],
)
def test_values_of_a_file_are_filled(written: Any, value: Any) -> None:
    assert SCOPE.fill(written) == value
