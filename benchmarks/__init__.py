"""Headline figures, one file each: `python -m benchmarks.NAME --json`."""
