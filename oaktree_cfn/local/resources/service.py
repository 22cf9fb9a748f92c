"""How handlers talk to a service: one call that speaks CloudFormation's words, and the errors that mean something.

CloudFormation's properties and the services' parameters are the same words in another case (``ContainerDefinitions`` and
``containerDefinitions``), and CloudFormation is lenient about scalars (``"80"`` for 80). Both differences are settled
here, from botocore's own model of the operation, so that no handler keeps a table of names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

Values = dict[str, Any]


def call(client: Any, operation: str, /, **parameters: Any) -> Values:
    """Call an operation with parameters in CloudFormation's words, and answer in them.

    A parameter that is None is left out. Scalars take the type that the model asks for; where it asks for text and gets
    a document, the document is sent as JSON.

    Raises:
        ClientError: the service refused; also where botocore refuses a parameter or moto breaks down over the call.
    """
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    given = {name: value for name, value in parameters.items() if value is not None}
    try:
        answer = getattr(client, operation)(**(_fitted(given, model.input_shape) if model.input_shape else given))
    except ParamValidationError as error:
        raise refusal("ValidationException", str(error), model.name) from error
    except ResponseParserError as error:  # an HTML page instead of an answer
        raise refusal("InternalFailure", f"moto breaks down over {model.name}", model.name) from error
    except ClientError as error:
        if code_of(error) == "500":  # the same page, where the protocol is JSON
            raise refusal("InternalFailure", f"moto breaks down over {model.name}", model.name) from error
        raise
    return {} if model.output_shape is None else _in_our_words(answer, model.output_shape)


def refusal(code: str, message: str, operation: str) -> ClientError:
    """The error AWS answers, where moto would let the call pass."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def code_of(error: ClientError) -> str:
    """The service's code of an error, such as ``InvalidVpcID.NotFound``."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def already_gone(*codes: str) -> Iterator[None]:
    """Let the errors pass that say the resource does not exist any more."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in codes:
            raise


@contextmanager
def undone_on_failure(undo: Callable[[], object]) -> Iterator[None]:
    """Take back what a creation in several steps has made when a later step fails, so that nothing leaks."""
    try:
        yield
    except BaseException:
        with suppress(ClientError, LookupError):  # the first failure is the one to tell
            undo()
        raise


def _fitted(value: Any, shape: Any) -> Any:
    """A value as the service's model wants it: its names, its scalar types."""
    if getattr(shape, "is_document_type", False):
        return value
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            names = {name.lower(): name for name in shape.members}
            return {
                names.get(key.lower(), key): _fitted(inner, shape.members[names[key.lower()]])
                if key.lower() in names
                else inner  # botocore refuses it by name
                for key, inner in value.items()
                if inner is not None
            }
        case "list" if isinstance(value, list | tuple):
            return [_fitted(inner, shape.member) for inner in value]
        case "map" if isinstance(value, dict):
            return {key: _fitted(inner, shape.value) for key, inner in value.items()}
        case "map" if isinstance(value, list):  # tags: some services keep them as a map
            return {item["Key"]: _fitted(item["Value"], shape.value) for item in value}
        case kind:
            return _scalar(value, kind)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "string":
        return _text(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in ("integer", "long", "float", "double") and isinstance(value, str):
        return _number(value, int if kind in ("integer", "long") else float)
    return value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value) if isinstance(value, int | float) else value


def _number(value: str, kind: type[int] | type[float]) -> Any:
    try:
        return kind(value)
    except ValueError:
        return value  # botocore names the parameter and the type it wants


def _in_our_words(value: Any, shape: Any) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return {
                key[:1].upper() + key[1:]: _in_our_words(inner, shape.members[key])
                for key, inner in value.items()
                if key in shape.members
            }
        case "list" if isinstance(value, list):
            return [_in_our_words(inner, shape.member) for inner in value]
        case "map" if isinstance(value, dict):
            return {key: _in_our_words(inner, shape.value) for key, inner in value.items()}
        case _:
            return value
