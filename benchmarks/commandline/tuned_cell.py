"""What ``show`` says of a cell whose settings were tuned."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.commandline.literal import tell

if TYPE_CHECKING:
    from benchmarks.storage.store import Store
    from benchmarks.types import Cell


def print_trials(folder: Path) -> None:
    """Print the trials of a tuned cell; ``*`` marks the one that was chosen."""
    from benchmarks.tuning.study_files import read_study, read_trials
    from benchmarks.tuning.trials import CHOSEN

    try:
        # A study that chose nothing, or was stopped, has trials all the same.
        trials = read_trials(folder)
        chosen = read_study(folder).chosen if (folder / CHOSEN).exists() else -1
    except (OSError, ValueError) as error:
        tell(f"trials       none can be read: {error}")
        return
    tell(f"trials       {len(trials)}, judged within the fold")
    for trial in trials:
        value = ", ".join(f"{value:.4f}" for value in trial.values) or f"{trial.state}: {trial.cause}"
        settings = ", ".join(f"{name}={_short(part)}" for name, part in trial.settings.items())
        tell(f"  {trial.number:3}{'*' if trial.number == chosen else ' '} {value}  {settings}")


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def folds_of_row(cell: "Cell", store: "Store") -> dict[str, Path]:
    """Return the folders of the finished cells that differ from one in repeat and fold alone, by their names."""
    from benchmarks.storage.store import CorruptedCellError

    alone: dict[str, Any] = {"repeat": 0, "fold": 0, "split_sha256": "", "group": ""}
    found = {}
    for key in store:
        try:
            record = store.read_record(key)
        except CorruptedCellError:
            continue  # nothing tells whose it is; `status` says so
        if record.status == "ok" and replace(record.cell, **alone) == replace(cell, **alone):
            found[(record.cell.repeat, record.cell.fold)] = store.folder(key)
    repeats = len({repeat for repeat, _ in found})
    return {
        f"fold {fold}" if repeats == 1 else f"repeat {repeat}, fold {fold}": path
        for (repeat, fold), path in sorted(found.items())
    }
