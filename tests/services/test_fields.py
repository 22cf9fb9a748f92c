"""Descriptions say what is wrong with them, field by field."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import Ref

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem
from oaktree_cfn.services.when import When


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A part."""

    inches: object = fields.number(28, 12, 36, "Its diameter in inches.")


@dataclass(frozen=True, kw_only=True)
class Bicycle:
    """A description."""

    colour: object = fields.choice(fields.REQUIRED, ("red", "green"), "Its colour.")
    front: object = fields.part(Wheel(), Wheel, "Its front wheel.")
    back: object = fields.conditional(fields.part(Wheel(), Wheel, "Its back wheel."))
    spare: object = fields.several(Wheel, "More wheels.", most=2)
    marks: object = fields.named(fields.Scalar(), "[a-z]+", "lower-case words", "What is written on it.")
    bell: object = fields.text(None, "ding( dong)?", "a sound", "What it says.")

    def contradictions(self):
        if self.colour == "red" and self.bell:
            yield Problem("bell", "a red bicycle needs no bell", "Leave it out")


def complaints(description: object) -> list[str]:
    return [str(problem) for problem in fields.problems(description)]


def test_a_good_description_has_no_problems() -> None:
    assert complaints(Bicycle(colour="green", spare=[Wheel()], marks={"size": 3}, bell="ding")) == []


def test_a_problem_names_the_field_the_value_and_what_it_must_be() -> None:
    assert complaints(Bicycle(colour="blue")) == ["Bicycle.colour: 'blue' is not one of red, green"]


def test_a_part_is_checked_where_it_stands() -> None:
    found = complaints(Bicycle(colour="green", front=Wheel(inches=99), spare=[Wheel(), Wheel(inches="x")]))
    assert found == [
        "Bicycle.front.inches: 99 is not a whole number from 12 to 36",
        "Bicycle.spare.1.inches: 'x' is not a whole number from 12 to 36",
    ]


def test_a_part_of_another_kind_is_refused() -> None:
    assert complaints(Bicycle(colour="green", front=3)) == ["Bicycle.front: 3 is not a Wheel"]


def test_a_list_may_be_too_long() -> None:
    found = complaints(Bicycle(colour="green", spare=[Wheel()] * 3))
    assert found == ["Bicycle.spare: it is not a list of at most 2, each a Wheel"]


def test_names_in_a_map_are_checked_too() -> None:
    assert complaints(Bicycle(colour="green", marks={"Big": 1})) == [
        "Bicycle.marks.Big: lower-case words look different"
    ]


def test_values_that_contradict_each_other_are_found_once_each_is_right_by_itself() -> None:
    assert complaints(Bicycle(colour="red", bell="ding")) == ["Bicycle.bell: a red bicycle needs no bell. Leave it out"]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        fields.verify(Bicycle(colour=1, bell="moo"))
    assert caught.value.message == "Bicycle.colour: 1 is not one of red, green\nBicycle.bell: 'moo' is not a sound"


@pytest.mark.parametrize("value", [Ref("Colour"), {"Ref": "Colour"}, {"Fn::ImportValue": "x"}])
def test_what_only_cloudformation_knows_is_not_judged(value: object) -> None:
    assert complaints(Bicycle(colour=value, front=Wheel(inches=value))) == []


def test_what_decides_which_resources_there_are_is_no_intrinsic_function() -> None:
    assert complaints(Bicycle(colour="green", front=Ref("Front"), marks=Ref("Marks"))) == [
        f"Bicycle.{name}: {TOLD}" for name in ("front", "marks")
    ]


def test_what_stands_under_a_condition_is_judged_all_the_same() -> None:
    found = complaints(Bicycle(colour="green", back=When("Big", Wheel(inches=99))))
    assert found == ["Bicycle.back.inches: 99 is not a whole number from 12 to 36"]


@dataclass(frozen=True, kw_only=True)
class Train:
    """A description whose shape must be known."""

    engine: object = fields.known(fields.part(fields.REQUIRED, Wheel, "What pulls."))
    wagons: object = fields.known(fields.several(Wheel, "What is pulled."))
    lamp: object = fields.conditional(fields.part(None, Wheel, "What shines."))
    stops: object = fields.known(fields.named(fields.Scalar(), "[a-z]+", "lower-case words", "Where it stops."))


TOLD = "it must be known here: no reference, and nothing under a condition"


@pytest.mark.parametrize(
    ("train", "place"),
    [
        (Train(engine=Ref("Engine")), "engine"),
        (Train(engine=When("Pulled", Wheel())), "engine"),
        (Train(engine=Wheel(), wagons=[Wheel(), When("Long", Wheel())]), "wagons.1"),
        (Train(engine=Wheel(), wagons=[{"Ref": "Wagon"}]), "wagons.0"),
        (Train(engine=Wheel(), wagons=When("Long", [Wheel()])), "wagons"),
        (Train(engine=Wheel(), lamp=Ref("Lamp")), "lamp"),
        (Train(engine=Wheel(), stops={"Ref": "Stops"}), "stops"),
        (Train(engine=Wheel(), lamp=When("Night", Ref("Lamp"))), "lamp"),
    ],
)
def test_what_must_be_known_is_no_reference_and_under_no_condition(train: Train, place: str) -> None:
    assert complaints(train) == [f"Train.{place}: {TOLD}"]


def test_what_is_known_is_judged_and_may_stand_under_a_condition_where_that_is_said() -> None:
    assert complaints(Train(engine=Wheel(), wagons=[Wheel()], lamp=When("Night", Wheel()))) == []
    assert complaints(Train(engine=Wheel(inches=1), lamp=When("Night", Wheel(inches=1)))) == [
        "Train.engine.inches: 1 is not a whole number from 12 to 36",
        "Train.lamp.inches: 1 is not a whole number from 12 to 36",
    ]


@given(st.integers())
def test_a_number_as_text_counts_like_the_number(value: int) -> None:
    assert complaints(Wheel(inches=value)) == [text.replace("'", "") for text in complaints(Wheel(inches=str(value)))]


@given(st.text(min_size=41))
def test_a_long_wrong_value_is_never_shown(value: str) -> None:
    (found,) = complaints(Bicycle(colour=value))
    assert found == "Bicycle.colour: it is not one of red, green"
