"""Blocks of modalities, what is missing, and which block says what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.contract.cohort import contract_cohort
from benchmarks.types import MAIN, Cohort, Context, Matrix, Outcome, Patients, PredictedPart, Table
from methods.evidence_cox import BlockCox, Config
from methods.evidence_cox.figures import draw
from methods.evidence_cox.method import CONTRIBUTION
from methods.shared.features.evidence_blocks import EvidenceBlocks
from methods.shared.heads.proportional_hazards import BreslowCurves

TIMES = np.linspace(0.0, 1000.0, 21)


def cohort(*names: str) -> Cohort:
    drawn = contract_cohort()
    return replace(drawn, patients=drawn.patients.only(*names))


def lacking(of: Cohort, name: str, rows: np.ndarray) -> Cohort:
    """Return the cohort with a matrix that some patients lack; NaN stands in its place."""
    matrix = of.patients.matrix(name)
    values, present = matrix.values.copy(), matrix.present.copy()
    values[rows], present[rows] = np.nan, False
    modalities = {**of.patients.modalities, name: Matrix(values, matrix.names, present)}
    return replace(of, patients=Patients(of.patients.ids, modalities))


def blocks(of: Cohort, leading: int = 0) -> EvidenceBlocks:
    return EvidenceBlocks(100, leading, 20, style=True, seed=0).fit(of.patients)


def test_every_modality_is_a_block_and_the_clinical_one_comes_first() -> None:
    found = blocks(cohort("rna", "clinical", "facts", "text", "wsi"))
    assert found.names == ("clinical", "facts", "rna", "text", "wsi")
    assert np.unique(found.block).tolist() == [0, 1, 2, 3, 4]
    assert (np.diff(found.block) >= 0).all()


def test_components_keep_the_variance_of_their_eigenvalue() -> None:
    of = cohort("clinical", "rna")
    found = blocks(of)
    variances = found.transform(of.patients)[:, found.block == 1].var(axis=0)
    assert (np.diff(variances) <= 0).all()
    assert variances[0] > 1.5 * variances[-1]


def test_the_leading_components_may_be_a_block_of_their_own() -> None:
    of = cohort("clinical", "rna", "facts")
    found = blocks(of, leading=20)
    assert found.names == ("clinical", "facts", "rna", "rna, rest")
    assert (found.block == 2).sum() == 20
    whole = blocks(of)
    np.testing.assert_array_equal(
        found.transform(of.patients)[:, found.block >= 2], whole.transform(of.patients)[:, whole.block == 2]
    )


def test_age_bends() -> None:
    rng = np.random.default_rng(0)
    table = Table(pd.DataFrame({"age": rng.normal(60, 10, 50), "marker": rng.normal(size=50)}))
    patients = Patients(np.arange(50).astype(str), {"clinical": table})
    assert EvidenceBlocks(5, 0, 5, style=True, seed=0).fit(patients).block.tolist() == [0, 0, 0]


def test_who_lacks_a_modality_has_zeros_there_and_a_flag() -> None:
    of = lacking(cohort("clinical", "rna"), "rna", np.arange(30))
    found = blocks(of)
    features = found.transform(of.patients)
    assert found.names == ("clinical", "rna", "missing")
    assert not features[:30, found.block == 1].any()
    flag = features[:, found.block == 2]
    assert flag.shape == (160, 1)
    assert flag.mean() == pytest.approx(0)
    assert flag.std() == pytest.approx(1)
    assert len(np.unique(flag)) == 2


def test_contributions_add_up_to_the_risk(context: Context) -> None:
    of = lacking(cohort("clinical", "rna", "facts", "text"), "rna", np.arange(30))
    method = BlockCox(Config())
    method.fit(of, of, context)
    prediction = method.predict(of.patients, TIMES)
    assert set(prediction.states) == {CONTRIBUTION + name for name in ("clinical", "rna", "facts", "text", "missing")}
    total = np.sum([state[:, 0] for state in prediction.states.values()], axis=0)
    np.testing.assert_allclose(total, prediction.risk, atol=1e-5)
    expected = BreslowCurves().fit(prediction.risk, of.outcome).survival(prediction.risk, TIMES)
    np.testing.assert_allclose(prediction.survival, expected, atol=1e-10)


def test_noise_beside_the_clinical_block_is_shrunk_more_than_signal(context: Context) -> None:
    of = cohort("clinical")
    rng = np.random.default_rng(1)
    noise = Matrix(rng.normal(size=(160, 40)).astype(np.float32), tuple(f"g{column}" for column in range(40)))
    signal = cohort("rna").patients.matrix("rna")
    with_both = Patients(of.patients.ids, {**of.patients.modalities, "noise": noise, "signal": signal})
    method = BlockCox(Config())
    method.fit(replace(of, patients=with_both), of, context)
    told = method.predict(with_both, TIMES).diagnostics
    assert told["penalty of noise"] > 10 * told["penalty of clinical"]
    assert told["penalty of noise"] > 10 * told["penalty of signal"]


class Stored:
    """The part of a cell that the figure reads."""

    label = "evidence_cox on somewhere, repeat 0, fold 0"


def test_the_contributions_are_drawn(context: Context, tmp_path: Path) -> None:
    of = cohort("clinical", "rna")
    method = BlockCox(Config())
    method.fit(of, of, context)
    prediction = method.predict(of.patients, TIMES)
    part = PredictedPart(
        ids=of.patients.ids,
        outcome=Outcome(of.outcome.time, of.outcome.event),
        strata=None,
        predictions={MAIN: prediction},
    )
    (path,) = draw(Stored(), part, tmp_path)  # type: ignore[arg-type]  # 2026-11-26: a stand-in for a cell
    assert path.stat().st_size > 10_000
