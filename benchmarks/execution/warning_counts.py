"""What a fit warns of, counted: a warning that stands in a log alone is read by nobody."""

import logging
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from benchmarks.plain_text import printable

# So much of a message tells warnings apart, and so many are told apart; the rest is counted by category.
LONGEST = 200
MOST = 20
OTHERS = "other messages"

# These tell programmers of code that will change; a fit is as good with them.
OF_CODE = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning, ResourceWarning)


class WarningCounts:
    """Counts what is warned of during a block, through Python's warnings and through logging.

    Every occurrence counts, whatever filters were set before or are set for good within the block; where a block of
    ``warnings.catch_warnings`` silences or catches a warning, or makes an error of it, it has been dealt with and does
    not count. The text is printed once, where the process prints. Of logging, records of level ``WARNING`` and above
    count that reach the root logger.

    Attributes
    ----------
    counts : Counter of str
        ``category: message`` of warnings, ``logger: message`` of records, to how often.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count during the block."""
        handler = _Handler(self)
        logging.getLogger().addHandler(handler)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                for category in OF_CODE:
                    warnings.simplefilter("default", category)
                # 2026-11-26: the list is where Python looks warnings up; one of its own sees what is added to it.
                warnings.filters = _Filters(warnings.filters)
                warnings.showwarning = self._show
                yield
        finally:
            logging.getLogger().removeHandler(handler)

    def add(self, category: str, message: str) -> bool:
        """Count a warning; return whether it is the first of its kind."""
        text = printable(" ".join(message.split()))
        category = printable(category)
        kind = f"{category}: {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"
        if kind not in self.counts and len(self.counts) >= MOST:
            kind = f"{category}: {OTHERS}"
        self.counts[kind] += 1
        return self.counts[kind] == 1

    def _show(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        counted = not issubclass(category, OF_CODE)
        if not counted or self.add(category.__name__, str(message)):
            print(warnings.formatwarning(message, category, filename, lineno, line), end="", file=file or sys.stderr)


class _Handler(logging.Handler):
    """Counts what is logged as a warning; other handlers write it."""

    def __init__(self, counts: WarningCounts) -> None:
        super().__init__(logging.WARNING)
        self._counts = counts

    def emit(self, record: logging.LogRecord) -> None:
        self._counts.add(record.name, record.getMessage())


class _Filters(list[Any]):
    """Python's list of filters, to which only those are added that make an error of a warning.

    Libraries silence warnings for the whole process, on import for instance. Blocks of ``warnings.catch_warnings``
    work on a plain copy.
    """

    def insert(self, index: Any, item: Any) -> None:
        if item[0] == "error":
            super().insert(index, item)

    def append(self, item: Any) -> None:
        if item[0] == "error":
            super().append(item)
