"""Writes docs/security.md from the rules, the templates and the environments: ``python docs/security.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from oaktree_cfn.cli.controlling import Held, hold
from oaktree_cfn.environment import names
from oaktree_cfn.template.controls import Control, controls

PAGE = Path(__file__).with_suffix(".md")
PROJECT = PAGE.parents[1]

OPENING = """\
# Security

<!-- Written by docs/security.py from the rules, the templates and the environments. -->

Two judges look at what an environment *is*: one plain template, its own values filled in, conditions applied, nested stacks
dissolved (`oaktree evaluate --env prod` shows it). So it is `prod` that is judged, not a template that could become anything.

- `oaktree controls` (and so `make check`) holds every environment against the controls of AWS Security Hub that a template can
  satisfy. They are rules of AWS CloudFormation Guard in `oaktree_cfn/template/guard/`, evaluated by AWS's own engine; a rule is
  called as its control (`ELB_6` is ELB.6), and `cfn-guard validate` reads them too.
- `make judge` runs [checkov](https://www.checkov.io) over `prod`, in an environment of its own (`requirements-judges.txt`).

Neither lets anything pass that nobody explained. A reason stands where the decision is made:

- What an environment decides stands in its file, under `[accepted]`. A reason that nothing needs any more is a finding too.

  ```toml
  [accepted]
  "ELB.5 EC2.6" = "nobody reads logs here, and they cost"
  ```

- What a template decides for every environment stands in its blueprint, which writes it into the resource's `Metadata`, in the
  words that checkov and Guard read. There is no way to do so without a reason:

  ```python
  exempt(bucket, "logs of its own would need one more bucket, and so on", "S3_9", "CKV_AWS_18")
  ```

What an operation sets (`kept_parameters`: the image's tag, in `prod` the certificate) counts as set. Nothing goes over plain HTTP
by omission: without `CertificateArn` the templates' own rules refuse to be deployed, unless `PlainHttp` says that it is meant.

## ELB.1 or ELB.18

The two contradict each other. ELB.1 wants HTTP listeners to redirect to HTTPS, ELB.18 wants no HTTP listener. `prod` follows ELB.1: a
browser that is given a bare name still asks port 80 first, and finding nothing there is of no use to anybody; the redirect carries no
content. Who wants it the other way says `HttpRedirect = false`, and nothing listens on port 80.

## Controls

✓ satisfied, · nothing that it looks at. Everything else is the reason why not. ELB.16 and ECR.5 belong to NIST SP 800-53, not to AWS's
Foundational Security Best Practices.

"""

RESOURCES = """
## Left out by the templates

Single resources, in every environment that has them.

| control | resource | because |
|---|---|---|
"""

CHECKOV = """
## What checkov is told

| check | resource | because |
|---|---|---|
"""

CLOSING = """
## What no template can satisfy

| control | |
|---|---|
| CloudFormation.3 | The root stack's termination protection is no property of a template: `termination_protection = true` in an environment's file, as in `prod`. |
| CloudFormation.4 | Neither is the role that CloudFormation works with. |
| EC2.2 | CloudFormation cannot empty the default security group of a VPC. Nothing here uses it; `aws ec2 revoke-security-group-ingress` closes it. |
| EC2.172, S3.1 | Blocking public access is a setting of the account, not of a system in it. |
| EC2.180 to EC2.183 | There are no network interfaces, launch templates, snapshots or VPN connections of our own. |
| Lambda.2 | cfn-lint knows which runtimes have come to their end, and is asked in `make lint`. |

## A new rule

A rule in the service's file in `oaktree_cfn/template/guard/`, called as its control, whose head selects the resources and leaves out those
that say so, and a case in `tests/template/test_controls.py`: what it finds, what it leaves alone. There is nothing to register;
`python docs/security.py` writes this page again.
"""


def page() -> str:
    """The whole page."""
    held = hold(names(PROJECT / "environments"), PROJECT / "environments", PROJECT / "templates", {})
    ordered = sorted(held, key=lambda each: not each.environment.production)
    left_out = "".join(_rows({(each.control, path, each.reason) for one in held for each, path in _exempted(one)}))
    told = "".join(_rows({row for one in held for row in _skipped(one)}))
    return OPENING + _table(ordered) + RESOURCES + left_out + CHECKOV + told + CLOSING


def _table(held: Sequence[Held]) -> str:
    heads = [each.environment.name for each in held]
    lines = [f"| control | | {' | '.join(heads)} |", "|" + "---|" * (len(heads) + 2)]
    for control in controls().values():
        cells = (_standing(control, each) for each in held)
        lines.append(f"| {control.id} | {control.demand} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _standing(control: Control, held: Held) -> str:
    if not control.concerns(held.flat.template):
        return "·"
    if control.id in held.environment.exceptions:
        return held.environment.exceptions[control.id]
    return "left out, see below" if control.id in {each.control for each in held.exemptions} else "✓"


def _exempted(held: Held) -> Iterator[tuple[object, str]]:
    for each in held.exemptions:
        yield each, held.flat.paths[each.logical_id]


def _skipped(held: Held) -> Iterator[tuple[str, str, str]]:
    for logical_id, resource in held.flat.template["Resources"].items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ()):
            yield skip["id"], held.flat.paths[logical_id], skip["comment"]


def _rows(rows: set[tuple[str, str, str]]) -> Iterator[str]:
    for first, second, third in sorted(rows):
        yield f"| {first} | {second} | {third} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
