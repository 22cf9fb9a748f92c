"""Writes docs/environments.md from the root template and the environments: ``python docs/environments.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oaktree_cfn.environment import load, names
from oaktree_cfn.template import read

PAGE = Path(__file__).with_suffix(".md")
PROJECT = PAGE.parents[1]
INTERFACE = "AWS::CloudFormation::Interface"

OPENING = """\
# Environments

<!-- Written by docs/environments.py from templates/root.yaml and environments/. -->

An environment is a file, `environments/NAME.toml`: where the system is deployed, with which values, and under which rules.
`ENV=NAME` (or `--env NAME`) chooses it. `local` is this machine ([local-stage.md](local-stage.md)); every other name is an
account in AWS. For one more environment, copy a file and change `account` and `prefix`. Whatever is wrong in a file is told
with its key, all at once, before anything is sent.

## What a file says

| key | | |
|---|---|---|
| `region` | must be said | the AWS region |
| `account` | must be said | the account, 12 digits in quotes. With credentials for any other nothing is sent |
| `prefix` | must be said | the root stack's name, and how every name in it begins; no two environments of an account may share one |
| `project` | `"oaktree"` | value of the tag `project` |
| `kept_parameters` | none | parameters that an operation sets (`make image` sets `ImageTag`): where neither the file nor `--parameter` gives one, a deploy keeps the stack's value |
| `production` | `false` | whether the rules count that hold in production only ([invariants.md](invariants.md)) |
| `termination_protection` | `false` | whether CloudFormation refuses to delete the root stack |
| `service_role` | you | name or ARN of the role that CloudFormation works as ([pipeline.md](pipeline.md#setting-it-up)) |
| `[parameters]` | the defaults below | values of the root template's parameters. `--parameter KEY=VALUE` wins over them, for one command |
| `[tags]` | | tags of every stack, beside `project`, `environment` and `managed-by` |
| `[accepted]` | | findings that are let pass, each with its reason: of [invariants](invariants.md) and of AWS's [controls](security.md) |
| `[pipeline]` | | who may deploy from GitHub ([pipeline.md](pipeline.md#setting-it-up)) |
| `[frozen_exports]` | | exports that keep an old value while other stacks move away from it (below) |
| `[review]` `ask` | `true` | whether a change set is executed only after a yes |
| `[review]` `destroy` | `"ask"` | or `"refuse"`: the environment cannot be destroyed |
| `[review]` `refuse`, `notice`, `protected` | none | which changes are refused, and which are only shown ([reviews.md](reviews.md#what-it-means-and-what-is-refused)) |

## An export that others import

CloudFormation neither removes nor changes an export while another stack imports it. A review says so before anything is tried,
names the stacks, and is refused. Three steps lead past it:

1. Put the old value into the environment file, and deploy. The new templates are in force, the export stays as it was.

   ```toml
   [frozen_exports]
   oaktree-dev-VpcId = "vpc-0a1b2c3d"
   ```

2. Move the stacks that import it to another value, and deploy them.
3. Take the line out again, and deploy. `oaktree exports --env dev` shows who still imports what.

## Parameters

Those of `templates/root.yaml`, with their defaults and what each environment of this repository says instead. `Prefix` and
`Environment` are set from the file. A system of your own ([compose.md](compose.md)) has other parameters: those stand in the
`templates/root.yaml` of its folder.
"""


def page() -> str:
    """The whole page."""
    template = read.load(PROJECT / "templates" / "root.yaml")
    interface = template["Metadata"][INTERFACE]
    groups = interface["ParameterGroups"][1:]  # the first group's are set by the library
    return OPENING + "".join(line for group in groups for line in _group(template["Parameters"], group))


def _group(parameters: Mapping[str, Any], group: Mapping[str, Any]) -> Iterator[str]:
    said = {name: load(name, PROJECT / "environments").parameters for name in names(PROJECT / "environments")}
    yield f"\n### {group['Label']['default']}\n\n"
    yield f"| parameter | default | {' | '.join(said)} | |\n|{'---|' * (len(said) + 3)}\n"
    for name in group["Parameters"]:
        values = " | ".join(_value(each.get(name)) for each in said.values())
        yield f"| `{name}` | {_value(parameters[name].get('Default'))} | {values} | {_what(parameters[name])} |\n"


def _value(value: Any) -> str:
    if value is None:
        return ""
    return f"`{value}`" if str(value) else "empty"


def _what(parameter: Mapping[str, Any]) -> str:
    """Its description, and what it takes."""
    takes = str(parameter.get("ConstraintDescription", "")).removeprefix("must be ")
    if parameter.get("AllowedValues") == ["true", "false"]:
        takes = ""
    text = str(parameter["Description"]) + (f" ({takes})" if takes else "")
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
