"""What ends a trial before its time: the pruner, and a limit of its own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class PrunedError(Exception):
    """The trial does worse than those before it."""


class TrialTimeoutError(Exception):
    """The trial's own time is over."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise in the block when a time is over; 0: no limit.

    The timer's signal is handled between two steps of Python: a long call into a library ends first. Only the main
    thread of a process may use this.

    Raises
    ------
    TrialTimeoutError
        When the time is over.
    """
    if not seconds:
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TrialTimeoutError(f"time limit of {seconds:g} s passed")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
