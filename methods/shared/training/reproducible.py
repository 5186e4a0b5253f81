"""Torch under the seed and the threads of a context."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from benchmarks.types import Context


@contextmanager
def reproducible(context: Context, *names: str | int) -> Iterator[None]:
    """Seed torch's generators with a named stream of the context and use its number of threads; restore both after.

    Weights are drawn and dropout is applied inside of it. On a CPU the same context gives the same bytes; on a GPU
    some sums are added in an order that changes from run to run.

    Parameters
    ----------
    context : Context
        Seed, device and threads.
    *names : str or int
        What the random numbers are for.
    """
    device = torch.device(context.device)
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(context.derived_seed("torch", *names))
        torch.set_num_threads(context.threads)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
