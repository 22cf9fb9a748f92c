"""A review of saved answers, and any review in the face that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.writing import writing
from oaktree_cfn.environment import load
from oaktree_cfn.errors import InvalidInput, Refused
from oaktree_cfn.review import saved
from oaktree_cfn.review.gates import Policy, judge
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.places import Places, places
from oaktree_cfn.terminal import faces, review_text

TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Saved:
    """What the command line asks for: the file, the face, and the environment whose policy is in force, if any."""

    file: Path
    face: str
    environment: str | None
    environments: Path
    templates: Path
    allow: tuple[str, ...] = ()
    saves: Mapping[str, Path] = field(default_factory=dict)


def show_saved(request: Saved) -> None:
    """Show what saved DescribeChangeSet answers mean; no account is asked. Raises Refused when a gate refuses."""
    policy = Policy.of(load(request.environment, request.environments)) if request.environment else Policy()
    made = label(review(saved.load(_text(request.file), str(request.file))))
    verdict = judge(made, request.allow, policy)
    screen = Screen()
    present(screen, request.face, made, verdict, request.templates, request.saves)
    for path in verdict.unused:
        screen.say(f"--allow {path}: no gate asks about this.")
    if verdict.refused:
        raise Refused(verdict.message, verdict.advice)


def present(
    screen: Screen, face: str, made: Review, verdict: Verdict, templates: Path, saves: Mapping[str, Path] | None = None
) -> None:
    """Print a review in a face: ``terminal``, or one of those that are files, as the bytes of UTF-8 they are.

    ``saves``: faces that are written too, each into its file. Raises InvalidInput where that cannot be.
    """
    for name, path in (saves or {}).items():
        _write(path, faces.render(name, made, verdict, _places(templates)))
    if face == TERMINAL:
        screen.out.print(review_text.render(made))
        return
    text = faces.render(face, made, verdict, _places(templates))
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    stream.write(text.encode(errors="backslashreplace"))  # whatever the terminal's encoding: pages say they are UTF-8
    stream.flush()


def _write(path: Path, text: str) -> None:
    with writing(path, "--save FORMAT=FILE"):
        path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _places(templates: Path) -> Places:
    return places(templates / "root.yaml")


def _text(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be read: {error.strerror}", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file}: is not UTF-8 (byte {error.start})", "Save the answers as UTF-8.") from error
