"""What a ^C may not cut in two."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupt_held_back() -> Iterator[None]:
    """Let a ^C wait until the end of the block: one that falls into the start of a cell leaves an unknown process.

    A handler, not a signal mask: a mask holds for one thread, the signal goes to any other, and Python then interrupts
    the main thread in spite of it.
    """
    usual = signal.getsignal(signal.SIGINT)
    # Python interrupts the main thread only; a handler that is not Python's own (None) does not raise.
    if usual is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def remember(*_: object) -> None:
        nonlocal came
        came = True

    signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def interrupt_blocked() -> Iterator[None]:
    """Start processes that never get the terminal's ^C, nor do theirs: a mask is inherited, a handler is not."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
