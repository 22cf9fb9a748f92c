"""Where the catalog commands work: an environment's catalog stack, its portfolio and its product."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oaktree_cfn.aws.service_catalog import ServiceCatalog, Version
from oaktree_cfn.catalog import publishing
from oaktree_cfn.cli.session import Session, connect
from oaktree_cfn.environment import Environment, load
from oaktree_cfn.errors import AwsError, InvalidInput
from oaktree_cfn.template import read

CATALOG, PRODUCT = "catalog.yaml", "product.yaml"


def stack_name(environment: Environment) -> str:
    """The catalog's own stack, beside the environment's."""
    return f"{environment.prefix}-catalog"


@dataclass(frozen=True, slots=True)
class Offer:
    """A product in a portfolio, and where it is offered."""

    session: Session
    portfolio: str
    product: str

    @property
    def catalog(self) -> ServiceCatalog:
        """Service Catalog there."""
        return self.session.target.aws.catalog

    def versions(self) -> tuple[Version, ...]:
        """The product's versions, oldest first."""
        return self.catalog.versions(self.product)

    def template(self, version: Version) -> dict[str, Any]:
        """The template of a version. Raises InvalidInput for one that is not, or no longer, in our bucket."""
        bucket = self.session.target.bucket
        if bucket.name not in version.url:
            raise InvalidInput(
                f"The template of {version.name} is not in {bucket.name}: {version.url or 'it has no address'}",
                "Versions published with `oaktree catalog publish` are.",
            )
        try:
            body = bucket.read(publishing.key(version.url))
        except AwsError as error:
            if error.code not in {"NoSuchKey", "NoSuchBucket"}:
                raise
            raise InvalidInput(
                f"The template of {version.name} is not in {bucket.name} any more.",
                "`oaktree catalog publish`, with the templates it was made from, stores it again.",
            ) from error
        return dict(read.parse(body.decode(), version.name))


def offer(name: str, environments: Path, product: str | None = None) -> Offer:
    """The offer of an environment's catalog. Raises InvalidInput where there is none, or not with this product."""
    environment = load(name, environments)
    session = connect(environment, start=False)
    stack = session.target.cloudformation.stack(stack_name(environment))
    told = {output.key: output.value for output in stack.outputs} if stack is not None else {}
    if not {"PortfolioId", "ProductId"} <= told.keys():
        raise InvalidInput(f"{name} has no catalog yet.", f"Publish one: `oaktree catalog publish --env {name}`.")
    found = Offer(session, told["PortfolioId"], product or told["ProductId"])
    if product is not None:
        _refuse_foreign(found)
    return found


def _refuse_foreign(found: Offer) -> None:
    inside = found.catalog.products(found.portfolio)
    if found.product not in inside:
        known = ", ".join(f"{id_} ({name})" for id_, name in inside.items())
        raise InvalidInput(
            f"{found.product} is not in the portfolio {found.portfolio}: another one has it, or none.",
            f"In this one are: {known}.",
        )
