"""What a survival method is: three functions."""

from typing import Any, ClassVar, Protocol, runtime_checkable

from benchmarks.types.arrays import FloatArray
from benchmarks.types.cohort import Cohort, Patients
from benchmarks.types.context import Context
from benchmarks.types.prediction import Prediction


class Trial(Protocol):
    """The part of ``optuna.Trial`` that search spaces use."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Draw a number."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Draw a whole number."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Draw one of the choices."""


@runtime_checkable
class Method(Protocol):
    """A survival method; there is nothing to inherit.

    The class is constructed with one argument, an instance of its ``config_type``: a frozen dataclass of
    plain values. A ``card.toml`` beside the module tells its title, sources and modalities.
    """

    config_type: ClassVar[type[Any]]

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Learn from ``train``; ``validation`` is for early stopping and selection only.

        It has no patients where ``--validation merge`` gave them to ``train``, which is done with methods alone whose
        card says ``needs_validation = false``.
        """

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Predict risk and, where the method has them, survival curves at ``times``, shape (T,)."""

    @staticmethod
    def search_space(trial: Trial, config: Any) -> Any:
        """Return ``dataclasses.replace(config, ...)`` with what the trial draws; everything else stays as it is.

        A setting is drawn under its own name. Those that the user fixed are drawn, too, but the trial that the method
        is given answers with the user's value.
        """
