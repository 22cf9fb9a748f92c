"""Service Catalog: versions of a product, what is provisioned from it, and plans, in our models.

Requests that change something carry a token made from what they ask, so that one that is repeated changes nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.errors import AwsError, InvalidInput

_REFUSED = {"InvalidParametersException", "ResourceNotFoundException", "DuplicateResourceException"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a product: Service Catalog's provisioning artifact. ``url`` is its template's address."""

    id: str
    name: str
    description: str = ""
    url: str = ""
    active: bool = True
    guidance: str = "DEFAULT"


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A provisioned product. ``stack`` is the ARN of the stack it is, empty where there is none."""

    id: str
    name: str
    status: str
    message: str = ""
    product: str = ""
    version: str = ""
    stack: str = ""
    token: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One operation on a provisioned product: IN_PROGRESS, SUCCEEDED, FAILED and so on; ``errors`` say why it FAILED."""

    id: str
    status: str
    provisioned: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the provisioned product it is for. ``status`` is CREATE_SUCCESS, CREATE_FAILED and so on."""

    id: str
    provisioned: str
    status: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to provision or update: values that are None stay as they are."""

    name: str
    product: str
    version: str
    path: str
    values: Mapping[str, str | None]
    tags: Mapping[str, str]
    token: str


class ServiceCatalog:
    """Every call of Service Catalog that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._connection.call("servicecatalog", operation, **arguments)

    def _all(self, member: str, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        token: dict[str, str] = {}
        found: list[dict[str, Any]] = []
        while True:
            page = self._call(operation, **arguments, **token)
            found += page.get(member, ())
            if not page.get("NextPageToken"):
                return found
            token = {"PageToken": page["NextPageToken"]}

    def _asked(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """A call whose refusal is about what was asked. Raises InvalidInput with Service Catalog's own words."""
        try:
            return self._call(operation, **arguments)
        except AwsError as error:
            if error.code in _REFUSED:
                raise InvalidInput(
                    f"Service Catalog does not accept this: {error.detail}", "Nothing was launched."
                ) from error
            raise

    # Products and versions

    def products(self, portfolio: str) -> dict[str, str]:
        """Id -> name of every product of a portfolio."""
        found = self._all("ProductViewDetails", "search_products_as_admin", PortfolioId=portfolio)
        return {each["ProductViewSummary"]["ProductId"]: each["ProductViewSummary"]["Name"] for each in found}

    def path(self, product: str, portfolio: str) -> str:
        """The id of the launch path that leads through a portfolio. Raises InvalidInput where the caller has none."""
        name = self._call("describe_portfolio", Id=portfolio)["PortfolioDetail"]["DisplayName"]
        for each in self._all("LaunchPathSummaries", "list_launch_paths", ProductId=product):
            if each["Name"] == name:
                return str(each["Id"])
        raise InvalidInput(
            f"You may not launch {product} from the portfolio {name}.",
            "Ask the platform team for access: PrincipalArn of its catalog.",
        )

    def versions(self, product: str) -> tuple[Version, ...]:
        """Every version, oldest first, with the address of its template."""
        found = self._call("list_provisioning_artifacts", ProductId=product).get("ProvisioningArtifactDetails", ())
        asked = together(*[partial(self._url, product, each["Id"]) for each in found])
        rows = sorted(zip(found, asked, strict=True), key=lambda row: row[0]["CreatedTime"])
        return tuple(_version(each, url) for each, url in rows)

    def _url(self, product: str, version: str) -> str:
        reply = self._call("describe_provisioning_artifact", ProductId=product, ProvisioningArtifactId=version)
        return str(reply.get("Info", {}).get("TemplateUrl", ""))

    def add_version(self, product: str, new: Version) -> Version:
        """Add a version; ``new.id`` is the request's token. Raises InvalidInput for a template it does not take."""
        parameters = {
            "Name": new.name,
            "Description": new.description,
            "Info": {"LoadTemplateFromURL": new.url},
            "Type": "CLOUD_FORMATION_TEMPLATE",
        }
        reply = self._asked(
            "create_provisioning_artifact", ProductId=product, Parameters=parameters, IdempotencyToken=new.id
        )
        return _version(reply["ProvisioningArtifactDetail"], new.url)

    def deprecate(self, product: str, version: str) -> None:
        """Tell people to take another version; what is provisioned from it stays as it is."""
        arguments = {"ProductId": product, "ProvisioningArtifactId": version}
        self._call("update_provisioning_artifact", **arguments, Guidance="DEPRECATED")

    def bounds(self, portfolio: str, product: str) -> tuple[str, ...]:
        """The template constraints of a product in a portfolio, as JSON."""
        found = self._all(
            "ConstraintDetails", "list_constraints_for_portfolio", PortfolioId=portfolio, ProductId=product
        )
        ids = [each["ConstraintId"] for each in found if each["Type"] == "TEMPLATE"]
        return tuple(str(self._call("describe_constraint", Id=each)["ConstraintParameters"]) for each in ids)

    def share(self, portfolio: str, node: str) -> None:
        """Share with the organization or one of its units, and with nobody else."""
        type_ = "ORGANIZATION" if node.startswith("o-") else "ORGANIZATIONAL_UNIT"
        to = {"Type": type_, "Value": node}
        self._asked("create_portfolio_share", PortfolioId=portfolio, OrganizationNode=to, ShareTagOptions=True)

    def shares(self, portfolio: str) -> tuple[str, ...]:
        """The organization and units it is shared with."""
        types = ("ORGANIZATION", "ORGANIZATIONAL_UNIT")
        ask = partial(self._all, "PortfolioShareDetails", "describe_portfolio_shares", PortfolioId=portfolio)
        return tuple(each["PrincipalId"] for type_ in types for each in ask(Type=type_))

    # What is provisioned

    def provisioned(self, product: str) -> tuple[Provisioned, ...]:
        """All that the account has provisioned from a product, by name."""
        everybody = {"Key": "Account", "Value": "self"}
        query = {"SearchQuery": [f"productId:{product}"]}
        found = self._all(
            "ProvisionedProducts", "search_provisioned_products", AccessLevelFilter=everybody, Filters=query
        )
        return tuple(sorted(map(_provisioned, found), key=lambda each: each.name))

    def record(self, id_: str) -> Record:
        """An operation as it stands."""
        return _record(self._call("describe_record", Id=id_)["RecordDetail"])

    def terminate(self, provisioned: str, token: str) -> Record:
        """Delete the stack and what it made."""
        reply = self._asked("terminate_provisioned_product", ProvisionedProductId=provisioned, TerminateToken=token)
        return _record(reply["RecordDetail"])

    # Plans

    def plan(self, launch: Launch) -> Planned:
        """Ask for a plan. Raises InvalidInput for values that the product or its constraints do not take."""
        values = [
            {"Key": key, "UsePreviousValue": True} if value is None else {"Key": key, "Value": value}
            for key, value in launch.values.items()
        ]
        reply = self._asked(
            "create_provisioned_product_plan",
            PlanName=f"oaktree-{launch.token}",
            PlanType="CLOUDFORMATION",
            ProductId=launch.product,
            PathId=launch.path,
            ProvisioningArtifactId=launch.version,
            ProvisionedProductName=launch.name,
            ProvisioningParameters=values,
            IdempotencyToken=launch.token,
            **({"Tags": _tags(launch.tags.items())} if launch.tags else {}),
        )
        return Planned(reply["PlanId"], reply["ProvisionProductId"])

    def planned(self, plan: Planned) -> Planned:
        """The plan as it stands."""
        found = self._call("describe_provisioned_product_plan", PlanId=plan.id)["ProvisionedProductPlanDetails"]
        return Planned(plan.id, plan.provisioned, found["Status"], found.get("StatusMessage", ""))

    def execute(self, plan: Planned, token: str) -> Record:
        """Carry a plan out."""
        reply = self._asked("execute_provisioned_product_plan", PlanId=plan.id, IdempotencyToken=token)
        return _record(reply["RecordDetail"])

    def drop(self, plan: Planned) -> None:
        """Take a plan back, with the empty stack that it may have begun."""
        self._call("delete_provisioned_product_plan", PlanId=plan.id)


def _version(reply: Mapping[str, Any], url: str) -> Version:
    return Version(
        reply["Id"],
        reply["Name"],
        reply.get("Description", ""),
        url,
        bool(reply.get("Active", True)),
        reply.get("Guidance", "DEFAULT"),
    )


def _provisioned(reply: Mapping[str, Any]) -> Provisioned:
    return Provisioned(
        id=reply["Id"],
        name=reply["Name"],
        status=reply["Status"],
        message=reply.get("StatusMessage", ""),
        product=reply.get("ProductId", ""),
        version=reply.get("ProvisioningArtifactId", ""),
        stack=reply.get("PhysicalId", ""),
        token=reply.get("IdempotencyToken", ""),
        tags={tag["Key"]: tag["Value"] for tag in reply.get("Tags", ())},
    )


def _record(reply: Mapping[str, Any]) -> Record:
    errors = tuple(f"{each.get('Code', '')}: {each.get('Description', '')}" for each in reply.get("RecordErrors", ()))
    return Record(reply["RecordId"], reply["Status"], reply["ProvisionedProductId"], errors)


def _tags(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]
