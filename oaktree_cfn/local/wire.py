"""CloudFormation's query protocol: requests to plain dicts, answers to XML, by botocore's own service model.

The parser and serialiser are moto's (``moto.core.parse``, ``moto.core.serialize``), which play any model; botocore's
parser is the judge of what comes out.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.validate import ParamValidator
from moto.core.parse import QueryParser
from moto.core.serialize import QuerySerializer, SerializationContext
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from oaktree_cfn.local.stacks import Refusal

Operation = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_LOG = logging.getLogger(__name__)
_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@cache
def _model() -> Any:
    return get_service_model("cloudformation")


def answer(request: Request, operation: Callable[[str], Operation]) -> Response:
    """Parse a request, run the operation it names, serialise what it returns or refuses."""
    values = request.values
    action = values.get("Action", "")
    try:
        if action not in _model().operation_names:
            raise Refusal(f"Could not find operation {action}", "InvalidAction")
        parsed = QueryParser(_model().operation_model(action)).parse({"values": values})
        _validate(action, parsed)
        return _success(action, operation(action)(parsed))
    except Refusal as refusal:
        return _error(refusal)
    except Exception as error:  # a defect is told in the protocol, so that every client can show it
        _LOG.exception("answering %s", action)
        return _error(Refusal(f"defect in the local stage: {error!r}", "InternalFailure", 500))


def _validate(action: str, parsed: Mapping[str, Any]) -> None:
    """Refuse what a careful client would not send: missing and mistyped members."""
    report = ParamValidator().validate(parsed, _model().operation_model(action).input_shape)
    if report.has_errors():
        raise Refusal(f"1 validation error detected: {report.generate_report()}")


def _success(action: str, result: Mapping[str, Any]) -> Response:
    context = SerializationContext(request_id=str(uuid.uuid4()))
    answered = QuerySerializer(_model().operation_model(action), context=context).serialize(result)
    return Response(answered["body"], status=answered["status_code"], content_type="text/xml")


def _error(refusal: Refusal) -> Response:
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{escape(refusal.code)}</Code>'
        f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Response(body, status=refusal.status, content_type="text/xml")
