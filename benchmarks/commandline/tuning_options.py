"""Options of ``run`` that have settings chosen within each cell."""

import re
from typing import Annotated

import typer

from benchmarks.errors import UsageError
from benchmarks.types import Objective, Pruner, Tuning

TUNING = "Tuning"

Tune = Annotated[
    str | None,
    typer.Option(
        "--tune",
        metavar="N|TIME",
        help="Choose settings in each cell, on its training and validation part: in so many trials, or for a time such "
        "as 30m, which makes as many trials as the machine is fast. Settings given with --set stay.",
        rich_help_panel=TUNING,
    ),
]
TuneObjective = Annotated[
    Objective, typer.Option("--tune-objective", help="What a trial is judged by.", rich_help_panel=TUNING)
]
TuneFolds = Annotated[
    int,
    typer.Option(
        "--tune-folds",
        help="Inner folds: 1 judges on the validation part, more on a cross-validation of it and the training part.",
        rich_help_panel=TUNING,
    ),
]
TuneRefit = Annotated[
    bool,
    typer.Option(
        "--tune-refit",
        help="Fit the chosen settings to training and validation part together; methods that need one are skipped.",
        rich_help_panel=TUNING,
    ),
]
TunePruner = Annotated[
    Pruner,
    typer.Option(
        "--tune-pruner",
        help="median: stop a trial whose validation loss is above the median of those before it. Losses of other "
        "numbers of intervals are not comparable: sound where the search space leaves the loss alone.",
        rich_help_panel=TUNING,
    ),
]
TuneTrialTimeout = Annotated[
    str | None,
    typer.Option("--tune-trial-timeout", metavar="TIME", help="Time of a trial, such as 90s.", rich_help_panel=TUNING),
]

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_MOST_TRIALS = 100_000


def tuning_of(
    tune: str | None, objective: Objective, folds: int, pruner: Pruner, *, refit: bool, trial_timeout: str | None
) -> Tuning | None:
    """Return the tuning that the options ask for; None without ``--tune``.

    Raises
    ------
    UsageError
        If a value is none, or an option needs another one.
    """
    if tune is None:
        if (objective, folds, pruner, refit, trial_timeout) != ("c_td", 1, "none", False, None):
            raise UsageError("--tune-...: these options go with --tune, such as --tune 20")
        return None
    if not 1 <= folds <= 20:
        raise UsageError(f"--tune-folds {folds}: 1 to 20 inner folds")
    if pruner != "none" and "+" in objective:
        raise UsageError(f"--tune-pruner {pruner}: of one objective alone, not of {objective}")
    trials, seconds = 0, 0.0
    if tune.isascii() and tune.isdigit():
        trials = int(tune[:9])
        if not 1 <= trials <= _MOST_TRIALS or len(tune) > 9:
            raise UsageError(f"--tune {tune[:20]}: 1 to {_MOST_TRIALS:,} trials")
    else:
        seconds = _seconds("--tune", tune)
    return Tuning(
        trials=trials,
        seconds=seconds,
        objective=objective,
        folds=folds,
        refit=refit,
        pruner=pruner,
        trial_seconds=0.0 if trial_timeout is None else _seconds("--tune-trial-timeout", trial_timeout),
    )


def _seconds(option: str, text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smh])", text)
    if not found or float(found[1]) == 0:
        number = "a number of trials or " if option == "--tune" else ""
        raise UsageError(f"{option} {text[:40]}: expected {number}a time such as 90s, 30m or 2h")
    return float(found[1]) * _UNITS[found[2]]
