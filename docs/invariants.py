"""Writes docs/invariants.md from the rules themselves: ``python docs/invariants.py``."""

from __future__ import annotations

from pathlib import Path

from oaktree_cfn.template.invariants import Rule, rules

PAGE = Path(__file__).with_suffix(".md")

OPENING = """\
# Invariants

<!-- Written by docs/invariants.py from oaktree_cfn/template/invariants/. -->

What has gone wrong with ECS services often enough to be a rule. cfn-lint judges what a template says; these rules judge what it
*means with actual values*: the whole tree of nested stacks, with an environment's parameters, conditions applied, references
followed from stack to stack. It does not matter how a value came about, from a blueprint, a file or `--parameter`.

`oaktree lint` (and so `make check`) judges the templates with the values of every environment file, or of one (`--env prod`).
`oaktree plan --env`, `review` and `deploy` judge what they are about to send, kept parameters of the stack included, before
anything leaves the machine. Whatever is found ends with exit code 2 and names file, line, rule, place, the values, and the fix:

```text
templates/alb.yaml:LINE: check-timeout Alb/TargetGroup.HealthCheckTimeoutSeconds is 30 s, and the next check comes after 30 s. Set the timeout below the interval.
```

What only AWS, SSM or another stack knows breaks no rule. Shorthand of this library's macros is judged by what it becomes; what
another transform makes of a template is not known here.

`production = true` in an environment file makes the rules count that say *in production*. `--no-lint` leaves all of them out. One
finding is let pass, with the reason, by rule and path (of the property or the resource); an entry that matches nothing is a
finding itself:

```toml
[accepted]
"grace-period:Service/Service" = "the container answers within a second"
```

Two more names stand where rules stand: `evaluation`, when a template cannot be judged because its values do not fit or
CloudFormation would refuse it, and `accepted`, for an idle entry of `[accepted]`.

A new rule is a new file in `oaktree_cfn/template/invariants/` with its tests; there is nothing to register.

| rule | |
|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = "".join(f"| [{each.id}](#{each.id}) | {each.what.splitlines()[0]} |\n" for each in rules())
    return OPENING + rows + "".join(map(_section, rules()))


def _section(rule: Rule) -> str:
    return f"\n## {rule.id}\n\n{rule.what}\n\n**Why.** {rule.why}\n\n**Fix.** {rule.fix}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
