"""Samples."""

from __future__ import annotations

from .samples import Sample

SAMPLES: list[tuple[str, Sample]] = []
