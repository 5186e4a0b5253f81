"""Checks that a fit knows nothing of the test patients, and nothing of what no patient has."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from benchmarks.contract.candidate import TIMES, Candidate, context_of_a_check, predict
from benchmarks.contract.cohort import (
    change,
    filled_absurdly,
    filled_with_nothing,
    poisoned,
    under_other_identifiers,
    with_modality,
    with_poisoned_outcomes,
)
from benchmarks.contract.comparison import ContractError, require_same_bits
from benchmarks.execution.fold import fit_and_predict
from benchmarks.execution.tuned_fold import choose
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.tuning.drawing import SearchSpaceError, drawn_settings
from benchmarks.tuning.trials import TRIALS
from benchmarks.types import BoolArray, Cohort, Modality, Tuning

# What may stand in the place of a modality that a patient does not have, beside some patient's values.
GARBAGE: Mapping[str, Callable[[Modality, BoolArray], Modality]] = {
    "absurd values": filled_absurdly,
    "nothing": filled_with_nothing,
}


def test_rows_do_not_reach_the_fit(candidate: Candidate) -> None:
    """Poison features and outcomes of the test rows; predictions of all others must not change by a bit."""
    bad = poisoned(candidate.cohort, candidate.split.test)
    clean_method, bad_method = candidate.method(), candidate.method()
    with context_of_a_check() as context:
        clean = fit_and_predict(clean_method, candidate.cohort, candidate.split, TIMES, context)
    with context_of_a_check() as context:
        dirty = fit_and_predict(bad_method, bad, candidate.split, TIMES, context)
    message = "poisoned test rows change the fit: something is learnt from the test part"
    require_same_bits(clean.predictions["validation"], dirty.predictions["validation"], message)
    probe = candidate.cohort[candidate.split.train].patients
    require_same_bits(predict(clean_method, probe), predict(bad_method, probe), message)


def test_outcomes_reach_no_prediction(candidate: Candidate) -> None:
    """Poison the outcomes of the test patients and nothing else; no prediction of any part may change by a bit."""
    cohort, split = candidate.cohort, candidate.split
    clean = candidate.run(cohort).predictions
    dirty = candidate.run(with_poisoned_outcomes(cohort, split.test)).predictions
    for part, prediction in clean.items():
        message = f"other outcomes of the test patients change predictions of the {part} part: it has seen them"
        require_same_bits(prediction, dirty[part], message)


def identifiers_say_nothing(candidate: Candidate) -> None:
    """Give all patients other identifiers; no prediction of any part may change by a bit."""
    known = candidate.run(candidate.cohort).predictions
    renamed = candidate.run(under_other_identifiers(candidate.cohort)).predictions
    for part, prediction in known.items():
        message = f"the same patients under other identifiers are predicted otherwise in the {part} part"
        require_same_bits(prediction, renamed[part], message)


def test_rows_do_not_reach_the_study(candidate: Candidate) -> None:
    """Poison the test rows; a study of two trials must draw the same settings and find the same values, to the bit.

    Settings of the card's ``contract`` table are fixed, since they keep the method small.
    """
    fixed = tuple(sorted(candidate.card.contract))
    try:
        if not drawn_settings(candidate.method_class, candidate.config(), fixed):
            return
    except SearchSpaceError:
        return  # the check of search spaces says what is wrong
    clean = _trials(candidate, candidate.cohort, fixed)
    dirty = _trials(candidate, poisoned(candidate.cohort, candidate.split.test), fixed)
    if clean != dirty:
        raise ContractError("poisoned test rows change the trials of a study: something is learnt from the test part")


def _trials(candidate: Candidate, cohort: Cohort, fixed: tuple[str, ...]) -> bytes:
    protocol = EvaluationProtocol(candidate.card.name, TIMES)
    with context_of_a_check() as context:
        study = context.workdir.with_name(f"{context.workdir.name}-study")
        tuning = Tuning(trials=2, objective="harrell_c", fixed=fixed)
        try:
            choose(
                candidate.method_class, candidate.config(), cohort, candidate.split, protocol, tuning, study, context
            )
            return (study / TRIALS).read_bytes()
        finally:
            shutil.rmtree(study, ignore_errors=True)


def unneeded_validation_is_not_used(candidate: Candidate) -> None:
    """Poison the validation part, then give it to the training, if the card says that it is not needed."""
    if candidate.card.needs_validation:
        return
    cohort, split = candidate.cohort, candidate.split
    clean = candidate.run(cohort).predictions["test"]
    dirty = candidate.run(poisoned(cohort, split.validation)).predictions["test"]
    require_same_bits(clean, dirty, "the card says needs_validation = false, but the validation part changes the fit")
    with context_of_a_check() as context:
        fit_and_predict(candidate.method(), cohort, split.merge_validation(), TIMES, context)


def absent_places_are_not_read(candidate: Candidate) -> None:
    """Take each modality from a fifth of the patients, and fill the place it leaves with garbage.

    In all parts: training, validation and test. For every modality in turn, no bit of any output may change.
    """
    rng = np.random.default_rng(3)
    cohort = change(candidate.cohort, lambda whole: replace(whole, present=rng.random(len(whole)) >= 0.2))
    expected = candidate.run(cohort).predictions
    for name, modality in cohort.patients.modalities.items():
        for content, fill in GARBAGE.items():
            found = candidate.run(with_modality(cohort, name, fill(modality, ~modality.present))).predictions
            message = f"{content} in the place of an absent {name} changes predictions: ask `present` before reading"
            for part, prediction in expected.items():
                require_same_bits(prediction, found[part], message)
