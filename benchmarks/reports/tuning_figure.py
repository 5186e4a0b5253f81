"""Figure of the studies of one row: how the best value grew over the trials of each fold, and what it hung on."""

import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import optuna
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from benchmarks.protocol.measures import measure_named
from benchmarks.tuning.study_files import read_trials
from benchmarks.tuning.trials import JOURNAL, TrialResult
from benchmarks.types import Tuning

# What it shows, in words.
SHOWS_TUNING = "best value over the trials of each fold, importance of settings"

# Fewer complete trials say nothing of what the value hangs on.
FEWEST_TRIALS = 5

# Of the trees that importance is read off (fANOVA; Hutter, Hoos & Leyton-Brown, ICML 2014).
SEED = 0


def draw_tuning(folders: Mapping[str, Path], tuning: Tuning, title: str, folder: Path) -> Path:
    """Draw the studies of the folds of one row; return the file, ``tuning.png``.

    Parameters
    ----------
    folders : mapping of str to Path
        Name of each fold and the folder of its cell.
    tuning : Tuning
        That of the cells.
    title : str
        What the row is.
    folder : Path
        Where the file goes.
    """
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook", font_scale=0.9)
    measure = measure_named(tuning.measures[0])
    trials = {name: read_trials(path) for name, path in folders.items()}
    importances = [found for path in folders.values() if (found := importance(path))]
    names = sorted({name for found in importances for name in found})
    figure = Figure(figsize=(11, max(4.0, 1.6 + 0.32 * len(names))), layout="constrained")
    left, right = figure.subplots(1, 2)
    figure.suptitle(title, x=0.02, ha="left")
    for name, of_fold in trials.items():
        numbers, values = best_so_far(of_fold, higher=measure.higher_is_better)
        left.step(numbers, values, where="post", label=name, marker=".", markersize=4)
    left.set(title="Best value so far", xlabel="trial (0: the settings given)")
    left.set(ylabel=f"{measure.column}, judged within the fold")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    # Beside the axes: lines that rise late or never leave it no corner.
    left.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))
    _draw_importance(right, importances, names, measure.column)
    sns.despine(figure)
    path = folder / "tuning.png"
    figure.savefig(path, dpi=110)
    return path


def best_so_far(trials: Sequence[TrialResult], *, higher: bool) -> tuple[list[int], list[float]]:
    """Return the numbers of trials, from the first complete one on, and the best value up to each."""
    numbers: list[int] = []
    values: list[float] = []
    for trial in trials:
        best = values[-1:] + ([trial.values[0]] if trial.state == "complete" else [])
        if best:
            numbers.append(trial.number)
            values.append(max(best) if higher else min(best))
    return numbers, values


def importance(folder: Path) -> dict[str, float]:
    """Return what share of the variance of the first measure each setting explains in the study of a cell.

    Empty with fewer than five complete trials, or where all values are equal.
    """
    with tempfile.TemporaryDirectory() as copy:
        # Optuna locks what it reads, and may write; a stored cell stays as it is.
        path = Path(copy) / JOURNAL
        shutil.copyfile(folder / JOURNAL, path)
        study = optuna.load_study(study_name="study", storage=JournalStorage(JournalFileBackend(str(path))))
        complete = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
        # Settings that were given, but that the search space could not have drawn, are not in the first trial.
        whole = [trial for trial in complete if trial.params]
        if len(whole) < FEWEST_TRIALS or np.ptp([trial.values[0] for trial in whole]) == 0:
            return {}
        with warnings.catch_warnings():
            # 2026-11-26: Optuna warns that of several objectives one is looked at.
            warnings.simplefilter("ignore")
            found = optuna.importance.get_param_importances(
                study,
                evaluator=optuna.importance.FanovaImportanceEvaluator(seed=SEED),
                target=lambda trial: float(trial.values[0]),
            )
    return {name: float(value) for name, value in found.items()}


def _draw_importance(axes: Axes, found: Sequence[Mapping[str, float]], names: Sequence[str], column: str) -> None:
    axes.set(title=f"What {column} hung on, by fold", xlabel="share of its variance explained (fANOVA)", xlim=(0, 1))
    if not found:
        axes.set_yticks([])
        told = f"fewer than {FEWEST_TRIALS} complete trials, or no two with different values"
        axes.text(0.5, 0.5, told, ha="center", va="center", transform=axes.transAxes, wrap=True)
        return
    means = {name: float(np.mean([one.get(name, 0.0) for one in found])) for name in names}
    order = sorted(names, key=lambda name: means[name])
    axes.barh(order, [means[name] for name in order], color="0.85")
    for one in found:
        axes.plot([one.get(name, np.nan) for name in order], order, "o", color="C0", markersize=4, alpha=0.7)
