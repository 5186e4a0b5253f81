"""What turns the outputs of any network into a loss and into survival curves."""

from typing import Protocol

from torch import Tensor

from benchmarks.types import Context, FloatArray, Outcome, Prediction


class SurvivalHead(Protocol):
    """The end of a network that predicts survival: how many outputs it has, what they mean, and what they should be.

    Used in this order: ``prepare`` on the training outcomes, ``labels`` and ``loss`` while training, ``fit_curves`` on
    the trained network's outputs of the training patients, ``predict``.
    """

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Learn what the labels need from the training outcomes; return the number of outputs."""

    def start(self, outcome: Outcome) -> FloatArray | None:
        """Return outputs, shape (outputs,), that say of everybody what is known of all; None if there is nothing."""

    def labels(self, outcome: Outcome) -> tuple[Tensor, ...]:
        """Return the labels of n patients, each with n rows."""

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor | None:
        """Return the mean loss of a batch of outputs, shape (b, outputs); None if the batch has nothing to say."""

    def fit_curves(self, outputs: FloatArray, outcome: Outcome) -> None:
        """Learn what the curves need beside the outputs, from the training patients, shape (n, outputs)."""

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the risk of n patients, shape (n,), up to the last of some times; it needs no curves."""

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return risk and curves of n patients from their outputs, shape (n, outputs), at T times."""
