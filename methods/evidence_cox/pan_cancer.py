"""A prior from other cancers: risks by Cox models of patients outside of the evaluated cohort."""

import numpy as np
import pandas as pd

from benchmarks.types import Cohort, FloatArray, Outcome, Patients, Table
from methods.shared.features.common_columns import CommonColumns
from methods.shared.features.evidence_blocks import CLINICAL, FACTS, HINGES
from methods.shared.features.report_facts import FactVectors
from methods.shared.heads.ridge_cox import ridge_coefficients

CLINICAL_PENALTY, FACTS_PENALTY = 50.0, 1000.0
PRIOR_PENALTY = 10.0
"""Penalty of the risks' coefficients around their prior mean, by which the cohort may correct them."""


class PanCancerRisks:
    """Log hazard ratios of Cox models that are stratified by cancer type: each type has a baseline of its own.

    One reads the clinical columns (ridge penalty 50), the other, where there are facts of reports, those and the facts
    (penalty 1000). Columns, medians and scales are learnt of the extra data alone. A partial likelihood by type does
    not change with the mean of a type: the covariates count as centred within it. A column that the cohort does not
    have, or in which its training patients do not differ, says nothing of anyone there.

    Parameters
    ----------
    style : bool
        Whether facts that tell how a hospital writes are read.
    """

    def __init__(self, *, style: bool) -> None:
        self.style = style

    def fit(self, extra: Cohort, train: Patients) -> "PanCancerRisks":
        """Fit on patients of m cancer types, ``strata``; the risks are centred on the training patients.

        Raises
        ------
        ValueError
            If the extra data has no strata.
        """
        if extra.strata is None:
            raise ValueError("the extra data has no cancer types")
        table = extra.patients.table(CLINICAL)
        bends = {name: where for name, where in HINGES.items() if name in table.frame}
        self._clinical = CommonColumns(hinge=bends).fit(table)
        self._vary = {name: _varying(train.table(name)) for name in (CLINICAL, FACTS) if name in train.modalities}
        self._columns = {
            name: (extra.patients.table(name).numeric, extra.patients.table(name).categorical)
            for name in self._vary
            if name in extra.patients.modalities
        }
        self._facts: FactVectors | None = None
        if FACTS in extra.patients.modalities and FACTS in train.modalities:
            self._facts = FactVectors(style=self.style, flag_missing=False).fit(extra.patients.table(FACTS))
        self._coefficients = [
            ridge_coefficients(_strata(features, extra), penalty)
            for features, penalty in zip(self._features_of(extra.patients), self._penalties(), strict=True)
        ]
        self._centre: FloatArray = np.zeros(len(self._coefficients))
        self._centre = self.transform(train).mean(axis=0)
        return self

    @property
    def prior_mean(self) -> FloatArray:
        """Coefficients that make the risks their mean: the offset where the cohort says nothing to the contrary."""
        risks = len(self._coefficients)
        return np.full(risks, 1 / risks)

    def transform(self, patients: Patients) -> FloatArray:
        """Return the risks of n patients, shape (n, 2), or (n, 1) without facts."""
        known = {name: self._aligned(name, patients.table(name)) for name in self._columns}
        parts = zip(self._features_of(Patients(patients.ids, known)), self._coefficients, strict=True)
        return np.stack([features @ coefficients for features, coefficients in parts], axis=1) - self._centre

    def _features_of(self, patients: Patients) -> list[FloatArray]:
        """Return what each of the models reads."""
        clinical = self._clinical.transform(patients.table(CLINICAL))
        if self._facts is None:
            return [clinical]
        return [clinical, np.hstack([clinical, self._facts.transform(patients.table(FACTS))])]

    def _penalties(self) -> list[FloatArray]:
        clinical = np.full(len(self._clinical.names), CLINICAL_PENALTY)
        if self._facts is None:
            return [clinical]
        return [clinical, np.concatenate([clinical, np.full(len(self._facts.names), FACTS_PENALTY)])]

    def _aligned(self, name: str, table: Table) -> Table:
        """Return a table of the cohort with the columns of the extra data's; those that say nothing are missing."""
        n, vary = len(table), self._vary[name]
        numeric, categorical = self._columns[name]
        columns: dict[str, object] = {
            column: table.frame[column] if column in table.numeric and column in vary else np.full(n, np.nan)
            for column in numeric
        }
        for column in categorical:
            known = column in table.categorical and column in vary
            columns[column] = table.frame[column] if known else pd.Categorical([None] * n)
        return Table(pd.DataFrame(columns, index=range(n)), table.present)


def _varying(table: Table) -> set[str]:
    """Return the columns in which patients who have the table differ."""
    frame = table.frame[table.present]
    return {str(name) for name in frame if frame[name].nunique() > 1}


def _strata(features: FloatArray, cohort: Cohort) -> list[tuple[FloatArray, Outcome]]:
    """Return features and outcome of each cancer type with an event; the others say nothing."""
    assert cohort.strata is not None
    rows_of = [np.flatnonzero(cohort.strata == name) for name in np.unique(cohort.strata)]
    return [(features[rows], cohort.outcome.take(rows)) for rows in rows_of if cohort.outcome.event[rows].any()]
