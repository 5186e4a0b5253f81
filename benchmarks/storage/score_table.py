"""All scores of a results folder as one table: a row per cell, variant, part and measure."""

import os
import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.atomic_write import replacing
from benchmarks.storage.locks import LOCKS, Locks
from benchmarks.storage.store import CELLS
from benchmarks.types import Record, told_recalibrated, told_tuned
from benchmarks.types.score import CellScores

SCORES_FILE = "scores.parquet"

_TEXT_COLUMNS = [
    "dataset",
    "method",
    "variant",
    "modalities",
    "shuffled",
    "merged",
    "tuned",
    "recalibrated",
    "split",
    "group",
    "part",
    "measure",
    "score_status",
    "status",
    "cause",
    "reason",
    "protocol",
    "key",
]
_FLOAT_COLUMNS = ["value", "standard_error", "low", "high"]
_NUMBER_COLUMNS = ["repeat", "fold", "seed", *_FLOAT_COLUMNS]
_ORDER = ["dataset", "method", "variant", "modalities", "split", "repeat", "fold", "part", "measure", "key"]


def score_table(cells: Iterable[tuple[Record, CellScores | None]]) -> pd.DataFrame:
    """Return one row per cell, variant, part and measure, sorted; a cell without scores has one row with its cause.

    No time, host or order of execution enters: the same predictions give the same bytes.
    """
    rows = []
    for record, scores in cells:
        cell = record.cell
        common = {
            "dataset": cell.dataset,
            "method": cell.method,
            "modalities": "+".join(cell.modalities),
            "shuffled": "+".join(cell.shuffled),
            "merged": "train+validation" if cell.merged else "",
            "tuned": told_tuned(cell.tuning).removeprefix(", "),
            "recalibrated": told_recalibrated(cell.recalibrated).removeprefix(", "),
            "split": cell.split,
            "group": cell.group,
            "repeat": cell.repeat,
            "fold": cell.fold,
            "seed": cell.seed,
            "key": cell.key,
            "status": record.status,
            "cause": record.cause,
        }
        if scores is None:
            rows.append(common)
            continue
        for variant, parts in scores.variants.items():
            for part, measures in parts.items():
                where = {**common, "protocol": scores.protocol, "variant": variant, "part": part}
                for measure, score in measures.items():
                    numbers = {name: getattr(score, name) for name in (*_FLOAT_COLUMNS, "reason")}
                    rows.append({**where, "measure": measure, "score_status": score.status, **numbers})
    columns = [*_TEXT_COLUMNS, *_NUMBER_COLUMNS]
    table = pd.DataFrame(rows, columns=columns)
    table[_FLOAT_COLUMNS] = table[_FLOAT_COLUMNS].astype("float64")
    return _sorted(table)


def update_score_file(
    folder: Path,
    table: pd.DataFrame,
    *,
    listed: Collection[str] | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Path:
    """Put rows into a results folder's score file, in place of those of the same cells.

    Of several processes that do so at once each waits for the one before it, and no row is lost.

    Parameters
    ----------
    folder : Path
        The results folder.
    table : DataFrame
        What ``score_table`` returned.
    listed : collection of str, optional
        The keys of all cells that there were when the rows were made: of the old file only rows of cells that came
        since are kept.
    warn : callable
        Is told where the old file is damaged, so that no row of it is kept.

    Returns
    -------
    Path
        The file, written whole or not at all.
    """
    with Locks(folder / LOCKS).held(SCORES_FILE):
        return _updated(folder, table, listed, warn)


def _updated(folder: Path, table: pd.DataFrame, listed: Collection[str] | None, warn: Callable[[str], None]) -> Path:
    path = folder / SCORES_FILE
    if os.path.lexists(path):
        old = _read(path)
        if old is None:
            if listed is None:
                warn(f"{path} is damaged: it is written anew, with these cells alone; `score` adds the others")
        else:
            kept = old[~old["key"].isin(table["key"])]
            if listed is not None:
                there = np.array([(folder / CELLS / key).is_dir() for key in kept["key"]], dtype=np.bool_)
                kept = kept[~kept["key"].isin([*listed]) & there]
            table = _sorted(pd.concat([kept, table], ignore_index=True)) if len(kept) else table
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    with replacing(path) as unfinished:
        table.to_parquet(unfinished, index=False)
    return path


def keys_by_kind(folder: Path) -> dict[tuple[str, str], list[str]]:
    """Return the keys of finished cells by (method, dataset), as a results folder's score file lists them.

    The file is made at the end of a run: it may lack cells, and name some that are there no more. Without a sound one
    there is nothing.
    """
    path = folder / SCORES_FILE
    columns = ["method", "dataset", "key", "status"]
    try:
        table = pd.read_parquet(path, columns=columns) if path.is_file() else None
    except Exception:  # as in `_read`
        return {}
    if table is None or list(table.columns) != columns:
        return {}
    finished = table.loc[table["status"] == "ok", columns[:3]].drop_duplicates()
    grouped: dict[tuple[str, str], list[str]] = {}
    for method, dataset, key in finished.itertuples(index=False, name=None):
        grouped.setdefault((str(method), str(dataset)), []).append(str(key))
    return grouped


def _read(path: Path) -> pd.DataFrame | None:
    """Return the table of a score file; None if it is not one."""
    try:
        table = pd.read_parquet(path) if path.is_file() else None
    except Exception:  # whatever a library raises that is misled by a damaged file
        return None
    if table is None or list(table.columns) != [*_TEXT_COLUMNS, *_NUMBER_COLUMNS]:
        return None
    return table


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(_ORDER, kind="stable", ignore_index=True)
