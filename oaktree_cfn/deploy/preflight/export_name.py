"""What a stack exports has names that no other stack of the region exports."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding, Part

WHY = "CloudFormation notices at the very end, when everything is made, and rolls all of it back."
FIX = "Choose another prefix, or take the export from the other stack first."


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Names that others have; those that the stack exports today are its own."""
    stack = account.stack
    ours = {output.export_name for output in stack.outputs} if stack is not None else set()
    new = sorted(wanted.exports - ours)
    taken = account.exported() if new else {}
    for name in new:
        owner = taken[name].stack_id if name in taken else ""
        if owner and (stack is None or not _belongs(owner, stack.id, account)):
            yield Part((), "", None).finding(f"the export {name} is one of the stack {_name(owner)} already")


def _belongs(owner: str, stack_id: str, account: Account) -> bool:
    """Whether a stack is the environment's, or nested in it."""
    return owner == stack_id or account.root_of(owner) == stack_id


def _name(stack_id: str) -> str:
    return stack_id.partition(":stack/")[2].partition("/")[0] or stack_id
