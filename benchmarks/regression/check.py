"""Compare a fresh run of the grid with the references, or make it the reference."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.execution.environment import Machine
from benchmarks.execution.plan import Plan
from benchmarks.regression.comparison import Finding, compare_cost, compare_scores, this_machine
from benchmarks.regression.grid import plan_grid, read_grid
from benchmarks.regression.measurement import Measured, Name, only, quickest, run_plan
from benchmarks.regression.reference import (
    Acceptance,
    Reference,
    ReferenceScore,
    read_references,
    reference_path,
    write_reference,
)
from benchmarks.regression.seeds import FIT_SEEDS, ByFold, mean_of, scores_by_seed, spread
from benchmarks.types import Record

# What seems too slow is run again so many times, alone, and only the quickest run counts.
FURTHER_RUNS = 3
# The cost of a reference is that of the quickest of so many runs, too.
RUNS_TO_ACCEPT = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of a check, and how much was compared."""

    findings: tuple[Finding, ...]
    compared: int
    scores: int


@dataclass(frozen=True, slots=True)
class Observer:
    """Is told how a check goes: the finished cells, and what is done next."""

    cell: Callable[[Record], None]
    step: Callable[[str], None]


def check(folder: Path, *, methods: str | None, jobs: int, observer: Observer) -> Checked:
    """Run the grid of a folder of references and compare.

    Parameters
    ----------
    folder : Path
        With ``grid.toml`` and the references.
    methods : str, optional
        Only these methods of the grid, comma-separated.
    jobs : int
        Cells side by side.
    observer : Observer
        Is told how it goes.

    Returns
    -------
    Checked
        A method that cannot run here, has failed or has no reference is a finding, too.

    Raises
    ------
    UsageError
        If grid or references cannot be read, or a method is not in the grid.
    """
    grid = read_grid(folder)
    references = read_references(folder)
    plan = plan_grid(grid, methods)
    machine = this_machine()
    measured = run_plan(plan, jobs, observer.cell)
    findings = [Finding("all", name, "", f"not run: it {reason}") for name, reason in plan.unavailable.items()]
    for name, one in measured.items():
        reference = references.get(name)
        if reference is None:
            findings.append(Finding(*name, "", "there is no reference; make one with --accept --reason '...'"))
            continue
        findings += compare_scores(reference, one, machine)
    findings += _slow(plan, measured, references, machine, observer)
    if methods is None:
        findings += [
            Finding(*name, "", "the reference is not in the grid any more; --accept removes it")
            for name in references
            if name not in measured and name[1] not in plan.unavailable
        ]
    return Checked(tuple(findings), len(measured), sum(len(one.scores) for one in measured.values()))


def _slow(
    plan: Plan,
    measured: Mapping[Name, Measured],
    references: Mapping[Name, Reference],
    machine: Machine,
    observer: Observer,
) -> list[Finding]:
    """Return what is too slow in every one of several runs: a busy machine slows one, a slow method all."""
    quick = {name: one for name, one in measured.items() if name in references}

    def suspects() -> dict[Name, list[Finding]]:
        found = {name: compare_cost(references[name], one, machine) for name, one in quick.items()}
        return {name: findings for name, findings in found.items() if findings}

    slow = suspects()
    for _ in range(FURTHER_RUNS):
        if not slow:
            break
        observer.step(f"timed again, alone: {', '.join(f'{method} on {dataset}' for dataset, method in slow)}")
        again = run_plan(only(plan, slow), 1, observer.cell)
        quick = {name: quickest(quick[name], again[name]) for name in slow}
        slow = suspects()
    return [finding for findings in slow.values() for finding in findings]


def accept(folder: Path, reason: str, *, methods: str | None, jobs: int, observer: Observer) -> list[Path]:
    """Make a fresh run of the grid the reference: scores, their sd over fit seeds, cost.

    Parameters
    ----------
    folder : Path
        With ``grid.toml``.
    reason : str
        Why it is right that scores or costs differ; stands in every reference.
    methods : str, optional
        Only these methods; else references that are not in the grid any more are removed.
    jobs : int
        Cells side by side.
    observer : Observer
        Is told how it goes.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        If a cell fails or a method cannot run here: a failure is no reference.
    """
    plan = plan_grid(read_grid(folder), methods)
    if plan.unavailable:
        name, why = next(iter(plan.unavailable.items()))
        raise UsageError(f"{name} {why}; a reference is made where the whole grid runs")
    runs: list[dict[Name, Measured]] = []
    for number in range(RUNS_TO_ACCEPT):
        observer.step(f"run {number + 1} of {RUNS_TO_ACCEPT}")
        runs.append(run_plan(plan, jobs, observer.cell))
        for one in runs[-1].values():
            if one.problem:
                raise UsageError(f"{one.method} on {one.dataset}: {one.problem}; a failure is no reference")
    observer.step(f"fits with up to {FIT_SEEDS} seeds, for the spread")
    of_seeds = scores_by_seed(runs[0], jobs, observer.step)
    acceptance = Acceptance(datetime.datetime.now(datetime.UTC).date().isoformat(), reason)
    machine = this_machine()
    quick = {name: reduce(quickest, [run[name] for run in runs]) for name in runs[0]}
    written = [
        write_reference(folder, _reference(one, of_seeds[name], acceptance, machine)) for name, one in quick.items()
    ]
    if methods is None:
        for dataset, method in read_references(folder):
            if (dataset, method) not in runs[0]:
                reference_path(folder, dataset, method).unlink()
    return written


def _reference(one: Measured, of_seeds: list[ByFold], acceptance: Acceptance, machine: Machine) -> Reference:
    assert one.cost is not None
    first = one.cells[0]
    return Reference(
        method=one.method,
        dataset=one.dataset,
        accepted=acceptance,
        machine=machine,
        libraries=dict(first.libraries),
        data_sha256=first.data_sha256,
        protocol=one.protocol,
        config=dict(first.config),
        folds=tuple(cell.fold for cell in one.cells),
        fit_seeds=len(of_seeds),
        scores={
            name: ReferenceScore(by_fold, mean_of(by_fold), spread(of_seeds, name))
            for name, by_fold in one.scores.items()
        },
        cost=one.cost,
    )
