"""The same question is asked once, and every other one anew, whatever is wrong with where answers are kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oaktree_cfn.template import verdicts
from oaktree_cfn.template.verdicts import KEPT_FOR, verdict


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    _like_a_new_process()
    yield tmp_path / "oaktree" / "verdicts"
    _like_a_new_process()


def _like_a_new_process() -> None:
    verdicts._folder.cache_clear()


class Engine:
    """It answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        return [self.asked]


def test_the_same_question_is_asked_once_by_all_processes() -> None:
    engine = Engine()
    assert verdict([b"a", b"b"], engine) == [1]
    _like_a_new_process()
    assert verdict([b"a", b"b"], engine) == [1]
    assert engine.asked == 1


@given(
    one=st.lists(st.binary(max_size=3), max_size=4),
    other=st.lists(st.binary(max_size=3), max_size=4),
)
def test_another_question_has_another_name(one: list[bytes], other: list[bytes]) -> None:
    assume(one != other)
    assert verdicts._name(one) != verdicts._name(other)


@pytest.mark.parametrize("damage", [b"", b"[1", b"\xff\xfe"])
def test_an_answer_that_cannot_be_read_is_asked_again(cache: Path, damage: bytes) -> None:
    engine = Engine()
    verdict([b"a"], engine)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    assert verdict([b"a"], engine) == [2]
    assert verdict([b"a"], engine) == [2]


def test_where_nothing_can_be_kept_every_question_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    _like_a_new_process()
    engine = Engine()
    assert [verdict([b"a"], engine), verdict([b"a"], engine)] == [[1], [2]]


def test_what_nobody_asked_for_is_forgotten(cache: Path) -> None:
    verdict([b"old"], Engine())
    verdict([b"new"], Engine())
    old = cache / verdicts._name([b"old"])
    long_ago = time.time() - KEPT_FOR - 60
    os.utime(old, (long_ago, long_ago))
    _like_a_new_process()
    verdict([b"new"], Engine())
    assert [path.name for path in cache.iterdir()] == [verdicts._name([b"new"])]


def test_what_is_asked_for_is_kept_longer(cache: Path) -> None:
    verdict([b"a"], Engine())
    (kept,) = cache.iterdir()
    os.utime(kept, (0, 0))
    verdict([b"a"], Engine())
    assert kept.stat().st_mtime > time.time() - 60


def test_only_the_user_may_look(cache: Path) -> None:
    verdict([b"a"], Engine())
    assert cache.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in cache.iterdir())
