"""The contract of a method, check by check."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from scipy.stats import spearmanr

from benchmarks.catalog.cards import MethodCard
from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.catalog.settings import build_config, plain_config
from benchmarks.contract.cohort import change, contract_cohort, poisoned
from benchmarks.errors import UsageError
from benchmarks.execution.fold import FoldResult, checked_prediction, fit_and_predict
from benchmarks.protocol.splits import make_splits
from benchmarks.types import (
    Bags,
    Cohort,
    Context,
    FloatArray,
    IntArray,
    Matrix,
    Method,
    Modality,
    Prediction,
    Table,
    Texts,
)
from benchmarks.types.canonical import canonical_json

TIMES = np.linspace(0.0, 800.0, 101)
RELATIVE_TOLERANCE = 1e-5
ABSOLUTE_TOLERANCE = 1e-6


class ContractError(AssertionError):
    """A method breaks the contract; the message says how."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check; ``problem`` is empty if it passed."""

    check: str
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether the method fulfils this part of the contract."""
        return not self.problem


def verify_method(name: str) -> Iterator[Finding]:
    """Yield the result of every check of the contract on a registered method or a ``module:Class``.

    The methods are fitted on a small drawn cohort that has every modality, with the settings of their card's
    ``contract`` table, or their defaults.

    Raises
    ------
    UsageError
        If there is no such method, or it has no card.
    """
    card = method_card(name)
    method_class = load_entry(card)
    checks = ContractChecks(card, method_class)
    for title, check in checks.all().items():
        yield _run(title, check)


def _run(title: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except Exception as error:
        problem = str(error) if isinstance(error, ContractError) else f"{type(error).__name__}: {error}"
        return Finding(title, " ".join(problem.split()) or type(error).__name__)
    return Finding(title)


class ContractChecks:
    """The checks of one method; each raises if the method fails it.

    Parameters
    ----------
    card : MethodCard
        The method's card.
    method_class : type
        The class it names.
    """

    def __init__(self, card: MethodCard, method_class: Any) -> None:
        self.card = card
        self.method_class = method_class
        cohort = contract_cohort()
        offered = cohort.patients.modalities
        config = plain_config(self._config())
        unknown = [name for name in card.modalities.required_by(config) if name not in offered]
        if unknown:
            raise UsageError(f"{card.name} needs {', '.join(unknown)}; the contract knows {', '.join(offered)}")
        self.cohort = cohort.only(*card.modalities.read_from(offered, config))
        (self.split, *_) = make_splits(cohort.outcome, "contract", folds=4, repeats=1, seed=0)

    def all(self) -> dict[str, Callable[[], None]]:
        """Return the checks by title."""
        return {
            "the config is a frozen dataclass of plain values": self.config_is_plain,
            "the search space draws configs": self.search_space_draws_configs,
            "predictions have the right shapes, finite risks and valid curves": self.predictions_are_valid,
            "curves start at 1 and higher risk means shorter survival": self.risk_and_curves_agree,
            "the same seed gives the same bytes": self.same_seed_same_bytes,
            "one patient alone is predicted as among others": self.one_row_is_enough,
            "missing values in train and test are handled": self.missing_values_are_handled,
            "an unseen category is handled": self.unseen_category_is_handled,
            "a constant column is handled": self.constant_column_is_handled,
            "poisoned test rows leave the fit bit-identical": self.test_rows_do_not_reach_the_fit,
            "inputs are left as they were": self.inputs_are_unchanged,
        }

    def config_is_plain(self) -> None:
        """Check type, defaults and that the config can stand in a key."""
        config_type = self.method_class.config_type
        parameters = getattr(config_type, "__dataclass_params__", None)
        if parameters is None or not parameters.frozen:
            raise ContractError(f"config_type {config_type.__name__} is not a frozen dataclass")
        plain = plain_config(self._config())
        canonical_json(plain)
        if build_config(self.card.name, config_type, plain) != self._config():
            raise ContractError("the config does not survive the way through plain values")

    def search_space_draws_configs(self) -> None:
        """Draw ten configs and check their type."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        config_type = self.method_class.config_type
        for _ in range(10):
            config = self.method_class.search_space(study.ask())
            if not isinstance(config, config_type):
                raise ContractError(f"search_space returned {type(config).__name__}, not {config_type.__name__}")
            build_config(self.card.name, config_type, plain_config(config))

    def predictions_are_valid(self) -> None:
        """Fit and predict; the types check shapes and values, on the protocol's and on another grid."""
        method = self._fitted(self.cohort)
        patients = self.cohort[self.split.test].patients
        for times in (TIMES, np.array([37.5]), np.array([100.0, 5000.0])):
            checked_prediction(method, patients, times)

    def risk_and_curves_agree(self) -> None:
        """Check S(0) and the sign of the risk against the area under the curves."""
        prediction = self._run(self.cohort).predictions["test"]
        for name, row in prediction.rows().items():
            if row.survival is None:
                continue
            where = f"variant {name!r}: " if name else ""
            if (row.survival[:, 0] < 1 - 1e-6).any():
                raise ContractError(f"{where}S(0) is {row.survival[:, 0].min():.6f}, it must be 1")
            area = -Prediction.from_curves(row.times, row.survival).risk
            if np.ptp(row.risk) > 0 and np.ptp(area) > 0 and _rank_correlation(row.risk, area) >= 0:
                raise ContractError(f"{where}higher risk goes with longer survival; is the sign turned round?")

    def same_seed_same_bytes(self) -> None:
        """Fit twice with one seed."""
        first, second = self._run(self.cohort), self._run(self.cohort)
        _require_identical(first.predictions["test"], second.predictions["test"], "two fits with the same seed differ")

    def one_row_is_enough(self) -> None:
        """Predict patients one by one and in another order; nothing may be learnt from the test batch."""
        method = self._fitted(self.cohort)
        patients = self.cohort[self.split.test].patients
        together = checked_prediction(method, patients, TIMES)
        reverse = np.arange(len(patients))[::-1]
        turned = checked_prediction(method, patients[reverse], TIMES)
        _require_close(together, turned, reverse, "the order of the patients changes their predictions")
        for row in (0, len(patients) - 1):
            alone = checked_prediction(method, patients[[row]], TIMES)
            _require_close(together, alone, np.array([row]), "a patient alone is predicted otherwise than among others")

    def missing_values_are_handled(self) -> None:
        """Blank a fifth of every column of tables, and leave a fifth of the patients without each other modality."""
        rng = np.random.default_rng(1)
        self._run(change(self.cohort, partial(_with_missing, rng=rng)))

    def unseen_category_is_handled(self) -> None:
        """Give test patients a level that no training patient has."""
        cohort = change(self.cohort, partial(_with_unseen_level, rows=self.split.test))
        self._run(cohort)

    def constant_column_is_handled(self) -> None:
        """Make one column of each table the same for all training patients."""
        self._run(change(self.cohort, partial(_with_constant, rows=self.split.train)))

    def test_rows_do_not_reach_the_fit(self) -> None:
        """Poison features and outcomes of the test rows; predictions of all others must not change by a bit."""
        bad = poisoned(self.cohort, self.split.test)
        clean_method, bad_method = self._method(), self._method()
        with _context() as context:
            clean = fit_and_predict(clean_method, self.cohort, self.split, TIMES, context)
        with _context() as context:
            dirty = fit_and_predict(bad_method, bad, self.split, TIMES, context)
        message = "poisoned test rows change the fit: something is learnt from the test part"
        _require_identical(clean.predictions["validation"], dirty.predictions["validation"], message)
        probe = self.cohort[self.split.train].patients
        _require_identical(
            checked_prediction(clean_method, probe, TIMES), checked_prediction(bad_method, probe, TIMES), message
        )

    def inputs_are_unchanged(self) -> None:
        """Compare the checksum of the training patients before and after the fit."""
        train, validation = self.cohort[self.split.train], self.cohort[self.split.validation]
        before = sha256_of_cohort(train), sha256_of_cohort(validation)
        method = self._method()
        with _context() as context:
            method.fit(train, validation, context)
        method.predict(validation.patients, TIMES.copy())
        if before != (sha256_of_cohort(train), sha256_of_cohort(validation)):
            raise ContractError("fit or predict changed the cohort it was given")

    def _config(self) -> Any:
        return build_config(self.card.name, self.method_class.config_type, self.card.contract)

    def _method(self) -> Method:
        method: Method = self.method_class(self._config())
        return method

    def _run(self, cohort: Cohort) -> FoldResult:
        with _context() as context:
            return fit_and_predict(self._method(), cohort, self.split, TIMES, context)

    def _fitted(self, cohort: Cohort) -> Method:
        method = self._method()
        with _context() as context:
            method.fit(cohort[self.split.train], cohort[self.split.validation], context)
        return method


@contextmanager
def _context() -> Iterator[Context]:
    """Give a context with a folder of its own and a fixed seed; libraries' warnings are none of the contract."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Context(seed=7, workdir=Path(folder))


def _require_identical(first: Prediction, second: Prediction, message: str) -> None:
    for name, row in first.rows().items():
        other = second.rows()[name]
        same_curves = (row.survival is None and other.survival is None) or (
            row.survival is not None
            and other.survival is not None
            and row.survival.tobytes() == other.survival.tobytes()
        )
        if row.risk.tobytes() != other.risk.tobytes() or not same_curves or row.texts != other.texts:
            raise ContractError(message)


def _require_close(whole: Prediction, part: Prediction, rows: IntArray, message: str) -> None:
    for name, row in whole.rows().items():
        other = part.rows()[name]
        close = _close(row.risk[rows], other.risk)
        if row.survival is not None and other.survival is not None:
            close = close and _close(row.survival[rows], other.survival)
        if not close:
            raise ContractError(message)


def _close(first: FloatArray, second: FloatArray) -> bool:
    return np.allclose(first, second, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE)


def _rank_correlation(first: FloatArray, second: FloatArray) -> float:
    return float(spearmanr(first, second).statistic)


def _with_missing(modality: Modality, rng: np.random.Generator) -> Modality:
    absent = rng.random(len(modality)) < 0.2
    present = modality.present & ~absent
    if isinstance(modality, Matrix):
        values = np.where(absent[:, None] | (rng.random(modality.values.shape) < 0.05), np.nan, modality.values)
        return Matrix(values, modality.names, present)
    if isinstance(modality, Texts):
        texts = tuple("" if missing else text for text, missing in zip(modality.texts, absent, strict=True))
        return Texts(texts, present, modality.templated)
    if isinstance(modality, Bags):
        return replace(modality, present=present)
    frame = modality.frame.copy()
    for name in frame:
        frame.loc[rng.random(len(frame)) < 0.2, name] = np.nan
    return Table(frame, modality.present)


def _with_unseen_level(modality: Modality, rows: IntArray) -> Modality:
    if not isinstance(modality, Table):
        return modality
    frame = modality.frame.copy()
    for name in modality.categorical:
        frame[name] = frame[name].cat.add_categories("unseen")
        frame.loc[rows, name] = "unseen"
    return Table(frame, modality.present)


def _with_constant(modality: Modality, rows: IntArray) -> Modality:
    if not isinstance(modality, Table):
        return modality
    frame = modality.frame.copy()
    for names in (modality.numeric, modality.categorical):
        for name in names[:1]:
            frame.loc[rows, name] = frame[name].iloc[0]
    return Table(frame, modality.present)
