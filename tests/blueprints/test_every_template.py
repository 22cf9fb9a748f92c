"""What holds for every template: it can be read, filled in and understood without its source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.blueprints import catalogue
from oaktree_cfn.environment import load, names
from oaktree_cfn.template import iam
from oaktree_cfn.template.invariants.wildcard_grant import WITHOUT_RESOURCE
from oaktree_cfn.template.parameters import problem
from tests.blueprints.forms import FILLED_IN

HERE = Path(__file__).parents[2]
NAMES = tuple(catalogue())
ENVIRONMENTS = names(HERE / "environments")
INTERFACE = "AWS::CloudFormation::Interface"
CERTIFICATE = "arn:aws:acm:ap-southeast-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def nodes(value: Any, but: str = "") -> Iterator[Any]:
    """Everything in a template, except what is below the keys of one name."""
    yield value
    below = [item for key, item in value.items() if key != but] if isinstance(value, dict) else value
    for item in below if isinstance(below, list) else ():
        yield from nodes(item, but)


@pytest.mark.parametrize("name", NAMES)
def test_its_description_is_the_first_line_of_the_blueprints_docstring(name: str, templates: dict[str, Any]) -> None:
    docstring = catalogue()[name].__doc__ or ""
    assert templates[name]["Description"] == docstring.partition("\n")[0]
    assert len(templates[name]["Description"]) <= 1024


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_described_and_constrained(name: str, templates: dict[str, Any]) -> None:
    constraints = {"AllowedPattern", "AllowedValues", "MinValue", "MinLength", "MaxLength"}
    for title, declaration in templates[name]["Parameters"].items():
        assert declaration["Description"].endswith("."), title
        if declaration["Type"] != "CommaDelimitedList":
            assert constraints & declaration.keys(), title
            assert declaration["ConstraintDescription"].startswith("must "), title


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_label_and_one_place_in_the_form(name: str, templates: dict[str, Any]) -> None:
    interface = templates[name]["Metadata"][INTERFACE]
    placed = [title for group in interface["ParameterGroups"] for title in group["Parameters"]]
    assert sorted(placed) == sorted(templates[name]["Parameters"])
    assert interface["ParameterLabels"].keys() == templates[name]["Parameters"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_every_default_satisfies_its_own_constraint(name: str, templates: dict[str, Any]) -> None:
    for title, declaration in templates[name]["Parameters"].items():
        if "Default" in declaration:
            assert problem(title, declaration, str(declaration["Default"])) is None


@pytest.mark.parametrize("name", NAMES)
def test_every_output_is_described_and_only_the_root_exports(name: str, templates: dict[str, Any]) -> None:
    for title, output in templates[name]["Outputs"].items():
        assert output["Description"].endswith("."), title
        assert ("Export" in output) == (name == "root" and title != "PushCommands"), title


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_no_secret_no_account_and_no_region_of_ours(name: str, templates: dict[str, Any]) -> None:
    text = json.dumps(templates[name])
    assert "ap-southeast-1" not in text
    assert "000000000000" not in text
    assert "123456789012" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_wildcard_resource_stands_only_where_iam_forces_it(name: str, templates: dict[str, Any]) -> None:
    """In a key's own policy ``*`` is the key, which has no ARN yet; an endpoint's policy bounds and grants nothing."""
    every = nodes(templates[name], but="KeyPolicy")
    statements = [node for node in every if isinstance(node, dict) and node.get("Effect") == "Allow"]
    statements = [node for node in statements if not (node.get("Principal") == "*" and "Condition" in node)]
    wide = [node for node in statements if "*" in node.get("Resource", ())]
    assert {action for node in wide for action in node["Action"] if iam.kinds(action)} <= {*WITHOUT_RESOURCE}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_environments_values_satisfy_it(name: str, environment: str, picture: Callable[..., Any]) -> None:
    given = load(environment, HERE / "environments").parameters if name not in FILLED_IN else {}
    drawn = picture(name, **given | ({"CertificateArn": CERTIFICATE} if environment == "prod" else {}))
    assert drawn.refused() == []
    assert drawn.broken_rules() == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_gives_only_parameters_that_the_root_has(environment: str, templates: dict[str, Any]) -> None:
    given = load(environment, HERE / "environments")
    assert {*given.parameters, *given.kept_parameters} <= templates["root"]["Parameters"].keys()
