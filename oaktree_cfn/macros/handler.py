"""The Lambda function behind the macros, and the one way in for every door.

The protocol (CloudFormation user guide, "Macros"): the event has ``region``, ``accountId``, ``fragment``,
``transformId`` (``<account>::<macro>``), ``params`` (of this call), ``requestId`` and ``templateParameterValues``; the
answer has ``requestId``, ``status`` (``success``, anything else is a failure), ``fragment`` and ``errorMessage``.

It never raises, and logs the request's id and outcome only: parameter values may be secrets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from oaktree_cfn import __version__
from oaktree_cfn.macros import defaults, grants, transform
from oaktree_cfn.macros.fragment import BadFragment, mapping, refuse
from oaktree_cfn.macros.tags import taggable

_LOG = logging.getLogger("oaktree.macros")

Macro = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
"""Fragment, the call's own parameters, the template's parameter values -> fragment. Raises BadFragment."""


def _oaktree(fragment: Mapping[str, Any], params: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    for name in params:
        raise refuse(f"Parameters/{name}", "OakTree takes no parameters")
    return transform.expand(fragment, __version__, values)


def _grants(fragment: Mapping[str, Any], params: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    return grants.expand(fragment, params)


def _defaults(fragment: Mapping[str, Any], params: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    return defaults.expand(fragment, params, taggable)


MACROS: Mapping[str, Macro] = {"OakTree": _oaktree, "OakTreeGrants": _grants, "OakTreeDefaults": _defaults}
"""Name of a macro -> what it does."""


def handle(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
    """Lambda's entry. Always answers; ``context`` is Lambda's and not used."""
    request = str(event.get("requestId", "")) if isinstance(event, Mapping) else ""
    try:
        fragment = _expanded(event)
    except BadFragment as error:
        return _failed(request, str(error))
    except RecursionError:
        return _failed(request, "the fragment is nested too deeply")
    except Exception as error:
        _LOG.error("request %s failed with %s", request, type(error).__name__)
        return _failed(request, f"a defect of the macro ({type(error).__name__}); please report it with the template")
    _LOG.info("request %s expanded", request)
    return {"requestId": request, "status": "success", "fragment": fragment}


def _expanded(event: Mapping[str, Any]) -> dict[str, Any]:
    given = mapping(event, "event")
    name = str(given.get("transformId", "")).rpartition("::")[2]
    if name not in MACROS:
        raise refuse("transformId", f"there is no macro {name!r}", f"There are {', '.join(MACROS)}")
    parts = ("fragment", "params", "templateParameterValues")
    fragment, params, values = (mapping(given.get(part) or {}, part) for part in parts)
    return MACROS[name](fragment, params, values)


def _failed(request: str, message: str) -> dict[str, Any]:
    return {"requestId": request, "status": "failure", "fragment": {}, "errorMessage": message[:4000]}
