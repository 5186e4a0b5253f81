"""What became of a cell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from benchmarks.types.cell import Cell

Status: TypeAlias = Literal["ok", "failed", "timeout", "out_of_memory", "skipped"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Record:
    """Outcome of a cell; anything but ``ok`` and ``skipped`` is a failure, kept and shown as such.

    Parameters
    ----------
    cell : Cell
        What was run.
    status : Status
        How it ended.
    cause : str
        Why it did not end well, in one line; empty if it did.
    seconds : mapping of str to float
        Wall time of the stages ``load``, ``fit``, ``predict`` and of the whole cell, ``total``; empty where the
        predictions were made outside of the suite.
    peak_memory : int
        Largest resident size of the cell's process tree, bytes, without the datasets that all cells of a run share.
    environment : mapping
        Versions and hardware.
    files : mapping of str to str
        sha256 of each result file beside the record.
    warnings : mapping of str to int
        How often fit and predict warned of what, as ``category: message``; their full text is in the cell's log. Empty
        too where the process ended before it could report: killed, or stopped at a limit.
    excluded : int
        Patients of the dataset's source who were left out because they have no outcome; 0 too where the cell failed.
    """

    cell: Cell
    status: Status
    _: KW_ONLY
    cause: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory: int = 0
    environment: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    excluded: int = 0

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status is {self.status!r}, it must be one of {', '.join(STATUSES)}")

    def as_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def warned(records: Sequence[Record]) -> str:
    """Return how many fits of a method warned and of what, the warning of most of them first; empty if none did."""
    fits = Counter(kind for record in records for kind in record.warnings)
    if not fits:
        return ""
    often: Counter[str] = Counter()
    for record in records:
        often.update(record.warnings)
    first = min(fits, key=lambda kind: (-fits[kind], -often[kind], kind))
    others = len(fits) - 1
    more = f" (and {others} other warning{'s' if others > 1 else ''})" if others else ""
    return f"{sum(bool(record.warnings) for record in records)} of {len(records)} folds warned: {first}{more}"
