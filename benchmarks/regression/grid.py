"""The declared grid: which cells the regression check runs again."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from benchmarks.catalog.registry import expand
from benchmarks.errors import UsageError
from benchmarks.execution.plan import Plan, PlannedCell, Request, make_plan

GRID = "grid.toml"
YARDSTICK = "benchmarks.regression.yardstick.method:Yardstick"
# How many are run for each fold of each dataset: one alone may meet a busy moment.
YARDSTICKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRun:
    """Some methods on some datasets.

    Parameters
    ----------
    methods, datasets : str
        Comma-separated names; groups of methods are allowed.
    take : tuple of int
        Which of the folds are run.
    folds : int
        Folds of the split.
    settings : tuple of str
        ``key=value`` texts.
    """

    methods: str
    datasets: str
    take: Annotated[tuple[int, ...], Field(min_length=1)]
    folds: Annotated[int, Field(ge=2)] = 5
    settings: tuple[str, ...] = ()


def read_grid(folder: Path) -> list[GridRun]:
    """Read ``grid.toml`` of a folder of references.

    Raises
    ------
    UsageError
        If there is none, or it is not valid.
    """
    path = folder / GRID
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no {GRID}; name a folder of references with --against") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    try:
        return TypeAdapter(list[GridRun]).validate_python(values.get("run", []))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: run {where}: {first['msg']}") from None


def plan_grid(runs: Sequence[GridRun], methods: str | None = None) -> Plan:
    """Return the plan of a grid, yardstick cells around the cells of each fold of each dataset.

    Parameters
    ----------
    runs : sequence of GridRun
        The grid.
    methods : str, optional
        Only these of its methods, comma-separated.

    Raises
    ------
    UsageError
        If a method is not in the grid, or nothing is left.
    """
    wanted = None if methods is None else expand(methods)
    known = [name for run in runs for name in expand(run.methods)]
    for name in wanted or ():
        if name not in known:
            raise UsageError(f"{name} is not in the grid; it has: {', '.join(dict.fromkeys(known))}")
    cells: list[PlannedCell] = []
    whole = Plan(())
    for run in runs:
        names = [name for name in expand(run.methods) if wanted is None or name in wanted]
        if not names:
            continue
        plan = make_plan(
            Request(methods=",".join(names), datasets=run.datasets, settings=run.settings, folds=run.folds)
        )
        yardsticks = make_plan(Request(methods=YARDSTICK, datasets=run.datasets, folds=run.folds, repeats=YARDSTICKS))
        both = [*yardsticks.cells, *plan.cells]
        cells += _fold_by_fold([planned for planned in both if planned.cell.fold in run.take])
        whole.unavailable.update(plan.unavailable)
        whole.protocols.update(plan.protocols)
        whole.patients.update(yardsticks.patients | plan.patients)
    once = {planned.cell.key: planned for planned in cells}
    if not once:
        raise UsageError(f"{GRID} names nothing to run")
    return Plan(tuple(once.values()), whole.unavailable, whole.protocols, patients=whole.patients)


def _fold_by_fold(cells: Sequence[PlannedCell]) -> list[PlannedCell]:
    """Order cells by dataset and fold, so that yardsticks are run near every cell that is timed against them."""
    datasets = list(dict.fromkeys(planned.cell.dataset for planned in cells))
    return sorted(cells, key=lambda planned: (datasets.index(planned.cell.dataset), planned.cell.fold))
