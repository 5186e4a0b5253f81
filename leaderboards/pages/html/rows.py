"""A row of a board as the page reads it: plain values, rounded, with nothing in it that is not shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.catalog.registry import method_cards
from benchmarks.protocol.measures import Measure, measure_named, measure_names
from benchmarks.scoring.summary import Average
from benchmarks.types import TEACHER
from benchmarks.types.canonical import canonical_json
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain, NoGain
from leaderboards.pages.html.interned import Texts
from leaderboards.pages.html.told import without_details, without_paths

# Tables show three decimals: of a number rounded to four the third would now and then be another than in text.
DECIMALS = 6

NO_FAMILY = "other"


def interval_of(average: Average) -> list[float] | None:
    """Return the ends of the 95 % interval of a mean; None where it has none.

    The only place that knows how a board keeps an interval.
    """
    if average.low is None or average.high is None:
        return None
    return [rounded(average.low), rounded(average.high)]


def rounded(value: float) -> float:
    """Return a number with as many decimals as the page keeps; zero has no sign."""
    return round(value, DECIMALS) + 0.0


def measures_of(boards: Sequence[Board]) -> list[Measure]:
    """Return the measures that some row of some board has a mean of, in the order of the protocol."""
    found = {
        name
        for board in boards
        for row in board.rows
        for name, average in row.row.averages.items()
        if average.mean is not None
    }
    return [measure_named(name) for name in measure_names() if name in found or name == boards[0].measure]


def row_values(row: BoardRow, measures: Sequence[Measure], ranked_by: str, texts: Texts) -> dict[str, Any]:
    """Return what the page shows of a row; what it does not have is left out.

    Parameters
    ----------
    row : BoardRow
        Of a board.
    measures : sequence of Measure
        The order of the scores: ``[mean, low, high]`` each, ``[mean]`` without interval, 0 without mean.
    ranked_by : str
        The board's measure.
    texts : Texts
        Where texts are kept that many rows share: in the row stands their number.
    """
    summary = row.row
    teacher = summary.variant == TEACHER
    values: dict[str, Any] = {
        "name": without_paths(row.name),
        "method": without_paths(summary.method),
        "family": family_of(summary.method),
        "reads": list(summary.modalities),
        "state": summary.state,
        "cells": [summary.ok, summary.cells],
        "rank": row.rank,
        "value": None if row.value is None else rounded(row.value),
        "letters": row.letters,
        "control": bool(summary.shuffled),
        "scores": [_score(summary.averages.get(measure.name)) for measure in measures],
        "gains": {
            name: {**_gain(gain, texts), **({"same": True} if name == "cox" and row.same_inputs else {})}
            for name, gain in (("cox", row.gain), ("own", row.own_gain), ("plain", row.plain_gain))
            if gain is not None
        },
        "labels": {without_paths(name): without_paths(text) for name, text in row.labels.items()},
        "settings": texts.number(without_paths(canonical_json(dict(row.config)).decode())),
        "parameters": _cost(row.parameters),
        "fit": None if teacher else _cost(summary.fit_seconds),
        "teacher": _cost(row.teacher_seconds),
        "tuning": _cost(row.tuning_seconds),
        "latency": None if row.latency is None else _cost(1000 * row.latency),
        "memory": None if teacher or not summary.peak_memory else round(summary.peak_memory / 2**20),
        "flags": [texts.number(without_paths(flag)) for flag in row.flags],
        "problem": without_paths(summary.problem) or without_details(row.lacks(ranked_by)),
    }
    return {name: value for name, value in values.items() if not _says_nothing(value)}


def family_of(method: str) -> str:
    """Return the groups of a method by its card; ``NO_FAMILY`` if it has none, or is not installed here."""
    card = method_cards().get(method)
    return ", ".join(card.groups) if card is not None and card.groups else NO_FAMILY


def ends_of(gain: Gain) -> list[float]:
    """Return a gain and the ends of its 95 % interval."""
    return [rounded(gain.value), rounded(gain.lower), rounded(gain.upper)]


def _says_nothing(value: object) -> bool:
    return value is None or value is False or (isinstance(value, (str, list, dict)) and not value)


def _score(average: Average | None) -> list[float] | int:
    if average is None or average.mean is None:
        return 0
    return [rounded(average.mean), *(interval_of(average) or [])]


def _gain(gain: Gain | NoGain, texts: Texts) -> Mapping[str, Any]:
    over = texts.number(without_paths(gain.over))
    if isinstance(gain, NoGain):
        return {"over": over, "reason": without_paths(gain.reason)}
    return {"over": over, "value": ends_of(gain)}


def _cost(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
