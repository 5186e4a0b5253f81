"""The inside of a cell's process: load, fit, predict, write. It raises nothing and records everything."""

import contextlib
import faulthandler
import json
import logging
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from benchmarks.atomic_write import write_atomically
from benchmarks.catalog.settings import build_config
from benchmarks.execution.fold import PreparedFold, fit_and_predict, prepare_fold
from benchmarks.execution.warning_counts import WarningCounts
from benchmarks.storage.predictions import write_predictions
from benchmarks.types import Cell, ProgressReporter, Tuning

REPORT = "report.json"
LOG = "log.txt"
GPU_ADVICE = "; take a smaller batch or model, fewer --jobs on that GPU, or another --device"


def work(
    cell: Cell, folder: Path, deadline: float | None, reporter: ProgressReporter, study: Path | None = None
) -> None:
    """Run a cell and leave its files and ``report.json`` (status, cause, seconds, warnings, excluded) in ``folder``.

    ``study`` is the folder in which the trials of a tuned cell outlive a kill.
    """
    _log_to(folder / LOG)
    _limit_threads(cell.threads)
    report: dict[str, Any]
    warned = WarningCounts()
    try:
        report = {"status": "ok", "cause": "", **_run(cell, folder, deadline, reporter, warned, study)}
    except MemoryError as error:
        traceback.print_exc()
        report = {"status": "out_of_memory", "cause": f"MemoryError: {error}", "seconds": {}}
    except BaseException as error:  # everything, SystemExit too: a failed cell is a row, not a crash
        traceback.print_exc()
        report = {"status": "failed", "cause": _one_line(error), "seconds": {}}
        if _gpu_is_full(error):
            report.update(status="out_of_memory", cause=_one_line(error).partition(". ")[0] + GPU_ADVICE)
    sys.stdout.flush()
    sys.stderr.flush()
    write_atomically(folder / REPORT, json.dumps({**report, "warnings": warned.counts}).encode())


def _run(
    cell: Cell,
    folder: Path,
    deadline: float | None,
    reporter: ProgressReporter,
    warned: WarningCounts,
    study: Path | None,
) -> dict[str, Any]:
    """Fit and predict; return the seconds of each stage, and how many patients the dataset leaves out."""
    start = time.perf_counter()
    scratch = folder / "scratch"
    scratch.mkdir()
    fold = prepare_fold(cell, scratch, deadline=deadline, reporter=reporter)
    ready = time.perf_counter()
    if cell.tuning:
        fold = _tuned(cell, fold, folder, study)
    with warned.counting():
        result = fit_and_predict(fold.method, fold.cohort, fold.split, fold.protocol.times, fold.context)
    write_predictions(folder, fold.cohort, fold.split, result.predictions)
    seconds = {"load": ready - start, **fold.context.seconds, **result.seconds}
    return {"seconds": seconds, "excluded": fold.cohort.excluded}


def _tuned(cell: Cell, fold: PreparedFold, folder: Path, study: Path | None) -> PreparedFold:
    """Have the settings chosen, and put the files of the study beside the predictions."""
    # Optuna takes a second to load, and most cells are not tuned.
    from benchmarks.execution.tuned_fold import tuned
    from benchmarks.tuning.study import NoTrialError

    kept = study or folder / "scratch" / "study"
    config = build_config(cell.method, fold.method.config_type, cell.config)
    try:
        chosen = tuned(fold, config, Tuning.of(cell.tuning), kept)
    except NoTrialError:
        # Whoever retries it wants other trials, or the same ones made anew.
        _copy_files(kept, folder)
        shutil.rmtree(kept)
        raise
    _copy_files(kept, folder)
    return chosen


def _copy_files(source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        shutil.copyfile(path, target / path.name)


def _log_to(path: Path) -> None:
    """Send everything the process prints, from any library, to the log; a crash leaves its traceback there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s", force=True)


def _limit_threads(threads: int) -> None:
    """Tell libraries that read no environment variable; the others were told before they were loaded."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
        with contextlib.suppress(RuntimeError):  # may be set once only, and may have been
            torch.set_num_interop_threads(1)


def _gpu_is_full(error: BaseException) -> bool:
    """Return whether an error says that a GPU has too little memory; torch is there if it raised one."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, torch.AcceleratorError) and "out of memory" in str(error)
    )


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:500] if text else type(error).__name__
