"""Our own templates with one thing changed, as the change set that foretells it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from oaktree_cfn import environment
from oaktree_cfn.models import ChangeSet
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.template import tree
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

PROJECT = Path(__file__).parents[2]
HERE = Place("oaktree-dev", "ap-southeast-1", "123456789012")

Edit = Callable[[dict[str, Any]], None]
"""Changes a resource's Properties in place."""


@cache
def _tree() -> Tree:
    return tree.load(PROJECT / "templates" / "root.yaml")


def version(parameters: Mapping[str, str] | None = None, edits: Mapping[str, Edit] | None = None) -> Version:
    """Our templates with dev's values, other parameters, and resources edited by their path (``Data/UsersTable``)."""
    dev = environment.load("dev", PROJECT / "environments")
    changed = _tree()
    for path, edit in (edits or {}).items():
        changed = _edited(changed, path.split("/"), edit)
    return Version(changed, {**dev.parameters, **(parameters or {})}, dev.tags)


def update(
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
    edits: Mapping[str, Edit] | None = None,
) -> ChangeSet:
    """The change set from dev as it is (with ``before``) to what ``after`` and ``edits`` make of it."""
    return forecast(version(before), version({**(before or {}), **(after or {})}, edits), HERE).change_set


def create() -> ChangeSet:
    """The change set of a first deploy."""
    return forecast(None, version(), HERE).change_set


def _edited(whole: Tree, path: list[str], edit: Edit) -> Tree:
    if len(path) > 1:
        return replace(whole, children={**whole.children, path[0]: _edited(whole.children[path[0]], path[1:], edit)})
    template = copy.deepcopy(dict(whole.template))
    edit(template["Resources"][path[0]]["Properties"])
    return replace(whole, template=template)
