"""Benchmarks: figures to compare in one run, never to pass or fail."""
