"""The page: one file that asks nobody for anything, reads without script, and filters and moves with it."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from benchmarks.review import answers
from oaktree_cfn.terminal import review_html
from oaktree_cfn.terminal.review_html import LIMIT, render

from .faces import fixture, of_text

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on PATH: `make chromium` installs it")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=2000",
)  # fmt: skip


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def dom(page: str, folder: Path) -> str:
    """The page as chromium has it once its script has run."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603


def tried(page: str, script: str, folder: Path) -> str:
    """What a script finds that uses the page as a person would; the policy, which would forbid it, is taken out."""
    open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    use = f"<script>{{const key = (k) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{key: k, bubbles: true}}));\n{script}}}</script>"
    shown = dom(open_page.replace("</body>", f"<output></output>{use}</body>"), folder)
    match = re.search(r"<output>(.*?)</output>", shown)
    assert match
    return match[1]


@pytest.mark.parametrize("name", ["update", "injection"])
def test_it_is_one_file_with_one_style_and_one_script_of_its_own(name: str) -> None:
    elements = Elements(render(*fixture(name)))
    assert len(elements.all("style")) == len(elements.all("script")) == 1
    assert not any(elements.all(tag) for tag in ("img", "link", "iframe", "object", "a href", "base", "form"))
    for _, attributes in elements.found:
        assert not {"src", "style", "srcdoc"} & attributes.keys()
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("href", "#changes") == "#changes"


def test_the_policy_lets_only_that_style_and_script_pass() -> None:
    page = render(*fixture("update"))
    (policy,) = (meta["content"] or "" for meta in Elements(page).all("meta") if "http-equiv" in meta)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert style
    assert script
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src '{review_html._hash(style[1])}'" in policy
    assert f"script-src '{review_html._hash(script[1])}'" in policy
    assert "unsafe" not in policy


def test_stacks_in_which_something_is_lost_stand_open_and_the_others_folded() -> None:
    page = render(*fixture("update"))
    stacks = re.findall(r'<details class="stack"( open)?>\s*<summary><h3>(.*?)</h3>', page)
    assert stacks == [(" open", "Data"), (" open", "Network"), (" open", "Alb"), ("", "Service")]


def test_five_hundred_resources_in_twenty_stacks_stay_small() -> None:
    assert len(render(*of_text(answers())).encode()) < LIMIT


def test_values_too_large_for_the_page_are_cut_and_counted() -> None:
    from oaktree_cfn.review.review import Action, Entry, PropertyChange, Review
    from oaktree_cfn.review.verdict import Verdict

    changes = tuple(PropertyChange(f"P{index}", "x" * 3_000, "y" * 3_000) for index in range(4))
    entries = tuple(Entry((f"R{index}",), Action.REPLACE, "AWS::X::Y", properties=changes) for index in range(500))
    page = render(Review("orders", "arn", "arn", entries=entries), Verdict())
    assert len(page.encode()) < LIMIT
    assert "Left out here: the middle of 4000 long values." in page
    assert all(f">R{index}<" in page for index in range(500))


@needs_chromium
def test_the_script_runs_under_the_policy(tmp_path: Path) -> None:
    shown = dom(render(*fixture("update")), tmp_path)
    assert '<span id="shown" role="status">10 resources</span>' in shown
    assert '<div class="tools" role="search">' in shown


@needs_chromium
def test_nothing_of_a_template_becomes_an_element(tmp_path: Path) -> None:
    elements = Elements(dom(render(*fixture("injection")), tmp_path))
    assert len(elements.all("script")) == 1
    assert not elements.all("img")


@needs_chromium
def test_filters_by_verdict_action_and_text(tmp_path: Path) -> None:
    script = """
      const out = [], shown = () => document.querySelector('#shown').textContent, box = document.querySelector('#filter');
      const chip = (word) => document.querySelector(`[data-word="${word}"]`).click();
      const type = (text) => { box.value = text; box.dispatchEvent(new Event('input')); };
      chip('refused'); out.push(shown()); chip('refused');
      chip('remove'); out.push(shown()); chip('add'); out.push(shown());
      key('Escape'); out.push(shown());
      type('dynamodb:*'); out.push(shown(), [...document.querySelectorAll('.entry:not([hidden]) .name')].map((n) => n.textContent));
      out.push([...document.querySelectorAll('.stack:not([hidden])')].map((s) => s.open));
      type(''); out.push(shown(), document.querySelectorAll('.stack')[3].open);
      document.querySelector('output').textContent = out.join(' | ');
    """
    expected = (
        "5 of 10 resources | 2 of 10 resources | 3 of 10 resources | 10 resources | "
        "1 of 10 resources | TaskPolicy | true | 10 resources | false"
    )
    assert tried(render(*fixture("update")), script, tmp_path) == expected


@needs_chromium
def test_the_keyboard_reaches_everything(tmp_path: Path) -> None:
    script = """
      const out = [], here = () => document.activeElement.textContent.trim().split(/\\s+/).slice(0, 3).join(' ');
      key('j'); out.push(here()); key('j'); out.push(here()); key('j'); out.push(here()); key('k'); out.push(here());
      key('/'); out.push(document.activeElement.id); key('j'); out.push(document.activeElement.id);
      document.querySelector('output').textContent = out.join(' | ');
    """
    found = tried(render(*fixture("update")), script, tmp_path).split(" | ")
    assert found[0].endswith("notes")
    assert found[1].startswith("Data")
    assert "UsersTable" in found[2]
    assert found[3:] == [found[1], "filter", "filter"]


@needs_chromium
def test_paper_shows_what_is_folded(tmp_path: Path) -> None:
    script = """
      dispatchEvent(new Event('beforeprint'));
      document.querySelector('output').textContent = document.querySelectorAll('details:not([open])').length;
    """
    assert tried(render(*fixture("update")), script, tmp_path) == "0"
