"""A repository's life with the pipeline, played on this machine: its own workflow files, step by step, against the local stage.

    python -m examples.pipeline_tour [FOLDER]

The workflows of .github/ run as they are written: conditions, inputs, outputs and permissions are GitHub's, every `run:` is run with
bash, every other action is played by a stand-in with its name (examples/actions/stand_ins.py). GitHub's comments are kept by a
stand-in on loopback. A repository with this library's environment `dev` and an application gets a pull request, one of a fork, deploys,
and a rollout that fails. Exits 0 when each run ended as expected, the comment is the review, and the tasks run the image that was
built.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from examples.actions.github import PullRequests, github
from examples.actions.jobs import Event, Run, Runner
from examples.actions.stand_ins import World
from oaktree_cfn.blueprints import render
from oaktree_cfn.local import process
from oaktree_cfn.terminal.review_markdown import marker

PROJECT = Path(__file__).resolve().parents[1]
SHOP = PROJECT / "examples" / "actions" / "shop"
ACCOUNT, REGION, STACK = process.ACCOUNT, "ap-southeast-1", "shop-dev"
ROLES = {each: f"arn:aws:iam::{ACCOUNT}:role/{STACK}-{each}-role" for each in ("plan", "deploy", "image")}
REPOSITORY, NUMBER = "oak/shop", 7
SETTINGS = {
    "OAKTREE_ENVIRONMENT": "dev",
    "OAKTREE_IMAGE": "application",
    **{f"OAKTREE_{name.upper()}_ROLE": role for name, role in ROLES.items()},
}
GIT = shutil.which("git") or "git"
TOKEN = "ghs_this-must-be-in-no-log"  # noqa: S105


@dataclass
class Shop:
    """A repository, its pull requests, and the account that it is deployed to. ``proposal`` is the pull request's run."""

    folder: Path
    stage: process.Stage
    requests: PullRequests
    runs: int = 100
    proposal: str = ""
    logs: list[str] = field(default_factory=list)

    @property
    def code(self) -> Path:
        """Where people work."""
        return self.folder / "shop"

    def git(self, *arguments: str) -> str:
        """A git command there."""
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main")
        done = subprocess.run([GIT, "-C", str(self.code), *who, *arguments], text=True, capture_output=True, check=True)
        return done.stdout.strip()

    def commit(self, title: str, edits: dict[str, tuple[str, str]]) -> str:
        """Commit edits: file -> what becomes what."""
        for name, (before, after) in edits.items():
            path = self.code / name
            text = path.read_text(encoding="utf-8")
            if before not in text:
                raise AssertionError(f"{name} has no {before!r}")
            path.write_text(text.replace(before, after), encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", title)
        return self.git("rev-parse", "HEAD")

    @cached_property
    def world(self) -> World:
        """What is around the machines that run its workflows."""
        shelf = self.folder / "artifacts"
        return World(self.code, shelf, self.stage.endpoint, ACCOUNT, frozenset(ROLES.values()))

    def run(self, workflow: str, event: Event, *, settings: dict[str, str] | None = None) -> Run:
        """Something happens, and a workflow runs."""
        self.runs += 1
        path = self.folder / f"event-{self.runs}.json"
        path.write_text(json.dumps(event.payload), encoding="utf-8")
        told = {
            "repository": REPOSITORY,
            "sha": self.git("rev-parse", "HEAD"),
            "ref": "refs/heads/main",
            "actor": "ann",
            "token": TOKEN,
            "event_path": str(path),
            "api_url": self.requests.url,
            "server_url": "https://github.com",
        }
        self.requests.writes = not event.fork
        variables = SETTINGS if settings is None else settings
        machines = self.folder / f"run-{self.runs}"
        runner = Runner(
            PROJECT, machines, told, variables, {"XDG_CACHE_HOME": str(self.folder / "cache")}, self.world.actions()
        )
        done = runner.run(workflow, event, self.runs)
        self.logs += [f"{job.log}\n{job.summary}" for job in done.jobs.values()]
        return done

    # What there is now

    def client(self, service: str) -> Any:
        """A boto3 client of the account."""
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.stage.endpoint, **keys)

    @property
    def task(self) -> dict[str, Any]:
        """The task definition that the service runs."""
        ecs = self.client("ecs")
        (service,) = ecs.describe_services(cluster=f"{STACK}-cluster", services=[f"{STACK}-service"])["services"]
        return dict(ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"])

    @property
    def image(self) -> str:
        """What its tasks run."""
        return str(self.task["containerDefinitions"][0]["image"])

    @property
    def stacks(self) -> dict[str, str]:
        """Root stacks and their status."""
        found = self.client("cloudformation").describe_stacks()["Stacks"]
        return {each["StackName"]: each["StackStatus"] for each in found if "RootId" not in each}


def found(folder: Path, stage: process.Stage, requests: PullRequests) -> Shop:
    """The repository as it begins."""
    shop = Shop(folder, stage, requests)
    shutil.copytree(SHOP, shop.code, ignore=shutil.ignore_patterns("__pycache__"))
    render(shop.code / "templates", shop.code / "blueprints")
    shop.git("init", "--quiet")
    shop.commit("A shop", {})
    return shop


# The tour


@dataclass(frozen=True)
class Stop:
    """Something that happens, and what is true afterwards: sentence -> whether it is."""

    title: str
    happen: Callable[[Shop], Run]
    proof: Callable[[Shop, Run], dict[str, bool]]
    before: str = ""


def pull_request(*, fork: bool = False) -> Event:
    """Somebody asks for their commit to be merged."""
    head = "stranger/shop" if fork else REPOSITORY
    payload = {"pull_request": {"number": NUMBER, "head": {"repo": {"full_name": head}}, "base": {"ref": "main"}}}
    return Event("pull_request", payload, fork=fork)


PUSH = Event("push")


def by_hand(**inputs: str) -> Event:
    """Somebody starts the deploy by hand."""
    return Event("workflow_dispatch", inputs={"environment": "dev", **inputs})


def without(*names: str, **others: str) -> dict[str, str]:
    """The repository's settings without some, or with others."""
    return {**{name: value for name, value in SETTINGS.items() if name not in names}, **others}


def stops() -> Iterator[Stop]:
    """The tour."""
    yield Stop(
        "Without a role, by hand",
        lambda shop: shop.run("deploy.yml", by_hand(), settings=without("OAKTREE_DEPLOY_ROLE")),
        missing,
    )
    stranger = ROLES["plan"].replace(ACCOUNT, "999999999999")
    yield Stop(
        "With a role of another account",
        lambda shop: shop.run("deploy.yml", by_hand(), settings=without(OAKTREE_PLAN_ROLE=stranger)),
        wrong_account,
    )
    yield Stop("The first push to main", lambda shop: shop.run("deploy.yml", PUSH), first)
    yield Stop("A pull request", proposed, commented)
    yield Stop("The same from a fork", lambda shop: shop.run("pull-request.yml", pull_request(fork=True)), offline)
    yield Stop("A commit on it that forgets to render", forgotten, unreviewed)
    yield Stop(
        "Its approved plan, by hand",
        lambda shop: shop.run("deploy.yml", by_hand(**{"plan-run": shop.proposal})),
        exactly,
    )
    yield Stop("A rollout that ECS takes back", broken, rolled_back)


def ended(run: Run, **results: str) -> dict[str, bool]:
    """How the jobs ended."""
    return {f"{name}: {result}": run.jobs[name].result == result for name, result in results.items()}


def missing(shop: Shop, run: Run) -> dict[str, bool]:
    """Nobody said which role deploys."""
    said = run.jobs["prepare"].log
    return {
        **ended(run, prepare="failure", review="skipped", build="skipped", deploy="skipped"),
        "it is said which is missing": "No role is given for dev" in said and "docs/pipeline.md" in said,
        "nothing was deployed": STACK not in shop.stacks,
    }


def wrong_account(shop: Shop, run: Run) -> dict[str, bool]:
    """The role is another account's."""
    said = f"is a role of account 999999999999, but dev is account {ACCOUNT}"
    return {
        **ended(run, prepare="failure", deploy="skipped"),
        "both accounts are named": said in run.jobs["prepare"].log,
        "nobody signed in": not shop.world.seen,
    }


def first(shop: Shop, run: Run) -> dict[str, bool]:
    """An empty account, then everything."""
    digest, deploy = run.jobs["oaktree"].outputs["digest"], run.jobs["deploy"]
    return {
        **ended(run, prepare="success", review="success", build="success", deploy="success"),
        "the deploy waits for the environment's reviewers": deploy.environment == "dev",
        "the image was built for the service's platform": "build for linux/arm64" in shop.world.seen,
        "the tasks run exactly it": bool(digest) and shop.image.endswith(f"@{digest}"),
        "its tag is the commit": digest == _digest(shop, shop.git("rev-parse", "HEAD")),
        "the summary shows the review and the outputs": "to add" in deploy.summary
        and "RepositoryUrl" in deploy.summary,
        "each role did its own": shop.world.seen[-5:]
        == [*_signed("plan"), "build for linux/arm64", "scan for high", *_signed("deploy", "image", "deploy")][-5:],
    }


def proposed(shop: Shop) -> Run:
    """A change of the infrastructure and of the application."""
    shop.commit(
        "Greet in the evening",
        {
            "environments/dev.toml": ("Memory = 512", "Memory = 1024"),
            "application/greeting.txt": ("morning", "evening"),
        },
    )
    run = shop.run("pull-request.yml", pull_request())
    shop.proposal = str(shop.runs)
    return run


def commented(shop: Shop, run: Run) -> dict[str, bool]:
    """The change set's review is the comment."""
    (body,) = shop.requests.bodies(NUMBER)
    review = shop.world.shelf / str(shop.runs) / "oaktree-plan-dev" / "review.md"
    return {
        **ended(run, offline="success", review="success"),
        "the comment is the review": body == review.read_text(encoding="utf-8"),
        "it says what changes": "Memory" in body and "`512` → `1024`" in body,
        "findings stand beside the code": bool(re.search(r"^::\w+ file=templates/", run.jobs["review"].log, re.M)),
        "it is the comment that was there": shop.requests.asked[-1].startswith("PATCH"),
        "nothing was executed": shop.task["memory"] == "512",
    }


def offline(shop: Shop, run: Run) -> dict[str, bool]:
    """No credentials, and it says so."""
    summary = run.jobs["offline"].summary
    return {
        **ended(run, offline="success", review="skipped"),
        "it says that it is an offline plan, and why": "comes from a fork" in summary
        and "> **Offline plan**" in summary,
        "it says what changes": "`512` → `1024`" in summary,
        "the comment stays as it was": len(shop.requests.bodies(NUMBER)) == 1,
    }


def forgotten(shop: Shop) -> Run:
    """The blueprint is changed, the templates are not."""
    shop.commit("More memory", {"blueprints/root.py": ("Default=512", "Default=4096")})
    try:
        return shop.run("pull-request.yml", pull_request())
    finally:
        shop.git("reset", "--quiet", "--hard", "HEAD^")


def unreviewed(shop: Shop, run: Run) -> dict[str, bool]:
    """Nobody can approve by the review of an older commit."""
    (body,) = shop.requests.bodies(NUMBER)
    return {
        **ended(run, offline="failure", review="success"),
        "it is said what was forgotten": "web.yaml: stale" in run.jobs["offline"].log,
        "the comment says that there is no review": "no review of the latest commit" in body,
        "and where the reason stands": f"https://github.com/{REPOSITORY}/actions/runs/{shop.runs}" in body,
        "nobody signed in": "Sign in: success" not in run.jobs["review"].log,
    }


def exactly(shop: Shop, run: Run) -> dict[str, bool]:
    """The pull request's change set, and no other."""
    digest = run.jobs["oaktree"].outputs["digest"]
    return {
        **ended(run, review="success", deploy="success"),
        "reviewers read it once more": "`512` → `1024`" in run.jobs["review"].summary,
        "it was executed": shop.task["memory"] == "1024",
        "the tasks run the new image": shop.image.endswith(f"@{digest}"),
        "its digest changed": digest != _digest(shop, shop.git("rev-parse", "HEAD~1")),
    }


def broken(shop: Shop) -> Run:
    """The next image does not start."""
    shop.commit("Greet at night", {"application/greeting.txt": ("evening", "night")})
    fault = {
        "resource": "Web/Service",
        "step": "rollout",
        "fail": "Essential container in task exited",
        "exit_code": 1,
    }
    shop.stage.ask("POST", "faults", {**fault, "silent": True})
    try:
        return shop.run("deploy.yml", PUSH)
    finally:
        shop.stage.ask("DELETE", "faults")


def rolled_back(shop: Shop, run: Run) -> dict[str, bool]:
    """CloudFormation is content, and the job is red all the same."""
    deploy = run.jobs["deploy"]
    return {
        **ended(run, review="success", build="success", deploy="failure"),
        "the run is red": run.red,
        "CloudFormation thought that all was well": shop.stacks[STACK] == "UPDATE_COMPLETE",
        "it says why": "3 tasks stopped: Essential container in task exited (shop exited with code 1)" in deploy.log,
    }


def _signed(*roles: str) -> list[str]:
    return [f"sign in as {STACK}-{role}-role" for role in roles]


def _digest(shop: Shop, tag: str) -> str:
    asked = {"repositoryName": STACK, "imageIds": [{"imageTag": tag}]}
    images = shop.client("ecr").batch_get_image(**asked)["images"]
    return str(images[0]["imageId"]["imageDigest"]) if images else ""


def take(folder: Path) -> int:
    """Take the tour; returns how many sentences were not true."""
    stage = process.start(folder)
    wrong = total = 0
    try:
        with github(PullRequests(REPOSITORY, TOKEN, comments={NUMBER: []})) as requests:
            shop = found(folder, stage, requests)
            requests.say(NUMBER, f"{marker(STACK)}\n\nwhat was reviewed before")
            for stop in stops():
                run = stop.happen(shop)
                proof = stop.proof(shop, run)
                _tell(stop.title, run, proof)
                wrong, total = wrong + list(proof.values()).count(False), total + len(proof)
            secret = any(TOKEN in log or "EXAMPLEKEY" in log for log in shop.logs)
            print(f"\n{'FALSE' if secret else 'true'}: no token and no key is in any log")
            wrong, total = wrong + secret, total + 1
    finally:
        process.stop(folder)
    print(f"\n{total - wrong} of {total} sentences are true")
    return wrong


def _tell(title: str, run: Run, proof: dict[str, bool]) -> None:
    print(f"\n## {title}\n")
    for job in run.jobs.values():
        for step in job.steps:
            print(f"  {step.outcome:8} {step.name}")
    for sentence, so in proof.items():
        print(f"{'true' if so else 'FALSE'}: {sentence}")
    if not all(proof.values()):
        print("\n".join(job.log for job in run.jobs.values()))


def main() -> int:
    """Take it in the folder given, or in one that is gone afterwards."""
    with tempfile.TemporaryDirectory() as temporary:
        return 1 if take(Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()) else 0


if __name__ == "__main__":
    sys.exit(main())
