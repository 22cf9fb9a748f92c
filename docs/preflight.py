"""Writes docs/preflight.md from the rules themselves: ``python docs/preflight.py``."""

from __future__ import annotations

from pathlib import Path

from oaktree_cfn.deploy.preflight import Rule, rules

PAGE = Path(__file__).with_suffix(".md")

OPENING = """\
# Preflight

<!-- Written by docs/preflight.py from oaktree_cfn/deploy/preflight/. -->

What a template cannot know: whether the account has what it names. An image that was never pushed, a certificate that nobody
validated, a secret with another key: CloudFormation finds out in the middle of the deploy, after minutes or hours, and rolls
everything back. These rules ask first.

`oaktree deploy` and `review` look before any change set is made, `oaktree image` before it makes its own; `oaktree preflight --env ENV`
only looks. All that is found is told at once, with the place in the templates, the reason and the fix; the exit code is 2 and nothing
was changed:

```text
templates/service.yaml:LINE: image Service/TaskDefinition.ContainerDefinitions.0.Image is 1a2b3c4, which 123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-dev does not have. Push the image ...
```

The rules read the templates as they will be deployed, with the values that will be sent and what the stack keeps, whoever wrote them.
They ask only what these give reason to ask, side by side, each question once, beside the uploads: a stack in which nothing changes
costs no call. What the deploy itself makes is not looked for. Services that are to have no tasks yet need no image.

A rule that may not look (a role without the permission), or gets no answer, says so as a warning by its name, and stops nobody:

```text
Warning: preflight: secret: could not look: GetSecretValue failed with AccessDeniedException: ...
```

`--no-preflight` goes on without having looked. The calls are reads: `ecr:BatchGetImage`, `ecr:GetDownloadUrlForLayer`,
`acm:DescribeCertificate`, `secretsmanager:DescribeSecret`, `secretsmanager:GetSecretValue` (for keys of a secret's JSON), `ssm:DescribeParameters`,
`elasticloadbalancing:DescribeRules`, `ec2:DescribeSubnets`, `ec2:DescribeRouteTables`, `ec2:DescribeVpcEndpoints`,
`cloudformation:ListExports`.

A new rule is a new file in `oaktree_cfn/deploy/preflight/` with its tests; there is nothing to register.

| rule | |
|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = "".join(f"| [{each.id}](#{each.id}) | {_first(each.what)} |\n" for each in rules())
    return OPENING + rows + "".join(map(_section, rules()))


def _first(text: str) -> str:
    """The first paragraph on one line."""
    return " ".join(text.partition("\n\n")[0].split())


def _section(rule: Rule) -> str:
    return f"\n## {rule.id}\n\n{rule.what}\n\n**Why.** {rule.why}\n\n**Fix.** {rule.fix}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
