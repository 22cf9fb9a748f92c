"""The workflows keep to what makes a pipeline safe, and what plays them plays nothing that it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples.actions import files
from examples.actions.expressions import NotPlayed
from examples.actions.jobs import Event, Run, Runner
from examples.actions.stand_ins import World

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github").rglob("*.yml"))
WORKFLOWS = [path for path in FILES if path.parent.name == "workflows"]


def steps(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every step of a workflow or an action."""
    yield from found.get("runs", {}).get("steps", ())
    for job in found.get("jobs", {}).values():
        yield from job.get("steps", ())


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
class TestEveryFile:
    def test_actions_of_others_are_pinned_by_a_commit_and_say_their_version(self, path: Path) -> None:
        for line in path.read_text().splitlines():
            if found := re.match(r"\s*(?:- )?uses: (\S+)(.*)", line):
                own = found[1].startswith("$/")
                assert own or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", found[1]), line
                assert own or re.fullmatch(r" # v\d+\.\d+\.\d+", found[2]), line

    def test_one_action_has_one_version(self, path: Path) -> None:
        everywhere = {use for each in FILES for use in re.findall(r"uses: ([\w/-]+@\w+)", each.read_text())}
        names = [use.partition("@")[0] for use in everywhere]
        assert len(names) == len(set(names))

    def test_nothing_is_written_into_a_script(self, path: Path) -> None:
        assert not [step for step in steps(read(path)) if "${{" in step.get("run", "")]

    def test_no_token_stays_in_a_checkout(self, path: Path) -> None:
        checkouts = [step for step in steps(read(path)) if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
class TestEveryWorkflow:
    def test_nothing_is_permitted_but_what_a_job_names(self, path: Path) -> None:
        found = files.workflow(ROOT, path.name)
        assert found["permissions"] == {}
        assert all("permissions" in job for job in found["jobs"].values())

    def test_no_event_brings_strange_code_and_rights_together(self, path: Path) -> None:
        assert not files.events(files.workflow(ROOT, path.name)).keys() & {"pull_request_target", "workflow_run"}

    def test_jobs_end_at_some_time(self, path: Path) -> None:
        jobs = files.workflow(ROOT, path.name)["jobs"].values()
        assert all("timeout-minutes" in job for job in jobs if "uses" not in job)

    def test_inputs_are_described_and_typed(self, path: Path) -> None:
        for event in files.events(files.workflow(ROOT, path.name)).values():
            assert all({"description", "type"} <= each.keys() for each in event.get("inputs", {}).values())


def test_what_runs_a_projects_code_has_no_credentials() -> None:
    """Blueprints and Dockerfiles are programs of whoever wrote the pull request."""
    for name in ("oaktree-pull-request.yml", "oaktree-deploy.yml"):
        for job in files.workflow(ROOT, name)["jobs"].values():
            scripts = " ".join(step.get("run", step.get("uses", "")) for step in job["steps"])
            runs_code = "oaktree build" in scripts or "build-push-action" in scripts
            assert runs_code != ("id-token" in job["permissions"])
            if "id-token" in job["permissions"]:
                made = re.findall(r"oaktree (?:review|deploy) .*", scripts)
                assert all("--templates templates" in command for command in made)


def test_deploys_of_one_environment_wait_for_each_other() -> None:
    found = files.workflow(ROOT, "oaktree-deploy.yml")["concurrency"]
    assert found == {"group": "oaktree-deploy-${{ inputs.environment }}", "cancel-in-progress": False}


# What plays them


CALLED = """
on:
  workflow_call:
    inputs:
      word: {type: string, required: true}
      other: {type: string, default: "none"}
    outputs:
      said: {value: "${{ jobs.one.outputs.said }}"}
permissions: {}
jobs:
  one:
    runs-on: x
    permissions: {contents: write}
    outputs: {said: "${{ steps.say.outputs.said }}"}
    steps:
      - id: say
        env: {WORD: "${{ inputs.word }} ${{ inputs.other }}"}
        run: |
          echo "said=$WORD" >> "$GITHUB_OUTPUT"
          { echo "MANY<<END"; echo a; echo b; echo END; } >> "$GITHUB_ENV"
          echo "# $WORD" >> "$GITHUB_STEP_SUMMARY"
      - run: test "$MANY" = "$(printf 'a\\nb')"
      - if: ${{ failure() }}
        run: echo never
      - run: "false | true; exit 3"
      - run: echo skipped
      - if: ${{ always() && steps.say.outcome == 'success' }}
        run: echo all the same
  two:
    needs: one
    runs-on: x
    steps: [{run: echo}]
  three:
    needs: two
    if: ${{ !cancelled() && !success() }}
    runs-on: x
    steps: [{run: echo "$GITHUB_EVENT_NAME"}]
"""
CALLER = """
on: [push]
permissions: {}
jobs:
  call:
    permissions: {contents: write}
    uses: $/.github/workflows/called.yml
    with: {word: "${{ github.event.word }}"}
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "called.yml").write_text(CALLED)
    (folder / "caller.yml").write_text(CALLER)
    world = World(tmp_path, tmp_path / "shelf", "http://127.0.0.1:9", "123456789012")
    return Runner(tmp_path, tmp_path / "machines", {"sha": "1", "repository": "a/b"}, {}, {}, world.actions())


def play(runner: Runner, caller: str = CALLER, called: str = CALLED) -> Run:
    folder = runner.root / ".github" / "workflows"
    (folder / "caller.yml").write_text(caller)
    (folder / "called.yml").write_text(called)
    return runner.run("caller.yml", Event("push", {"word": "hi; exit 1"}), 1)


def test_steps_jobs_and_workflows_end_as_they_do_at_github(runner: Runner) -> None:
    run = play(runner)
    one = run.jobs["one"]
    ends = ["success", "success", "skipped", "failure", "skipped", "success"]
    assert [step.outcome for step in one.steps] == ends
    assert one.summary == "# hi; exit 1 none\n"
    assert {name: job.result for name, job in run.jobs.items()} == {
        "call": "failure",
        "one": "failure",
        "two": "skipped",
        "three": "success",
    }
    assert run.jobs["call"].outputs == {"said": "hi; exit 1 none"}
    assert run.jobs["three"].steps[0].log == "push\n"
    assert run.red


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("with: {word", "with: {wrd", "inputs unknown ['wrd'], missing ['word']"),
        ("permissions: {contents: write}", "permissions: {contents: read}", "contents: write is asked for"),
        ("on: [push]", "on: [pull_request]", "the event push"),
        ("permissions: {contents", "strategy: {}\n    permissions: {contents", "strategy"),
        ("github.event.word", "secrets.KEY", "the context 'secrets'"),
    ],
)
def test_a_call_that_github_refuses_is_refused(runner: Runner, before: str, after: str, says: str) -> None:
    assert before in CALLER
    with pytest.raises(NotPlayed, match=re.escape(says)):
        play(runner, CALLER.replace(before, after))


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("uses: some/action@3d3c42e5aac5ba805825da76410c181273ba90b1", "nothing stands in for the action some/action"),
        ("uses: actions/checkout@v7", "neither $/... nor pinned by a commit"),
        ("timeout-minutes: 5, run: echo", "timeout-minutes"),
    ],
)
def test_an_action_that_nothing_plays_fails_by_its_name(runner: Runner, step: str, says: str) -> None:
    with pytest.raises(NotPlayed, match=re.escape(says)):
        play(runner, called=CALLED.replace("steps: [{run: echo}]", f"steps: [{{{step}}}]").replace("exit 3", "exit 0"))
