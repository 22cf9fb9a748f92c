"""CloudFormation's own small resources."""

from __future__ import annotations

from oaktree_cfn.local.handler import Handler, Macro, Made, Properties, Request
from oaktree_cfn.local.resources.service import refusal


class WaitConditionHandle(Handler):
    """An address to signal to; ``Ref`` is the address. Often used as a resource that costs nothing."""

    type = "AWS::CloudFormation::WaitConditionHandle"
    supported = frozenset[str]()

    def create(self, properties: Properties, request: Request) -> Made:
        place = f"arn%3Aaws%3Acloudformation%3A{request.region}%3A{request.account}%3Astack/{request.name()}"
        host = f"cloudformation-waitcondition-{request.region}.s3.{request.region}.amazonaws.com"
        address = f"https://{host}/{place}"
        return Made(address, {"Id": address})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        """Nothing stands behind the address."""

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        return {}


class TemplateMacro(Handler):
    """A macro that templates can name; ``Ref`` is that name, of which a region has one.

    CloudFormation keeps macros itself, so they stand in the region's own book, and what calls them looks there.
    """

    type = "AWS::CloudFormation::Macro"
    supported = frozenset({"Description", "FunctionName", "LogGroupName", "LogRoleARN", "Name"})

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties["Name"]
        if name in request.macros:
            raise refusal("AlreadyExistsException", f"Macro {name} already exists", "CreateMacro")
        request.macros[name] = Macro(name, properties["FunctionName"], properties)
        return Made(name, {"Id": name})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        request.macros[made.physical_id] = Macro(made.physical_id, after["FunctionName"], after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        request.macros.pop(made.physical_id, None)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        if made.physical_id not in request.macros:
            raise LookupError(f"there is no macro {made.physical_id}")
        return request.macros[made.physical_id].properties
