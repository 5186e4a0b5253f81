"""The plain opponent of fine-tuning: a ridge regression on what a frozen model holds of a prompt."""

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.types import Float32Array, FloatArray

PENALTIES = np.logspace(-1, 6, 15)


class RidgeProbe:
    """Ridge regression of the taught linear predictor on the mean state of one layer.

    The penalty is chosen by leave-one-out error on the training patients, the layer on the validation patients.

    Parameters
    ----------
    train, validation : arrays, shape (n, layers, d) and (k, layers, d)
        Mean states of the layers.
    taught : array, shape (n,)
        Linear predictors that the training patients' numbers stand for.
    selection_loss : callable
        Loss of k linear predictors of the validation patients.
    """

    def __init__(
        self,
        train: Float32Array,
        validation: Float32Array,
        taught: FloatArray,
        selection_loss: Callable[[FloatArray], float],
    ) -> None:
        fitted = [
            make_pipeline(StandardScaler(), RidgeCV(PENALTIES)).fit(train[:, layer], taught)
            for layer in range(train.shape[1])
        ]
        losses = [selection_loss(probe.predict(validation[:, layer])) for layer, probe in enumerate(fitted)]
        self.layer = int(np.argmin(losses))
        self._probe = fitted[self.layer]

    def linear_predictor(self, states: Float32Array) -> FloatArray:
        """Return the linear predictor of n patients, shape (n,), from their mean states of all layers.

        Each row is summed by itself: the last bit of a matrix product depends on how many rows there are.
        """
        scaler, ridge = self._probe.named_steps.values()
        scaled = scaler.transform(states[:, self.layer].astype(np.float64))
        predicted: FloatArray = (scaled * ridge.coef_).sum(axis=1) + ridge.intercept_
        return predicted
