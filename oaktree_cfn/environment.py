"""``environments/<name>.toml`` -> Environment: where a system is deployed, with which values, under which rules.

::

    region = "ap-southeast-1"
    account = "123456789012"              # guard: any other account is refused
    prefix = "oaktree-dev"                # name of the root stack, beginning of every name
    service_role = "oaktree-dev-cloudformation-role"    # what CloudFormation works as (docs/pipeline.md); else as you
    project = "oaktree"                   # value of the tag of this name
    kept_parameters = ["ImageTag"]        # set by an operation; the next deploy keeps what the stack has
    termination_protection = false
    production = false                    # whether the invariants for production count (docs/invariants.md)

    [parameters]                          # of templates/root.yaml; Prefix and Environment are added
    Zones = 2

    [pipeline]                            # of templates/pipeline.yaml; Prefix and others are added
    GitHubOwner = "oak"

    [tags]                                # project, environment and managed-by are added
    team = "oak"

    [frozen_exports]                      # exports kept at an old value while other stacks move away from it
    oaktree-dev-VpcId = "vpc-0a1b"

    [accepted]                            # findings of invariants that are to pass: "rule:Stack/Resource" = why
    "grace-period:Service/Service" = "the container answers at once"
    "ELB.5 ELB.6" = "nobody reads them"   # and AWS's security controls that are not satisfied (docs/security.md)

    [review]
    ask = true                            # whether executing a change set needs a yes
    destroy = "ask"                       # or "refuse"
    refuse = ["availability"]             # kinds of consequence that refuse, besides those that do anyway
    notice = ["network:ask"]              # kinds that are only shown
    protected = ["Data/*"]                # paths on which nothing that exists may change

This module knows the shape of a file only. Whether a template takes the values is judged where the templates are,
and which kinds of consequence there are is known to ``review/gates.py``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar

from oaktree_cfn.errors import InvalidInput

ENVIRONMENTS = Path("environments")
"""Where environment files live, below the project's folder."""

PROJECT = "oaktree"
"""The project, where an environment file says no other."""
MANAGED_BY = "oaktree-cfn"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[1-9]")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE = re.compile(r"(arn:aws[a-z-]*:iam::[0-9]{12}:role/([\x21-\x7e]{1,511}/)?)?[\w+=,.@-]{1,64}", re.ASCII)
_PREFIX = re.compile(r"(?=.{3,28}\Z)(?!internal-)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PARAMETER = re.compile(r"[A-Za-z0-9]{1,255}")
_TAG_KEY = re.compile(r"(?!(?i:aws):)[\w .:/=+@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,256}")
_EXPORT = re.compile(r"[A-Za-z0-9:-]{1,255}")
_ACCEPTED = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+(/[A-Za-z0-9]+)*(\.[^\s:]+)?")
_CONTROLS = re.compile(r"[A-Z][A-Za-z0-9]*\.[0-9]+( [A-Z][A-Za-z0-9]*\.[0-9]+)*")
_MOST_TAGS = 47

IMPLIED = ("Prefix", "Environment")
"""Parameters that an environment itself says, where the root has them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment. ``parameters`` and ``tags`` are complete: with what the library itself adds.

    ``kept_parameters`` are set by an operation (deploying a new image); where neither the file nor the command line gives
    one, a deploy keeps the stack's value. ``accepted`` holds the findings of invariants that are to pass, each with the reason,
    ``exceptions`` the controls of AWS Security Hub (``ELB.5``) that this environment does not satisfy. ``service_role`` is the
    name or ARN of the role that CloudFormation works as; empty, and it works with the rights of whoever calls it.
    """

    name: str
    region: str
    account: str
    prefix: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    kept_parameters: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    ask: bool = True
    destroy: Literal["ask", "refuse"] = "ask"
    termination_protection: bool = False
    path: Path = Path()
    refuse: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    frozen_exports: Mapping[str, str] = field(default_factory=dict)
    production: bool = False
    accepted: Mapping[str, str] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)
    service_role: str = ""
    pipeline: Mapping[str, str] = field(default_factory=dict)

    @property
    def stack_name(self) -> str:
        """The root stack's name."""
        return self.prefix

    @property
    def own(self) -> bool:
        """Whether the stack is the system's own, not one beside it."""
        return self.parameters.get("Prefix") == self.prefix

    def beside(self, stack_name: str) -> Environment:
        """The same place under the same policy, for a stack that stands beside the system: nothing that is said of the
        system's own stack holds for it.
        """
        tags = {key: value for key, value in self.tags.items() if key in ("project", "managed-by")}
        return Environment(
            self.name,
            self.region,
            self.account,
            stack_name,
            tags=tags,
            ask=self.ask,
            destroy=self.destroy,
            path=self.path,
            refuse=self.refuse,
            notice=self.notice,
            production=self.production,
        )


def names(folder: Path = ENVIRONMENTS) -> tuple[str, ...]:
    """The environments there are, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def regions(folder: Path = ENVIRONMENTS) -> tuple[str, ...]:
    """Every region that an environment uses, sorted. Raises InvalidInput as ``load`` does."""
    return tuple(sorted({load(name, folder).region for name in names(folder)}))


def load(name: str, folder: Path = ENVIRONMENTS) -> Environment:
    """The environment ``name``. Raises InvalidInput naming the file and every key that is wrong."""
    path = folder / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise _unknown(name, folder)
    problems: list[str] = []
    environment = _read(name, path, _Table(_parse(path), problems))
    if problems:
        lines = "\n".join(f"{path}: {problem}" for problem in problems)
        raise InvalidInput(lines, f"Correct {path}.")
    return environment


def _unknown(name: str, folder: Path) -> InvalidInput:
    there = names(folder)
    if not there:
        return InvalidInput(f"{folder} has no environment files", f"Create {folder / 'dev.toml'}.")
    known = f"There are: {', '.join(there)}."
    return InvalidInput(f"There is no environment {name!r} in {folder}{_meant(name, there)}", known)


def _parse(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path}: not valid TOML: {error}", f"Correct {path}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: not UTF-8 (byte {error.start})", f"Save {path} as UTF-8.") from error
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror}", "Check the file.") from error


def _read(name: str, path: Path, table: _Table) -> Environment:
    prefix = table.take("prefix", _matching(_PREFIX, "3 to 28 lower-case letters, digits and single hyphens"), "")
    region = table.take("region", _matching(_REGION, "an AWS region such as ap-southeast-1"), "")
    account = table.take("account", _matching(_ACCOUNT, "12 digits in quotes"), "")
    project = table.take("project", _tag, PROJECT, required=False)
    environment = Environment(
        name,
        region,
        account,
        prefix,
        {"Prefix": prefix, "Environment": name, **table.table("parameters").all(_parameter_name, _parameter)},
        table.take("kept_parameters", _texts, (), required=False),
        {"project": project, "environment": name, "managed-by": MANAGED_BY, **_tags(table)},
        termination_protection=table.take("termination_protection", _yes_or_no, False, required=False),
        path=path,
        frozen_exports=table.table("frozen_exports").all(_export_name, _export_value),
        production=table.take("production", _yes_or_no, False, required=False),
        service_role=table.take("service_role", role, "", required=False),
        pipeline=table.table("pipeline").all(_parameter_name, _parameter),
        **_accepted(table.table("accepted").all(_accepted_name, _reason)),
        **_review(table.table("review")),
    )
    if environment.service_role.startswith("arn:") and f"::{account}:" not in environment.service_role:
        table.note("service_role", f"must be a role of account {account}, not {environment.service_role}")
    table.refuse_unknown(*KEYS)
    return environment


KEYS = (
    *("prefix", "region", "account", "project", "kept_parameters"),
    *("termination_protection", "production", "service_role"),
)
"""The keys at the top of a file, besides its tables."""


def _tags(table: _Table) -> dict[str, str]:
    tags = table.table("tags").all(_tag_name, _tag)
    if len(tags) > _MOST_TAGS:
        table.note("tags", f"{len(tags)} tags; with the library's three a stack may have {_MOST_TAGS + 3}")
    return tags


class _Review(TypedDict):
    """What ``[review]`` says, by Environment's names."""

    ask: bool
    destroy: Literal["ask", "refuse"]
    refuse: tuple[str, ...]
    notice: tuple[str, ...]
    protected: tuple[str, ...]


def _review(table: _Table) -> _Review:
    careful: Literal["ask", "refuse"] = "ask"
    found: _Review = {
        "ask": table.take("ask", _yes_or_no, True, required=False),
        "destroy": table.take("destroy", _destroy, careful, required=False),
        "refuse": table.take("refuse", _texts, (), required=False),
        "notice": table.take("notice", _texts, (), required=False),
        "protected": table.take("protected", _texts, (), required=False),
    }
    table.refuse_unknown(*found)
    return found


class _Table:
    """A table of the file that notes every problem and goes on."""

    def __init__(self, values: Mapping[str, Any], problems: list[str], place: str = "") -> None:
        self._values = values
        self._problems = problems
        self._place = place
        self._tables: list[str] = []

    def take(self, key: str, read: Callable[[Any], T], otherwise: T, *, required: bool = True) -> T:
        """The value of a key as ``read`` gives it; ``read`` raises ValueError to say what it must be."""
        if key not in self._values:
            if required:
                self.note(key, "missing")
            return otherwise
        try:
            return read(self._values[key])
        except ValueError as error:
            self.note(key, str(error))
            return otherwise

    def all(self, name: Callable[[str], str], read: Callable[[Any], str]) -> dict[str, str]:
        """Every key and value of a table whose keys are free."""
        found: dict[str, str] = {}
        for key in self._values:
            try:
                found[name(key)] = self.take(key, read, "")
            except ValueError as error:
                self.note(key, str(error))
        return found

    def table(self, key: str) -> _Table:
        """A table below this one, empty when it is not there."""
        self._tables.append(key)
        value = self._values.get(key, {})
        if not isinstance(value, Mapping):
            self.note(key, f"must be a table: [{key}]")
            value = {}
        return _Table(value, self._problems, f"{key}.")

    def refuse_unknown(self, *known: str) -> None:
        """Note every key that is neither one of these nor a table that was read."""
        allowed = (*known, *self._tables)
        for key in self._values:
            if key not in allowed:
                self.note(key, f"unknown key{_meant(key, allowed)}")

    def note(self, key: str, problem: str) -> None:
        """Remember what is wrong with a key."""
        self._problems.append(f"{self._place}{key}: {problem}")


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _matching(pattern: re.Pattern[str], meaning: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"must be {meaning}, not {value!r}")
        return value

    return read


role = _matching(_ROLE, "the name or the ARN of an IAM role")
"""Reads what names a role; raises ValueError for what does not."""


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false without quotes, not {value!r}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"must be a list of texts, not {value!r}")
    return tuple(value)


def _destroy(value: Any) -> Literal["ask", "refuse"]:
    if value not in ("ask", "refuse"):
        raise ValueError(f'must be "ask" or "refuse", not {value!r}')
    return "ask" if value == "ask" else "refuse"


def _parameter_name(name: str) -> str:
    if name in IMPLIED:
        raise ValueError("is set by the library, from prefix and from the file's name")
    if not _PARAMETER.fullmatch(name):
        raise ValueError("a parameter's name is letters and digits")
    return name


def _parameter(value: Any) -> str:
    """As CloudFormation takes it: always text; yes and no as true and false, a list joined by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ",".join(value)
    raise ValueError(f"must be a text, a whole number, true, false or a list of texts, not {value!r}")


def _tag_name(name: str) -> str:
    if name in ("project", "environment", "managed-by"):
        raise ValueError("is set by the library")
    if not _TAG_KEY.fullmatch(name):
        raise ValueError(
            "a tag's name is up to 128 letters, digits, spaces and _ . : / = + - @, not starting with aws:"
        )
    return name


_tag = _matching(_TAG_VALUE, "1 to 256 letters, digits, spaces and _ . : / = + - @")


def _export_name(name: str) -> str:
    if not _EXPORT.fullmatch(name):
        raise ValueError("an export's name is up to 255 letters, digits, colons and hyphens")
    return name


def _export_value(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be the export's old value in quotes")
    return value


def _accepted_name(name: str) -> str:
    if not _ACCEPTED.fullmatch(name) and not _CONTROLS.fullmatch(name):
        raise ValueError('a rule and a path, or controls, in quotes: "grace-period:Service/Service", "ELB.5 ELB.6"')
    return name


def _accepted(entries: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Findings of invariants by rule and path, controls one by one."""
    findings = {name: reason for name, reason in entries.items() if ":" in name}
    controls = {control: reason for name, reason in entries.items() if ":" not in name for control in name.split()}
    return {"accepted": findings, "exceptions": controls}


def _reason(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be the reason in quotes")
    return value
