"""One comment on a pull request, kept up to date through whatever GitHub answers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from examples.actions import github as stand_in
from examples.actions.github import PullRequests, error, github
from oaktree_cfn.errors import GithubError, InvalidInput
from oaktree_cfn.github.api import Github
from oaktree_cfn.github.comment import stick
from oaktree_cfn.github.run import Run

MARK = "<!-- oaktree-review: oaktree-dev -->"
BODY = f"{MARK}\n\n1 to add\n"
PERSON = {"login": "ann", "type": "User"}


@pytest.fixture
def there() -> Iterator[PullRequests]:
    with github(PullRequests(comments={7: []})) as known:
        yield known


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def run(there: PullRequests, pauses: list[float]) -> Run:
    return Run(Github(there.url, there.token, pauses.append), there.repository, 7)


def test_the_first_review_makes_a_comment(run: Run, there: PullRequests) -> None:
    made = stick(run, MARK, BODY)
    assert (made.done, made.url) == ("made", "https://github.com/oak/shop/pull/7#issuecomment-1")
    assert there.bodies(7) == [BODY]


def test_the_second_review_updates_it(run: Run, there: PullRequests) -> None:
    stick(run, MARK, BODY)
    there.say(7, "Looks good.", PERSON)
    assert stick(run, MARK, BODY + "and more").done == "updated"
    assert there.bodies(7) == [BODY + "and more", "Looks good."]


def test_a_review_that_says_the_same_edits_nothing(run: Run, there: PullRequests) -> None:
    stick(run, MARK, BODY)
    assert stick(run, MARK, BODY).done == "unchanged"
    assert not [each for each in there.asked if each.startswith("PATCH")]


def test_environments_have_a_comment_each(run: Run, there: PullRequests) -> None:
    other = BODY.replace("dev", "prod")
    stick(run, MARK, BODY)
    stick(run, MARK.replace("dev", "prod"), other)
    assert there.bodies(7) == [BODY, other]


def test_a_person_who_writes_the_mark_keeps_their_words(run: Run, there: PullRequests) -> None:
    there.say(7, f"{MARK} is how it begins", PERSON)
    there.say(7, MARK, None)  # whoever wrote this is gone
    stick(run, MARK, BODY)
    assert there.bodies(7)[-1] == BODY
    assert len(there.bodies(7)) == 3


@pytest.mark.parametrize("before", [99, 100, 101, 200, 250])
def test_it_is_found_on_every_page(run: Run, there: PullRequests, before: int) -> None:
    for index in range(before):
        there.say(7, f"comment {index}", PERSON)
    assert stick(run, MARK, BODY).done == "made"
    assert stick(run, MARK, BODY + "!").done == "updated"
    assert len(there.bodies(7)) == before + 1


@pytest.mark.parametrize("again", [False, True])
def test_a_lost_answer_makes_no_second_comment(run: Run, there: PullRequests, pauses: list[float], again: bool) -> None:
    there.lose = 2 if again else 1
    stick(run, MARK, BODY)
    assert there.bodies(7) == [BODY]
    assert pauses


def test_a_lost_answer_to_an_update_ends_with_the_update(run: Run, there: PullRequests) -> None:
    stick(run, MARK, BODY)
    there.lose = 1
    stick(run, MARK, BODY + "!")
    assert there.bodies(7) == [BODY + "!"]


def test_three_bad_answers_are_told(run: Run, there: PullRequests, pauses: list[float]) -> None:
    there.refuse = [stand_in.BAD_GATEWAY] * 3
    with pytest.raises(GithubError, match="GitHub answered 502") as told:
        stick(run, MARK, BODY)
    assert told.value.exit_code == 6
    assert pauses == [1.0, 2.0]


def test_a_token_that_may_not_write_is_told_which_permission_is_missing(run: Run, there: PullRequests) -> None:
    there.writes = False
    with pytest.raises(GithubError, match=r"403 .*Resource not accessible by integration") as told:
        stick(run, MARK, BODY)
    assert "permissions: pull-requests: write" in told.value.advice
    assert "fork" in told.value.advice


def test_a_wrong_token_is_told_how_to_pass_one(there: PullRequests) -> None:
    with pytest.raises(GithubError, match=r"401 .*Bad credentials") as told:
        stick(Run(Github(there.url, "expired"), there.repository, 7), MARK, BODY)
    assert "github.token" in told.value.advice
    assert "expired" not in str(told.value)


def test_a_pull_request_that_is_not_there_is_told(run: Run, there: PullRequests) -> None:
    with pytest.raises(GithubError, match=r"404 to GET /repos/oak/shop/issues/8/comments.*Not Found"):
        stick(Run(run.github, there.repository, 8), MARK, BODY)


def test_a_comment_that_is_too_long_is_told_in_githubs_words(run: Run, there: PullRequests) -> None:
    with pytest.raises(GithubError, match=r"422 .*Body is too long"):
        stick(run, MARK, MARK + "x" * 65_536)


def test_a_rate_limit_is_waited_for_as_long_as_github_says(run: Run, there: PullRequests, pauses: list[float]) -> None:
    there.refuse = [error(403, "You have exceeded a secondary rate limit.", {"Retry-After": "3"})]
    assert stick(run, MARK, BODY).done == "made"
    assert pauses == [3.0]


def test_a_rate_limit_that_ends_soon_is_waited_for(run: Run, there: PullRequests, pauses: list[float]) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 20)}
    there.refuse = [error(429, "API rate limit exceeded for installation ID 1.", headers)]
    assert stick(run, MARK, BODY).done == "made"
    assert 10 < pauses[0] <= 20


def test_a_rate_limit_that_lasts_is_told_with_its_end(run: Run, there: PullRequests, pauses: list[float]) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1800)}
    there.refuse = [error(403, "API rate limit exceeded for installation ID 1.", headers)]
    with pytest.raises(GithubError, match="API rate limit exceeded") as told:
        stick(run, MARK, BODY)
    assert told.value.advice == "Run the job again in 30 minutes."
    assert not pauses


def test_a_redirect_does_not_take_the_token_along(run: Run, there: PullRequests) -> None:
    there.refuse = [error(301, "Moved Permanently", {"Location": f"{there.url}/elsewhere"})]
    with pytest.raises(GithubError, match=r"301 .*Moved Permanently"):
        stick(run, MARK, BODY)
    assert len(there.asked) == 1


def test_nobody_there_is_told(pauses: list[float]) -> None:
    with pytest.raises(GithubError, match="No answer came from GitHub"):
        stick(Run(Github("http://127.0.0.1:9", "token", pauses.append), "oak/shop", 7), MARK, BODY)


def test_a_token_is_sent_over_https_only() -> None:
    with pytest.raises(InvalidInput, match="over https only"):
        Github("http://api.github.com", "token")


def test_a_token_is_in_no_representation(run: Run, there: PullRequests) -> None:
    assert there.token not in repr(run)
