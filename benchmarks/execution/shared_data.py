"""The datasets of a run, each read once: the process that cells are forked from holds them, the cells share its memory.

A cell that finds no dataset held reads it by itself: outside a run, or where reading failed and the cell is to say why.
"""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil
import pyarrow

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.catalog.loading import LoadedDataset, load_dataset
from benchmarks.catalog.registry import dataset_card
from benchmarks.protocol.extra_data import extra_cohort
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.types import Cell, Cohort, Split
from benchmarks.types.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class DatasetRequest:
    """A dataset as cells ask for it.

    Parameters
    ----------
    name : str
        A registered dataset.
    options : mapping
        All options of its adapter.
    complete_cases : sequence of str
        Only patients who have these modalities.
    """

    name: str
    options: Mapping[str, Any]
    complete_cases: Sequence[str]

    @classmethod
    def of(cls, cell: Cell) -> "DatasetRequest":
        """Return what a cell asks for."""
        return cls(cell.dataset, cell.dataset_options, cell.complete_cases)

    @classmethod
    def of_extra(cls, name: str, options: Mapping[str, Any]) -> "DatasetRequest":
        """Return the larger dataset that extra data is taken from, with the options of a cell's dataset."""
        known = dataset_card(name).options
        return cls(name, {option: value for option, value in options.items() if option in known}, ())

    @property
    def key(self) -> str:
        """The same for equal requests."""
        return canonical_json([self.name, dict(self.options), list(self.complete_cases)]).decode()


@dataclass(frozen=True, slots=True, eq=False)
class DatasetOfCell:
    """A dataset and the protocol of its evaluation."""

    loaded: LoadedDataset
    protocol: EvaluationProtocol


@dataclass(slots=True, eq=False)
class _Held:
    """What this process holds by the key of the request, and the bytes by which its resident size has grown for it."""

    datasets: dict[str, DatasetOfCell] = field(default_factory=dict)
    size: int = 0


_held = _Held()


def requests_of(cells: Iterable[Cell]) -> list[DatasetRequest]:
    """Return the datasets of some cells, each once."""
    asked: dict[str, DatasetRequest] = {}
    for cell in cells:
        for request in (DatasetRequest.of(cell), *_extra_request(cell)):
            asked[request.key] = request
    return list(asked.values())


def hold(requests: Iterable[DatasetRequest]) -> None:
    """Read datasets and keep them for this process and those that are forked from it.

    One that cannot be read is left out: its cells read it again, and their records say why it cannot be read.
    """
    process = psutil.Process()
    before = process.memory_info().rss
    for request in requests:
        with contextlib.suppress(Exception):
            _held.datasets[request.key] = _read(request)
    _return_free_memory()
    _held.size += max(0, process.memory_info().rss - before)


def held_size() -> int:
    """Return the resident bytes of the datasets that this process holds, and shares with its children."""
    return _held.size


def dataset_of(cell: Cell) -> DatasetOfCell:
    """Return the dataset of a cell, held or read, and prove by checksums that it is the planned one.

    Raises
    ------
    ValueError
        If content or time grid differ from those the cell was planned with.
    UsageError
        If the dataset cannot be loaded.
    """
    request = DatasetRequest.of(cell)
    found = _held.datasets.get(request.key) or _read(request)
    if found.loaded.sha256 != cell.data_sha256:
        raise ValueError(f"{cell.dataset} changed since the plan was made: its checksum differs")
    if found.protocol.grid_sha256 != cell.grid_sha256:
        raise ValueError("the time grid differs from the planned one: its checksum differs")
    return found


def extra_data_of(cell: Cell, cohort: Cohort, split: Split) -> Cohort | None:
    """Return the extra data of a cell, None if its method asks for none, and prove that it is the planned one.

    Raises
    ------
    ValueError
        If its content differs from what the cell was planned with, or one of the cell's patients is among it.
    """
    for request in _extra_request(cell):
        found = _held.datasets.get(request.key) or _read(request)
        asked = cell.extra_data
        extra = extra_cohort(found.loaded.cohort, cohort, split, asked["asked"], asked["modalities"])
        if sha256_of_cohort(extra) != asked["sha256"]:
            raise ValueError(f"the extra data of {cell.dataset} changed since the plan was made: its checksum differs")
        return extra
    return None


def _extra_request(cell: Cell) -> list[DatasetRequest]:
    if not cell.extra_data:
        return []
    return [DatasetRequest.of_extra(cell.extra_data["dataset"], cell.dataset_options)]


def _read(request: DatasetRequest) -> DatasetOfCell:
    loaded = load_dataset(request.name, request.options, complete_cases=request.complete_cases)
    return DatasetOfCell(loaded, EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon))


def _return_free_memory() -> None:
    """Give back what reading has used and freed: it would be counted as part of the datasets."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # the C library may be another one than glibc
            ctypes.CDLL(None).malloc_trim(0)
