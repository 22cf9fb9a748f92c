"""The library's own system gets its images: the first one, the next one, the one before, and a deploy in between."""

from __future__ import annotations

import pytest

from oaktree_cfn.local.process import Stage
from tests.end_to_end.place import Place, make_place

URI = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-local"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Place:
    """An environment with an autoscaler, and no image yet."""
    made = make_place(tmp_path_factory.mktemp("image"), stage)
    made.edit(lambda text: text.replace("[parameters]", "[parameters]\nMaxTasks = 4"))
    done = made.deploy()
    assert done.returncode == 0, done.stderr
    return made


def running(place: Place) -> tuple[str, int]:
    ecs = place.client("ecs")
    (service,) = ecs.describe_services(cluster="oaktree-local-cluster", services=["oaktree-local-service"])["services"]
    definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    return definition["containerDefinitions"][0]["image"], service["desiredCount"]


def image(place: Place, *arguments: str) -> str:
    done = place.run("image", "--env", "local", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_images_come_and_go_and_infrastructure_keeps_them(empty: Place) -> None:
    one = empty.push("1")
    two = empty.push("2")
    assert "+ add ScalableTarget" in image(empty, "--tag", "1")
    assert running(empty)[0] == f"{URI}@{one}"
    assert "1 new revision" in image(empty, "--digest", two)
    empty.edit(lambda text: text.replace("[parameters]", "[parameters]\nLogRetentionDays = 60"))
    done = empty.deploy()
    assert done.returncode == 0, done.stderr
    assert running(empty)[0] == f"{URI}@{two}"
    image(empty, "--rollback")
    assert running(empty)[0] == f"{URI}@{one}"
    assert "nothing to change" in empty.deploy().stderr
