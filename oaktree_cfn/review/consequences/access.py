"""Who may do more, or less: policies of identities, of resources and of trust, compared as sets of statements.

On what exists, more is refused: a wider wildcard, another resource, a dropped condition, a Deny that goes. What a new
resource brings along is asked about, and refused where it leads further than it says (``review/escalation.py``), where it
lets everybody in, or where it is given to an identity that was there before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.review import escalation
from oaktree_cfn.review.changed import Changed, Changes
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.grants import ANY, Comparison, Grant, Part, Unreadable, compare, grants
from oaktree_cfn.template.plain import at, listed, truth
from oaktree_cfn.template.policies import BOUND, IDENTITY, SOURCES, TRUST, Source
from oaktree_cfn.template.stacks import symbolic

_WHOEVER = "whoever has it"
_LONGEST = 6
"""So many names of one statement are listed, then counted."""


_SUBJECTS = {
    "AWS::S3::BucketPolicy": {"AWS::S3::Bucket"},
    "AWS::SQS::QueuePolicy": {"AWS::SQS::Queue"},
    "AWS::SNS::TopicPolicy": {"AWS::SNS::Topic"},
    "AWS::SecretsManager::ResourcePolicy": {"AWS::SecretsManager::Secret"},
    "AWS::IAM::Policy": {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"},
    "AWS::IAM::RolePolicy": {"AWS::IAM::Role"},
    "AWS::IAM::ManagedPolicy": {"AWS::IAM::Role"},
}
"""Type of a policy -> what it is about: when both go, nothing is left that could be entered."""

_RUNS_AS = {
    "AWS::ECS::TaskDefinition": ("TaskRoleArn", "ExecutionRoleArn"),
    "AWS::Lambda::Function": ("Role",),
    "AWS::EC2::Instance": ("IamInstanceProfile",),
    "AWS::CodeBuild::Project": ("ServiceRole",),
    "AWS::StepFunctions::StateMachine": ("RoleArn",),
}


def find(changes: Changes) -> Iterator[Consequence]:
    """Every policy that says something else than before."""
    for changed in changes:
        for source in SOURCES.get(changed.type, ()):
            yield from _policy(changes, changed, source)
        yield from _attached(changed)
        yield from _boundary(changed)
        yield from _public_access_block(changed)
        yield from _runs_as(changed)


# Policies


def _policy(changes: Changes, changed: Changed, source: Source) -> Iterator[Consequence]:
    if source.kind == BOUND and (changed.new or changed.gone):
        return  # it gives nobody anything, and a way without one lets everything pass
    top = source.property.partition(".")[0]
    if top in changed.untold or (changed.new and not changed.after and top):
        severity = Severity.ASK if changed.new else Severity.REFUSE
        yield _tell(changed, severity, f"says something else in its {top}, and the change set does not tell what")
        return
    try:
        before, after = _grants(changed, source, changed.before), _grants(changed, source, changed.after)
    except Unreadable as error:
        severity = Severity.NOTE if changed.gone else Severity.REFUSE
        yield _tell(changed, severity, f"has a policy that cannot be read, so it cannot be judged: {error}")
        return
    yield from _compared(changes, changed, source, compare(before, after), after)


def _compared(
    changes: Changes, changed: Changed, source: Source, found: Comparison, after: tuple[Grant, ...]
) -> Iterator[Consequence]:
    if found.gained:
        yield _gained(changes, changed, source, found, after)
    if found.awaited:
        names = _short(_joined(found.awaited, lambda grant: grant.actions))
        text = f"may grant the same for something else, which is known only after apply: {names}"
        yield _tell(changed, Severity.ASK if changed.new else Severity.NOTE, text, *map(_line, found.awaited))
    if found.lost:
        text = f"{_WORDS[source.kind == BOUND].less}: {_short(_joined(found.lost, lambda grant: grant.actions))}"
        yield _tell(changed, Severity.NOTE, text, *map(_less, found.lost))


def _gained(
    changes: Changes, changed: Changed, source: Source, found: Comparison, after: tuple[Grant, ...]
) -> Consequence:
    warnings = [
        *_further(source, found.gained, after),
        *_strangers(changes, found.gained),
        *_open(source, found.gained),
    ]
    names = _short(_joined(found.gained, lambda grant: grant.actions))
    if source.kind == TRUST:
        names = _short([_who(name) for name in _joined(found.gained, lambda grant: grant.principals)])
    verb = "may be assumed by" if source.kind == TRUST else f"{_verb(changed, source, found)}:"
    text = f"{verb} {names}" + (f"; {warnings[0]}" if warnings else "")
    severity = _severity(changes, changed, source, found.gained, after)
    return _tell(changed, severity, text, *map(_line, found.gained), *warnings[1:])


class Words(NamedTuple):
    """What a policy does, more or less than before."""

    more: str
    other: str
    less: str


_WORDS = {
    False: Words("grants more", "grants something else", "grants less"),
    True: Words("lets more pass", "lets something else pass", "lets less pass"),
}
"""Whether a policy is a bound -> its words."""


def _verb(changed: Changed, source: Source, found: Comparison) -> str:
    if changed.new:
        return "brings new grants"
    wider = any(new.covers(old) for new in found.gained for old in found.lost) or not found.lost
    words = _WORDS[source.kind == BOUND]
    return words.more if wider else words.other


def _severity(
    changes: Changes, changed: Changed, source: Source, gained: tuple[Grant, ...], after: tuple[Grant, ...]
) -> Severity:
    if changed.gone:
        return Severity.NOTE if _subject_goes_too(changes, changed) else Severity.REFUSE
    worst = [*_further(source, gained, after), *_open(source, gained)]
    if not changed.new or worst or _given_to_others(changes, changed, source, gained):
        return Severity.REFUSE
    return Severity.NOTE if source.kind == TRUST and _for_services(gained) else Severity.ASK


def _for_services(gained: Iterable[Grant]) -> bool:
    """Whether only services of AWS are let in, as every role for one does."""
    return all(
        not grant.principals.negated and all(who.startswith("Service:") for who in grant.principals.values)
        for grant in gained
    )


def _subject_goes_too(changes: Changes, changed: Changed) -> bool:
    subjects = _SUBJECTS.get(changed.type, {changed.type})
    return any(each.gone and each.type in subjects and each.path[:-1] == changed.path[:-1] for each in changes)


def _given_to_others(changes: Changes, changed: Changed, source: Source, gained: tuple[Grant, ...]) -> bool:
    """Whether a new identity policy is for an identity that exists: one with a name that nothing here makes."""
    if source.kind != IDENTITY or changed.type in {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"}:
        return False
    made = {f"{kind} {each.will(f'{kind.capitalize()}Name')}" for each in changes if each.new for kind in _KINDS}
    holders = {value for grant in gained for value in grant.principals.values}
    return any(KNOWN_AFTER_APPLY not in each and each != _WHOEVER and each not in made for each in holders)


def _further(source: Source, gained: tuple[Grant, ...], after: tuple[Grant, ...]) -> Iterator[str]:
    if source.kind == IDENTITY:
        yield from escalation.reasons(gained, after)


def _strangers(changes: Changes, gained: Iterable[Grant]) -> Iterator[str]:
    """Accounts that are not ours."""
    allowed = (value for grant in gained if grant.effect == "Allow" for value in sorted(grant.principals.values))
    accounts = (value.split(":")[5] for value in allowed if value.startswith("AWS:arn:") and value.count(":") >= 5)
    others = (account for account in accounts if account.isdigit() and changes.account and account != changes.account)
    yield from (f"account {account} is not this one" for account in dict.fromkeys(others))


_GITHUB = "token.actions.githubusercontent.com"


def _open(source: Source, gained: Iterable[Grant]) -> Iterator[str]:
    """Doors without a lock."""
    for grant in gained:
        if grant.effect != "Allow" or source.kind in (IDENTITY, BOUND):
            continue
        if not grant.conditions and (ANY in grant.principals.values or grant.principals.negated):
            yield "open to everybody, whatever the account"
        asked = {key for _, key, _ in grant.conditions}
        if any(_GITHUB in value for value in grant.principals.values) and not any(
            key.endswith((":sub", ":repository", ":repository_id", ":job_workflow_ref")) for key in asked
        ):
            yield "open to the workflows of every GitHub repository"


# From properties to statements


def _grants(changed: Changed, source: Source, side: Mapping[str, Any]) -> tuple[Grant, ...]:
    properties = at(side, "Properties")
    if properties is None:
        return ()
    if changed.type == "AWS::Lambda::Permission":
        return (_invocation(properties),)
    value = at(properties, *source.property.split("."))
    if source.property == "Statement":
        value = {"Statement": value}
    if source.property == "Policies":
        documents = [at(each, "PolicyDocument") for each in listed(value)]
        return tuple(grant for document in documents for grant in grants(document, (changed.name,)))
    if source.kind == BOUND and value is None:
        value = _EVERYTHING
    return grants(value, _holders(changed, properties) if source.kind == IDENTITY else ())


_EVERYTHING = {"Statement": [{"Effect": "Allow", "Principal": ANY, "Action": ANY, "Resource": ANY}]}
"""What passes an endpoint without a policy (VPC user guide, "Default endpoint policy")."""

_KINDS = ("role", "user", "group")


def _holders(changed: Changed, properties: Any) -> Iterator[str]:
    """Whom an identity policy is for. A managed policy may be attached by others too."""
    found = [
        f"{kind} {name}"
        for kind in _KINDS
        for key in (f"{kind.capitalize()}s", f"{kind.capitalize()}Name")
        for name in listed(at(properties, key))
    ]
    yield from found
    if changed.type == "AWS::IAM::ManagedPolicy" or not found:
        yield _WHOEVER


def _invocation(properties: Any) -> Grant:
    """A permission to call a function, as the statement it becomes."""
    principal = str(at(properties, "Principal") or ANY)
    kind = "Service" if "." in principal and not principal.startswith("arn:") else "AWS"
    limits = {key: at(properties, key) for key in ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken")}
    condition = {"StringLike": {key: value for key, value in limits.items() if value is not None}}
    statement = {
        "Effect": "Allow",
        "Principal": ANY if principal == ANY else {kind: principal},
        "Action": at(properties, "Action"),
        "Resource": str(at(properties, "FunctionName")),
        "Condition": condition if condition["StringLike"] else None,
    }
    return grants({"Statement": [statement]})[0]


# What else gives access


def _attached(changed: Changed) -> Iterator[Consequence]:
    name = "ManagedPolicies" if changed.type == "AWS::SSO::PermissionSet" else "ManagedPolicyArns"
    if name in changed.untold:
        yield _tell(changed, Severity.REFUSE, f"has other {name}, and the change set does not tell which")
    before, after = ({str(arn) for arn in listed(side(name))} for side in (changed.was, changed.will))
    attached, detached = sorted(after - before), sorted(before - after)
    for arn in attached:
        short = _policy_name(arn)
        danger = escalation.MANAGED.get(short, "")
        replaced = KNOWN_AFTER_APPLY in arn and bool(detached)
        mild = (changed.new and not danger) or replaced
        text = f"gets {short} attached" + (f": {danger}" if danger else "")
        yield _tell(changed, Severity.ASK if mild else Severity.REFUSE, text, arn)
    if detached:
        yield _tell(changed, Severity.NOTE, f"loses attached policies: {_short(detached)}", *detached)


def _policy_name(arn: str) -> str:
    if KNOWN_AFTER_APPLY in arn:
        return "a policy known only after apply"
    return arn if symbolic(arn) else arn.rpartition("/")[2] or arn


def _boundary(changed: Changed) -> Iterator[Consequence]:
    if "PermissionsBoundary" in changed.untold:
        yield _tell(
            changed, Severity.REFUSE, "has another permissions boundary, and the change set does not tell which"
        )
    if not changed.differs("PermissionsBoundary"):
        return
    before, after = changed.was("PermissionsBoundary"), changed.will("PermissionsBoundary")
    if after is None:
        yield _tell(
            changed, Severity.REFUSE, "loses its permissions boundary: nothing limits its policies", str(before)
        )
    elif before is None:
        yield _tell(changed, Severity.NOTE, "gets a permissions boundary", str(after))
    else:
        severity = Severity.ASK if KNOWN_AFTER_APPLY in str(after) else Severity.REFUSE
        yield _tell(changed, severity, "gets another permissions boundary", f"was {before}", f"becomes {after}")


_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _public_access_block(changed: Changed) -> Iterator[Consequence]:
    name = "PublicAccessBlockConfiguration"
    if changed.type != "AWS::S3::Bucket" or changed.gone or (changed.new and changed.will(name) is None):
        return
    opened = [
        key for key in _BLOCKS if not truth(changed.will(name, key)) and (changed.new or truth(changed.was(name, key)))
    ]
    if opened:
        severity = Severity.ASK if changed.new else Severity.REFUSE
        yield _tell(changed, severity, f"may be made public: {', '.join(opened)} off")


def _runs_as(changed: Changed) -> Iterator[Consequence]:
    for name in _RUNS_AS.get(changed.type, ()):
        if changed.differs(name) and changed.was(name) is not None:
            after = str(changed.will(name) or "no role")
            shown = "a role known only after apply" if KNOWN_AFTER_APPLY in after else after
            severity = Severity.NOTE if KNOWN_AFTER_APPLY in after else Severity.ASK
            yield _tell(changed, severity, f"acts as another role ({name}): {shown}", f"was {changed.was(name)}")


# Words


def _tell(changed: Changed, severity: Severity, text: str, *details: str) -> Consequence:
    return Consequence("access", changed.place, severity, f"{changed.name} {text}", details)


def _joined(found: Iterable[Grant], part: Callable[[Grant], Part]) -> list[str]:
    shown = (str(part(grant)) if part(grant).negated else sorted(part(grant).values) for grant in found)
    return list(dict.fromkeys(name for each in shown for name in ([each] if isinstance(each, str) else each)))


def _short(names: list[str]) -> str:
    rest = len(names) - _LONGEST
    return ", ".join(names[:_LONGEST]) + (f" and {rest} more" if rest > 0 else "")


def _line(grant: Grant) -> str:
    """One statement, in words."""
    verb = "allows" if grant.effect == "Allow" else "no longer denies"
    return f"{verb} {_statement(grant)}"


def _less(grant: Grant) -> str:
    verb = "no longer allows" if grant.effect == "Allow" else "denies"
    return f"{verb} {_statement(grant)}"


def _statement(grant: Grant) -> str:
    words = [_short(_joined([grant], lambda each: each.actions))]
    if grant.resources.values != {ANY} or grant.resources.negated:
        words.append(f"on {_short(_joined([grant], lambda each: each.resources))}")
    elif not all(action.lower().startswith("sts:assumerole") for action in grant.actions.values):
        words.append("on everything")
    who = [_who(name) for name in _joined([grant], lambda each: each.principals) if name != _WHOEVER]
    if who:
        words.append(f"to {_short(who)}")
    if grant.conditions:
        words.append("if " + " and ".join(_condition(*each) for each in grant.conditions))
    return " ".join(words).replace(KNOWN_AFTER_APPLY, "(known after apply)")


def _who(name: str) -> str:
    if name == ANY:
        return "everybody"
    account = name.split(":")[5] if name.startswith("AWS:arn:*:iam::") and name.endswith(":*") else ""
    return f"account {account}" if account else name.removeprefix("AWS:").removeprefix("Service:")


def _condition(operator: str, key: str, values: frozenset[str]) -> str:
    return f"{operator} {key} {', '.join(sorted(values))}".strip()
