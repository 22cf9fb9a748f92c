"""What Service Catalog keeps in one region: mutable, written under one lock."""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_ALPHABET = string.ascii_lowercase + string.digits


def new_id(kind: str) -> str:
    """``prod-`` and 13 random letters and digits, as Service Catalog makes ids."""
    return f"{kind}-{''.join(secrets.choice(_ALPHABET) for _ in range(13))}"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Portfolio:
    """A portfolio with what is in it and who may use it."""

    id: str
    detail: dict[str, Any]
    tags: dict[str, str]
    products: list[str] = field(default_factory=list)
    principals: list[dict[str, str]] = field(default_factory=list)
    tag_options: list[str] = field(default_factory=list)
    shares: list[dict[str, Any]] = field(default_factory=list)
    created: datetime = field(default_factory=_now)


@dataclass
class Artifact:
    """One version of a product."""

    id: str
    name: str
    description: str
    url: str
    active: bool = True
    guidance: str = "DEFAULT"
    created: datetime = field(default_factory=_now)


@dataclass
class Product:
    """A product and its versions, oldest first."""

    id: str
    summary: dict[str, Any]
    tags: dict[str, str]
    artifacts: list[Artifact] = field(default_factory=list)
    tag_options: list[str] = field(default_factory=list)
    created: datetime = field(default_factory=_now)


@dataclass
class Constraint:
    """One constraint on a product in a portfolio; ``parameters`` is its JSON."""

    id: str
    type: str
    portfolio: str
    product: str
    description: str
    parameters: str


@dataclass
class Record:
    """One operation on a provisioned product."""

    id: str
    type: str
    provisioned: Provisioned
    artifact: str
    role: str
    status: str = "IN_PROGRESS"
    errors: list[dict[str, str]] = field(default_factory=list)
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)


@dataclass
class Provisioned:
    """A provisioned product: the stack it is, and how it stands."""

    id: str
    name: str
    product: str
    artifact: str
    path: str
    token: str
    tags: dict[str, str]
    stack: str = ""
    status: str = "UNDER_CHANGE"
    message: str = ""
    records: list[Record] = field(default_factory=list)
    created: datetime = field(default_factory=_now)
    gone: bool = False


@dataclass
class Plan:
    """A change that was asked for and not yet carried out: a change set."""

    id: str
    name: str
    provisioned: Provisioned
    artifact: str
    change_set: str
    parameters: list[dict[str, Any]]
    tags: dict[str, str]
    status: str = "CREATE_SUCCESS"
    message: str = ""
    record: Record | None = None
    created: datetime = field(default_factory=_now)


class Books:
    """Everything of one region, by id."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.portfolios: dict[str, Portfolio] = {}
        self.products: dict[str, Product] = {}
        self.constraints: dict[str, Constraint] = {}
        self.tag_options: dict[str, dict[str, Any]] = {}
        self.provisioned: dict[str, Provisioned] = {}
        self.records: dict[str, Record] = {}
        self.plans: dict[str, Plan] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        """What was answered to a token: the same request again gets the same answer."""
