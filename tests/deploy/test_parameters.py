"""Parameters: every rule by which a value is chosen, and that no other value is ever sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.aws.cloudformation import NewParameter
from oaktree_cfn.deploy.parameters import Given, check, choose, hidden
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.review.forecast import Version
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

WITH_DEFAULT = {"Type": "String", "Default": "d"}
REQUIRED = {"Type": "String"}
KEYS = st.sampled_from(["A", "B", "C", "D"])
VALUES = st.text("xyz", max_size=3)


def test_the_command_line_wins_over_the_file_and_the_file_over_what_is_implied() -> None:
    given_ = Given(
        "dev.toml", file={"A": "file", "B": "file"}, command_line={"A": "line"}, implied={"B": "i", "C": "i"}
    )
    declared = dict.fromkeys("ABC", WITH_DEFAULT)
    assert choose(declared, given_, None) == (
        NewParameter("A", "line"),
        NewParameter("B", "file"),
        NewParameter("C", "i"),
    )


def test_a_kept_parameter_keeps_the_stacks_value_on_an_update() -> None:
    assert choose({"Tag": WITH_DEFAULT}, Given(kept=["Tag"]), {"Tag"}) == (NewParameter("Tag", None),)


@pytest.mark.parametrize("deployed", [None, set()], ids=["create", "update that brings the parameter"])
def test_a_kept_parameter_the_stack_does_not_have_takes_its_default(deployed: set[str] | None) -> None:
    assert choose({"Tag": WITH_DEFAULT}, Given(kept=["Tag"]), deployed) == ()


def test_what_is_implied_but_not_declared_is_not_sent() -> None:
    assert choose({}, Given(implied={"Prefix": "oaktree-dev"}), None) == ()


@pytest.mark.parametrize(
    ("given_", "place"),
    [
        (Given("environments/dev.toml", file={"Tpyo": "1"}), "environments/dev.toml"),
        (Given(command_line={"Tpyo": "1"}), "--parameter"),
    ],
)
def test_an_unknown_key_is_refused_with_its_place(given_: Given, place: str) -> None:
    with pytest.raises(InvalidInput, match=f"{place}: no template has a parameter Tpyo"):
        check({"Typo": WITH_DEFAULT}, given_)


def test_an_unknown_kept_key_is_refused_too() -> None:
    with pytest.raises(InvalidInput, match="Tpyo"):
        check({"Typo": WITH_DEFAULT}, Given("dev.toml", kept=["Tpyo"]))


def test_a_value_outside_its_constraint_names_file_key_and_constraint() -> None:
    declared = {"Cpu": {"Type": "Number", "MinValue": 256, "Default": 256}}
    with pytest.raises(InvalidInput, match=r"dev\.toml: Cpu = '1': .*not less than 256"):
        check(declared, Given("dev.toml", file={"Cpu": "1"}))


def test_a_secret_outside_its_constraint_is_not_shown() -> None:
    declared = {"Password": {"Type": "String", "NoEcho": True, "MinLength": 20, "Default": ""}}
    with pytest.raises(InvalidInput) as caught:
        check(declared, Given(command_line={"Password": "hunter2"}))
    assert "hunter2" not in str(caught.value) + caught.value.advice


def test_a_parameter_without_a_value_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidInput, match="Name has no value") as caught:
        choose({"Name": REQUIRED}, Given("dev.toml"), None)
    assert "dev.toml" in caught.value.advice
    assert "--parameter Name=VALUE" in caught.value.advice


def test_a_required_parameter_may_be_kept() -> None:
    assert choose({"Name": REQUIRED}, Given(kept=["Name"]), {"Name"}) == (NewParameter("Name", None),)


def test_the_values_of_no_echo_parameters_are_hidden_also_one_that_another_overrides() -> None:
    declared = {"Password": {"Type": "String", "NoEcho": "true", "Default": "d-word"}, "Name": REQUIRED}
    version = Version(Tree("root", {"Parameters": declared, "Resources": {}}), {"Password": "hunter2", "Name": "n"})
    given_ = Given(command_line={"Password": "hunter2"}, file={"Name": "n", "Password": "hunter1"})
    assert hidden(version, given_, Place()) == {"hunter2", "hunter1", "d-word"}


@given(
    declared=st.dictionaries(KEYS, st.sampled_from([WITH_DEFAULT, REQUIRED])),
    file=st.dictionaries(KEYS, VALUES),
    line=st.dictionaries(KEYS, VALUES),
    implied=st.dictionaries(KEYS, VALUES),
    kept=st.frozensets(KEYS),
    deployed=st.none() | st.frozensets(KEYS),
)
def test_every_parameter_sent_was_given_or_is_kept_by_right(
    declared: dict[str, dict[str, str]],
    file: dict[str, str],
    line: dict[str, str],
    implied: dict[str, str],
    kept: frozenset[str],
    deployed: frozenset[str] | None,
) -> None:
    given_ = Given("dev.toml", file, line, implied, kept)
    try:
        sent = choose(declared, given_, deployed)
    except InvalidInput:
        strangers = (file.keys() | line.keys() | kept) - declared.keys()
        have = file.keys() | line.keys() | implied.keys() | (kept & (deployed or frozenset()))
        assert strangers or any("Default" not in declared[key] and key not in have for key in declared)
        return
    assert len({parameter.key for parameter in sent}) == len(sent)
    for parameter in sent:
        assert parameter.key in declared
        if parameter.value is None:
            assert deployed is not None
            assert parameter.key in deployed & kept
            assert parameter.key not in file.keys() | line.keys() | implied.keys()
        else:
            sources = [source[parameter.key] for source in (line, file, implied) if parameter.key in source]
            assert parameter.value == sources[0]
    unsent = declared.keys() - {parameter.key for parameter in sent}
    assert all("Default" in declared[key] for key in unsent)
    assert not unsent & (file.keys() | line.keys())
