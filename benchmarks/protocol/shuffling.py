"""The control of a modality: its rows permuted among the patients, so that it tells nothing of anyone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.types import Cohort, Patients, derived_seed


def shuffle_modalities(cohort: Cohort, names: Sequence[str], seed: int) -> Cohort:
    """Return the cohort with the rows of some modalities permuted, each on its own, among all patients.

    A row is moved whole: the values, and whether the patient has the modality at all. Times and events have no part in
    it, nor has the order of the patients. What a method gains from a modality beyond chance it cannot gain from the
    shuffled one; what is gained all the same does not come from it.

    Parameters
    ----------
    cohort : Cohort
        n patients.
    names : sequence of str
        Which of its modalities.
    seed : int
        With the name of a modality, the seed of its permutation.
    """
    order = np.argsort(cohort.patients.ids)
    modalities = dict(cohort.patients.modalities)
    for name in names:
        rows = np.empty(len(cohort), dtype=np.int64)
        rows[order] = np.random.default_rng(derived_seed(seed, "shuffle", name)).permutation(order)
        modalities[name] = modalities[name].take(rows)
    return replace(cohort, patients=Patients(cohort.patients.ids, modalities))
