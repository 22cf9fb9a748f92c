"""The macro ``OakTreeGrants``: intents -> statements, inside any policy document.

::

    PolicyDocument:
      Version: "2012-10-17"
      Fn::Transform: OakTreeGrants
      Grants:
        - {Intent: read, On: bucket, Arn: !GetAtt Uploads.Arn}

The statements come after those that the document has already. The grants stand beside the call, in what the macro is
handed as it is written: a parameter of the call, where they are taken too, must come to plain values before the macro is
called, and CloudFormation knows neither maps nor attributes of resources there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oaktree_cfn.macros.fragment import BadFragment, Fault, Fragment, bound, mapping, meant, refuse
from oaktree_cfn.macros.plain import plain
from oaktree_cfn.macros.properties import describe
from oaktree_cfn.services.grants import Grant, statements


def expand(fragment: Fragment, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The policy document with the grants' statements. Raises BadFragment."""
    bound([dict(fragment), dict(parameters)])
    document = dict(mapping(fragment, "PolicyDocument"))
    for name in parameters:
        if name != "Grants":
            known = ("Grants",)
            raise refuse(f"Parameters/{name}", f"OakTreeGrants takes no such parameter{meant(name, known)}")
    there = document.get("Statement", [])
    kept = there if isinstance(there, list) else [there]
    given = {"Grants": document.pop("Grants", []), "Parameters/Grants": parameters.get("Grants", [])}
    return {"Version": "2012-10-17", **document, "Statement": [*kept, *_statements(_listed(given))]}


def _listed(places: Mapping[str, Any]) -> dict[str, Any]:
    """Every grant by its path. Raises BadFragment where there is none."""
    fix = "Write a list of grants, each {Intent: …, On: …, Arn: …}"
    for path, said in places.items():
        if not isinstance(said, list):
            raise refuse(path, "it is no list of grants", fix)
    found = {f"{path}/{index}": grant for path, said in places.items() for index, grant in enumerate(said)}
    if not found:
        raise refuse("Grants", "there is no list of grants", fix)
    return found


def _statements(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    grants: list[Grant] = []
    faults: list[Fault] = []
    for path, each in given.items():
        try:
            grants.append(describe(Grant, mapping(each, path), path))
        except BadFragment as error:
            faults += error.faults
    if faults:
        raise BadFragment(faults)
    return [plain(statement) for statement in statements(grants)]
