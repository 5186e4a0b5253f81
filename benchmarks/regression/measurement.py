"""Run a plan of the grid and take what it scored and cost."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.errors import UsageError
from benchmarks.execution.engine import Limits
from benchmarks.execution.engines.local import LocalEngine
from benchmarks.execution.plan import Plan, PlannedCell
from benchmarks.execution.runner import Finished, run
from benchmarks.regression.grid import YARDSTICK
from benchmarks.regression.reference import Cost
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.store import Store
from benchmarks.types import Cell, Record
from benchmarks.types.score import Scores

# Discrimination, overall error, calibration.
COMPARED = ("harrell_c", "uno_c", "c_td", "ibs", "ici")

CELL_SECONDS = 600.0
MEMORY_SHARE = 0.8

Name = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one method scored and cost on one dataset of the grid.

    Parameters
    ----------
    method, dataset : str
        Names.
    cells : tuple of Cell
        The cells, by fold.
    problem : str
        Why there are no scores; empty if there are.
    protocol : str
        Id of the evaluation protocol.
    scores : mapping of str to tuple
        By measure (``variant: measure`` for a variant), one value per fold; None where it is undefined.
    fit_seconds : tuple of float
        Of the fit in each fold; empty if there is a problem.
    yardstick_seconds : float
        Of the quickest yardstick of the run.
    """

    method: str
    dataset: str
    cells: tuple[Cell, ...]
    problem: str
    protocol: str
    scores: Mapping[str, tuple[float | None, ...]]
    fit_seconds: tuple[float, ...]
    yardstick_seconds: float

    @property
    def cost(self) -> Cost | None:
        """Mean seconds of a fit beside the yardstick; None if there is a problem."""
        if not self.fit_seconds:
            return None
        seconds = statistics.fmean(self.fit_seconds)
        return Cost(seconds, self.yardstick_seconds, seconds / self.yardstick_seconds)


def run_plan(plan: Plan, jobs: int, report: Callable[[Record], None]) -> dict[Name, Measured]:
    """Run a plan in a folder of its own and measure it, by (dataset, method).

    Parameters
    ----------
    plan : Plan
        From ``plan_grid``.
    jobs : int
        Cells side by side.
    report : callable
        Called with the record of every finished cell.

    Raises
    ------
    UsageError
        If the yardstick failed: there is nothing to time against.
    """
    with TemporaryDirectory(prefix="check-") as folder:
        store = Store.create(Path(folder) / "results")
        memory = int(MEMORY_SHARE * psutil.virtual_memory().total / jobs)
        records = []
        engine = LocalEngine(jobs, Limits(CELL_SECONDS, memory), store.work_folder)
        with closing(run(plan, store, engine)) as events:
            for event in events:
                if isinstance(event, Finished):
                    records.append(event.record)
                    report(event.record)
        return measure(records, Scorer(store))


def measure(records: Iterable[Record], scorer: Scorer) -> dict[Name, Measured]:
    """Return what the records of a plan scored and cost, by (dataset, method); the yardstick's are no row."""
    grouped: dict[Name, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.cell.fold):
        grouped.setdefault((record.cell.dataset, record.cell.method), []).append(record)
    work = [record for (_, method), members in grouped.items() if method == YARDSTICK for record in members]
    bad = [record for record in work if record.status != "ok"]
    if bad:
        raise UsageError(f"the yardstick failed: {bad[0].cause}")
    # The work is the same on every dataset; whatever else the machine did can only have made it slower.
    yardstick = min(record.seconds["fit"] for record in work)
    return {
        (dataset, method): _of_records(method, dataset, members, scorer, yardstick)
        for (dataset, method), members in grouped.items()
        if method != YARDSTICK
    }


def _of_records(method: str, dataset: str, records: Sequence[Record], scorer: Scorer, yardstick: float) -> Measured:
    cells = tuple(record.cell for record in records)
    bad = [record for record in records if record.status != "ok"]
    if bad:
        problem = f"{bad[0].status.replace('_', ' ')} in fold {bad[0].cell.fold}: {bad[0].cause}"
        return Measured(
            method=method,
            dataset=dataset,
            cells=cells,
            problem=problem,
            protocol="",
            scores={},
            fit_seconds=(),
            yardstick_seconds=yardstick,
        )
    scored = [scorer.scores(record) for record in records]
    seconds = tuple(record.seconds["fit"] for record in records)
    return Measured(
        method=method,
        dataset=dataset,
        cells=cells,
        problem="",
        protocol=scored[0].protocol,
        scores=by_measure([scores.of_part("test") for scores in scored]),
        fit_seconds=seconds,
        yardstick_seconds=yardstick,
    )


def by_measure(tests: Sequence[Mapping[str, Scores]]) -> dict[str, tuple[float | None, ...]]:
    """Return the compared measures of some test parts, given by variant and measure; those of variants too."""
    found = {}
    for variant in tests[0]:
        for measure in COMPARED:
            name = f"{variant}: {measure}" if variant else measure
            found[name] = tuple(test[variant][measure].value for test in tests)
    return found


def quickest(first: Measured, again: Measured) -> Measured:
    """Return the first with the lower of the times of two runs, fold by fold, the yardstick's as well."""
    return replace(
        first,
        fit_seconds=tuple(map(min, first.fit_seconds, again.fit_seconds)),
        yardstick_seconds=min(first.yardstick_seconds, again.yardstick_seconds),
    )


def only(plan: Plan, names: Iterable[Name]) -> Plan:
    """Return a plan with only some (dataset, method), and a yardstick before every one of their cells' folds."""
    wanted = set(names)
    datasets = {dataset for dataset, _ in wanted}

    def stays(planned: PlannedCell) -> bool:
        cell = planned.cell
        return (cell.dataset, cell.method) in wanted or (cell.method == YARDSTICK and cell.dataset in datasets)

    return replace(plan, cells=tuple(planned for planned in plan.cells if stays(planned)))
