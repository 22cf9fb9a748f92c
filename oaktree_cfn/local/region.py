"""Everything the local stage has in one region: the books, moto's services, the handlers, the faults in force."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from oaktree_cfn.local.faults import Fault, Faults
from oaktree_cfn.local.handler import Handler, Macro, NotPlayed, Request
from oaktree_cfn.local.rollouts import Rollouts, Scheduler
from oaktree_cfn.local.services import Services
from oaktree_cfn.local.stacks import ACCOUNT, Books, Refusal, Resource, Stack
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import schemas
from oaktree_cfn.template.values import TemplateError

_LOG = logging.getLogger(__name__)
_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")


class ResourceFailed(Exception):
    """A resource could not be made, changed or removed; the text is the ResourceStatusReason."""


class OperationFailed(Exception):
    """A stack could not be brought to its revision; the text is the StackStatusReason."""


class Region:
    """One region of the stage."""

    def __init__(self, services: Services, handlers: Mapping[str, Handler], faults: Faults, rollouts: Rollouts) -> None:
        self.name = services.region
        self.books = Books(self.name)
        self.services = services
        self.handlers = handlers
        self.faults = faults
        self.rollouts = rollouts
        self.macros: dict[str, Macro] = {}
        self._zones: dict[str, list[str]] = {}

    def zones(self, region: str) -> list[str]:
        """The availability zones of a region, from moto's EC2."""
        if region not in self.services.regions:
            raise TemplateError(f"Template error: Fn::GetAZs knows no region {region}")
        if region not in self._zones:
            there = self.services if region == self.name else self.services.elsewhere(region)
            answer = there.client("ec2").describe_availability_zones()
            self._zones[region] = sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])
        return self._zones[region]

    def ssm(self, name: str) -> str:
        """The value of an SSM parameter, for parameters of an SSM type. Raises Refusal."""
        try:
            return str(self.services.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            raise Refusal(f"Unable to fetch parameters [{name}] from parameter store for this account.") from error

    # --- resources --------------------------------------------------------------------------------------------------

    def handler(self, type_: str) -> Handler:
        """The handler of a type. Raises Refusal for a type the stage does not play."""
        if type_ not in self.handlers:
            raise Refusal(f"The local stage does not play {type_}. `oaktree local status` lists the types it plays.")
        return self.handlers[type_]

    def refuse_unplayed(self, logical_id: str, type_: str, properties: Mapping[str, Any]) -> None:
        """Refuse what the handler of a type does not know, naming every property."""
        if type_ == STACK_TYPE:
            return
        handler = self.handler(type_)
        known = {*handler.supported, *handler.not_kept}
        strange = sorted({path for path, value in leaves(properties) if not _played(path, value, known)})
        if strange:
            raise Refusal(
                f"The local stage does not play these properties of {logical_id} ({type_}): {', '.join(strange)}"
            )

    def with_tags(self, type_: str, properties: dict[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
        """Properties with the stack's tags added where the type takes tags; the template's own win."""
        schema = schemas.of(type_, self.name)
        if not tags or schema is None or not schema.tag_property:
            return properties
        handler = self.handlers.get(type_)
        if handler is not None and not covered(schema.tag_property, handler.supported):
            return properties
        own = properties.get(schema.tag_property, {} if schema.tags_are_map else [])
        if schema.tags_are_map:
            return {**properties, schema.tag_property: {**tags, **own}}
        taken = {tag["Key"] for tag in own}
        inherited = [{"Key": key, "Value": value} for key, value in tags.items() if key not in taken]
        return {**properties, schema.tag_property: [*own, *inherited]}

    def carry_out(self, stack: Stack, resource: Resource, step: str, *arguments: Any) -> Any:
        """One step (create, update, settle, delete) of a resource's handler. Raises ResourceFailed with the reason."""
        handler, path = self.handler(resource.type), path_of(stack, resource.logical_id)
        client = self.services.client
        scheduler = Scheduler(self.rollouts, self.faults, path, client)
        request = Request(stack.name, resource.logical_id, self.name, ACCOUNT, client, scheduler, self.macros)
        try:
            self.faults.meet(path, step)
            resolved = [self.resolve(argument) if isinstance(argument, dict) else argument for argument in arguments]
            return getattr(handler, step)(*resolved, request)
        except ClientError as error:
            raise ResourceFailed(_reason(error)) from error
        except (Fault, NotPlayed, BotoCoreError, LookupError) as error:
            code = error.code if isinstance(error, Fault) else "GeneralServiceException"
            raise ResourceFailed(
                f'Resource handler returned message: "{error}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: {code})'
            ) from error
        except Exception as error:  # a defect of a handler fails its resource, as in AWS; the stage goes on
            _LOG.exception("%s of %s", step, resource.type)
            raise ResourceFailed(
                f'Resource handler returned message: "{error!r}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: InternalFailure)'
            ) from error

    def resolve(self, value: Any) -> Any:
        """Dynamic references replaced by what SSM and Secrets Manager hold, just before a handler is called."""
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        return _DYNAMIC.sub(self._dynamic, value) if isinstance(value, str) and "{{resolve:" in value else value

    def _dynamic(self, match: re.Match[str]) -> str:
        service, rest = match.groups()
        if service.startswith("ssm"):  # ``name`` or ``name:version``, as the service takes it
            return str(self.services.client("ssm").get_parameter(Name=rest, WithDecryption=True)["Parameter"]["Value"])
        secret, _, more = rest.partition(":SecretString")
        text = str(self.services.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
        key = more.removeprefix(":").split(":")[0]
        return str(json.loads(text)[key]) if key else text


def _reason(error: ClientError) -> str:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    kinds = {
        "Exist": "AlreadyExists",
        "InUse": "AlreadyExists",
        "NotFound": "NotFound",
        "Limit": "ServiceLimitExceeded",
        "Denied": "AccessDenied",
    }
    kind = next((kind for part, kind in kinds.items() if part in code), "InvalidRequest")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return f'Resource handler returned message: "{message} (Service: {code}, Status Code: {status})" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: {kind})'


def leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of evaluated properties with its dotted path, list indices left out; empty lists and maps are leaves."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, prefix)
    elif prefix:
        yield prefix, value


def _played(path: str, value: Any, known: Collection[str]) -> bool:
    """Whether a handler knows a leaf; an empty list or map asks for nothing, so knowing something below it is enough."""
    empty = isinstance(value, list | Mapping)
    return covered(path, known) or (empty and any(other.startswith(f"{path}.") for other in known))


def covered(path: str, known: Collection[str]) -> bool:
    """Whether a path or one above it is among the known ones."""
    parts = path.split(".")
    return any(".".join(parts[:length]) in known for length in range(1, len(parts) + 1))


def path_of(stack: Stack, logical_id: str) -> str:
    """A resource's path below its root stack: ``Data/UsersTable``.

    A nested stack that its parent has let go of already (it is being cleaned up) goes by its own name.
    """
    steps = [logical_id]
    while stack.parent is not None:
        steps.append(stack.logical_id)
        stack = stack.parent
    return "/".join(reversed(steps))
