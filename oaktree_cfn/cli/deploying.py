"""Deploy, review and watch: the two decisions with a person between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oaktree_cfn.cli import approving
from oaktree_cfn.cli.following import carry_out, follow, show_outputs
from oaktree_cfn.cli.judging import consent, open_gates, show_review
from oaktree_cfn.cli.opening import Opened, Packed, Request, learn_now, look_now, open_change_set, pack, secrets_of
from oaktree_cfn.cli.preflight import refuse
from oaktree_cfn.cli.reviewing import present
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session, connect
from oaktree_cfn.deploy import plan
from oaktree_cfn.deploy.approval import Approval
from oaktree_cfn.deploy.decide import Consent, Discard, decide
from oaktree_cfn.deploy.plan import Planned
from oaktree_cfn.deploy.watch import Watch
from oaktree_cfn.environment import load
from oaktree_cfn.review.review import nothing
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.terminal.words import count


def deploy(request: Request) -> None:
    """The whole way to a deployed stack, or an error that says where and why it ended."""
    if request.plan is not None:
        deploy_plan(request, approving.load(request.plan))
        return
    screen = Screen()
    packed = pack(screen, request)
    session = connect(packed.environment)
    opened = open_change_set(screen, session, packed, request)
    if opened is None:
        return
    with taken_back(session, opened.planned):
        reviewed = show_review(screen, request, session, packed, opened)
        reviewed = open_gates(screen, request, session, reviewed)
        decision = decide(reviewed.change_set.id, reviewed.verdict, consent(screen, request, session, reviewed))
        if isinstance(decision, Discard):
            raise decision.error
    carry_out(screen, session, opened.planned, secrets_of(packed))


def deploy_plan(request: Request, approved: Approval) -> None:
    """Execute exactly the change set that was reviewed, or say what moved since. The plan is the consent."""
    screen = Screen()
    packed = pack(screen, request)
    session = connect(packed.environment)
    opened = _opened_again(screen, request, session, packed, approved)
    if opened is not None:
        _show_allowed(screen, request, session, packed, opened)
        carry_out(screen, session, opened.planned, secrets_of(packed))


def show_plan(request: Request, approved: Approval) -> None:
    """Show again what was reviewed, and change nothing. Raises Refused with what moved since, or when a gate refuses."""
    screen = Screen()
    packed = pack(screen, request)
    session = connect(packed.environment)
    opened = _opened_again(screen, request, session, packed, approved)
    if opened is not None:
        _show_allowed(screen, request, session, packed, opened)


def _opened_again(
    screen: Screen, request: Request, session: Session, packed: Packed, approved: Approval
) -> Opened | None:
    """The change set that was reviewed, as it is now; None, and told, when there was nothing to change."""
    stack = session.target.cloudformation.stack(packed.environment.stack_name)
    change_set = approving.find(session.target.cloudformation, approved)
    approving.refuse_moved(approved, approving.found(session, packed, stack, change_set))
    if change_set is not None:
        return Opened(Planned(change_set, stack, 0), learn_now(session, packed, stack, change_set))
    screen.say(f"{packed.environment.stack_name} already is as it should be: nothing to change.")
    if request.saves:
        unchanged = nothing(packed.environment.stack_name, approved.stack_id)
        present(screen, request.face, unchanged, Verdict(), packed.templates, request.saves)
    return None


def _show_allowed(screen: Screen, request: Request, session: Session, packed: Packed, opened: Opened) -> None:
    """Show the review; whoever wrote the plan has consented. Raises Refused when a gate refuses."""
    reviewed = show_review(screen, request, session, packed, opened)
    decision = decide(reviewed.change_set.id, reviewed.verdict, Consent.GIVEN)
    if isinstance(decision, Discard):
        raise decision.error


def show(request: Request) -> None:
    """Make the change set, show it, and take it back: nothing is executed. Raises Refused when a gate refuses.

    With ``out`` the change set is kept, and the plan to execute it later is written there. With ``plan`` the change set of
    that one is shown.
    """
    if request.plan is not None:
        show_plan(request, approving.load(request.plan))
        return
    screen = Screen()
    packed = pack(screen, request)
    session = connect(packed.environment)
    opened = open_change_set(screen, session, packed, request)
    if opened is None:
        approving.write(screen, request, session, packed, None)
        return
    with _kept(session, opened.planned, request.out is not None):
        reviewed = show_review(screen, request, session, packed, opened)
        approving.write(screen, request, session, packed, reviewed)
    decision = decide(reviewed.change_set.id, reviewed.verdict, Consent.GIVEN)
    if isinstance(decision, Discard):
        raise decision.error


def look(request: Request) -> None:
    """Look at what would stand in a deploy's way, and change nothing. Raises InvalidInput when there is anything."""
    screen = Screen()
    packed = pack(screen, request)
    session = connect(packed.environment)
    stack = session.target.cloudformation.stack(packed.environment.stack_name)
    looked = look_now(session, packed, stack)
    refuse(screen, looked, packed.bundle.root.path, "Mend it, then repeat the command (docs/preflight.md).")
    name = packed.environment.stack_name
    screen.say(f"Nothing stands in the way of a deploy to {name}: {count(looked.rules, 'rule')} looked.")


def watch(name: str, environments: Path) -> None:
    """Follow whatever runs on the environment's stack to its end. Raises DeployFailed when that end is a bad one."""
    screen, session = Screen(), connect(load(name, environments), start=False)
    stack = session.target.cloudformation.stack(session.environment.stack_name)
    if stack is None or stack.status == "REVIEW_IN_PROGRESS":
        screen.say(f"{session.environment.stack_name} is not deployed, and nothing runs.")
        return
    show_outputs(screen, follow(screen, session, Watch(stack.id)))


@contextmanager
def taken_back(session: Session, planned: Planned) -> Iterator[None]:
    """Whatever ends the deliberation, an error, a no or ^C, takes the change set back."""
    try:
        yield
    except BaseException:
        plan.take_back(session.target, planned)
        raise


@contextmanager
def _kept(session: Session, planned: Planned, keep: bool) -> Iterator[None]:
    """Take the change set back in the end, unless all went well and it is to be kept."""
    with taken_back(session, planned):
        yield
    if not keep:
        plan.take_back(session.target, planned)
