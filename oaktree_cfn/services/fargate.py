"""What Fargate offers: plain data, free of troposphere, for whoever composes tasks and whoever judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MEMORY: Mapping[str, Sequence[int]] = {
    "256": (512, 1024, 2048),
    "512": range(1024, 4097, 1024),
    "1024": range(2048, 8193, 1024),
    "2048": range(4096, 16385, 1024),
    "4096": range(8192, 30721, 1024),
    "8192": range(16384, 61441, 4096),
    "16384": range(32768, 122881, 8192),
    "32768": (61440, 122880, 249856),
}
"""CPU units of a task -> the MiB of memory it may have with them.

Source: ECS developer guide, "Task definition parameters for Fargate", task size; cfn-lint's schema of the pair (E3047)
is compared in the tests. From 8192 units on Linux tasks need platform version 1.4.0.
"""

PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}
"""What ECS calls a processor's architecture, and what builders of images call it."""
