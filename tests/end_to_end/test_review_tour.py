"""The tour of reviews in ``examples/``, taken for real."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end_to_end.place import ROOT


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What was said at each stop, by its title."""
    folder = tmp_path_factory.mktemp("tour")
    command = [sys.executable, "-m", "examples.review_tour", str(folder)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 of 8 answers as expected" in done.stdout
    plain = done.stdout.translate(dict.fromkeys(map(ord, "│├└─"), " "))
    stops = plain.split("\n## ")[1:]
    return {title: " ".join(text.split()) for title, _, text in (stop.partition("\n") for stop in stops)}


def test_an_image_is_a_new_revision_and_not_a_danger(told: dict[str, str]) -> None:
    assert "new revision TaskDefinition" in told["A new image"]
    assert "exit code 0" in told["A new image"]


def test_a_health_check_value_is_one_property(told: dict[str, str]) -> None:
    assert "HealthCheckIntervalSeconds: 30 → 45" in told["A health check value"]
    assert "1 to modify" in told["A health check value"]


def test_a_tables_key_is_refused_because_its_items_are_at_stake(told: dict[str, str]) -> None:
    assert "Data/UsersTable: UsersTable may be replaced" in told["The table's key"]
    assert "--allow Data/UsersTable" in told["The table's key"]
    assert "cannot change" not in told["The table's key"], "nothing is noise while a replacement is open"


def test_a_port_open_to_the_world_is_refused(told: dict[str, str]) -> None:
    assert "the internet can now reach port 5432 of TaskSecurityGroup" in told["A port open to the world"]


def test_a_wildcard_grant_is_refused(told: dict[str, str]) -> None:
    assert "grants more: dynamodb:*" in told["All of DynamoDB for the task role"]


def test_an_export_in_use_is_refused_and_its_consumer_named(told: dict[str, str]) -> None:
    said = told["An export renamed while another stack imports it"]
    assert "the export oaktree-local-VpcId goes, but billing imports it" in said


def test_a_false_replacement_is_labelled_noise(told: dict[str, str]) -> None:
    said = told["A parameter that falsely reads as a replacement"]
    assert "noise: cannot change: VpcId counts as known after apply, but VpcId (Network.Outputs.VpcId) stays" in said
    assert "exit code 0" in said


def test_an_output_alone_is_shown_as_such(told: dict[str, str]) -> None:
    assert "outputs, tags or metadata only" in told["Nothing but an output"]
