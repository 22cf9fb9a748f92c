"""Run every example, or some: ``python -m examples [NAME ...]``."""

from __future__ import annotations

import sys

from examples.runner import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
