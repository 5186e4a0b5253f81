"""A board as text: Markdown, CSV or JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.measures import MEASURES
from benchmarks.summary import Average
from leaderboards.board import Board, BoardRow

SHOWN = tuple(measure for measure in MEASURES if measure.in_tables)


def as_markdown(boards: Sequence[Board]) -> str:
    """Return a section a board, with the reading rules below."""
    parts = [_section(board) for board in boards]
    rules = (
        "Mean ± half the 95 % interval over test folds (Nadeau & Bengio 2003). Methods that share a letter are not "
        "separated: paired influence tests on pooled out-of-fold predictions, Holm-adjusted, 5 % - of the models "
        "fitted here, on patients like these. Gain: less clinical-only Cox, paired, 95 % interval. Failed methods "
        "stand last; a mean over missing cells is never formed."
    )
    return "\n\n".join([*parts, rules]) + "\n"


def _section(board: Board) -> str:
    by = next(measure.title for measure in MEASURES if measure.name == board.measure)
    lines = [f"## {board.dataset}", "", f"Ranked by: {by}. {board.events} events in the test parts."]
    if board.warning:
        lines.append(f"**Warning**: {board.warning}.")
    headings = [
        "rank",
        "method",
        "reads",
        "",
        *(measure.column for measure in SHOWN),
        "gain",
        "fit s",
        "ms/patient",
        "MiB",
    ]
    lines += ["", f"| {' | '.join(headings)} |", f"| {' | '.join(['---'] * len(headings))} |"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in board.rows]
    notes = [f"- {_name(row)}: {flag}" for row in board.rows for flag in row.flags]
    notes += [f"- {_name(row)}: {row.row.problem}" for row in board.rows if row.row.problem]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _cells(row: BoardRow) -> list[str]:
    summary = row.row
    reads = "+".join(summary.modalities) or "outcome"
    memory = f"{summary.peak_memory / 2**20:.0f}"
    if row.rank is None:
        state = "skipped" if "skipped:" in summary.problem else f"{summary.ok}/{summary.cells} ok"
        return ["-", _name(row), reads, state, *["-"] * len(SHOWN), "-", "-", "-", memory]
    gain = "-" if row.gain is None else f"{row.gain.value:+.3f} [{row.gain.lower:+.3f}, {row.gain.upper:+.3f}]"
    scores = [_score(summary.averages.get(measure.name)) for measure in SHOWN]
    latency = "-" if row.latency is None else f"{1000 * row.latency:.2f}"
    return [str(row.rank), _name(row), reads, row.letters, *scores, gain, f"{summary.fit_seconds:.2f}", latency, memory]


def _name(row: BoardRow) -> str:
    return f"{row.row.method} ({row.row.variant})" if row.row.variant else row.row.method


def _score(average: Average | None) -> str:
    if average is None or average.mean is None:
        return "-"
    if average.low is None or average.high is None:
        return f"{average.mean:.3f}"
    return f"{average.mean:.3f} ± {(average.high - average.low) / 2:.3f}"


def as_json(boards: Sequence[Board]) -> str:
    """Return everything the boards hold as JSON."""
    return json.dumps([asdict(board) for board in boards], indent=1) + "\n"


def as_csv(boards: Sequence[Board]) -> str:
    """Return one line a dataset, method and variant."""
    text = io.StringIO()
    rows = [_flat(board, row) for board in boards for row in board.rows]
    writer = csv.DictWriter(
        text, fieldnames=list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(board: Board, row: BoardRow) -> dict[str, Any]:
    summary = row.row
    flat: dict[str, Any] = {
        "dataset": board.dataset,
        "ranked_by": board.measure,
        "rank": row.rank,
        "method": summary.method,
        "variant": summary.variant,
        "modalities": "+".join(summary.modalities),
        "letters": row.letters,
        "cells": summary.cells,
        "ok": summary.ok,
        "fit_seconds": summary.fit_seconds,
        "seconds_a_patient": row.latency,
        "peak_memory": summary.peak_memory,
        "problem": summary.problem,
        "flags": "; ".join(row.flags),
    }
    for measure in SHOWN:
        average = summary.averages.get(measure.name) or Average(None)
        flat |= {measure.name: average.mean, f"{measure.name}_low": average.low, f"{measure.name}_high": average.high}
    gain = row.gain
    values = (None, None, None, None) if gain is None else (gain.value, gain.lower, gain.upper, gain.p_value)
    return flat | dict(zip(("gain", "gain_low", "gain_high", "gain_p"), values, strict=True))
