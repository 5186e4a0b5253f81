"""The stored influence of patients is that of the predictions, and never of others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import metrics
from benchmarks.commandline.app import main
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import prepare
from benchmarks.scoring.influence import CellInfluence, FoldEstimate, influence_as_bytes, influence_from_bytes
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.predictions import read_predictions
from benchmarks.storage.store import INFLUENCE, SCORES, Store
from benchmarks.types import MAIN


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a results folder with Kaplan-Meier on two folds, scored."""
    with pytest.raises(SystemExit):
        main(
            [
                *["run", "--method", "kaplan_meier", "--dataset", "whas500", "--folds", "2", "--json", "--results"],
                str(tmp_path / "results"),
            ]
        )
    return Store.open(tmp_path / "results")


def test_what_is_read_is_what_was_written() -> None:
    scored, trained = np.array([0.25, -0.25]), np.array([0.1, 0.2, -0.3])
    concordance, brier = FoldEstimate(0.7, 1.0, scored, None), FoldEstimate(0.2, 2.0, scored, trained)
    given = CellInfluence(2, 2, 1, {("", "harrell_c"): concordance, ("v", "ibs"): brier})
    read = influence_from_bytes(influence_as_bytes(given))
    assert (read.patients, read.events, read.events_in_time, set(read.of)) == (2, 2, 1, set(given.of))
    assert read.of["", "harrell_c"].trained is None
    for name, own in given.of.items():
        assert (read.of[name].value, read.of[name].weight) == (own.value, own.weight)
        assert (read.of[name].scored == own.scored).all()
    assert (read.of["v", "ibs"].trained == trained).all()


def test_stored_influence_is_that_on_the_metric(store: Store) -> None:
    key = next(iter(store))
    record = store.read(key)
    scorer = Scorer(store)
    scores, influence = scorer.scores_and_influence(record)
    assert scorer.computed == 0
    predictions = read_predictions(store.folder(key))
    part = predictions.parts["test"]
    protocol = EvaluationProtocol("whas500", part.predictions[""].times)
    found = metrics.integrated_brier_score(
        prepare(protocol, predictions.train, part.outcome),
        protocol.times,
        part.predictions[""].survival,
        grid=protocol.times,
    )
    own = influence.of["", "ibs"]
    assert own.value == found.value == scores.variants[MAIN]["test"]["ibs"].value
    assert (own.scored == found.influence.scored).all()
    assert (own.trained == found.influence.train).all()
    assert (influence.patients, influence.events) == (len(part.ids), part.outcome.n_events)


@pytest.mark.parametrize(
    "what", ["missing", "damaged", "of another protocol", "of other predictions", "of a former form"]
)
def test_influence_that_cannot_be_trusted_are_computed_again(store: Store, what: str) -> None:
    key = next(iter(store))
    record = store.read(key)
    folder = store.folder(key)
    before = (folder / INFLUENCE).read_bytes()
    scores = Scorer(store).scores(record)
    if what == "missing":
        (folder / INFLUENCE).unlink()
    elif what == "damaged":
        (folder / INFLUENCE).write_bytes(before[:-8] + b"\1" * 8)
    elif what == "of another protocol":
        store.write_scores(key, replace(scores, protocol="another"))
    elif what == "of a former form":
        # As it was before the influence on Uno's C and the scaled IBS was kept.
        arrays = {name: array for name, array in safetensors.numpy.load(before).items() if "uno_c" not in name}
        arrays["counts"] = arrays["counts"][:2]
        sha256 = store.write_influence(key, safetensors.numpy.save(arrays))
        store.write_scores(key, replace(scores, influence=sha256))
    else:
        store.write_scores(key, replace(scores, predictions="0" * 64))
    scorer = Scorer(store)
    scorer.scores_and_influence(record)
    assert scorer.computed == 1
    assert (folder / INFLUENCE).read_bytes() == before


def test_a_defect_of_a_metric_fails_loudly_and_names_the_cell(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record = store.read(next(iter(store)))
    (store.folder(record.cell.key) / SCORES).unlink()

    def defective(*_: object, **__: object) -> None:
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(metrics, "concordance_index", defective)
    with pytest.raises(ValueError, match="could not be broadcast") as caught:
        Scorer(store).scores(record)
    (note,) = caught.value.__notes__
    assert note == f"while {record.cell.key} was scored: kaplan_meier on whas500, repeat 0, fold {record.cell.fold}"
    assert not (store.folder(record.cell.key) / SCORES).exists()


def test_the_verb_score_brings_missing_influence_back(store: Store, capsys) -> None:
    key = next(iter(store))
    (store.folder(key) / INFLUENCE).unlink()
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_:
        main(["score", "--results", str(store.root)])
    assert exit_.value.code == 0
    assert "2 cells, 1 scored now, 0 damaged" in capsys.readouterr().out
    assert (store.folder(key) / INFLUENCE).is_file()
