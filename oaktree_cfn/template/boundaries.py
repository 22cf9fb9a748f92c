"""What the roles of templates may do at most: the statements of a permissions boundary for them.

A boundary grants nothing. A role can do what its own policies grant *and* its boundary holds: with this one, the kinds of things
that the templates' roles do today (read an item, write a log), in this account and region, and nothing else, whatever a later
template writes into their policies. Which table or log group it is stays with the policies: names come and go, and a boundary that
holds them would have to change with each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.permissions import Statement, Template, everything, merged
from oaktree_cfn.template.plain import listed
from oaktree_cfn.template.policies import IDENTITY, SOURCES

_NOTHING = {"Sid": "Nothing", "Effect": "Deny", "Action": ["*"], "Resource": ["*"]}


def boundary(*templates: Template) -> list[Statement]:
    """The statements; for templates whose roles may do nothing, that. Raises InvalidInput for a role whose policies are not in the templates."""
    resources = (resource for template in templates for resource in template["Resources"].values())
    actions = {action for resource in resources for action in _granted(resource)}
    return merged((action, {"Resource": everything(action)}) for action in sorted(actions)) or [_NOTHING]


def _granted(resource: Mapping[str, Any]) -> Iterator[str]:
    """The actions that a resource's policies for roles allow."""
    properties = resource.get("Properties", {})
    if properties.get("ManagedPolicyArns"):
        raise InvalidInput(
            f"A role has policies of others ({properties['ManagedPolicyArns']}): what they allow is not in the templates",
            "Write what it needs into a policy of its own.",
        )
    for source in SOURCES.get(resource["Type"], ()):
        if source.kind == IDENTITY:
            yield from _actions(properties.get(source.property))


def _actions(value: Any) -> Iterator[str]:
    """Every action of a document, or of those in the entries of ``Policies``; under a condition too."""
    match value:
        case {"Statement": statements}:
            for statement in _branches(statements):
                if statement.get("Effect") == "Allow":
                    yield from (str(action) for action in listed(statement.get("Action", [])))
        case {"PolicyDocument": document}:
            yield from _actions(document)
        case {"Fn::If": [_, *branches]} | [*branches]:
            for branch in branches:
                yield from _actions(branch)


def _branches(statements: Any) -> Iterator[Mapping[str, Any]]:
    for statement in listed(statements):
        if "Fn::If" in statement:
            yield from _branches(statement["Fn::If"][1:])
        elif "Effect" in statement:
            yield statement
