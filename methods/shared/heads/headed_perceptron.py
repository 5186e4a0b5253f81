"""A perceptron on the clinical table that ends in a head: all of a network method but its head and search space."""

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.layers.perceptron import ClinicalPerceptron, PerceptronConfig
from methods.shared.training.fold_ensemble import inner_folds


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
        Networks, each from random weights of its own; the outputs are their mean. Of several, each trains on all but
        one inner fold of the training part and stops on that one: no single small part stops them all. One alone is
        stopped by the validation part.
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
        """Train on the training patients.

        Raises
        ------
        UsageError
            If one network is to be stopped by a validation part that is merged into the training part.
        ValueError
            If the training part has fewer events than there are networks.
        """
        outputs = self.head.prepare(train.outcome, context)
        start = self.head.start(train.outcome) if self._marginal_start else None
        for number, (perceptron, (fitted, stopping)) in enumerate(
            zip(self._perceptrons, self._parts(train, validation, context), strict=True)
        ):
            perceptron.fit(
                fitted.patients,
                self.head.labels(fitted.outcome),
                stopping.patients,
                self.head.labels(stopping.outcome),
                self.head.loss,
                context,
                outputs=outputs,
                output_bias=self._output_bias,
                start=start,
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

    def _parts(self, train: Cohort, validation: Cohort, context: Context) -> list[tuple[Cohort, Cohort]]:
        """Return, of each network, the patients it trains on and those that stop it."""
        starts = len(self._perceptrons)
        if starts == 1:
            if not len(validation):
                raise UsageError("starts=1 is stopped by the validation part, which is merged: take 2 starts or more")
            return [(train, validation)]
        folds = inner_folds(train.outcome, starts, context.derived_seed("inner folds"))
        return [(train[fold.train], train[fold.held_out]) for fold in folds]
