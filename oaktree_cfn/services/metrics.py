"""A CloudWatch metric: what is measured, or an expression over several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value

STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")


_NAMESPACE = fields.Text(r"(?!:)[A-Za-z0-9._/#:-]{1,255}", "a namespace such as AWS/SQS")
_PRINTABLE = r"[ -~]{1,255}"
_NAME = fields.Text(_PRINTABLE, "a metric's name")
_DIMENSION = fields.Text(r"[ -~]{1,1024}", "a dimension's value", digits=True)
_STATISTIC = fields.Text(
    rf"{'|'.join(STATISTICS)}|p[0-9]{{1,2}}(\.[0-9]{{1,2}})?",
    f"{', '.join(STATISTICS)} or a percentile such as p99",
    11,
)
_A_MINUTE = "What is taken of a minute's values."


@dataclass(frozen=True, kw_only=True)
class Input:
    """A metric that an expression speaks of."""

    id: str = fields.known(
        fields.text(
            fields.REQUIRED, "[a-z][A-Za-z0-9_]{0,31}", "a name such as visible", "What the expression calls it."
        )
    )
    namespace: Value = fields.of(_NAMESPACE, fields.REQUIRED, "Its namespace.")
    name: Value = fields.of(_NAME, fields.REQUIRED, "Its name.")
    dimensions: Mapping[str, Value] = fields.named(_DIMENSION, _PRINTABLE, "dimensions", "Its dimensions.")
    statistic: Value = fields.of(_STATISTIC, "Average", _A_MINUTE)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric by namespace, name and dimensions, or ``expression`` over ``inputs`` (CloudWatch metric math)."""

    namespace: Value = fields.of(_NAMESPACE, None, "Its namespace.")
    name: Value = fields.of(_NAME, None, "Its name.")
    dimensions: Mapping[str, Value] = fields.named(_DIMENSION, _PRINTABLE, "dimensions", "Its dimensions.")
    statistic: Value = fields.of(_STATISTIC, "Average", _A_MINUTE)
    expression: Value = fields.text(None, r"(?s).{1,1024}", "an expression", "Metric math over the inputs.")
    inputs: tuple[Input, ...] = fields.several(Input, "The metrics the expression speaks of.", most=9)

    def contradictions(self) -> Iterator[Problem]:
        """Either a metric or an expression."""
        if self.expression is None and (self.namespace is None or self.name is None):
            yield Problem("", "it is neither one metric nor an expression", "Give namespace and name, or expression")
        if self.expression is not None and (self.namespace is not None or self.name is not None):
            yield Problem("expression", "it is one metric and an expression", "Leave out one or the other")
        if (self.expression is None) != (not self.inputs):
            yield Problem("inputs", "an expression and its inputs belong together", "Give both or neither")
        ids = [each.id for each in self.inputs]
        if len({*ids}) < len(ids):
            yield Problem("inputs", "two have the same id", "Give each an id of its own")


def not_a_percentile(metric: Metric) -> Iterator[Problem]:
    """Scaling goes by the five simple statistics only."""
    for statistic in (metric.statistic, *(each.statistic for each in metric.inputs)):
        if fields.is_literal(statistic) and statistic not in STATISTICS:
            yield Problem("metric", f"nothing scales by {statistic}", f"Take one of {', '.join(STATISTICS)}")
