"""A perceptron on the clinical table that ends in a head: all of a network method but its head and search space."""

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
    """

    def __init__(
        self,
        config: PerceptronConfig,
        head: SurvivalHead,
        *,
        marginal_start: bool = False,
        output_bias: bool = True,
    ) -> None:
        self.config = config
        self.head = head
        self._marginal_start = marginal_start
        self._output_bias = output_bias
        self._perceptron = ClinicalPerceptron(config)

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients; the loss on the validation part stops the training."""
        outputs = self.head.prepare(train.outcome, context)
        self._perceptron.fit(
            train.patients,
            self.head.labels(train.outcome),
            validation.patients,
            self.head.labels(validation.outcome),
            self.head.loss,
            context,
            outputs=outputs,
            output_bias=self._output_bias,
            start=self.head.start(train.outcome) if self._marginal_start else None,
        )
        self.head.fit_curves(self._perceptron.outputs(train.patients), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return risk and curves as the head reads them from the outputs."""
        return self.head.predict(self._perceptron.outputs(patients), times)
