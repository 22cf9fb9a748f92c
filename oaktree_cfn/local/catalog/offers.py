"""What administrators do: portfolios, products and versions, constraints, principals, tag options, shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from oaktree_cfn.local import templates
from oaktree_cfn.local.catalog.books import Artifact, Constraint, Portfolio, Product, new_id
from oaktree_cfn.local.catalog.desk import Answer, Desk, Request, invalid, missing, parsed, tag_list, tags
from oaktree_cfn.local.stacks import ACCOUNT, Refusal

_UNDER_USE = "ResourceInUseException"
_TYPES = ("LAUNCH", "NOTIFICATION", "RESOURCE_UPDATE", "TEMPLATE")
_ONE_OF = {"LAUNCH": "only one launch constraint", "RESOURCE_UPDATE": "only one resource update constraint"}
_NODE = re.compile(r"(o-[a-z0-9]{10,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})")


class Offers(Desk):
    """The administrators' operations."""

    # Portfolios

    def create_portfolio(self, request: Request) -> Answer:
        """CreatePortfolio."""
        return self.once("CreatePortfolio", request["IdempotencyToken"], lambda: self._new_portfolio(request))

    def _new_portfolio(self, request: Request) -> Answer:
        made = Portfolio(new_id("port"), {}, tags(request.get("Tags")))
        self.books.portfolios[made.id] = made
        return self.update_portfolio({**request, "Id": made.id})

    def update_portfolio(self, request: Request) -> Answer:
        """UpdatePortfolio."""
        found = self.portfolio(request["Id"])
        found.detail |= {key: request[key] for key in ("DisplayName", "Description", "ProviderName") if key in request}
        _retag(found.tags, request)
        return {"PortfolioDetail": self._portfolio(found), "Tags": tag_list(found.tags)}

    def describe_portfolio(self, request: Request) -> Answer:
        """DescribePortfolio."""
        found = self.portfolio(request["Id"])
        options = [self.books.tag_options[each] for each in found.tag_options]
        return {"PortfolioDetail": self._portfolio(found), "Tags": tag_list(found.tags), "TagOptions": options}

    def delete_portfolio(self, request: Request) -> Answer:
        """DeletePortfolio: an empty one."""
        found = self.portfolio(request["Id"])
        if found.products or found.principals or found.shares or found.tag_options:
            raise Refusal(f"Portfolio {found.id} is in use: take what is in it away first.", _UNDER_USE)
        del self.books.portfolios[found.id]
        return {}

    def list_portfolios(self, request: Request) -> Answer:
        """ListPortfolios."""
        return self.page("PortfolioDetails", map(self._portfolio, self.books.portfolios.values()), request)

    def list_portfolios_for_product(self, request: Request) -> Answer:
        """ListPortfoliosForProduct."""
        product = self.product(request)
        found = [each for each in self.books.portfolios.values() if product.id in each.products]
        return self.page("PortfolioDetails", map(self._portfolio, found), request)

    def _portfolio(self, found: Portfolio) -> Answer:
        fixed = {"Id": found.id, "ARN": self.arn("portfolio", found.id), "CreatedTime": found.created}
        return {**fixed, **found.detail}

    # Products and their versions

    def create_product(self, request: Request) -> Answer:
        """CreateProduct, with its first version."""
        return self.once("CreateProduct", request["IdempotencyToken"], lambda: self._new_product(request))

    def _new_product(self, request: Request) -> Answer:
        if request["ProductType"] != "CLOUD_FORMATION_TEMPLATE" or "SourceConnection" in request:
            raise Refusal("The local stage plays products made of CloudFormation templates only", "NotImplemented", 501)
        first = self._new_artifact(request.get("ProvisioningArtifactParameters", {}))
        made = Product(new_id("prod"), {"Type": request["ProductType"]}, tags(request.get("Tags")), [first])
        self.books.products[made.id] = made
        return {**self.update_product({**request, "Id": made.id}), "ProvisioningArtifactDetail": shown(first)}

    def update_product(self, request: Request) -> Answer:
        """UpdateProduct."""
        found = self.product({"ProductId": request["Id"]})
        kept = ("Name", "Owner", "Distributor", "SupportDescription", "SupportEmail", "SupportUrl")
        found.summary |= {key: request[key] for key in kept if key in request}
        if "Description" in request:
            found.summary["ShortDescription"] = request["Description"]
        _retag(found.tags, request)
        return {"ProductViewDetail": self._product(found), "Tags": tag_list(found.tags)}

    def describe_product_as_admin(self, request: Request) -> Answer:
        """DescribeProductAsAdmin."""
        found = self.product({"ProductId": request["Id"]} if "Id" in request else {"ProductName": request.get("Name")})
        keys = ("Id", "Name", "Description", "CreatedTime")
        rows = [{key: shown(each)[key] for key in keys} for each in found.artifacts]
        options = [self.books.tag_options[each] for each in found.tag_options]
        detail = {"ProductViewDetail": self._product(found), "ProvisioningArtifactSummaries": rows}
        return detail | {"Tags": tag_list(found.tags), "TagOptions": options}

    def search_products_as_admin(self, request: Request) -> Answer:
        """SearchProductsAsAdmin."""
        found = list(self.books.products.values())
        if "PortfolioId" in request:
            inside = self.portfolio(request["PortfolioId"]).products
            found = [each for each in found if each.id in inside]
        return self.page("ProductViewDetails", map(self._product, found), request)

    def delete_product(self, request: Request) -> Answer:
        """DeleteProduct: one that is in no portfolio. What was provisioned from it stays."""
        found = self.product({"ProductId": request["Id"]})
        if any(found.id in each.products for each in self.books.portfolios.values()):
            raise Refusal(f"Product {found.id} is in a portfolio: take it out first.", _UNDER_USE)
        del self.books.products[found.id]
        return {}

    def _product(self, found: Product) -> Answer:
        summary = {"Id": f"prodview-{found.id[5:]}", "ProductId": found.id, "HasDefaultPath": False, **found.summary}
        arn = self.arn("product", found.id)
        return {"ProductViewSummary": summary, "Status": "AVAILABLE", "ProductARN": arn, "CreatedTime": found.created}

    def create_provisioning_artifact(self, request: Request) -> Answer:
        """CreateProvisioningArtifact: the template is read and checked."""
        product = self.product(request)

        def work() -> Answer:
            made = self._new_artifact(request["Parameters"])
            product.artifacts.append(made)
            return described(made)

        return self.once("CreateProvisioningArtifact", request["IdempotencyToken"], work)

    def _new_artifact(self, given: Mapping[str, Any]) -> Artifact:
        info = given.get("Info", {})
        url = info.get("LoadTemplateFromURL")
        if url is None:
            raise invalid("Info must contain LoadTemplateFromURL: the local stage plays no other source")
        if not given.get("DisableTemplateValidation"):
            try:
                templates.checked(templates.fetch(self.region, url))
            except Refusal as refusal:
                raise invalid(
                    f"Invalid templateBody. Please make sure that your template is valid: {refusal}"
                ) from None
        return Artifact(new_id("pa"), given.get("Name", "v1"), given.get("Description", ""), url)

    def update_provisioning_artifact(self, request: Request) -> Answer:
        """UpdateProvisioningArtifact: name, description, whether it may be provisioned, and its guidance."""
        found = self.artifact(self.product(request), request)
        found.name = request.get("Name", found.name)
        found.description = request.get("Description", found.description)
        found.active = request.get("Active", found.active)
        found.guidance = request.get("Guidance", found.guidance)
        return described(found)

    def delete_provisioning_artifact(self, request: Request) -> Answer:
        """DeleteProvisioningArtifact: not the last one."""
        product = self.product(request)
        found = self.artifact(product, request)
        if len(product.artifacts) == 1:
            raise Refusal(f"{found.id} is the only version of {product.id}", _UNDER_USE)
        product.artifacts.remove(found)
        return {}

    def list_provisioning_artifacts(self, request: Request) -> Answer:
        """ListProvisioningArtifacts: in one page, as the API has none of them."""
        return {"ProvisioningArtifactDetails": [shown(each) for each in self.product(request).artifacts]}

    def describe_provisioning_artifact(self, request: Request) -> Answer:
        """DescribeProvisioningArtifact, with the template's address."""
        return described(self.artifact(self.product(request), request))

    # What is in a portfolio

    def associate_product_with_portfolio(self, request: Request) -> Answer:
        """AssociateProductWithPortfolio."""
        portfolio, product = self.portfolio(request["PortfolioId"]), self.product(request)
        if product.id not in portfolio.products:
            portfolio.products.append(product.id)
        return {}

    def disassociate_product_from_portfolio(self, request: Request) -> Answer:
        """DisassociateProductFromPortfolio: its constraints go first."""
        portfolio, product = self.portfolio(request["PortfolioId"]), self.product(request)
        if self.constraints(portfolio, product):
            raise Refusal(f"{product.id} has constraints in {portfolio.id}: delete them first.", _UNDER_USE)
        if product.id not in portfolio.products:
            raise missing(f"Product {product.id} in {portfolio.id}")
        portfolio.products.remove(product.id)
        return {}

    def associate_principal_with_portfolio(self, request: Request) -> Answer:
        """AssociatePrincipalWithPortfolio."""
        row = {"PrincipalARN": request["PrincipalARN"], "PrincipalType": request["PrincipalType"]}
        principals = self.portfolio(request["PortfolioId"]).principals
        if row not in principals:
            principals.append(row)
        return {}

    def disassociate_principal_from_portfolio(self, request: Request) -> Answer:
        """DisassociatePrincipalFromPortfolio."""
        principals = self.portfolio(request["PortfolioId"]).principals
        found = [each for each in principals if each["PrincipalARN"] == request["PrincipalARN"]]
        if not found:
            raise missing(f"Principal {request['PrincipalARN']}")
        principals.remove(found[0])
        return {}

    def list_principals_for_portfolio(self, request: Request) -> Answer:
        """ListPrincipalsForPortfolio."""
        return self.page("Principals", self.portfolio(request["PortfolioId"]).principals, request)

    # Constraints

    def create_constraint(self, request: Request) -> Answer:
        """CreateConstraint."""
        return self.once("CreateConstraint", request["IdempotencyToken"], lambda: self._new_constraint(request))

    def _new_constraint(self, request: Request) -> Answer:
        portfolio, product, type_ = self.portfolio(request["PortfolioId"]), self.product(request), request["Type"]
        if type_ not in _TYPES:
            raise Refusal(f"The local stage does not play constraints of type {type_}", "NotImplemented", 501)
        if product.id not in portfolio.products:
            raise missing(f"Product {product.id} in {portfolio.id}")
        if type_ in _ONE_OF and self.constraints(portfolio, product, type_):
            said = f"{product.id} may have {_ONE_OF[type_]} in {portfolio.id}"
            raise Refusal(said, "DuplicateResourceException")
        _refuse_malformed(type_, request["Parameters"])
        made = Constraint(
            new_id("cons"), type_, portfolio.id, product.id, request.get("Description", ""), request["Parameters"]
        )
        self.books.constraints[made.id] = made
        return _constraint(made)

    def describe_constraint(self, request: Request) -> Answer:
        """DescribeConstraint."""
        return _constraint(self._constraint(request))

    def update_constraint(self, request: Request) -> Answer:
        """UpdateConstraint."""
        found = self._constraint(request)
        _refuse_malformed(found.type, request.get("Parameters", found.parameters))
        found.description = request.get("Description", found.description)
        found.parameters = request.get("Parameters", found.parameters)
        return _constraint(found)

    def delete_constraint(self, request: Request) -> Answer:
        """DeleteConstraint."""
        del self.books.constraints[self._constraint(request).id]
        return {}

    def list_constraints_for_portfolio(self, request: Request) -> Answer:
        """ListConstraintsForPortfolio."""
        portfolio = self.portfolio(request["PortfolioId"])
        found = [each for each in self.books.constraints.values() if each.portfolio == portfolio.id]
        found = [each for each in found if request.get("ProductId") in (None, each.product)]
        return self.page("ConstraintDetails", (_constraint(each)["ConstraintDetail"] for each in found), request)

    def _constraint(self, request: Request) -> Constraint:
        if request["Id"] not in self.books.constraints:
            raise missing(f"Constraint {request['Id']}")
        return self.books.constraints[request["Id"]]

    # Tag options

    def create_tag_option(self, request: Request) -> Answer:
        """CreateTagOption."""
        pair = {"Key": request["Key"], "Value": request["Value"]}
        if any({**each, **pair} == each for each in self.books.tag_options.values()):
            raise Refusal(f"There is a tag option {request['Key']} = {request['Value']}", "DuplicateResourceException")
        made = {**pair, "Active": True, "Id": new_id("tag"), "Owner": ACCOUNT}
        self.books.tag_options[made["Id"]] = made
        return {"TagOptionDetail": made}

    def describe_tag_option(self, request: Request) -> Answer:
        """DescribeTagOption."""
        return {"TagOptionDetail": self._tag_option(request["Id"])}

    def update_tag_option(self, request: Request) -> Answer:
        """UpdateTagOption."""
        found = self._tag_option(request["Id"])
        found |= {key: request[key] for key in ("Value", "Active") if key in request}
        return {"TagOptionDetail": found}

    def delete_tag_option(self, request: Request) -> Answer:
        """DeleteTagOption: one that nothing has."""
        found = self._tag_option(request["Id"])
        if any(found["Id"] in each.tag_options for each in self._tagged()):
            raise Refusal(f"Tag option {found['Id']} is in use", _UNDER_USE)
        del self.books.tag_options[found["Id"]]
        return {}

    def associate_tag_option_with_resource(self, request: Request) -> Answer:
        """AssociateTagOptionWithResource."""
        options, found = self._options_of(request["ResourceId"]), self._tag_option(request["TagOptionId"])["Id"]
        if found in options:
            raise Refusal(f"{request['ResourceId']} has {found} already", "DuplicateResourceException")
        options.append(found)
        return {}

    def disassociate_tag_option_from_resource(self, request: Request) -> Answer:
        """DisassociateTagOptionFromResource."""
        options = self._options_of(request["ResourceId"])
        if request["TagOptionId"] not in options:
            raise missing(f"TagOption {request['TagOptionId']} of {request['ResourceId']}")
        options.remove(request["TagOptionId"])
        return {}

    def list_resources_for_tag_option(self, request: Request) -> Answer:
        """ListResourcesForTagOption."""
        found = [each for each in self._tagged() if self._tag_option(request["TagOptionId"])["Id"] in each.tag_options]
        answer = self.page("ResourceDetails", ({"Id": each.id} for each in found), request)
        return {"PageToken" if key == "NextPageToken" else key: value for key, value in answer.items()}

    def _tagged(self) -> list[Portfolio | Product]:
        return [*self.books.portfolios.values(), *self.books.products.values()]

    def _options_of(self, id_: str) -> list[str]:
        found = next((each for each in self._tagged() if each.id == id_), None)
        if found is None:
            raise missing(f"Resource {id_}")
        return found.tag_options

    def _tag_option(self, id_: str) -> dict[str, Any]:
        if id_ not in self.books.tag_options:
            raise missing(f"TagOption {id_}")
        return self.books.tag_options[id_]

    # Shares

    def create_portfolio_share(self, request: Request) -> Answer:
        """CreatePortfolioShare: with a part of the organization."""
        portfolio, node = self.portfolio(request["PortfolioId"]), request.get("OrganizationNode")
        if node is None or node.get("Type") == "ACCOUNT":
            raise Refusal("The local stage plays shares with the organization only", "NotImplemented", 501)
        if not _NODE.fullmatch(node.get("Value", "")):
            raise invalid(f"{node.get('Value')} is no organization and no organizational unit")
        if node not in [each["node"] for each in portfolio.shares]:
            portfolio.shares.append({"node": dict(node), "tags": bool(request.get("ShareTagOptions"))})
        return {"PortfolioShareToken": new_id("share")}

    def delete_portfolio_share(self, request: Request) -> Answer:
        """DeletePortfolioShare."""
        portfolio = self.portfolio(request["PortfolioId"])
        portfolio.shares = [each for each in portfolio.shares if each["node"] != request.get("OrganizationNode")]
        return {"PortfolioShareToken": new_id("share")}

    def describe_portfolio_shares(self, request: Request) -> Answer:
        """DescribePortfolioShares, of one type."""
        shares = self.portfolio(request["PortfolioId"]).shares
        rows = [
            {
                "PrincipalId": each["node"]["Value"],
                "Type": each["node"]["Type"],
                "Accepted": True,
                "ShareTagOptions": each["tags"],
                "SharePrincipals": False,
            }
            for each in shares
            if each["node"]["Type"] == request["Type"]
        ]
        return self.page("PortfolioShareDetails", rows, request)


def _refuse_malformed(type_: str, parameters: str) -> None:
    """A constraint that is no JSON, and rules without assertions."""
    said = parsed(parameters)
    rules = said.get("Rules") if type_ == "TEMPLATE" else {}
    if not isinstance(rules, dict) or not all(
        isinstance(each, dict) and "Assertions" in each for each in rules.values()
    ):
        raise invalid("Rules must be a map of rules, each with its Assertions")


def _retag(known: dict[str, str], request: Request) -> None:
    known |= tags(request.get("AddTags"))
    for key in request.get("RemoveTags", ()):
        known.pop(key, None)


def shown(found: Artifact) -> Answer:
    """A version as the API shows it."""
    return {
        "Id": found.id,
        "Name": found.name,
        "Description": found.description,
        "Type": "CLOUD_FORMATION_TEMPLATE",
        "CreatedTime": found.created,
        "Active": found.active,
        "Guidance": found.guidance,
    }


def described(found: Artifact) -> Answer:
    """A version with its template's address."""
    return {"ProvisioningArtifactDetail": shown(found), "Info": {"TemplateUrl": found.url}, "Status": "AVAILABLE"}


def _constraint(found: Constraint) -> Answer:
    detail = {
        "ConstraintId": found.id,
        "Type": found.type,
        "Description": found.description,
        "Owner": ACCOUNT,
        "ProductId": found.product,
        "PortfolioId": found.portfolio,
    }
    return {"ConstraintDetail": detail, "ConstraintParameters": found.parameters, "Status": "AVAILABLE"}
