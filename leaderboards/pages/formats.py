"""Boards in the forms people and programs read: Markdown, LaTeX, CSV, JSON, parquet."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from benchmarks.commandline.literal import printable
from benchmarks.scoring.summary import Average
from benchmarks.types.canonical import canonical_json
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain, NoGain
from leaderboards.boards.overall import OverallBoard
from leaderboards.pages.columns import (
    aligned,
    board_sentence,
    columns_of,
    notes_of,
    rows_of,
    rules_of,
    shown_of,
)
from leaderboards.pages.overall_table import overall_sentences, overall_table
from leaderboards.pages.words import sentences_of, sentences_over


@dataclass(frozen=True, slots=True)
class Boards:
    """The boards of some datasets, and the one over all of them where there are several."""

    boards: tuple[Board, ...]
    overall: OverallBoard | None


_BOARDS = TypeAdapter(Boards)


def as_markdown(boards: Boards) -> str:
    """Return a section a board, what it says in words above its table, the reading rules at the end."""
    parts = []
    if boards.overall is not None:
        headings, rows = overall_table(boards.overall)
        said = [*sentences_over(boards.boards), *overall_sentences(boards.overall)]
        parts += ["## Over all datasets", *_list(said), _pipes(headings, rows)]
    for board in boards.boards:
        columns = columns_of(board)
        parts += [f"## {_markdown(board.dataset)}", _markdown(board_sentence(board))]
        parts += [f"**Warning**: {_markdown(board.warning)}."] if board.warning else []
        said = sentences_of(board)
        parts += _list(said)
        parts.append(_pipes([column.heading for column in columns], rows_of(board, columns)))
        notes = [note for note in notes_of(board) if f"{note}." not in said]
        parts += _list(notes)
    parts += ["## How to read this", "\n".join(f"- {rule}" for rule in rules_of(boards.boards))]
    return "\n\n".join(parts) + "\n"


def _list(sentences: Sequence[str]) -> list[str]:
    return ["\n".join(f"- {_markdown(sentence)}" for sentence in sentences)] if sentences else []


def _pipes(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = [":--" if aligned(heading) else "--:" for heading in headings]
    lines = [[_markdown(text) for text in headings], rule, *([_markdown(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


# What Markdown would take for markup, where it would: a lone bracket, or an underscore within a word, is text.
_MARKDOWN = re.compile(
    r"[\\`*|$]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<!\w)_|_(?!\w)|\[(?=[^\[\]]*\][(\[:])|~(?=~)|^(?=#|>|[+-] )"
)


def _markdown(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    line = " ".join(printable(text).split())
    return _MARKDOWN.sub(lambda found: "\\" + found[0], line)


def as_latex(boards: Boards) -> str:
    r"""Return a ``table`` a board, to ``\input`` where the packages booktabs and graphicx are loaded."""
    parts = []
    if boards.overall is not None:
        headings, rows = overall_table(boards.overall)
        caption = " ".join(["Over all datasets.", *overall_sentences(boards.overall)])
        parts.append(_latex_table(headings, rows, caption, "overall"))
    for board in boards.boards:
        columns = columns_of(board)
        headings = [column.heading for column in columns]
        warning = [f"Warning: {board.warning}."] if board.warning else []
        notes = [f"{note}." for note in notes_of(board)]
        caption = " ".join([f"{board.dataset}.", board_sentence(board), *warning, *notes, *rules_of([board])])
        parts.append(_latex_table(headings, rows_of(board, columns), caption, board.dataset))
    return "\n".join(parts)


def _latex_table(headings: Sequence[str], rows: Sequence[Sequence[str]], caption: str, label: str) -> str:
    kinds = "".join("l" if aligned(heading) else "r" for heading in headings)
    lines = [" & ".join(_latex(text) for text in row) + r" \\" for row in [headings, *rows]]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_latex(caption)}}}",
            rf"\label{{tab:{label}}}",
            r"\resizebox{\textwidth}{!}{%",
            rf"\begin{{tabular}}{{{kinds}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
            "",
        ]
    )


_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    # A bracket after \\ would be its optional argument.
    "[": "{[}",
    "]": "{]}",
}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in " ".join(printable(text).split()))


def as_json(boards: Boards) -> str:
    """Return everything the boards hold as JSON."""
    return _BOARDS.dump_json(boards, indent=1).decode() + "\n"


def from_json(text: str) -> Boards:
    """Return what ``as_json`` was given.

    Raises
    ------
    ValueError
        If the text is not that of boards.
    """
    return _BOARDS.validate_json(text)


def as_table(boards: Boards) -> pd.DataFrame:
    """Return one row per dataset, method and variant: every number with its interval, and the rank over all."""
    overall = {row.name: row.mean_rank for row in boards.overall.rows} if boards.overall else {}
    rows = [_flat(board, row, overall.get(row.name)) for board in boards.boards for row in board.rows]
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pd.DataFrame(rows, columns=names)
    for name in table:
        # A column without a number is one of missing numbers, not of objects.
        if table[name].isna().all():
            table[name] = table[name].astype("float64")
    return table


def as_csv(boards: Boards) -> str:
    """Return ``as_table`` as CSV."""
    text = io.StringIO()
    as_table(boards).to_csv(text, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    return text.getvalue()


def as_parquet(boards: Boards) -> bytes:
    """Return ``as_table`` as the bytes of a parquet file."""
    file = io.BytesIO()
    as_table(boards).to_parquet(file, index=False)
    return file.getvalue()


def _flat(board: Board, row: BoardRow, overall: float | None) -> dict[str, Any]:
    summary = row.row
    flat: dict[str, Any] = {
        "dataset": board.dataset,
        "ranked_by": board.measure,
        "rank": row.rank,
        "mean_rank_over_all": overall,
        "name": row.name,
        "method": summary.method,
        "variant": summary.variant,
        "modalities": "+".join(summary.modalities),
        "shuffled": "+".join(summary.shuffled),
        "tuned": summary.tuned.removeprefix(", "),
        "recalibrated": summary.recalibrated,
        "config": canonical_json(dict(row.config)).decode(),
        "letters": row.letters,
        "cells": summary.cells,
        "ok": summary.ok,
        "events": board.events,
    }
    for measure in shown_of(board.measure):
        average = summary.averages.get(measure.name) or Average(status="missing")
        flat |= {measure.name: average.mean, f"{measure.name}_low": average.low, f"{measure.name}_high": average.high}
    flat |= _gain_columns("gain_over_cox", row.gain) | _gain_columns("gain_over_own_unimodal", row.own_gain)
    flat["gain_over_cox_same_inputs"] = row.same_inputs if isinstance(row.gain, Gain) else None
    flat |= _gain_columns("gain_over_fusion_average", row.plain_gain)
    flat |= {f"label_{name}": text for name, text in row.labels.items()}
    return flat | {
        "parameters_in_millions": row.parameters,
        "fit_seconds": summary.fit_seconds,
        "teacher_seconds": row.teacher_seconds,
        "tuning_seconds": row.tuning_seconds,
        "seconds_a_patient": row.latency,
        "peak_memory": summary.peak_memory,
        "problem": summary.problem or row.lacks(board.measure),
        "flags": "; ".join(row.flags),
        "warning": board.warning,
        "protocol": board.protocol,
        "data_sha256": board.data_sha256,
    }


def _gain_columns(name: str, gain: Gain | NoGain | None) -> dict[str, Any]:
    numbers = (gain.value, gain.lower, gain.upper, gain.p_value) if isinstance(gain, Gain) else (None,) * 4
    return {
        **dict(zip((name, f"{name}_low", f"{name}_high", f"{name}_p"), numbers, strict=True)),
        f"{name}_of": None if gain is None else gain.over,
        f"{name}_problem": gain.reason if isinstance(gain, NoGain) else "",
    }
