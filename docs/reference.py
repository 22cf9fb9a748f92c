"""Writes docs/macros-reference.md and docs/macros.schema.json from the typed descriptions."""

from __future__ import annotations

import json
from pathlib import Path

from oaktree_cfn.macros.reference import page
from oaktree_cfn.macros.schema import template

HERE = Path(__file__).parent

HEAD = """# Reference of the shorthand

Drawn from the typed descriptions in `oaktree_cfn/services/` by `make reference`; edit those, not this page. How the macros
are used is told in [macros.md](macros.md).

"""


def documents() -> dict[str, str]:
    """File name -> text."""
    schema = json.dumps(template(), indent=1, ensure_ascii=False) + "\n"
    return {"macros-reference.md": HEAD + page(), "macros.schema.json": schema}


if __name__ == "__main__":
    for name, text in documents().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(HERE / name)
