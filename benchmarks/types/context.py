"""What a method is given to work with: everything random, slow or machine-dependent."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from benchmarks.types.cohort import Cohort


def derived_seed(seed: int, *names: str | int) -> int:
    """Return a seed for a named purpose: the first 31 bits of a hash of the seed and the names."""
    digest = hashlib.sha256("|".join(str(part) for part in (seed, *names)).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


ProgressReporter: TypeAlias = Callable[[int, float], None]


def ignore_progress(epoch: int, value: float) -> None:
    """Report an epoch and its validation score to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Seed, device, limits and channels of one fit.

    Parameters
    ----------
    seed : int
        The only source of randomness; ``derived_seed`` and ``generator`` give named streams of it.
    workdir : Path
        An empty folder for temporary files; removed after the cell.
    device : str
        A torch device, such as "cpu" or "cuda:0".
    threads : int
        How many threads the fit may use.
    deadline : float or None
        Value of ``time.monotonic()`` at which the cell will be stopped.
    seconds : dict of str to float
        Seconds of named parts of the fit, such as that of a teacher; kept in the cell's record beside those of the
        whole fit, which include them.
    reporter : callable
        Receives (epoch, value), the validation score after an epoch; it may raise to prune the fit.
    extra_data : Cohort or None
        Patients outside of the dataset from whom the method may learn, where its settings ask for them; ``strata`` are
        their cancer types. None of them is in any part of the split.
    """

    seed: int
    workdir: Path
    device: str = "cpu"
    threads: int = 1
    deadline: float | None = None
    reporter: ProgressReporter = ignore_progress
    seconds: dict[str, float] = field(default_factory=dict)
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("benchmarks.method"))
    extra_data: Cohort | None = None

    def derived_seed(self, *names: str | int) -> int:
        """Return the seed of a named stream."""
        return derived_seed(self.seed, *names)

    def generator(self, *names: str | int) -> np.random.Generator:
        """Return the random generator of a named stream."""
        return np.random.default_rng(self.derived_seed(*names))

    def report(self, epoch: int, value: float) -> None:
        """Tell the progress display and the pruner the validation score of an epoch."""
        self.reporter(epoch, value)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the seconds of the block to those of a named part of the fit."""
        start = time.perf_counter()
        yield
        self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - start

    def seconds_left(self) -> float:
        """Return the seconds until the deadline, infinity if there is none."""
        return float("inf") if self.deadline is None else self.deadline - time.monotonic()
