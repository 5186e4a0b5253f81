"""Checks of what a method predicts, and of what it does to its inputs."""

import numpy as np

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.contract.candidate import TIMES, Candidate, context_of_a_check, predict
from benchmarks.contract.cohort import contract_cohort
from benchmarks.contract.comparison import ContractError, require_close, require_same_bits


def predictions_are_valid(candidate: Candidate) -> None:
    """Fit and predict; the types check shapes and values, on the protocol's and on another grid."""
    method = candidate.fitted(candidate.cohort)
    for times in (TIMES, np.array([37.5]), np.array([100.0, 5000.0])):
        predict(method, candidate.test_patients(candidate.cohort), times)


def risk_and_curves_agree(candidate: Candidate) -> None:
    """Check the sign of the risk against the area under the curves."""
    prediction = candidate.run(candidate.cohort).predictions["test"]
    for name, row in prediction.rows().items():
        agreement = row.agreement()
        where = f"variant {name!r}: " if name else ""
        if agreement is not None and agreement <= 0:
            raise ContractError(f"{where}higher risk goes with longer survival; is the sign turned round?")


def same_seed_same_bytes(candidate: Candidate) -> None:
    """Fit twice with one seed."""
    first, second = candidate.run(candidate.cohort), candidate.run(candidate.cohort)
    require_same_bits(first.predictions["test"], second.predictions["test"], "two fits with the same seed differ")


def one_row_is_enough(candidate: Candidate) -> None:
    """Predict patients one by one and in another order; nothing may be learnt from the test batch."""
    method = candidate.fitted(candidate.cohort)
    patients = candidate.test_patients(candidate.cohort)
    together = predict(method, patients)
    reverse = np.arange(len(patients))[::-1]
    turned = predict(method, patients[reverse])
    require_close(together, turned, reverse, "the order of the patients changes their predictions")
    for row in (0, len(patients) - 1):
        alone = predict(method, patients[[row]])
        require_close(together, alone, np.array([row]), "a patient alone is predicted otherwise than among others")


def large_batch_teaches_nothing(candidate: Candidate) -> None:
    """Predict 160 new patients together, and few at a time; what is learnt of a batch may need so large a one."""
    method = candidate.fitted(candidate.cohort)
    patients = contract_cohort(seed=2).only(*candidate.cohort.patients.modalities).patients
    together = predict(method, patients)
    for few in np.array_split(np.arange(len(patients)), 5):
        message = f"{len(few)} patients are predicted otherwise among {len(patients)} than by themselves"
        require_close(together, predict(method, patients[few]), few, message)


def inputs_are_unchanged(candidate: Candidate) -> None:
    """Compare the checksums of the training patients and of the extra data before and after the fit."""
    cohort, split = candidate.cohort, candidate.split
    train, validation = cohort[split.train], cohort[split.validation]
    method = candidate.method()
    with context_of_a_check() as context:
        given = [cohort for cohort in (train, validation, context.extra_data) if cohort is not None]
        before = [sha256_of_cohort(cohort) for cohort in given]
        method.fit(train, validation, context)
    method.predict(validation.patients, TIMES.copy())
    if before != [sha256_of_cohort(cohort) for cohort in given]:
        raise ContractError("fit or predict changed the cohort it was given")
