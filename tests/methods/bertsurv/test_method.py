"""BERTSurv as a method: what it reads and what it leaves alone, curves, the probability at a horizon, what it tells."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import optuna
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Outcome, Patients, Table, Texts
from methods.bertsurv import BertSurv, Config

Fitted = Callable[..., BertSurv]
TIMES = np.linspace(0.0, 60.0, 61)


def with_modality(cohort: Cohort, name: str, modality: Table | Texts) -> Patients:
    return Patients(cohort.patients.ids, {**cohort.patients.modalities, name: modality})


def other_texts(cohort: Cohort) -> Texts:
    texts = cohort.patients.texts()
    return Texts(tuple("another text altogether" for _ in texts.texts), texts.present)


def other_table(cohort: Cohort) -> Table:
    table = cohort.patients.table()
    return Table(table.frame.assign(marker=7.0))


@pytest.mark.parametrize("names", [("text",), ("clinical", "text"), ("clinical", "rna", "text")])
@pytest.mark.parametrize("changes", [{}, {"expression": "latents"}, {"members": 1}, {"batch_size": 32}])
def test_whatever_stands_beside_the_notes_curves_are_valid(
    cohort: Cohort, fitted: Fitted, names: tuple[str, ...], changes: dict[str, object]
) -> None:
    shown = cohort.only(*names)
    prediction = fitted(shown, **changes).predict(shown[np.arange(130, 160)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 1e-9).all()
    assert np.ptp(prediction.risk) > 0


def test_without_notes_other_texts_change_nothing(fitted: Fitted, held_out: Cohort) -> None:
    method = fitted(notes=False)
    expected = method.predict(held_out.patients, TIMES)
    found = method.predict(with_modality(held_out, "text", other_texts(held_out)), TIMES)
    assert np.array_equal(found.risk, expected.risk)
    assert "notes" not in expected.diagnostics


def test_without_measurements_other_measurements_change_nothing(fitted: Fitted, held_out: Cohort) -> None:
    method = fitted(measurements=False)
    expected = method.predict(held_out.patients, TIMES).risk
    found = method.predict(with_modality(held_out, "clinical", other_table(held_out)), TIMES).risk
    assert np.array_equal(found, expected)


def test_with_both_either_changes_the_risk(fitted: Fitted, held_out: Cohort) -> None:
    method = fitted()
    expected = method.predict(held_out.patients, TIMES).risk
    for name, modality in (("text", other_texts(held_out)), ("clinical", other_table(held_out))):
        assert not np.allclose(method.predict(with_modality(held_out, name, modality), TIMES).risk, expected)


def test_two_patients_who_swap_their_notes_change_alone(fitted: Fitted, held_out: Cohort) -> None:
    method = fitted()
    notes = held_out.patients.texts()
    has = np.array(["necrosis" in text for text in notes.texts])
    first, second = np.flatnonzero(notes.present & has)[0], np.flatnonzero(notes.present & ~has)[0]
    texts = list(notes.texts)
    texts[first], texts[second] = texts[second], texts[first]
    before = method.predict(held_out.patients, TIMES).risk
    after = method.predict(with_modality(held_out, "text", Texts(tuple(texts), notes.present)), TIMES).risk
    changed = np.abs(after - before) > 1e-6
    assert np.flatnonzero(changed).tolist() == sorted([first, second])


def test_the_cross_entropy_gives_a_probability_and_no_curve(fitted: Fitted, held_out: Cohort) -> None:
    prediction = fitted(loss="bce").predict(held_out.patients, TIMES)
    assert prediction.survival is None
    probability = prediction.states["event_probability"][:, 0]
    assert probability == pytest.approx(1 / (1 + np.exp(-prediction.risk)), rel=1e-5)


def test_the_curves_hang_on_the_training_patients_alone(cohort: Cohort, fitted: Fitted, held_out: Cohort) -> None:
    first = fitted().predict(held_out.patients, TIMES)
    for changed, alike in ((np.arange(110, 130), True), (np.arange(100, 110), False)):
        time = np.where(np.isin(np.arange(160), changed), 500.0, cohort.outcome.time)
        second = fitted(replace(cohort, outcome=Outcome(time, cohort.outcome.event))).predict(held_out.patients, TIMES)
        assert first.survival is not None
        assert second.survival is not None
        assert np.array_equal(first.survival, second.survival) == alike


def test_a_dataset_without_notes_has_templated_ones_and_says_so(
    cohort: Cohort, fitted: Fitted, held_out: Cohort, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        method = fitted(cohort.only("clinical"))
    assert "the notes are templated" in caplog.text
    prediction = method.predict(held_out.only("clinical").patients, TIMES)
    assert prediction.diagnostics["templated"] == 1
    assert prediction.diagnostics["notes"] == len(held_out)


def test_a_misspelt_modality_is_an_error_not_a_template(fitted: Fitted) -> None:
    with pytest.raises(UsageError, match="no such modality; texts here: text"):
        fitted(text="txt")
    with pytest.raises(UsageError, match="this modality is no text"):
        fitted(text="clinical")


def test_nothing_to_read_is_an_error(cohort: Cohort, fitted: Fitted) -> None:
    with pytest.raises(UsageError, match="take notes=false"):
        fitted(cohort.only("rna"))
    with pytest.raises(UsageError, match="nothing to read"):
        fitted(cohort.only("clinical"), notes=False, measurements=False)


def test_awkward_notes_are_counted_and_predicted(fitted: Fitted, held_out: Cohort) -> None:
    notes = held_out.patients.texts()
    texts = list(notes.texts)
    texts[:3] = ["", "necrosis " * 100_000, "病理報告 腫瘍 壊死"]
    there = notes.present.copy()
    there[:3] = True
    prediction = fitted().predict(with_modality(held_out, "text", Texts(tuple(texts), there)), TIMES)
    assert prediction.diagnostics["notes"] == there.sum()
    assert prediction.diagnostics["notes_unreadable"] == 2
    assert prediction.diagnostics["tokens_read"] > 100_000
    assert prediction.diagnostics["notes_cut"] == 0


def test_settings_that_a_search_draws_are_settings() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(10):
        drawn = BertSurv.search_space(study.ask(), Config())
        assert drawn.loss == "pll"


def test_nobody_with_a_table_is_no_reason_to_fail(fitted: Fitted, held_out: Cohort) -> None:
    clinical = Table(held_out.patients.table().frame, np.zeros(30, dtype=np.bool_))
    assert np.isfinite(fitted().predict(with_modality(held_out, "clinical", clinical), TIMES).risk).all()
