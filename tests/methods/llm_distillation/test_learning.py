"""A student that learns from reports, and does not where these are those of other patients."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import metrics
from benchmarks.types import Cohort, Context, Outcome, Patients, Texts
from methods.llm_distillation.config import Config
from methods.llm_distillation.method import LLMDistillation
from methods.llm_distillation.teachers import TeacherAnswers

pytestmark = pytest.mark.long

TIMES = np.linspace(0, 120, 61)


def reports(n: int, seed: int) -> Cohort:
    """Draw patients whose hazard hangs on a word of the report alone."""
    rng = np.random.default_rng(seed)
    bad = rng.random(n) < 0.5
    words = np.where(bad, "invades vessels", "is confined")
    texts = tuple(f"Tumour of {rng.integers(1, 9)} cm {word}." for word in words)
    death = rng.exponential(np.where(bad, 12.0, 60.0)) + 0.1
    censored = rng.uniform(20, 120, n)
    outcome = Outcome(np.minimum(death, censored), death <= censored)
    ids = np.array([f"p{row}" for row in range(n)])
    return Cohort(Patients(ids, {"text": Texts(texts)}), outcome, "months")


class WordTeacher:
    """Says what the word means, of everybody."""

    def fit(self, train: Cohort, context: Context) -> TeacherAnswers:  # 2026-11-26: as every teacher
        return self.answers(train.patients)

    def answers(self, patients: Patients) -> TeacherAnswers:
        texts = patients.texts("text").texts
        rows = [[0.37, 0.05, 0.01] if "vessels" in text else [0.82, 0.55, 0.37] for text in texts]
        why = tuple("It invades vessels." if "vessels" in text else "It is confined." for text in texts)
        return TeacherAnswers(np.array([12.0, 36.0, 60.0]), np.array(rows), why, "word")


@pytest.mark.parametrize("shuffled", [False, True])
def test_reports_of_other_patients_teach_nothing(
    shuffled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [reports(200, 0), reports(100, 1), reports(200, 2)]
    if shuffled:
        rng = np.random.default_rng(3)
        parts = [
            replace(part, patients=replace(part.patients, modalities={"text": part.patients.texts().take(order)}))
            for part in parts
            for order in [rng.permutation(len(part))]
        ]
    train, validation, test = parts
    monkeypatch.setattr("methods.llm_distillation.method.make_teacher", lambda _config: WordTeacher())
    config = Config(
        width=64, layers=2, feed_forward=256, vocabulary=400, epochs=14, head="cox", fusion="text", horizons="months",
        calibration_correction="off",
    )  # fmt: skip
    method = LLMDistillation(config)
    method.fit(train, validation, Context(seed=0, workdir=tmp_path))

    said = method.predict(test.patients, TIMES)

    for name in ("hidden", "verbalized"):
        row = said.variants[name]
        c = float(metrics.concordance_index(test.outcome.time, test.outcome.event, row.risk))
        if shuffled:
            assert abs(c - 0.5) < 0.08, name
        else:
            assert c > 0.62, name
            assert row.parseable is None or row.parseable.mean() > 0.9
