"""Several results folders become one: cells are copied by their key, and their scores follow."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.protocol.protocol import protocol_id
from benchmarks.storage.predictions import PREDICTIONS, TEXTS
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import Record

_RANKS = {"ok": 2, "skipped": 1}


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a cell of one of the folders.

    Parameters
    ----------
    key : str
        Of the cell.
    outcome : {"copied", "replaced", "there", "clash", "damaged"}
        ``there``: the same result, or a better one, is in the folder already. ``replaced``: a failure gave way to a
        result. ``clash``: both are finished, with other predictions; the one that was there stays. ``damaged``: its
        files cannot be trusted, so it was left out.
    problem : str
        What is to be told of a clash or a damaged cell.
    """

    key: str
    outcome: Literal["copied", "replaced", "there", "clash", "damaged"]
    problem: str = ""


def merge(target: Store, sources: Sequence[Store], records: dict[str, Record]) -> Iterator[Merged]:
    """Copy the cells of some folders into another one and yield what became of each.

    Of two cells of one key the finished one stays, then the skipped one, then the one that came first. Two finished
    ones must have the same predictions, byte for byte; where they have not, the first stays and the clash is told.
    Run again after a kill, it copies what is lacking.

    Parameters
    ----------
    target : Store
        Where cells are copied to; what it holds counts as come first.
    sources : sequence of Store
        In the order in which they were named.
    records : dict of str to Record
        The records of the target by key; those that are copied are put into it.
    """
    for source in sources:
        for key in source:
            try:
                yield _merge_cell(target, source, key, records)
            except CorruptedCellError as error:
                yield Merged(key, "damaged", str(error))


def _merge_cell(target: Store, source: Store, key: str, records: dict[str, Record]) -> Merged:
    record = source.read(key)
    there = records.get(key)
    if there is not None:
        ranks = _rank(there), _rank(record)
        if ranks == (_RANKS["ok"], _RANKS["ok"]) and _results(there) != _results(record):
            return Merged(
                key,
                "clash",
                f"{key} ({record.cell.label}) in {source.root} has other predictions than the one that came before it, "
                f"which stays in {target.root}",
            )
        if ranks[0] >= ranks[1]:
            return Merged(key, "there")
    with target.work_folder(key) as files:
        for name in record.files:
            shutil.copyfile(source.folder(key) / name, files / name)
        stored = target.write(record, files)
    if stored.files != record.files:
        raise CorruptedCellError(f"{source.folder(key)} changed while it was copied")
    records[key] = stored
    _copy_scores(target, source, stored)
    return Merged(key, "copied" if there is None else "replaced")


def _rank(record: Record) -> int:
    return _RANKS.get(record.status, 0)


def _results(record: Record) -> dict[str, str]:
    """Return the checksums of what was predicted; the other files have times in them."""
    return {name: record.files[name] for name in (PREDICTIONS, TEXTS) if name in record.files}


def _copy_scores(target: Store, source: Store, record: Record) -> None:
    """Copy the scores of a cell with their influence, where both are sound; others are computed by the scorer."""
    key = record.cell.key
    scores = source.read_scores(key, protocol_id(record.cell.dataset, record.cell.grid_sha256))
    influence = None if scores is None else source.read_influence(key, scores.influence)
    if scores is not None and influence is not None:
        target.write_influence(key, influence)
        target.write_scores(key, scores)
