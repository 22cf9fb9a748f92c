"""All faces say the same, leave out no loss, show no secret, and let no text of a template act."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given

from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.review import Action, Entry, Label, Review
from oaktree_cfn.review.verdict import Refusal, Verdict
from tests.review.answers import Answer, answers, lost, recorded, text_of

from .faces import SAID, face, fixture, of_text

FACES = sorted(SAID)
SECRET = "hunter2"
WORDS = {
    "remove": {"remove", "unknown"},
    "replace": {"replace", "may replace", "new revision", "unknown", "remove"},
    "unknown": {"unknown"},
}


@pytest.mark.parametrize("name", FACES)
@given(answers())
def test_no_loss_of_any_change_set_is_missing_from_any_face(name: str, found: list[Answer]) -> None:
    said = SAID[name](face(name, *of_text(text_of(found))))
    for place, reasons in lost(found).items():
        words = {word for where, word in said if where == place}
        assert words
        assert all(words & WORDS[reason] for reason in reasons)


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_every_face_takes_every_recording(path: Path, name: str) -> None:
    made, verdict = of_text(path.read_text())
    text = face(name, made, verdict)
    assert text.endswith("\n")
    if path.stem != "injection":
        for each in made.consequences:
            flat = re.sub(r"[\s│├└─\\\u200b]+", "", text).replace("&#39;", "'").replace("&#34;", '"').replace("\\", "")
            assert re.sub(r"\s+", "", each.text) in flat or name == "sarif"


@pytest.mark.parametrize("name", FACES)
def test_doubtful_entries_stand_there_marked(name: str) -> None:
    made, verdict = fixture("update")
    text = face(name, made, verdict)
    assert "HttpListener" in text
    assert "may be touched" in text
    assert "Cluster" in text


@pytest.mark.parametrize("name", [name for name in FACES if name != "terminal"])
def test_the_verdict_and_how_to_open_the_gate_stand_there(name: str) -> None:
    made, verdict = fixture("update")
    text = face(name, made, verdict)
    assert "--allow Data/UsersTable" in text
    assert "refuse" in text


@pytest.mark.parametrize("name", FACES)
def test_noise_stands_there_with_its_reason(name: str) -> None:
    entry = Entry(("Alb", "Group"), Action.REPLACE, "AWS::X::Y", label=Label.NOISE, why="VpcId stays what it is")
    text = face(name, Review("orders", "arn", "arn", entries=(entry,)), Verdict())
    assert "VpcId stays what it is" in text
    assert "noise" in text
    assert ("Alb/Group", "noise" if name in {"json", "sarif"} else "replace") in SAID[name](text)


@pytest.mark.parametrize("name", FACES)
def test_remarks_and_failed_sets_stand_there(name: str) -> None:
    made, verdict = fixture("failed")
    assert "EarlyValidation" in face(name, made, verdict)
    noted = Review("orders", "arn", "arn", remarks=("Foretold otherwise",), untouched=("Quiet",))
    text = face(name, noted, Verdict())
    assert "Foretold otherwise" in text
    assert "Quiet" in text


@pytest.mark.parametrize("name", FACES)
def test_planted_secrets_appear_in_no_face(name: str) -> None:
    assert SECRET not in face(name, *fixture("secrets"))


# Injection


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_no_face_holds_what_a_terminal_or_a_log_would_obey(path: Path, name: str) -> None:
    text = face(name, *of_text(path.read_text()))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "##[" not in text
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    ours = re.compile(r"::(error|warning|notice) (file=[^:,]*,line=\d+,)?title=oaktree%3A [a-z ]+::")
    assert all(name == "annotations" and ours.match(line) for line in commands)


def test_annotations_are_escaped_as_the_toolkit_does() -> None:
    from oaktree_cfn.terminal.review_annotations import data, value

    assert data("50%: a,b") == "50%25: a,b"
    assert value("50%: a,b") == "50%25%3A a%2Cb"
    assert data("a\r\nb") == "a\\r\\nb"


def test_sarif_messages_hold_no_links_and_no_placeholders() -> None:
    results = json.loads(face("sarif", *fixture("injection")))["runs"][0]["results"]
    for result in results:
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)[\[\]]", text)
        assert "{0}" not in text.replace("{{", "").replace("}}", "")


# JSON and SARIF


def schema() -> dict[str, object]:
    path = Path(__file__).parents[2] / "docs" / "review.schema.json"
    found: dict[str, object] = json.loads(path.read_text())
    return found


@given(answers())
def test_every_document_fits_its_schema(found: list[Answer]) -> None:
    import jsonschema

    document = json.loads(face("json", *of_text(text_of(found))))
    jsonschema.Draft202012Validator(schema()).validate(document)


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_every_recordings_document_fits_its_schema(path: Path) -> None:
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema())
    document = json.loads(face("json", *of_text(path.read_text())))
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert list(document) == list(schema()["properties"])  # type: ignore[call-overload]


def test_sarif_results_follow_their_rules() -> None:
    run = json.loads(face("sarif", *fixture("update")))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
    levels = {result["properties"]["place"]: result["level"] for result in run["results"] if "word" in result.get("properties", {})}  # fmt: skip
    assert levels["Data/UsersTable"] == "error"
    assert levels["Service/TaskDefinition"] == "note"
    prints = [result["partialFingerprints"]["oaktreeReview/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


# The size of a comment


def many(number: int, action: Action, name: str = "Resource", values: int = 0) -> Review:
    from oaktree_cfn.review.review import PropertyChange

    changes = tuple(PropertyChange(f"Property{index}", "a" * 500, "b" * 500) for index in range(values))
    entries = [Entry((f"Stack{i % 20}", f"{name}{i}"), action, "AWS::X::Y", properties=changes) for i in range(number)]
    return Review("orders", "arn", "arn", entries=tuple(entries))


@pytest.mark.parametrize("action", [Action.REMOVE, Action.REPLACE, Action.UNKNOWN])
@pytest.mark.parametrize(("number", "values"), [(20, 3), (500, 4), (900, 1)])
def test_a_comment_fits_and_names_every_loss(action: Action, number: int, values: int) -> None:
    review = many(number, action, values=values)
    calm = many(number, Action.MODIFY, "Calm", values)
    both = Review("orders", "arn", "arn", entries=(*review.entries, *calm.entries))
    refusals = tuple(Refusal(entry.place, "would be lost") for entry in review.entries)
    meaning = tuple(Consequence("data", entry.place, Severity.REFUSE, "Lost.") for entry in review.entries)
    text = face("markdown", Review("orders", "a", "a", entries=both.entries, consequences=meaning), Verdict(refusals))
    assert len(text.encode()) <= 65_536
    assert all(f"`{entry.path[-1]}`" in text for entry in review.entries)
    assert "Left out here:" in text


def test_what_can_never_fit_says_so() -> None:
    text = face("markdown", many(9_000, Action.REMOVE), Verdict())
    assert len(text.encode()) <= 65_536
    assert "9000 removals and replacements do not fit here by name: do not approve from this comment." in text


def test_a_comment_begins_with_its_mark() -> None:
    assert face("markdown", *fixture("update")).startswith("<!-- oaktree-review: oaktree-dev -->\n")
