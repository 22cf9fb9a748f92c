"""Preflight: what stands in a deploy's way in the account, looked at before any change set is made; one rule a file.

The folder is its own registry (``template/rulebook.py``); a rule's function is ``find(wanted, account)``. A rule sees what will
be deployed (``Wanted``: the evaluated templates with the values that will be sent, whoever wrote them) and asks the account
(``Account``) what it needs to know, and nothing where the templates give no reason to. What the deploy itself makes is not
looked for.

Rules run side by side, and a question that two of them have is asked once. One that may not look, or gets no answer, says so
as a warning by its name; it stops nobody.

``docs/preflight.md`` is written from this folder: ``python docs/preflight.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from oaktree_cfn.aws.connection import together
from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.errors import OaktreeError
from oaktree_cfn.template.invariants import Finding
from oaktree_cfn.template.rulebook import Rule, rulebook

__all__ = ["Account", "Finding", "Looked", "Rule", "Wanted", "look", "rules"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What stands in the way, by place, and the rules that could not look, each with the reason; ``rules`` could."""

    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    rules: int = 0


def rules() -> tuple[Rule, ...]:
    """Every rule of the folder, by id."""
    return rulebook(__name__)


def look(wanted: Wanted, account: Account) -> Looked:
    """Everything that stands in the way of what is wanted. Raises nothing: what cannot be seen is a warning."""
    answers = together(*[partial(_look, rule, wanted, account) for rule in rules()])
    found = {finding for each in answers for finding in each.findings}
    return Looked(
        tuple(sorted(found, key=lambda each: (each.place, each.rule, each.message))),
        tuple(warning for each in answers for warning in each.warnings),
        sum(each.rules for each in answers),
    )


def _look(rule: Rule, wanted: Wanted, account: Account) -> Looked:
    """What one rule finds, up to where it could not look any further."""
    found: list[Finding] = []
    try:
        for each in rule.find(wanted, account):
            found.append(replace(each, rule=rule.id, fix=rule.fix))
    except OaktreeError as error:
        return Looked(tuple(found), (f"{rule.id}: could not look: {error.message.splitlines()[0]}",))
    return Looked(tuple(found), rules=1)
