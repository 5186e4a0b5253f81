"""A fixed amount of work that fits are timed against: it depends on the machine and on nothing of this suite."""

from dataclasses import dataclass

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial

# Sizes of the three parts; a change makes all references of cost invalid.
LOOPS = 3_000_000
SORTS, SORTED = 30, 100_000
PRODUCTS, WIDTH = 4_000, 96


@dataclass(frozen=True, slots=True)
class Config:
    """There is nothing to set."""


class Yardstick:
    """Does the same work for any cohort, and predicts risk 0 for everybody."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Spend time on the kinds of work that methods spend theirs on."""
        del train, validation, context
        total = 0
        for number in range(LOOPS):
            total += number & 7
        random = np.random.default_rng(0)
        for _ in range(SORTS):
            np.sort(random.random(SORTED))
        matrix = random.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)
        state = np.eye(WIDTH)
        for _ in range(PRODUCTS):
            state = np.tanh(matrix @ state)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return risk 0 and no curves."""
        return Prediction(np.zeros(len(patients)), times)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Return the config: there is nothing to draw."""
        del trial
        return config
