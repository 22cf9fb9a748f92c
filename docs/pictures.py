"""Make the pictures in ``docs/images`` from a recorded change set: ``make pictures``.

The pages are photographed by chromium in a frame of their own, so that a narrow one is as narrow as a telephone; the
terminal is drawn by rich as SVG and photographed too.
"""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import catalog_pictures
from rich.console import Console
from rich.text import Text

from oaktree_cfn.review.gates import judge
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import review
from oaktree_cfn.review.saved import load
from oaktree_cfn.terminal import review_html, review_text

DOCS = Path(__file__).resolve().parent
RECORDING = DOCS.parent / "tests" / "review" / "fixtures" / "update.json"
CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DARK, LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"
MOST = 300_000
"""Bytes of one picture."""


def main() -> None:
    """Write every picture, and say how big it is."""
    made = label(review(load(RECORDING.read_text(encoding="utf-8"), RECORDING.name)))
    verdict = judge(made)
    page = review_html.render(made, verdict)
    for name, width, height, scheme in (
        ("dark", 960, 1640, DARK),
        ("light", 960, 1640, LIGHT),
        ("narrow", 400, 1500, DARK),
    ):
        _photograph(f"review-{name}", _framed(page, width, height), width, height, scheme)
    console = Console(file=io.StringIO(), record=True, width=118, height=48)
    console.print(Text("$ oaktree review --change-set update.json", "bold"))
    console.print(review_text.render(made))
    drawing = console.export_svg(title="oaktree review", font_aspect_ratio=0.602)
    _photograph("review-terminal", _drawn(drawing), 940, 910, LIGHT)
    for name, page, width, height in catalog_pictures.pages():
        _photograph(name, _framed(page, width, height), width, height, LIGHT)


def _framed(page: str, width: int, height: int) -> str:
    frame = f'<iframe srcdoc="{html.escape(page)}" style="border:0;width:{width}px;height:{height}px"></iframe>'
    return f"<!doctype html><html><body style='margin:0'>{frame}</body></html>"


def _drawn(drawing: str) -> str:
    """The drawing with fonts of this machine in place of those it would fetch."""
    local = re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    return f"<!doctype html><html><body style='margin:0'><style>svg {{ width: 940px }}</style>{local}</body></html>"


def _photograph(name: str, page: str, width: int, height: int, scheme: str) -> None:
    picture = DOCS / "images" / f"{name}.png"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(page, encoding="utf-8")
        size = f"--window-size={width},{height}"
        command = [
            *CHROMIUM,
            scheme,
            size,
            f"--user-data-dir={folder}/profile",
            f"--screenshot={picture}",
            file.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    print(f"{picture.relative_to(DOCS.parent)}: {picture.stat().st_size // 1000} KB")
    if picture.stat().st_size > MOST:
        sys.exit(f"{picture} is larger than {MOST // 1000} KB")


if __name__ == "__main__":
    main()
