"""How the settings of a cell are chosen within the cell: what is tried, judged by what, on which patients."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

Objective: TypeAlias = Literal["c_td", "harrell_c", "ibs", "c_td+ibs"]
Pruner: TypeAlias = Literal["none", "median"]

OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
PRUNERS: tuple[Pruner, ...] = get_args(Pruner)

TPE = "tpe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """An Optuna study inside of a cell, on its training and validation patients alone.

    Parameters
    ----------
    trials : int
        Most trials; 0: as many as there is time for.
    seconds : float
        Wall time after which no trial is begun; 0: no limit. How many trials that is depends on the machine.
    objective : {"c_td", "harrell_c", "ibs", "c_td+ibs"}
        What a trial is judged by, on patients it was not trained on. With two, the trial of the Pareto front that has
        the lowest sum of ranks is chosen.
    folds : int
        1: trained on the training part, judged on the validation part. More: a cross-validation of both together.
    refit : bool
        Whether the chosen settings are fitted to training and validation part together.
    pruner : {"none", "median"}
        Whether a trial is stopped whose validation loss is above the median of the trials before it at that epoch.
    trial_seconds : float
        Wall time of a trial; 0: no limit of its own.
    fixed : tuple of str
        Settings that the user gave, sorted: nothing is drawn for them.
    sampler : str
        What proposes settings: Optuna's tree-structured Parzen estimator.
    """

    trials: int = 0
    seconds: float = 0.0
    objective: Objective = "c_td"
    folds: int = 1
    refit: bool = False
    pruner: Pruner = "none"
    trial_seconds: float = 0.0
    fixed: tuple[str, ...] = ()
    sampler: str = TPE

    def __post_init__(self) -> None:
        if not self.trials and not self.seconds:
            raise ValueError("a study needs a number of trials or a time")
        if self.objective not in OBJECTIVES or self.pruner not in PRUNERS or self.sampler != TPE:
            raise ValueError("no such objective, pruner or sampler")

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures it is judged by."""
        return tuple(self.objective.split("+"))

    @property
    def budget(self) -> str:
        """The budget in words."""
        trials = f"{self.trials} trials" if self.trials else ""
        return " or ".join(filter(None, [trials, f"{self.seconds:g} s" if self.seconds else ""]))

    def as_mapping(self) -> dict[str, Any]:
        """Return plain values, for ``Cell.tuning``."""
        return {**asdict(self), "fixed": list(self.fixed)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Tuning":
        """Return what ``as_mapping`` was made of."""
        return cls(**{**values, "fixed": tuple(values["fixed"])})


def told_tuned(tuning: Mapping[str, Any]) -> str:
    """Return what follows a method's name where its settings were tuned; nothing where they were not."""
    if not tuning:
        return ""
    study = Tuning.of(tuning)
    told = [study.budget]
    default = Tuning(trials=1)
    if study.objective != default.objective:
        told.append(study.objective)
    if study.folds != default.folds:
        told.append(f"{study.folds} inner folds")
    if study.pruner != default.pruner:
        told.append(f"{study.pruner} pruner")
    if study.refit:
        told.append("refitted")
    return f", tuned ({', '.join(told)})"
