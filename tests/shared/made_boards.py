"""Boards as large as one likes, of numbers that mean nothing: what a page is made of without a fit."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from benchmarks.protocol.measures import MEASURES
from benchmarks.scoring.summary import Average, Row, State
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain
from leaderboards.boards.overall import make_overall
from leaderboards.pages.formats import Boards


def average(mean: float, reach: float = 0.05) -> Average:
    return Average(status="defined", mean=mean, low=mean - reach, high=mean + reach)


def board_row(
    name: str,
    c: float | None,
    *,
    rank: int | None = None,
    letters: str = "a",
    gain: tuple[float, float, float] | None = None,
    state: State = "complete",
    problem: str = "",
    modalities: Sequence[str] = ("clinical",),
    seconds: float = 1.0,
    measures: Sequence[str] = ("harrell_c", "ibs", "ici"),
    flags: tuple[str, ...] = (),
    labels: Mapping[str, str] = MappingProxyType({}),
) -> BoardRow:
    """Return a row; without a C it did not finish."""
    scores = {"harrell_c": c, "ibs": None if c is None else 0.9 - c, "ici": None if c is None else (1 - c) / 10}
    averages = {} if c is None else {key: average(scores.get(key) or c, 0.04) for key in measures}
    row = Row(
        dataset="",
        method=name,
        variant="",
        modalities=tuple(modalities),
        state=state,
        cells=5,
        ok=5 if c is not None else 2,
        averages=averages,
        fit_seconds=seconds,
        peak_memory=300 * 2**20,
        problem=problem,
    )
    paired = None if gain is None else Gain(over="cox_ph", value=gain[0], lower=gain[1], upper=gain[2], p_value=0.5)
    return BoardRow(
        name=name,
        row=row,
        config={"penalty": 0.1},
        labels=labels,
        rank=rank,
        value=c,
        letters=letters if rank else "",
        gain=paired,
        latency=0.001 * seconds,
        flags=flags,
    )


def board(dataset: str, *rows: BoardRow, measure: str = "harrell_c", warning: str = "") -> Board:
    own = [replace(row, row=replace(row.row, dataset=dataset)) for row in rows]
    return Board(
        dataset=dataset,
        measure=measure,
        protocol="p",
        data_sha256="0" * 64,
        split="5 stratified folds, 1 repeat, seed 0",
        events=200,
        rows=tuple(own),
        warning=warning,
    )


def small_boards() -> Boards:
    """Return three datasets with four methods that one can hold in the head; one method failed on the last."""
    forest = {"modalities": ("clinical", "rna"), "seconds": 20.0, "measures": ("harrell_c", "ibs", "ici", "uno_c")}
    first = board(
        "first",
        board_row("fusion_net", 0.74, rank=1, gain=(0.04, 0.01, 0.07), **forest),
        board_row("cox_ph", 0.70, rank=2, letters="ab"),
        board_row("coxnet", 0.69, rank=3, letters="ab", gain=(-0.01, -0.03, 0.01), seconds=0.1),
        board_row("kaplan_meier", 0.50, rank=4, letters="b", gain=(-0.2, -0.25, -0.15), modalities=(), seconds=0.01),
    )
    second = board(
        "second",
        board_row("coxnet", 0.66, rank=1, gain=(0.01, -0.01, 0.03), seconds=0.1),
        board_row("cox_ph", 0.65, rank=2),
        board_row("fusion_net", 0.64, rank=3, gain=(-0.01, -0.05, 0.03), **forest),
        board_row("kaplan_meier", 0.50, rank=4, letters="b", gain=(-0.15, -0.2, -0.1), modalities=(), seconds=0.01),
    )
    third = board(
        "third",
        board_row("cox_ph", 0.61, rank=1, flags=("C varies by 0.09 (sd) between folds",)),
        board_row("coxnet", 0.60, rank=2, gain=(-0.01, -0.02, 0.0), seconds=0.1),
        board_row("kaplan_meier", 0.50, rank=3, letters="b", gain=(-0.11, -0.15, -0.07), modalities=(), seconds=0.01),
        board_row("fusion_net", None, state="failed", problem="MemoryError: more than 2 GiB on 3 of 5 folds", **forest),
        warning="60 events in the test parts: too few to tell most methods apart",
    )
    boards = (first, second, third)
    return Boards(boards, make_overall(boards))


def large_boards(methods: int, datasets: int) -> Boards:
    """Return boards on which every method has every measure of the protocol, long names and settings among them."""
    draw = random.Random(0)
    names = [f"method_{number:02d} [penalty={draw.random():.4f}]" for number in range(methods)]
    every = tuple(measure.name for measure in MEASURES)
    boards = []
    for number in range(datasets):
        # A method is about as good everywhere, so that the board over all tells some apart.
        scored = sorted(((0.5 + 0.3 * k / methods + draw.uniform(-0.1, 0.1), name) for k, name in enumerate(names)))
        values, order = [value for value, _ in scored[::-1]], [name for _, name in scored[::-1]]
        rows = [
            board_row(
                name,
                value,
                rank=place + 1,
                letters="abcdefgh"[place // 8 : place // 8 + 3],
                gain=(value - 0.65, value - 0.68, value - 0.62),
                modalities=("clinical", "rna") if place % 2 else ("clinical",),
                seconds=draw.uniform(0.01, 100),
                measures=every,
                flags=("below clinical-only Cox",) if value < 0.65 else (),
            )
            for place, (name, value) in enumerate(zip(order, values, strict=True))
        ]
        boards.append(board(f"dataset-{number:02d}", *rows))
    return Boards(tuple(boards), make_overall(boards))
