"""Portfolios, products and what belongs to them, through the stage's own Service Catalog."""

from __future__ import annotations

import json
import uuid
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import as_sent, differ, given, known, tag_change, tag_list, tag_map

_GONE = "ResourceNotFoundException"


def _catalog(request: Request) -> Any:
    return request.client("servicecatalog")


def _token() -> str:
    return str(uuid.uuid4())


def _tags(found: Any, properties: Properties) -> Any:
    return as_sent(tag_list(tag_map(found)), properties.get("Tags"))


def _retagged(before: Properties, after: Properties) -> dict[str, Any]:
    changed, removed = tag_change(before, after)
    return {**({"AddTags": changed} if changed else {}), **({"RemoveTags": removed} if removed else {})}


class Portfolio(Handler):
    """A portfolio; ``Ref`` is its id."""

    type = "AWS::ServiceCatalog::Portfolio"
    supported = frozenset({"Description", "DisplayName", "ProviderName", "Tags"})
    _PLAIN = ("DisplayName", "ProviderName", "Description")

    def create(self, properties: Properties, request: Request) -> Made:
        settings = given(properties, *self._PLAIN, "Tags")
        answer = call(_catalog(request), "create_portfolio", IdempotencyToken=_token(), **settings)
        id_ = answer["PortfolioDetail"]["Id"]
        return Made(id_, {"Id": id_, "PortfolioName": properties["DisplayName"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        settings = {"Description": "", **given(after, *self._PLAIN)}
        call(_catalog(request), "update_portfolio", Id=made.physical_id, **settings, **_retagged(before, after))
        return Made(made.physical_id, {**made.attributes, "PortfolioName": after["DisplayName"]})

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(_catalog(request), "delete_portfolio", Id=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        answer = call(_catalog(request), "describe_portfolio", Id=made.physical_id)
        found = {key: value for key, value in answer["PortfolioDetail"].items() if value != ""}
        return known({**given(found, *self._PLAIN), "Tags": _tags(answer["Tags"], properties)})


class CloudFormationProduct(Handler):
    """A product; ``Ref`` is its id. Versions that were added past the stack stay."""

    type = "AWS::ServiceCatalog::CloudFormationProduct"
    supported = frozenset(
        {
            *(
                "Description",
                "Distributor",
                "Name",
                "Owner",
                "SupportDescription",
                "SupportEmail",
                "SupportUrl",
                "Tags",
            ),
            "ProvisioningArtifactParameters.Description",
            "ProvisioningArtifactParameters.Info",
            "ProvisioningArtifactParameters.Name",
        }
    )
    not_kept: ClassVar[Mapping[str, str]] = {
        "ReplaceProvisioningArtifacts": "write-only: false is played, which leaves what it was made with alone"
    }
    _PLAIN = ("Name", "Owner", "Distributor", "SupportDescription", "SupportEmail", "SupportUrl", "Description")

    def create(self, properties: Properties, request: Request) -> Made:
        if str(properties.get("ReplaceProvisioningArtifacts", False)).lower() == "true":
            raise NotPlayed(self.type, "ReplaceProvisioningArtifacts", "provisioned products would lose their version")
        first, *more = properties["ProvisioningArtifactParameters"]
        settings = given(properties, *self._PLAIN, "Tags")
        answer = call(
            _catalog(request),
            "create_product",
            ProductType="CLOUD_FORMATION_TEMPLATE",
            ProvisioningArtifactParameters=_version(first),
            IdempotencyToken=_token(),
            **settings,
        )
        id_ = answer["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
        for each in more:
            self._add(id_, each, request)
        return self._made(id_, properties, request)

    @staticmethod
    def _add(id_: str, artifact: Properties, request: Request) -> None:
        parameters = _version(artifact)
        call(
            _catalog(request),
            "create_provisioning_artifact",
            ProductId=id_,
            Parameters=parameters,
            IdempotencyToken=_token(),
        )

    def _made(self, id_: str, properties: Properties, request: Request) -> Made:
        found = call(_catalog(request), "list_provisioning_artifacts", ProductId=id_)["ProvisioningArtifactDetails"]
        ids, names = (",".join(each[key] for each in found) for key in ("Id", "Name"))
        told = {"ProvisioningArtifactIds": ids, "ProvisioningArtifactNames": names}
        return Made(id_, {"Id": id_, "ProductName": properties["Name"], **told})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        if differ(before, after, "ProvisioningArtifactParameters"):
            why = "what AWS does with versions that something is provisioned from was not measured"
            raise NotPlayed(self.type, "ProvisioningArtifactParameters", why)
        settings = {**dict.fromkeys(self._PLAIN[2:], ""), **given(after, *self._PLAIN)}
        call(_catalog(request), "update_product", Id=made.physical_id, **settings, **_retagged(before, after))
        return self._made(made.physical_id, after, request)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(_catalog(request), "delete_product", Id=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        catalog, id_ = _catalog(request), made.physical_id
        answer = call(catalog, "describe_product_as_admin", Id=id_)
        summary = answer["ProductViewDetail"]["ProductViewSummary"]
        found = {**summary, "Description": summary.get("ShortDescription")}
        found = {key: value for key, value in found.items() if value != ""}
        sent = {each.get("Name") for each in properties["ProvisioningArtifactParameters"]}
        rows = [each for each in answer["ProvisioningArtifactSummaries"] if each["Name"] in sent]
        versions = [_read_version(catalog, id_, each) for each in rows]
        own = given(found, *self._PLAIN)
        return known({**own, "ProvisioningArtifactParameters": versions, "Tags": _tags(answer["Tags"], properties)})


def _version(artifact: Properties) -> dict[str, Any]:
    return {**given(artifact, "Name", "Description", "Info"), "Type": "CLOUD_FORMATION_TEMPLATE"}


def _read_version(catalog: Any, product: str, row: Mapping[str, Any]) -> dict[str, Any]:
    answer = call(catalog, "describe_provisioning_artifact", ProductId=product, ProvisioningArtifactId=row["Id"])
    info = {"LoadTemplateFromURL": answer["Info"]["TemplateUrl"]}
    return known({**given(row, "Name"), "Description": row.get("Description") or None, "Info": info})


class _Association(Handler):
    """A link between two things: made and taken away, never changed."""

    _make: ClassVar[str]
    _take: ClassVar[str]
    _ids: ClassVar[tuple[str, ...]]

    def create(self, properties: Properties, request: Request) -> Made:
        call(_catalog(request), self._make, **given(properties, *self.supported))
        return Made("|".join(str(properties[name]) for name in self._ids))

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(_catalog(request), self._take, **given(properties, *self.supported))


class PortfolioProductAssociation(_Association):
    """A product in a portfolio."""

    type = "AWS::ServiceCatalog::PortfolioProductAssociation"
    supported = frozenset({"PortfolioId", "ProductId"})
    _make, _take = "associate_product_with_portfolio", "disassociate_product_from_portfolio"
    _ids = ("PortfolioId", "ProductId")

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        product = properties["ProductId"]
        found = call(_catalog(request), "list_portfolios_for_product", ProductId=product)["PortfolioDetails"]
        if properties["PortfolioId"] not in {each["Id"] for each in found}:
            raise LookupError("the product is not in the portfolio")
        return given(properties, "PortfolioId", "ProductId")


class PortfolioPrincipalAssociation(_Association):
    """Who may launch what is in a portfolio."""

    type = "AWS::ServiceCatalog::PortfolioPrincipalAssociation"
    supported = frozenset({"PortfolioId", "PrincipalARN", "PrincipalType"})
    _make, _take = "associate_principal_with_portfolio", "disassociate_principal_from_portfolio"
    _ids = ("PortfolioId", "PrincipalARN")

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        portfolio = properties["PortfolioId"]
        found = call(_catalog(request), "list_principals_for_portfolio", PortfolioId=portfolio)["Principals"]
        row = next((each for each in found if each["PrincipalARN"] == properties["PrincipalARN"]), None)
        if row is None:
            raise LookupError("the principal may not use the portfolio")
        return {"PortfolioId": portfolio, **row}


class TagOptionAssociation(_Association):
    """A tag option of a portfolio or product."""

    type = "AWS::ServiceCatalog::TagOptionAssociation"
    supported = frozenset({"ResourceId", "TagOptionId"})
    _make, _take = "associate_tag_option_with_resource", "disassociate_tag_option_from_resource"
    _ids = ("TagOptionId", "ResourceId")

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        option = properties["TagOptionId"]
        found = call(_catalog(request), "list_resources_for_tag_option", TagOptionId=option)["ResourceDetails"]
        if properties["ResourceId"] not in {each["Id"] for each in found}:
            raise LookupError("the resource does not have the tag option")
        return given(properties, "ResourceId", "TagOptionId")


class TagOption(Handler):
    """A tag that provisioned products may or must have; ``Ref`` is its id."""

    type = "AWS::ServiceCatalog::TagOption"
    supported = frozenset({"Active", "Key", "Value"})

    def create(self, properties: Properties, request: Request) -> Made:
        answer = call(_catalog(request), "create_tag_option", **given(properties, "Key", "Value"))
        id_ = answer["TagOptionDetail"]["Id"]
        made = Made(id_, {"Id": id_})
        return self.update(made, {}, properties, request) if "Active" in properties else made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        call(_catalog(request), "update_tag_option", Id=made.physical_id, Active=after.get("Active", True))
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(_catalog(request), "delete_tag_option", Id=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(_catalog(request), "describe_tag_option", Id=made.physical_id)["TagOptionDetail"]
        return given(found, "Active", "Key", "Value")


class _Constraint(Handler):
    """A constraint on a product in a portfolio; ``Ref`` is its id."""

    _kind: ClassVar[str]

    @staticmethod
    @abstractmethod
    def _said(properties: Properties) -> str:
        """The constraint's parameters, as the API takes them."""

    @staticmethod
    @abstractmethod
    def _heard(parameters: str) -> Properties:
        """The properties that such parameters stand for."""

    def create(self, properties: Properties, request: Request) -> Made:
        settings = given(properties, "PortfolioId", "ProductId", "Description")
        told = {"Parameters": self._said(properties), "Type": self._kind}
        answer = call(_catalog(request), "create_constraint", IdempotencyToken=_token(), **settings, **told)
        id_ = answer["ConstraintDetail"]["ConstraintId"]
        return Made(id_, {"Id": id_})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        told = {"Parameters": self._said(after), "Description": after.get("Description", "")}
        call(_catalog(request), "update_constraint", Id=made.physical_id, **told)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(_GONE):
            call(_catalog(request), "delete_constraint", Id=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        answer = call(_catalog(request), "describe_constraint", Id=made.physical_id)
        detail = answer["ConstraintDetail"]
        own = {**given(detail, "PortfolioId", "ProductId"), "Description": detail.get("Description") or None}
        return known({**own, **self._heard(answer["ConstraintParameters"])})


_SECTION = '{"Rules":'
_OF_ALL = frozenset({"Description", "PortfolioId", "ProductId"})


class LaunchRoleConstraint(_Constraint):
    """The role that a product is launched with."""

    type = "AWS::ServiceCatalog::LaunchRoleConstraint"
    supported = _OF_ALL | {"LocalRoleName", "RoleArn"}
    _kind = "LAUNCH"

    @staticmethod
    def _said(properties: Properties) -> str:
        return json.dumps(given(properties, "LocalRoleName", "RoleArn"))

    @staticmethod
    def _heard(parameters: str) -> Properties:
        return given(json.loads(parameters), "LocalRoleName", "RoleArn")


class LaunchTemplateConstraint(_Constraint):
    """Rules for the parameters of a launch: the rules alone, which the API takes as a section of its own."""

    type = "AWS::ServiceCatalog::LaunchTemplateConstraint"
    supported = _OF_ALL | {"Rules"}
    _kind = "TEMPLATE"

    @staticmethod
    def _said(properties: Properties) -> str:
        return f"{_SECTION}{properties['Rules']}}}"

    @staticmethod
    def _heard(parameters: str) -> Properties:
        return {"Rules": parameters.removeprefix(_SECTION).removesuffix("}")}


class LaunchNotificationConstraint(_Constraint):
    """The topics that a launch tells its events."""

    type = "AWS::ServiceCatalog::LaunchNotificationConstraint"
    supported = _OF_ALL | {"NotificationArns"}
    _kind = "NOTIFICATION"

    @staticmethod
    def _said(properties: Properties) -> str:
        return json.dumps(given(properties, "NotificationArns"))

    @staticmethod
    def _heard(parameters: str) -> Properties:
        return given(json.loads(parameters), "NotificationArns")
