"""What users do: provision, update, terminate, plan, and look at what is there.

Each of them is an operation of the stage's CloudFormation on the stack ``SC-<account>-<provisioned product's id>``, with the
launch constraint's role, the template constraint's rules in the template, the tag options among its tags and the
notification constraint's topics. How it ended is read from the stack, whenever somebody asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from oaktree_cfn.local import shown, templates
from oaktree_cfn.local.catalog.books import Artifact, Plan, Portfolio, Product, Provisioned, Record, new_id
from oaktree_cfn.local.catalog.desk import Answer, Desk, Request, invalid, missing, parsed, path_id, tag_list, tags
from oaktree_cfn.local.catalog.role import Role
from oaktree_cfn.local.stacks import ACCOUNT, Refusal

_CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_PROVISION, _UPDATE, _TERMINATE = "PROVISION_PRODUCT", "UPDATE_PROVISIONED_PRODUCT", "TERMINATE_PROVISIONED_PRODUCT"
_STATES = {"UNDER_CHANGE", "PLAN_IN_PROGRESS"}
_COPY, _MARKED = "arn:aws:s3:::sc-templates/template", {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}
"""Service Catalog launches from its own copy of a template, which is marked. (Administrator guide, "Launch constraints")"""


class Launches(Desk):
    """The users' operations."""

    # Before a launch

    def list_launch_paths(self, request: Request) -> Answer:
        """ListLaunchPaths."""
        product = self.product(request)
        ways = [each for each in self.books.portfolios.values() if product.id in each.products]
        rows = [
            {
                "Id": path_id(each, product),
                "Name": each.detail["DisplayName"],
                "ConstraintSummaries": self._summaries(each, product),
            }
            for each in ways
        ]
        return self.page("LaunchPathSummaries", rows, request)

    def describe_provisioning_parameters(self, request: Request) -> Answer:
        """DescribeProvisioningParameters: the form that people fill in."""
        product = self.product(request)
        artifact, portfolio = self.artifact(product, request), self.path(product, request)
        template = self._template(artifact)
        options = self._tag_options(portfolio, product)
        outputs, declared = template.get("Outputs", {}).items(), template.get("Parameters", {}).items()
        return {
            "ProvisioningArtifactParameters": [_asked(name, each) for name, each in declared],
            "ConstraintSummaries": self._summaries(portfolio, product),
            "TagOptions": [{"Key": key, "Values": values} for key, values in options.items()],
            "ProvisioningArtifactOutputKeys": [_output(name, each) for name, each in outputs],
        }

    def _summaries(self, portfolio: Portfolio, product: Product) -> list[Answer]:
        found = self.constraints(portfolio, product)
        return [{"Type": each.type, "Description": each.description} for each in found]

    def _tag_options(self, portfolio: Portfolio, product: Product) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for id_ in [*portfolio.tag_options, *product.tag_options]:
            option = self.books.tag_options[id_]
            if option["Active"]:
                found.setdefault(option["Key"], []).append(option["Value"])
        return found

    # Launching

    def provision_product(self, request: Request) -> Answer:
        """ProvisionProduct."""
        return self.once("ProvisionProduct", request["ProvisionToken"], lambda: self._provision(request))

    def _provision(self, request: Request) -> Answer:
        product = self.product(request)
        artifact, portfolio = self.artifact(product, request), self.path(product, request)
        self._refuse_inactive(artifact)
        made = self._new(request["ProvisionedProductName"], product, artifact, portfolio, request["ProvisionToken"])
        made.tags = self._tags(portfolio, product, request)
        asked = self._asked(made, artifact, portfolio, product, request, made.tags)
        role = self._role(portfolio, product)
        self._launch(made, "create_stack", {**asked, "RoleARN": role} if role else asked)
        self.books.provisioned[made.id] = made
        return _detail(self._record(made, _PROVISION, artifact, role))

    def update_provisioned_product(self, request: Request) -> Answer:
        """UpdateProvisionedProduct: of one whose last operation has ended."""
        return self.once("UpdateProvisionedProduct", request["UpdateToken"], lambda: self._update(request))

    def _update(self, request: Request) -> Answer:
        found = self._settled(request)
        product, artifact, portfolio = self._version(found, request)
        known = self._tags(portfolio, product, request) if "Tags" in request else found.tags
        asked = self._asked(found, artifact, portfolio, product, request, known)
        role = self._role(portfolio, product)
        record = Record(new_id("rec"), _UPDATE, found, artifact.id, role)
        try:
            self._launch(found, "update_stack", {**asked, "RoleARN": role} if role else asked)
        except Refusal as refusal:
            if not refusal.message.startswith("No updates"):
                raise
        found.tags, found.status = known, "UNDER_CHANGE"
        return _detail(self._keep(record))

    def terminate_provisioned_product(self, request: Request) -> Answer:
        """TerminateProvisionedProduct: its stack goes, or stays where resources are to be retained."""
        return self.once("TerminateProvisionedProduct", request["TerminateToken"], lambda: self._terminate(request))

    def _terminate(self, request: Request) -> Answer:
        found = self._settled(request)
        role = found.records[-1].role if found.records else ""
        record = self._keep(Record(new_id("rec"), _TERMINATE, found, found.artifact, role))
        found.status = "UNDER_CHANGE"
        if request.get("RetainPhysicalResources"):
            self._end(record, "SUCCEEDED")
            found.gone = True
        elif found.stack:
            self.plane.operation("DeleteStack")({"StackName": found.stack})
        return _detail(record)

    def _new(self, name: str, product: Product, artifact: Artifact, portfolio: Portfolio, token: str) -> Provisioned:
        if any(each.name == name and not each.gone for each in self.books.provisioned.values()):
            raise invalid(f"A stack named {name} already exists.")
        return Provisioned(new_id("pp"), name, product.id, artifact.id, path_id(portfolio, product), token, {})

    @staticmethod
    def _refuse_inactive(artifact: Artifact) -> None:
        if not artifact.active:
            raise invalid(f"Provisioning artifact {artifact.id} is not active.")

    def _launch(self, found: Provisioned, operation: str, asked: Mapping[str, Any]) -> None:
        action = "".join(word.capitalize() for word in operation.split("_"))
        try:
            found.stack = self.plane.operation(action)(asked)["StackId"]
        except Refusal as refusal:
            if refusal.message.startswith("No updates"):
                raise
            raise invalid(refusal.message) from refusal

    def _version(self, found: Provisioned, request: Request) -> tuple[Product, Artifact, Portfolio]:
        """The product, the version asked for (its own where none is), and the path."""
        product = self.product({"ProductId": found.product, **_some(request, "ProductId", "ProductName")})
        asked = _some(request, "ProvisioningArtifactId", "ProvisioningArtifactName")
        artifact = self.artifact(product, asked or {"ProvisioningArtifactId": found.artifact})
        if artifact.id != found.artifact:
            self._refuse_inactive(artifact)
        return product, artifact, self.path(product, _some(request, "PathId", "PathName") or {"PathId": found.path})

    def _asked(
        self,
        found: Provisioned,
        artifact: Artifact,
        portfolio: Portfolio,
        product: Product,
        request: Request,
        known: Mapping[str, str],
    ) -> Answer:
        """What CloudFormation is asked for."""
        template = self._template(artifact)
        rules = template.get("Rules", {})
        for constraint in self.constraints(portfolio, product, "TEMPLATE"):
            rules = {**rules, **parsed(constraint.parameters).get("Rules", {})}
        topics = [
            arn
            for each in self.constraints(portfolio, product, "NOTIFICATION")
            for arn in parsed(each.parameters)["NotificationArns"]
        ]
        body = json.dumps({**template, **({"Rules": rules} if rules else {})}, separators=(",", ":"))
        given = request.get("ProvisioningParameters", ())
        strange = sorted({item["Key"] for item in given} - template.get("Parameters", {}).keys())
        if strange:
            raise invalid(f"Parameters: [{', '.join(strange)}] do not exist in the template")
        return {
            "StackName": f"SC-{ACCOUNT}-{found.id}",
            "TemplateBody": body,
            "Parameters": self._parameters(found, given, template),
            "Capabilities": _CAPABILITIES,
            "Tags": tag_list(known),
            "NotificationARNs": [*topics, *request.get("NotificationArns", ())],
        }

    def _parameters(self, found: Provisioned, given: Any, template: Mapping[str, Any]) -> list[Answer]:
        """The parameters to send; a stack that is there keeps the values that are not given."""
        rows = {
            item["Key"]: {"UsePreviousValue": True}
            if item.get("UsePreviousValue")
            else {"ParameterValue": item.get("Value", "")}
            for item in given
        }
        stack = self.plane.books.find(found.stack) if found.stack else None
        if stack is not None and stack.revision is not None:
            kept = [name for name in template.get("Parameters", {}) if name in stack.revision.parameters]
            rows = {**{key: {"UsePreviousValue": True} for key in kept}, **rows}
        return [{"ParameterKey": key, **row} for key, row in rows.items()]

    def _template(self, artifact: Artifact) -> dict[str, Any]:
        try:
            return dict(templates.checked(templates.fetch(self.region, artifact.url)))
        except Refusal as refusal:
            raise invalid(f"The template of {artifact.id} cannot be read: {refusal.message}") from refusal

    def _tags(self, portfolio: Portfolio, product: Product, request: Request) -> dict[str, str]:
        """Tags as given, within the tag options; those with one value are set anyway."""
        given = tags(request.get("Tags"))
        for key, values in self._tag_options(portfolio, product).items():
            if key in given and given[key] not in values:
                raise invalid(f"Tag {key} must be one of {', '.join(values)}")
            if key not in given and len(values) > 1:
                raise invalid(f"Tag {key} is missing: it must be one of {', '.join(values)}")
            given.setdefault(key, values[0])
        return given

    def _role(self, portfolio: Portfolio, product: Product) -> str:
        """The launch role's ARN; empty where none is set. Raises Refusal for one that cannot launch."""
        for constraint in self.constraints(portfolio, product, "LAUNCH"):
            said = parsed(constraint.parameters)
            arn = str(said.get("RoleArn") or f"arn:aws:iam::{ACCOUNT}:role/{said['LocalRoleName']}")
            role = Role(self.region.services.client("iam"), arn)
            if not role.exists():
                raise invalid(f"Access denied while assuming the role {arn}")
            if not role.may("s3:GetObject", _COPY, _MARKED):
                raise invalid(f"User: {arn} is not authorized to perform: s3:GetObject on resource: {_COPY}")
            return arn
        return ""

    # Records

    def _record(self, found: Provisioned, type_: str, artifact: Artifact, role: str) -> Record:
        return self._keep(Record(new_id("rec"), type_, found, artifact.id, role))

    def _keep(self, record: Record) -> Record:
        self.books.records[record.id] = record
        record.provisioned.records.append(record)
        return record

    def _settled(self, request: Request) -> Provisioned:
        """One whose last operation has ended. Raises Refusal."""
        found = self.of_provisioned(request.get("ProvisionedProductId"), request.get("ProvisionedProductName"))
        self._look(found)
        if found.gone:
            raise missing(f"Provisioned product {found.id}")
        if found.status in _STATES:
            raise invalid(f"Provisioned product {found.id} is under change; wait until it is not.")
        return found

    def _look(self, found: Provisioned) -> None:
        """Bring the last record to what the stack says."""
        record = found.records[-1] if found.records else None
        stack = self.plane.books.stacks.get(found.stack)
        if record is None or record.status != "IN_PROGRESS" or stack is None or stack.status.endswith("_IN_PROGRESS"):
            return
        if stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") and record.type != _TERMINATE:
            found.artifact, found.status, found.message = record.artifact, "AVAILABLE", ""
            self._end(record, "SUCCEEDED")
        elif stack.gone:
            found.gone = record.type == _TERMINATE
            found.status = "AVAILABLE" if found.gone else "ERROR"
            self._end(record, "SUCCEEDED" if found.gone else "FAILED")
        else:
            found.status = "TAINTED" if stack.status.startswith("UPDATE") or record.type == _TERMINATE else "ERROR"
            found.message = _why(stack)
            record.errors = [{"Code": "CFNStackOperationFailed", "Description": found.message}]
            self._end(record, "FAILED")

    @staticmethod
    def _end(record: Record, status: str) -> None:
        record.status, record.updated = status, datetime.now(UTC)

    def describe_record(self, request: Request) -> Answer:
        """DescribeRecord, with the outputs once it SUCCEEDED."""
        record = self.books.records.get(request["Id"])
        if record is None:
            raise missing(f"Record {request['Id']}")
        self._look(record.provisioned)
        told = self._outputs(record.provisioned) if record.status == "SUCCEEDED" else []
        return _detail(record) | self.page("RecordOutputs", told, request)

    def list_record_history(self, request: Request) -> Answer:
        """ListRecordHistory: newest first."""
        wanted = request.get("SearchFilter", {})
        for found in self.books.provisioned.values():
            self._look(found)
        rows = [_detail(each)["RecordDetail"] for each in reversed(self.books.records.values())]
        key = {"product": "ProductId", "provisionedproduct": "ProvisionedProductId"}.get(wanted.get("Key", ""))
        if key is not None:
            rows = [row for row in rows if row[key] == wanted.get("Value")]
        return self.page("RecordDetails", rows, request)

    def get_provisioned_product_outputs(self, request: Request) -> Answer:
        """GetProvisionedProductOutputs."""
        found = self.of_provisioned(request.get("ProvisionedProductId"), request.get("ProvisionedProductName"))
        wanted = request.get("OutputKeys")
        told = [each for each in self._outputs(found) if not wanted or each["OutputKey"] in wanted]
        return self.page("Outputs", told, request)

    def _outputs(self, found: Provisioned) -> list[Answer]:
        stack = self.plane.books.stacks.get(found.stack)
        keys = ("OutputKey", "OutputValue", "Description")
        own = {"OutputKey": "CloudformationStackARN", "OutputValue": found.stack, "Description": "The stack"}
        told = stack.outputs.values() if stack is not None else ()
        return [own, *({key: each[key] for key in keys if key in each} for each in told)]

    # What is provisioned

    def describe_provisioned_product(self, request: Request) -> Answer:
        """DescribeProvisionedProduct."""
        found = self.of_provisioned(request.get("Id"), request.get("Name"))
        self._look(found)
        if found.gone:
            raise missing(f"Provisioned product {found.id}")
        role = found.records[-1].role if found.records else ""
        return {"ProvisionedProductDetail": self._row(found) | ({"LaunchRoleArn": role} if role else {})}

    def search_provisioned_products(self, request: Request) -> Answer:
        """SearchProvisionedProducts: all of the account, filtered by ``key:value`` or a part of the name."""
        for found in self.books.provisioned.values():
            self._look(found)
        queries = request.get("Filters", {}).get("SearchQuery", [])
        rows = [self._searched(each) for each in self.books.provisioned.values() if not each.gone]
        rows = [row for row in rows if all(_matches(row, query) for query in queries)]
        return self.page("ProvisionedProducts", rows, request) | {"TotalResultsCount": len(rows)}

    def _searched(self, found: Provisioned) -> Answer:
        product = self.books.products.get(found.product)
        versions = {each.id: each.name for each in product.artifacts} if product is not None else {}
        more = {"PhysicalId": found.stack, "Tags": tag_list(found.tags)}
        if product is not None:
            more["ProductName"] = product.summary["Name"]
        if found.artifact in versions:
            more["ProvisioningArtifactName"] = versions[found.artifact]
        return self._row(found) | more

    def _row(self, found: Provisioned) -> Answer:
        good = [each.id for each in found.records if each.status == "SUCCEEDED"]
        made = [each.id for each in found.records if each.type != _TERMINATE]
        last = {
            "LastRecordId": [each.id for each in found.records][-1:],
            "LastProvisioningRecordId": made[-1:],
            "LastSuccessfulProvisioningRecordId": good[-1:],
        }
        return {
            "Name": found.name,
            "Arn": self.arn("stack", f"{found.name}/{found.id}"),
            "Type": "CFN_STACK",
            "Id": found.id,
            "Status": found.status,
            "StatusMessage": found.message,
            "CreatedTime": found.created,
            "IdempotencyToken": found.token,
            "ProductId": found.product,
            "ProvisioningArtifactId": found.artifact,
            **{key: rows[0] for key, rows in last.items() if rows},
        }

    # Plans

    def create_provisioned_product_plan(self, request: Request) -> Answer:
        """CreateProvisionedProductPlan: a change set that waits."""
        token = request["IdempotencyToken"]
        return self.once("CreateProvisionedProductPlan", token, lambda: self._new_plan(request))

    def _new_plan(self, request: Request) -> Answer:
        name, product = request["ProvisionedProductName"], self.product(request)
        artifact, portfolio = self.artifact(product, request), self.path(product, request)
        existing = [each for each in self.books.provisioned.values() if each.name == name and not each.gone]
        found = existing[0] if existing else self._new(name, product, artifact, portfolio, request["IdempotencyToken"])
        kind = "UPDATE" if found.stack else "CREATE"
        if existing:
            self._settled({"ProvisionedProductId": found.id})
        known = self._tags(portfolio, product, request) if not existing or "Tags" in request else found.tags
        self._role(portfolio, product)
        asked = self._asked(found, artifact, portfolio, product, request, known)
        plan = Plan(new_id("plan"), request["PlanName"], found, artifact.id, "", [], known)
        plan.parameters = list(request.get("ProvisioningParameters", ()))
        change_set = {**asked, "ChangeSetName": f"{plan.id}", "ChangeSetType": kind, "IncludeNestedStacks": True}
        try:
            made = self.plane.operation("CreateChangeSet")(change_set)
        except Refusal as refusal:
            raise invalid(refusal.message) from refusal
        plan.change_set = made["Id"]
        described = self.plane.books.change_sets[plan.change_set]
        if described.status == "FAILED":
            plan.status, plan.message = "CREATE_FAILED", described.reason
        if not existing:
            found.stack, found.status, found.tags = made["StackId"], "PLAN_IN_PROGRESS", known
            self.books.provisioned[found.id] = found
        self.books.plans[plan.id] = plan
        return _plan_ids(plan)

    def describe_provisioned_product_plan(self, request: Request) -> Answer:
        """DescribeProvisionedProductPlan, with what would change."""
        plan = self._plan(request)
        self._look(plan.provisioned)
        if plan.record is not None and plan.record.status != "IN_PROGRESS":
            plan.status = "EXECUTE_SUCCESS" if plan.record.status == "SUCCEEDED" else "EXECUTE_FAILED"
        found = plan.provisioned
        details = {
            "CreatedTime": plan.created,
            "PathId": found.path,
            "ProductId": found.product,
            "PlanName": plan.name,
            "PlanId": plan.id,
            "ProvisionProductId": found.id,
            "ProvisionProductName": found.name,
            "PlanType": "CLOUDFORMATION",
            "ProvisioningArtifactId": plan.artifact,
            "Status": plan.status,
            "ProvisioningParameters": plan.parameters,
            "Tags": tag_list(plan.tags),
            "StatusMessage": plan.message,
        }
        change_set = self.plane.books.change_sets.get(plan.change_set)
        changes = shown.change_set(change_set, values=False)["Changes"] if change_set is not None else []
        rows = [_resource_change(each["ResourceChange"]) for each in changes]
        return {"ProvisionedProductPlanDetails": details, **self.page("ResourceChanges", rows, request)}

    def execute_provisioned_product_plan(self, request: Request) -> Answer:
        """ExecuteProvisionedProductPlan."""
        token = request["IdempotencyToken"]
        return self.once("ExecuteProvisionedProductPlan", token, lambda: self._execute(self._plan(request)))

    def _execute(self, plan: Plan) -> Answer:
        if plan.status != "CREATE_SUCCESS":
            raise Refusal(f"Plan {plan.id} is {plan.status} and cannot be executed", "InvalidStateException")
        found = plan.provisioned
        product = self.product({"ProductId": found.product})
        role = self._role(self.path(product, {"PathId": found.path}), product)
        type_ = _UPDATE if found.records else _PROVISION
        self.plane.operation("ExecuteChangeSet")({"ChangeSetName": plan.change_set})
        found.status, found.tags, plan.status = "UNDER_CHANGE", plan.tags, "EXECUTE_IN_PROGRESS"
        self.plane.books.stacks[found.stack].role_arn = role
        plan.record = self._keep(Record(new_id("rec"), type_, found, plan.artifact, role))
        return _detail(plan.record)

    def delete_provisioned_product_plan(self, request: Request) -> Answer:
        """DeleteProvisionedProductPlan, and what only it had begun."""
        plan = self._plan(request)
        found = plan.provisioned
        if plan.change_set in self.plane.books.change_sets and plan.record is None:
            self.plane.operation("DeleteChangeSet")({"ChangeSetName": plan.change_set})
        if not found.records:
            self.plane.operation("DeleteStack")({"StackName": found.stack})
            found.gone = True
        del self.books.plans[plan.id]
        return {}

    def list_provisioned_product_plans(self, request: Request) -> Answer:
        """ListProvisionedProductPlans."""
        wanted = request.get("ProvisionProductId")
        found = [each for each in self.books.plans.values() if wanted in (None, each.provisioned.id)]
        keys = ("PlanName", "PlanId", "ProvisionProductId", "ProvisioningArtifactId")
        rows = [
            {key: _plan_ids(each)[key] for key in keys}
            | {"ProvisionProductName": each.provisioned.name, "PlanType": "CLOUDFORMATION"}
            for each in found
        ]
        return self.page("ProvisionedProductPlans", rows, request)

    def _plan(self, request: Request) -> Plan:
        if request["PlanId"] not in self.books.plans:
            raise missing(f"Plan {request['PlanId']}")
        return self.books.plans[request["PlanId"]]


def _some(request: Request, *names: str) -> dict[str, Any]:
    return {name: request[name] for name in names if name in request}


def _plan_ids(plan: Plan) -> Answer:
    found = plan.provisioned
    return {
        "PlanName": plan.name,
        "PlanId": plan.id,
        "ProvisionProductId": found.id,
        "ProvisionedProductName": found.name,
        "ProvisioningArtifactId": plan.artifact,
    }


def _detail(record: Record) -> Answer:
    found = record.provisioned
    detail = {
        "RecordId": record.id,
        "ProvisionedProductName": found.name,
        "Status": record.status,
        "CreatedTime": record.created,
        "UpdatedTime": record.updated,
        "ProvisionedProductType": "CFN_STACK",
        "RecordType": record.type,
        "ProvisionedProductId": found.id,
        "ProductId": found.product,
        "ProvisioningArtifactId": record.artifact,
        "PathId": found.path,
        "RecordErrors": record.errors,
    }
    return {"RecordDetail": detail | ({"LaunchRoleArn": record.role} if record.role else {})}


def _why(stack: Any) -> str:
    """The first resource that failed, or what the stack says of itself."""
    begun = max((index for index, event in enumerate(stack.events) if _starts(event, stack)), default=0)
    failed = [event for event in stack.events[begun:] if event.status.endswith("_FAILED") and event.reason]
    return str(failed[0].reason if failed else stack.reason)


def _starts(event: Any, stack: Any) -> bool:
    about_stack = event.physical_id == stack.id
    return about_stack and event.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")


def _matches(row: Mapping[str, Any], query: str) -> bool:
    key, colon, value = query.partition(":")
    found = next((each for name, each in row.items() if name.lower() == key.lower()), None)
    return str(found) == value if colon else key in str(row["Name"])


def _resource_change(change: Mapping[str, Any]) -> Answer:
    """A change as plans show it: in capitals, and without values."""
    found: Answer = {
        key: change[key] for key in ("LogicalResourceId", "PhysicalResourceId", "ResourceType") if key in change
    }
    found["Action"] = {"Modify": "MODIFY", "Remove": "REMOVE"}.get(change["Action"], "ADD")
    if change.get("Replacement"):
        found["Replacement"] = change["Replacement"].upper()
    scope = {"UpdateReplacePolicy": "DELETIONPOLICY"}
    found["Scope"] = list(dict.fromkeys(scope.get(each, each.upper()) for each in change.get("Scope", ())))
    found["Details"] = [_change_detail(each) for each in change.get("Details", ())]
    return found


def _change_detail(detail: Mapping[str, Any]) -> Answer:
    target = detail.get("Target", {})
    shown_target = {"Attribute": target.get("Attribute", "Properties").upper(), "Name": target.get("Name", "")}
    if "RequiresRecreation" in target:
        shown_target["RequiresRecreation"] = target["RequiresRecreation"].upper()
    found: Answer = {"Target": shown_target, "Evaluation": detail.get("Evaluation", "Static").upper()}
    return found | ({"CausingEntity": detail["CausingEntity"]} if "CausingEntity" in detail else {})


def _asked(name: str, declared: Mapping[str, Any]) -> Answer:
    limits = ("AllowedPattern", "ConstraintDescription", "MaxLength", "MinLength", "MaxValue", "MinValue")
    constraints: Answer = {key: str(declared[key]) for key in limits if key in declared}
    if "AllowedValues" in declared:
        constraints["AllowedValues"] = [str(each) for each in declared["AllowedValues"]]
    row = {"ParameterKey": name, "ParameterType": declared["Type"], "ParameterConstraints": constraints}
    row["IsNoEcho"] = str(declared.get("NoEcho", "")).lower() == "true"
    row["Description"] = declared.get("Description", "")
    return row | ({"DefaultValue": str(declared["Default"])} if "Default" in declared else {})


def _output(name: str, declared: Mapping[str, Any]) -> Answer:
    return {"Key": name, "Description": declared.get("Description", "")}
