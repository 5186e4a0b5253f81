"""A check that a fitted method can be saved and used again."""

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.catalog.cards import MethodCard
from benchmarks.contract.candidate import Candidate, predict
from benchmarks.contract.comparison import require_same_bits
from benchmarks.contract.fresh_process import call_in_fresh_process
from benchmarks.models.folder import SavedModel, load_model, save_model
from benchmarks.models.threads import limited_threads
from benchmarks.types import Prediction


def saved_model_predicts_the_same_bits(candidate: Candidate) -> None:
    """Fit, predict and save here; load and predict in a fresh process."""
    candidate = Candidate(candidate.card, candidate.method_class)
    method = candidate.fitted(candidate.cohort)
    patients = candidate.test_patients(candidate.cohort)
    with limited_threads(1):
        here = predict(method, patients)
    # A subclass may be checked under the card of another.
    entry = f"{candidate.method_class.__module__}:{candidate.method_class.__qualname__}"
    card = replace(candidate.card, entry=entry)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "model"
        save_model(SavedModel(method=method, name=card.name, about={}), entry, place)
        there = call_in_fresh_process(_predicted, card, candidate.method_class, place)
    require_same_bits(here, there, "a saved model predicts otherwise in a fresh process than where it was fitted")


def _predicted(card: MethodCard, method_class: type, folder: Path) -> Prediction:
    method = load_model(folder, card).method
    # The same patients as there: they are drawn by a fixed seed.
    candidate = Candidate(card, method_class)
    with limited_threads(1):
        return predict(method, candidate.test_patients(candidate.cohort))
