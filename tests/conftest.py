"""How property tests run: quickly by default, at length with ``make soak``."""

from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("quick")
