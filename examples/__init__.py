"""Small projects that each show one thing, and the runner that proves them: ``python -m examples``."""
