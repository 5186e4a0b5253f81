"""A perceptron on the clinical table that ends in a head: all of a network method but its head and search space."""

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.layers.perceptron import ClinicalPerceptron, PerceptronConfig


class HeadedPerceptron:
    """Fit and predict of a method whose network is a perceptron.

    Parameters
    ----------
    config : PerceptronConfig
        Size of the network and how it is trained.
    head : SurvivalHead
        Labels, loss and curves.
    marginal_start : bool
        Whether the untrained network says of everybody what the head knows of all.
    output_bias : bool
        Whether the last layer has a bias.
    starts : int
        Networks, each from random weights of its own and stopped by itself; the outputs are their mean.
    """

    def __init__(
        self,
        config: PerceptronConfig,
        head: SurvivalHead,
        *,
        marginal_start: bool = False,
        output_bias: bool = True,
        starts: int = 1,
    ) -> None:
        self.config = config
        self.head = head
        self._marginal_start = marginal_start
        self._output_bias = output_bias
        self._perceptrons = [ClinicalPerceptron(config) for _ in range(starts)]

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients; the loss on the validation part stops the training."""
        outputs = self.head.prepare(train.outcome, context)
        for number, perceptron in enumerate(self._perceptrons):
            perceptron.fit(
                train.patients,
                self.head.labels(train.outcome),
                validation.patients,
                self.head.labels(validation.outcome),
                self.head.loss,
                context,
                outputs=outputs,
                output_bias=self._output_bias,
                start=self.head.start(train.outcome) if self._marginal_start else None,
                name=f"start {number}" if number else "",
            )
        self.head.fit_curves(self._outputs(train.patients), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return risk and curves as the head reads them from the outputs."""
        return self.head.predict(self._outputs(patients), times)

    def _outputs(self, patients: Patients) -> FloatArray:
        """Return the mean of the networks' outputs, shape (n, outputs)."""
        mean: FloatArray = np.mean([perceptron.outputs(patients) for perceptron in self._perceptrons], axis=0)
        return mean
