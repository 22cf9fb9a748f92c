"""A resource that fails inside a nested stack: rolled back, explained, nothing left, and the next deploy works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.place import Place, make_place
from tests.end_to_end.test_tour import inventory, physical_ids

PREFIX = "oaktree-local"


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = make_place(tmp_path_factory.mktemp("spoiled"))
    yield made
    made.run("local", "stop")


def status(place: Place) -> str:
    return str(place.client("cloudformation").describe_stacks(StackName=PREFIX)["Stacks"][0]["StackStatus"])


def test_a_failed_create_rolls_back_says_why_and_can_be_repeated(spoiled: Place) -> None:
    assert spoiled.run("local", "start").returncode == 0
    untouched = inventory(spoiled)
    spoiled.fault(resource="Service/TaskRole", step="create", fail="the role is not to be")
    failed = spoiled.deploy()
    assert failed.returncode == 5
    assert "Service/TaskRole" in failed.stderr
    assert "the role is not to be" in failed.stderr
    assert "Traceback" not in failed.stderr
    left = inventory(spoiled)
    assert {key for key in left if left[key] != untouched[key]} <= {"buckets", "stacks"}
    again = spoiled.deploy("--recreate", "--yes")
    assert again.returncode == 0, again.stderr
    assert status(spoiled) == "CREATE_COMPLETE"


def test_a_failed_update_goes_back_says_why_and_can_be_repeated(spoiled: Place) -> None:
    before = physical_ids(spoiled)
    spoiled.edit(
        lambda text: text.replace("[parameters]", "[parameters]\nHealthCheckInterval = 45\nLogRetentionDays = 60")
    )
    spoiled.fault(resource="Service/LogGroup", step="update", fail="the log group is not to be")
    failed = spoiled.deploy()
    assert failed.returncode == 5
    assert "Service/LogGroup" in failed.stderr
    assert "the log group is not to be" in failed.stderr
    assert status(spoiled) == "UPDATE_ROLLBACK_COMPLETE"
    assert physical_ids(spoiled) == before
    (group,) = spoiled.client("elbv2").describe_target_groups()["TargetGroups"]
    assert group["HealthCheckIntervalSeconds"] == 30
    again = spoiled.deploy()
    assert again.returncode == 0, again.stderr
    (group,) = spoiled.client("elbv2").describe_target_groups()["TargetGroups"]
    assert group["HealthCheckIntervalSeconds"] == 45


def test_a_stage_that_dies_on_the_way_is_reported_and_the_next_deploy_starts_anew(spoiled: Place) -> None:
    import os
    import signal
    import subprocess
    import time

    from oaktree_cfn.local import process
    from tests.end_to_end.place import BIN

    assert spoiled.run("destroy", "--env", "local", "--yes").returncode == 0
    spoiled.fault(resource="Data/UsersTable", step="create", delay=60)
    running = subprocess.Popen(  # noqa: S603  # our own command
        [str(BIN / "oaktree"), "deploy", "--env", "local", "--no-lint"],
        cwd=spoiled.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    stage = process.running(spoiled.folder)
    assert stage is not None
    deadline = time.monotonic() + 30
    while not any(s["status"] == "CREATE_IN_PROGRESS" for s in stage.ask("GET", "state")["stacks"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    os.kill(stage.pid, signal.SIGKILL)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 7
    assert "Traceback" not in said
    again = spoiled.deploy()
    assert again.returncode == 0, again.stderr
