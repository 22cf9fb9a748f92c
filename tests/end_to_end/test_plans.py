"""``review --out`` and ``deploy --plan``: exactly what was read, or what moved."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest

from oaktree_cfn.local.process import Stage
from oaktree_cfn.template.read import load
from oaktree_cfn.template.write import to_yaml
from tests.end_to_end.place import Place, make_place

PREFIX = "oaktree-local"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Place:
    made = make_place(tmp_path_factory.mktemp("plans"), stage)
    assert made.deploy().returncode == 0
    return made


def interval(place: Place) -> int:
    (group,) = place.client("elbv2").describe_target_groups()["TargetGroups"]
    return int(group["HealthCheckIntervalSeconds"])


def review(place: Place, seconds: int) -> dict[str, str]:
    """Plan another health check interval."""
    set_interval(place, seconds)
    done = place.run("review", "--env", "local", "--no-lint", "--out", "plan.json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads((place.folder / "plan.json").read_text()))


def set_interval(place: Place, seconds: int) -> None:
    path = place.folder / "environments" / "local.toml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("HealthCheckInterval")]
    kept.insert(kept.index("[parameters]") + 1, f"HealthCheckInterval = {seconds}")
    path.write_text("\n".join(kept) + "\n")


def deployed_since(place: Place, _: dict[str, str]) -> None:
    assert place.deploy("--parameter", "HealthCheckMatcher=200").returncode == 0


def change_set_vanished(place: Place, plan: dict[str, str]) -> None:
    place.client("cloudformation").delete_change_set(ChangeSetName=plan["change_set"])


def parameters_changed(place: Place, _: dict[str, str]) -> None:
    set_interval(place, 77)


def file_edited(place: Place, plan: dict[str, str]) -> None:
    (place.folder / "plan.json").write_text(json.dumps({**plan, "templates": "other"}))


MOVES: dict[str, tuple[Callable[[Place, dict[str, str]], None], int, str]] = {
    "a deployment since": (deployed_since, 3, "the stack was changed since"),
    "a vanished change set": (change_set_vanished, 3, "the change set is gone"),
    "changed parameters": (parameters_changed, 3, "the parameters are not those that were reviewed"),
    "an edited file": (file_edited, 2, "was edited or damaged"),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_plan_refuses_after_every_kind_of_move(place: Place, move: str) -> None:
    change, code, sentence = MOVES[move]
    before = interval(place)
    plan = review(place, before + 1)
    change(place, plan)
    expected = interval(place)
    done = place.run("deploy", "--env", "local", "--no-lint", "--plan", "plan.json")
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert interval(place) == expected


def test_a_plan_refuses_other_templates(place: Place) -> None:
    review(place, interval(place) + 1)
    changed = place.folder / "changed"
    shutil.copytree(place.folder / "templates", changed)
    template = load(changed / "alb.yaml")
    template["Description"] = "Another one"
    (changed / "alb.yaml").write_text(to_yaml(template))
    done = place.run("deploy", "--env", "local", "--no-lint", "--plan", "plan.json", "--templates", "changed")
    assert done.returncode == 3
    assert "the templates here are not those that were reviewed" in done.stderr


def test_a_plan_is_shown_again_as_it_was_read(place: Place) -> None:
    plan = review(place, interval(place) + 1)
    again = place.run("review", "--env", "local", "--no-lint", "--plan", "plan.json", "--save", "markdown=again.md")
    assert again.returncode == 0, again.stderr
    assert "HealthCheckIntervalSeconds" in (place.folder / "again.md").read_text()
    change_set_vanished(place, plan)
    gone = place.run("review", "--env", "local", "--no-lint", "--plan", "plan.json")
    assert gone.returncode == 3
    assert "the change set is gone" in gone.stderr
    both = place.run("review", "--env", "local", "--plan", "plan.json", "--out", "plan.json")
    assert both.returncode == 2


def test_a_plan_executes_when_nothing_moved(place: Place) -> None:
    wanted = interval(place) + 1
    review(place, wanted)
    done = place.run("deploy", "--env", "local", "--no-lint", "--plan", "plan.json")
    assert done.returncode == 0, done.stderr
    assert interval(place) == wanted
    again = place.run("deploy", "--env", "local", "--no-lint", "--plan", "plan.json")
    assert again.returncode == 3


def test_a_plan_of_nothing_does_nothing(place: Place) -> None:
    review(place, interval(place))
    done = place.run("deploy", "--env", "local", "--no-lint", "--plan", "plan.json")
    assert done.returncode == 0
    assert "nothing to change" in done.stderr
