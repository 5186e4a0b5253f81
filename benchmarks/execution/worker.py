"""The inside of a cell's process: load, fit, predict, write. It raises nothing and reports everything."""

import contextlib
import faulthandler
import logging
import os
import shutil
import sys
import time
import traceback
from pathlib import Path

from benchmarks.catalog.settings import build_config
from benchmarks.execution.cell_files import CellFiles
from benchmarks.execution.fold import PreparedFold, fit_and_predict, prepare_fold
from benchmarks.execution.recalibration import recalibrated
from benchmarks.execution.report import LONGEST_CAUSE, Report
from benchmarks.execution.warning_counts import WarningCounts
from benchmarks.plain_text import one_line
from benchmarks.storage.predictions import write_predictions
from benchmarks.types import Cell, ProgressReporter, Tuning

GPU_ADVICE = "; take a smaller batch or model, fewer --jobs on that GPU, or another --device"

# In the folder of a cell: what the method may write, and the files of a study that is over.
SCRATCH = "scratch"
STUDY = "study"


def work(
    cell: Cell,
    folder: Path,
    files: CellFiles,
    deadline: float | None,
    reporter: ProgressReporter,
    study: Path | None = None,
) -> Report:
    """Run a cell, write what it gives into its open files, and return how it ended.

    ``study`` is the folder in which the trials of a tuned cell outlive a kill.
    """
    _log_to(files.log)
    _limit_threads(cell.threads)
    warned = WarningCounts()
    try:
        seconds, excluded = _run(cell, folder, files, deadline, reporter, warned, study)
        report = Report(status="ok", seconds=seconds, warnings=dict(warned.counts), excluded=excluded)
    except MemoryError as error:
        _print_traceback()
        report = Report(status="out_of_memory", cause=_cause("MemoryError", error), warnings=dict(warned.counts))
    except BaseException as error:  # everything, SystemExit too: a failed cell is a row, not a crash
        _print_traceback()
        cause = _cause(type(error).__name__, error)
        report = Report(status="failed", cause=cause, warnings=dict(warned.counts))
        if _gpu_is_full(error):
            report = report.model_copy(
                update={"status": "out_of_memory", "cause": cause.partition(". ")[0] + GPU_ADVICE}
            )
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the method may have closed or replaced it
            stream.flush()
    return report


def _run(
    cell: Cell,
    folder: Path,
    files: CellFiles,
    deadline: float | None,
    reporter: ProgressReporter,
    warned: WarningCounts,
    study: Path | None,
) -> tuple[dict[str, float], int]:
    """Fit and predict; return the seconds of each stage, and how many patients the dataset leaves out."""
    start = time.perf_counter()
    scratch = folder / SCRATCH
    scratch.mkdir(parents=True)  # a method of a cell beside this one may have deleted the folder
    fold = prepare_fold(cell, scratch, deadline=deadline, reporter=reporter)
    ready = time.perf_counter()
    if cell.tuning:
        fold = _tuned(cell, fold, folder, study)
    with warned.counting():
        result = fit_and_predict(fold.method, fold.cohort, fold.split, fold.protocol.times, fold.context)
        predictions = result.predictions
        if cell.recalibrated:
            predictions = recalibrated(predictions, fold.cohort[fold.split.validation].outcome)
    write_predictions(files.predictions, files.texts, fold.cohort, fold.split, predictions)
    files.predictions.flush()
    files.texts.flush()
    seconds = {"load": ready - start, **fold.context.seconds, **result.seconds}
    return {one_line(str(name), LONGEST_CAUSE): float(spent) for name, spent in seconds.items()}, fold.cohort.excluded


def _tuned(cell: Cell, fold: PreparedFold, folder: Path, study: Path | None) -> PreparedFold:
    """Have the settings chosen, and put the files of the study beside the predictions."""
    # Optuna takes a second to load, and most cells are not tuned.
    from benchmarks.execution.tuned_fold import tuned
    from benchmarks.tuning.study import NoTrialError

    kept = study or folder / SCRATCH / STUDY
    config = build_config(cell.method, fold.method.config_type, cell.config)
    try:
        chosen = tuned(fold, config, Tuning.of(cell.tuning), kept)
    except NoTrialError:
        # Whoever retries it wants other trials, or the same ones made anew.
        shutil.copytree(kept, folder / STUDY)
        shutil.rmtree(kept)
        raise
    shutil.copytree(kept, folder / STUDY)
    return chosen


def _log_to(descriptor: int) -> None:
    """Send everything the process prints, from any library, to the log; a crash leaves its traceback there."""
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
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


def _print_traceback() -> None:
    with contextlib.suppress(Exception):  # the method may have closed where it is printed
        traceback.print_exc()


def _cause(name: str, error: BaseException) -> str:
    """Return the type of an error and its text as one line; the type alone where the text itself raises."""
    try:
        text = str(error)
    except BaseException:  # whatever a method's own exception class does
        text = ""
    return one_line(f"{name}: {text}" if text.strip() else name, LONGEST_CAUSE - len(GPU_ADVICE))
