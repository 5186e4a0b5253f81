"""As many threads as asked for, in this process: their number changes the last bits of sums."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import threadpoolctl


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """Let the linear algebra libraries, and torch where it is loaded, use so many threads within the block."""
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch is not None else 0
    with threadpoolctl.threadpool_limits(threads):
        if torch is not None:
            torch.set_num_threads(threads)
        try:
            yield
        finally:
            if torch is not None:
                torch.set_num_threads(before)
