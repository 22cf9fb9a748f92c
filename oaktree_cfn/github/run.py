"""The workflow run we are in, from the variables that GitHub sets in every job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.github.api import Github

_NEEDED = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")


@dataclass(frozen=True, slots=True)
class Run:
    """A run for a pull request. ``page`` is its own page, empty when there is none."""

    github: Github
    repository: str
    pull_request: int
    page: str = ""

    @classmethod
    def of(cls, variables: Mapping[str, str], pull_request: int | None = None) -> Run:
        """From a job's variables; a number that is given wins over the event's. Raises InvalidInput for what is missing."""
        missing = [name for name in _NEEDED if not variables.get(name)]
        if missing:
            raise InvalidInput(
                f"{', '.join(missing)} not set: this works in a job of GitHub Actions.",
                "GITHUB_TOKEN has to be passed: `env: GITHUB_TOKEN: ${{ github.token }}`.",
            )
        number = pull_request or _of_event(variables.get("GITHUB_EVENT_PATH", ""))
        github = Github(variables["GITHUB_API_URL"], variables["GITHUB_TOKEN"])
        return cls(github, variables["GITHUB_REPOSITORY"], number, _page(variables))


def _of_event(path: str) -> int:
    try:
        number = json.loads(Path(path).read_text(encoding="utf-8"))["pull_request"]["number"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            "This run is not for a pull request: its event names none.", "Name it: `--pull-request NUMBER`."
        ) from error
    return int(number)


def _page(variables: Mapping[str, str]) -> str:
    server, run = variables.get("GITHUB_SERVER_URL"), variables.get("GITHUB_RUN_ID")
    return f"{server}/{variables['GITHUB_REPOSITORY']}/actions/runs/{run}" if server and run else ""
