"""``oaktree comment``: a review on a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from examples.actions.github import PullRequests, github
from tests.cli.conftest import Project

MARK = "<!-- oaktree-review: oaktree-local -->"


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[PullRequests]:
    """A run for pull request 7."""
    with github(PullRequests(comments={7: [], 8: []})) as known:
        event = project.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 7}}))
        variables = {
            "GITHUB_API_URL": known.url,
            "GITHUB_TOKEN": known.token,
            "GITHUB_REPOSITORY": known.repository,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "99",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield known


def test_a_review_becomes_the_comment_byte_for_byte(project: Project, there: PullRequests) -> None:
    review = project.review("--format", "markdown").out
    (project.folder / "review.md").write_text(review)
    done = project.run("comment", "--env", "local", "review.md")
    assert done.code == 0, done.err
    assert done.out == "https://github.com/oak/shop/pull/7#issuecomment-1 (made)\n"
    assert there.bodies(7) == [review]
    assert project.run("comment", "--env", "local", "review.md").out.endswith("(unchanged)\n")


@pytest.mark.parametrize("written", [True, False], ids=["empty", "missing"])
def test_without_a_review_the_comment_says_so(project: Project, there: PullRequests, written: bool) -> None:
    there.say(7, f"{MARK}\n\nan older review")
    if written:
        (project.folder / "review.md").write_text("")
    done = project.run("comment", "--env", "local", "review.md")
    assert done.code == 0, done.err
    (body,) = there.bodies(7)
    assert body.startswith(MARK)
    assert "no review of the latest commit" in body
    assert "https://github.com/oak/shop/actions/runs/99" in body


def test_the_number_of_the_pull_request_can_be_given(project: Project, there: PullRequests) -> None:
    done = project.run("comment", "--env", "local", "--pull-request", "8", "none.md")
    assert done.code == 0, done.err
    assert len(there.bodies(8)) == 1
    assert not there.bodies(7)


def test_the_review_of_another_environment_is_refused(project: Project, there: PullRequests) -> None:
    (project.folder / "review.md").write_text("<!-- oaktree-review: oaktree-prod -->\n")
    done = project.run("comment", "--env", "local", "review.md")
    assert done.code == 2
    assert "no review of oaktree-local" in done.err
    assert not there.bodies(7)


def test_more_than_a_comment_takes_is_refused_before_it_is_sent(project: Project, there: PullRequests) -> None:
    (project.folder / "review.md").write_text(f"{MARK}\n" + "x" * 65_536)
    done = project.run("comment", "--env", "local", "review.md")
    assert done.code == 2
    assert "a comment takes 65,536" in done.err
    assert not there.asked


def test_outside_of_a_run_it_says_what_is_missing(
    project: Project, there: PullRequests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    done = project.run("comment", "--env", "local", "review.md")
    assert done.code == 2
    assert "GITHUB_TOKEN not set" in done.err


def test_a_run_for_something_else_asks_for_the_number(project: Project, there: PullRequests) -> None:
    (project.folder / "event.json").write_text("{}")
    done = project.run("comment", "--env", "local", "review.md")
    assert done.code == 2
    assert "--pull-request NUMBER" in done.err


def test_a_fork_is_told_why_it_cannot_comment(project: Project, there: PullRequests) -> None:
    there.writes = False
    done = project.run("comment", "--env", "local", "none.md")
    assert done.code == 6
    assert "Resource not accessible by integration" in done.err
    assert "fork's pull request never has it" in done.err
