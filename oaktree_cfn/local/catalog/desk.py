"""How requests name what Service Catalog keeps, and the refusals they get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from oaktree_cfn.local.api import ControlPlane
from oaktree_cfn.local.catalog.books import Artifact, Books, Constraint, Portfolio, Product, Provisioned
from oaktree_cfn.local.stacks import ACCOUNT, Refusal

Request = Mapping[str, Any]
Answer = dict[str, Any]

T = TypeVar("T")

PAGE = 20
"""Rows of a page, unless a request says otherwise."""


def invalid(message: str) -> Refusal:
    """InvalidParametersException."""
    return Refusal(message, "InvalidParametersException")


def missing(what: str) -> Refusal:
    """ResourceNotFoundException."""
    return Refusal(f"{what} not found.", "ResourceNotFoundException")


class Desk:
    """One region's books, and CloudFormation beside them."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.region = plane.region
        self.books = Books()

    def arn(self, kind: str, id_: str) -> str:
        """An ARN of Service Catalog."""
        return f"arn:aws:catalog:{self.region.name}:{ACCOUNT}:{kind}/{id_}"

    def portfolio(self, id_: str) -> Portfolio:
        """Raises Refusal."""
        return _known(self.books.portfolios, id_, "Portfolio")

    def product(self, request: Request) -> Product:
        """By ``ProductId`` or ``ProductName``. Raises Refusal."""
        name = request.get("ProductName")
        if "ProductId" in request or name is None:
            return _known(self.books.products, request.get("ProductId", ""), "Product")
        found = [each for each in self.books.products.values() if each.summary["Name"] == name]
        if not found:
            raise missing(f"Product {name}")
        return found[0]

    @staticmethod
    def artifact(product: Product, request: Request) -> Artifact:
        """By ``ProvisioningArtifactId`` or name. Raises Refusal."""
        id_, name = request.get("ProvisioningArtifactId"), request.get("ProvisioningArtifactName")
        for each in product.artifacts:
            if (id_ is not None and each.id == id_) or (id_ is None and each.name == name):
                return each
        raise missing(f"ProvisioningArtifact {id_ or name} of {product.id}")

    def path(self, product: Product, request: Request) -> Portfolio:
        """The portfolio a product is launched through; one must be named where there are several. Raises Refusal."""
        ways = [each for each in self.books.portfolios.values() if product.id in each.products]
        wanted = request.get("PathId")
        found = [each for each in ways if wanted in (None, path_id(each, product))]
        named = request.get("PathName")
        found = [each for each in found if named in (None, each.detail["DisplayName"])]
        if not found:
            raise missing(f"No launch paths found for resource {product.id}; a path")
        if len(found) > 1:
            raise invalid(f"Multiple launch paths found for resource {product.id}. Please specify a PathId.")
        return found[0]

    def constraints(self, portfolio: Portfolio, product: Product, type_: str = "") -> list[Constraint]:
        """Those on a product in a portfolio."""
        every = self.books.constraints.values()
        here = [each for each in every if (each.portfolio, each.product) == (portfolio.id, product.id)]
        return [each for each in here if type_ in ("", each.type)]

    def of_provisioned(self, id_: str | None, name: str | None) -> Provisioned:
        """A provisioned product by id or name. Raises Refusal."""
        for each in self.books.provisioned.values():
            if not each.gone and (each.id == id_ or (id_ is None and each.name == name)):
                return each
        raise missing(f"Provisioned product {id_ or name}")

    def once(self, operation: str, token: str, work: Callable[[], Answer]) -> Answer:
        """The answer to a token: made once."""
        key = operation, token
        if key not in self.books.answers:
            self.books.answers[key] = work()
        found: Answer = self.books.answers[key]
        return found

    @staticmethod
    def page(key: str, rows: Iterable[Any], request: Request, size: int = PAGE) -> Answer:
        """One page of rows."""
        every, size = list(rows), int(request.get("PageSize") or size)
        token = request.get("PageToken") or "0"
        if not token.isdecimal():
            raise invalid(f"PageToken {token} is invalid")
        start = int(token)
        answer: Answer = {key: every[start : start + size]}
        return answer | ({"NextPageToken": str(start + size)} if start + size < len(every) else {})


def _known(known: Mapping[str, T], id_: str, what: str) -> T:
    if id_ not in known:
        raise missing(f"{what} {id_}")
    return known[id_]


def path_id(portfolio: Portfolio, product: Product) -> str:
    """The id of a launch path."""
    return f"lpv3-{portfolio.id.removeprefix('port-')}{product.id.removeprefix('prod-')[:5]}"


def tags(items: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """``[{Key, Value}]`` as a dict."""
    return {item["Key"]: item["Value"] for item in items or ()}


def tag_list(found: Mapping[str, str]) -> list[dict[str, str]]:
    """The other way."""
    return [{"Key": key, "Value": value} for key, value in found.items()]


def parsed(text: str) -> Any:
    """The JSON of a constraint. Raises Refusal."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise invalid(f"Parameters is not JSON: {error}") from error
