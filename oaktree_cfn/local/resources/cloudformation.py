"""CloudFormation's own small resources."""

from __future__ import annotations

from oaktree_cfn.local.handler import Handler, Made, Properties, Request


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
