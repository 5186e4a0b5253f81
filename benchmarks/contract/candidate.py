"""What the checks work with: a method with its settings, and the cohort and split it is fitted on."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl

from benchmarks.catalog.cards import MethodCard
from benchmarks.catalog.settings import build_config, plain_config
from benchmarks.contract.cohort import contract_cohort, contract_extra_data
from benchmarks.errors import UsageError
from benchmarks.execution.fold import FoldResult, checked_prediction, fit_and_predict
from benchmarks.protocol.splits import make_splits
from benchmarks.types import Cohort, Context, FloatArray, Method, Patients, Prediction, Split

TIMES = np.linspace(0.0, 800.0, 101)


class Candidate:
    """A method that is checked, on a small drawn cohort of the modalities that it reads.

    Parameters
    ----------
    card : MethodCard
        The method's card; its ``contract`` settings are those of the checks.
    method_class : type
        The class it names.
    seed : int
        Of the drawn cohort.

    Raises
    ------
    UsageError
        If the method needs a modality that the drawn cohort has not.
    """

    def __init__(self, card: MethodCard, method_class: Any, seed: int = 0) -> None:
        self.card = card
        self.method_class = method_class
        cohort = contract_cohort(seed)
        offered = cohort.patients.modalities
        config = plain_config(self.config())
        unknown = [name for name in card.modalities.required_by(config) if name not in offered]
        if unknown:
            raise UsageError(f"{card.name} needs {', '.join(unknown)}; the contract knows {', '.join(offered)}")
        self.cohort = cohort.only(*card.modalities.read_from(offered, config))
        # Most checks fit on the first fold alone; the patients whom the others test are in its training.
        (self.split, self.other_split, *_) = make_splits(cohort, folds=4, repeats=1, seed=0)

    def config(self) -> Any:
        """Return the settings of the checks."""
        return build_config(self.card.name, self.method_class.config_type, self.card.contract)

    def method(self) -> Method:
        """Return the method, not fitted yet."""
        method: Method = self.method_class(self.config())
        return method

    def run(self, cohort: Cohort, split: Split | None = None) -> FoldResult:
        """Fit on the training patients of a cohort, predict those of its test and validation parts."""
        with context_of_a_check() as context:
            return fit_and_predict(self.method(), cohort, split or self.split, TIMES, context)

    def fitted(self, cohort: Cohort) -> Method:
        """Return the method, fitted on a cohort's training patients."""
        method = self.method()
        with context_of_a_check() as context:
            method.fit(cohort[self.split.train], cohort[self.split.validation], context)
        return method

    def test_patients(self, cohort: Cohort) -> Patients:
        """Return the test patients of a cohort."""
        return cohort[self.split.test].patients


def predict(method: Method, patients: Patients, times: FloatArray = TIMES) -> Prediction:
    """Return a prediction whose shapes and values were checked."""
    return checked_prediction(method, patients, times)


@contextmanager
def context_of_a_check() -> Iterator[Context]:
    """Give a context with a folder of its own, a fixed seed and extra data; warnings are none of the contract."""
    # One thread, as the context says: several would wait for one another on so small a cohort.
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), threadpoolctl.threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield Context(seed=7, workdir=Path(folder), extra_data=contract_extra_data())
