"""Compare multimodal survival methods under one fixed evaluation protocol."""

from benchmarks import import_guard as import_guard
