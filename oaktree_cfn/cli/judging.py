"""What an open change set means, what the gates say of it, and what a person says to that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from oaktree_cfn.aws.stock import stock
from oaktree_cfn.cli.opening import Opened, Packed, Request, secrets_of
from oaktree_cfn.cli.reviewing import present
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session
from oaktree_cfn.deploy.decide import Consent
from oaktree_cfn.deploy.explain import Knowledge, explain
from oaktree_cfn.deploy.plan import Planned
from oaktree_cfn.models import ChangeSet
from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequences.data import at_stake
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.review.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A change set with what it means and what the gates say of it."""

    planned: Planned
    review: Review
    verdict: Verdict

    @property
    def change_set(self) -> ChangeSet:
        """The change set itself."""
        return self.planned.change_set


def show_review(screen: Screen, request: Request, session: Session, packed: Packed, opened: Opened) -> Reviewed:
    """Review the change set, show it, and let the gates judge."""
    planned = opened.planned
    knowledge = opened.knowledge or Knowledge()
    secrets = secrets_of(packed) | knowledge.secrets
    made = review(planned.change_set, creates=planned.creates, secrets=secrets, known=_stock(session, planned))
    if opened.knowledge is not None:
        made = explain(made, replace(knowledge, secrets=secrets))
    verdict = judge(made, request.allow, Policy.of(packed.environment))
    present(screen, request.face, made, verdict, packed.templates, request.saves)
    for path in verdict.unused:
        screen.say(f"--allow {path}: no gate asks about this.")
    return Reviewed(planned, made, verdict)


def _stock(session: Session, planned: Planned) -> Mapping[str, str]:
    """What is in the resources that the change set endangers, as far as anybody can tell."""
    if planned.creates:
        return {}
    return stock(session.target.aws.connection, at_stake(Changes.of(planned.change_set)))


def open_gates(screen: Screen, request: Request, session: Session, reviewed: Reviewed) -> Reviewed:
    """Let a person at a terminal open gates by typing their paths."""
    if request.yes or not screen.can_ask:
        return reviewed
    allowed = list(request.allow)
    for place in dict.fromkeys(refusal.place for refusal in reviewed.verdict.refusals):
        for refusal in reviewed.verdict.refusals:
            if refusal.place == place:
                screen.say(f"{place}: {refusal.reason}")
        if screen.read(f"Type {place} to allow this, anything else to stop: ") != place:
            break
        allowed.append(place)
    policy = Policy.of(session.environment)
    return Reviewed(reviewed.planned, reviewed.review, judge(reviewed.review, allowed, policy))


def consent(screen: Screen, request: Request, session: Session, reviewed: Reviewed) -> Consent:
    """What the person at the terminal, the options, or the environment's policy say."""
    environment = session.environment
    if request.yes or not environment.ask or reviewed.verdict.refused:
        return Consent.GIVEN  # where a gate refuses, nothing will be executed and there is nothing to ask
    verb = "Create" if reviewed.planned.creates else "Update"
    return screen.ask(f"{verb} {environment.stack_name} in account {environment.account}, {environment.region}?")
