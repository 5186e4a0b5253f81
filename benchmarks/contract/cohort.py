"""A small cohort of every modality for the contract checks, and its poisoned copies.

The patients are drawn, not real: they exercise code, and no score of them is ever reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.types import (
    Bags,
    BagSource,
    BoolArray,
    Cohort,
    Float32Array,
    FloatArray,
    IntArray,
    Matrix,
    Modality,
    Outcome,
    Patients,
    Table,
    Texts,
)

N_PATIENTS = 160
N_GENES = 40
BAG_WIDTH = 16


def contract_cohort(seed: int = 0) -> Cohort:
    """Return 160 drawn patients whose hazard depends on age, marker and grade; about a third are censored.

    Another seed draws others, under other identifiers.
    """
    return _drawn(seed, prefix=f"patient-{seed}" if seed else "patient")


def contract_extra_data() -> Cohort:
    """Return 160 other drawn patients, of two cancer types: extra data for methods that ask for it."""
    drawn = _drawn(seed=1, prefix="other")
    return replace(drawn, strata=np.array(["one", "two"])[np.arange(len(drawn)) % 2])


def _drawn(seed: int, prefix: str) -> Cohort:
    rng = np.random.default_rng(seed)
    age = rng.normal(60, 10, N_PATIENTS)
    marker = rng.lognormal(1, 0.7, N_PATIENTS)
    grade = rng.choice(["low", "middle", "high"], N_PATIENTS, p=[0.3, 0.4, 0.3])
    sex = rng.choice(["female", "male"], N_PATIENTS)
    score = 0.05 * (age - 60) + 0.2 * marker + np.select([grade == "high", grade == "middle"], [1.0, 0.5], 0.0)
    event_time = rng.exponential(500 * np.exp(-score))
    censoring_time = rng.uniform(50, 1500, N_PATIENTS)
    # Whole days, at least one: ties occur.
    time = np.ceil(np.minimum(event_time, censoring_time))
    clinical = pd.DataFrame({"age": age, "marker": marker, "grade": grade, "sex": sex})
    clinical["grade"] = pd.Categorical(clinical["grade"], ["low", "middle", "high"], ordered=True)
    patients = Patients(np.array([f"{prefix}-{row}" for row in range(N_PATIENTS)]), _modalities(clinical, score, rng))
    return Cohort(patients, Outcome(time, event_time <= censoring_time), "days")


def _modalities(clinical: pd.DataFrame, score: FloatArray, rng: np.random.Generator) -> dict[str, Modality]:
    n = len(score)

    def matrix(prefix: str, columns: int) -> Matrix:
        values = rng.normal(size=(n, columns)).astype(np.float32)
        values[:, 0] += score
        return Matrix(values, tuple(f"{prefix}{i}" for i in range(columns)))

    def bags(shift: float) -> Bags:
        sizes = rng.integers(3, 9, n)
        held = [rng.normal(shift * s, 1, (m, BAG_WIDTH)).astype(np.float32) for s, m in zip(score, sizes, strict=True)]
        return Bags(held, BAG_WIDTH)

    def slides(shift: float) -> Bags:
        """Return bags of one or two slides, in turn."""
        whole = bags(shift)
        sizes = [len(whole[row]) for row in range(n)]
        borders = tuple(np.array([0, m] if row % 2 else [0, m // 2, m]) for row, m in enumerate(sizes))
        return replace(whole, borders=borders)

    texts = tuple(
        f"{row.sex} patient aged {row.age:.0f}. Tumour of {row.grade} grade. Marker {row.marker:.1f}."
        for row in clinical.itertuples()
    )
    # Numbers with gaps, and findings that are there (1), not there (-1) or not mentioned (0).
    even = np.arange(n) % 2 == 0
    facts = pd.DataFrame(
        {
            "differentiation": np.where(even, np.nan, clinical["grade"].cat.codes + 1.0),
            "words": [float(len(text)) for text in texts],
            "perineural": np.where(even, 0.0, np.sign(score - np.median(score))),
        }
    )
    mutations = Matrix((rng.random((n, N_GENES)) < 0.1).astype(np.float32), tuple(f"m{i}" for i in range(N_GENES)))
    # Two sets that share columns, one of a single column, an empty one; the rest of the columns is in none.
    ends = {"one": (0, 12), "two": (8, 20), "three": (20, 21), "four": (0, 0)}
    sets = {name: tuple(f"g{i}" for i in range(*of_set)) for name, of_set in ends.items()}
    return {
        "clinical": Table(clinical),
        "rna": replace(matrix("g", N_GENES), column_sets=dict.fromkeys(("families", "hallmark", "reactome"), sets)),
        "mutations": mutations,
        "hif": matrix("h", N_GENES),
        "mri": matrix("v", N_GENES),
        "text": Texts(texts),
        "summary": Texts(texts),
        "facts": Table(facts),
        "sentences": bags(0.3),
        "wsi": slides(0.2),
    }


def poisoned(cohort: Cohort, rows: IntArray) -> Cohort:
    """Return a copy in which features and outcome of some patients are absurd: huge, inverted, of unseen levels."""
    hit = np.zeros(len(cohort), dtype=np.bool_)
    hit[rows] = True
    return change(with_poisoned_outcomes(cohort, rows), lambda modality: filled_absurdly(modality, hit))


def with_poisoned_outcomes(cohort: Cohort, rows: IntArray) -> Cohort:
    """Return a copy in which the outcomes of some patients, and nothing else, are absurd: late and inverted."""
    hit = np.zeros(len(cohort), dtype=np.bool_)
    hit[rows] = True
    outcome = Outcome(np.where(hit, 1e4 * cohort.outcome.time, cohort.outcome.time), cohort.outcome.event ^ hit)
    return replace(cohort, outcome=outcome)


def under_other_identifiers(cohort: Cohort) -> Cohort:
    """Return a copy whose patients have other identifiers, which come in the reverse order if sorted."""
    ids = np.array([f"case{number:06d}" for number in range(len(cohort), 0, -1)])
    return replace(cohort, patients=Patients(ids, cohort.patients.modalities))


def change(cohort: Cohort, function: Callable[[Modality], Modality]) -> Cohort:
    """Return the cohort with every modality replaced by a function of it."""
    modalities: Mapping[str, Modality] = cohort.patients.modalities
    changed = {name: function(modality) for name, modality in modalities.items()}
    return replace(cohort, patients=Patients(cohort.patients.ids, changed))


def with_modality(cohort: Cohort, name: str, modality: Modality) -> Cohort:
    """Return the cohort with one modality replaced."""
    modalities = {**cohort.patients.modalities, name: modality}
    return replace(cohort, patients=Patients(cohort.patients.ids, modalities))


def filled_absurdly(modality: Modality, hit: BoolArray) -> Modality:
    """Return a modality in which some patients have huge numbers, unseen levels, other words; ``present`` stays."""
    if isinstance(modality, Table):
        frame = modality.frame.copy()
        for name in modality.numeric:
            frame.loc[hit, name] = 1e6
        for name in modality.categorical:
            frame[name] = frame[name].cat.add_categories("poison")
            frame.loc[hit, name] = "poison"
        return Table(frame, modality.present)
    if isinstance(modality, Matrix):
        return replace(modality, values=np.where(hit[:, None], np.float32(1e6), modality.values))
    if isinstance(modality, Texts):
        texts = tuple("poison " * 20 if bad else text for text, bad in zip(modality.texts, hit, strict=True))
        return Texts(texts, modality.present, modality.templated)
    return _filled_bags(modality, hit, 1e6)


def filled_with_nothing(modality: Modality, hit: BoolArray) -> Modality:
    """Return a modality in which all values of some patients are missing, NaN or empty; ``present`` stays."""
    if isinstance(modality, Table):
        frame = modality.frame.copy()
        for name in frame:
            frame.loc[hit, name] = np.nan
        return Table(frame, modality.present)
    if isinstance(modality, Matrix):
        return replace(modality, values=np.where(hit[:, None], np.float32(np.nan), modality.values))
    if isinstance(modality, Texts):
        texts = tuple("" if empty else text for text, empty in zip(modality.texts, hit, strict=True))
        return Texts(texts, modality.present, modality.templated)
    return _filled_bags(modality, hit, np.nan)


def _filled_bags(bags: Bags, hit: BoolArray, number: float) -> Bags:
    """Return bags of which some hold one vector, all of one number; the others keep the borders of their slides."""
    borders = bags.borders
    if borders is not None:
        one = np.array([0, 1])
        borders = tuple(one if bad else own for own, bad in zip(borders, hit, strict=True))
    return Bags(_FilledBags(bags, hit, number), bags.width, present=bags.present, borders=borders)


class _FilledBags:
    """Bags of which some hold one vector, all of one number."""

    def __init__(self, bags: BagSource, hit: BoolArray, number: float) -> None:
        self.bags, self.hit, self.number = bags, hit, number

    def __len__(self) -> int:
        return len(self.bags)

    def __getitem__(self, position: int) -> Float32Array:
        bag = self.bags[position]
        return np.full((1, bag.shape[1]), self.number, dtype=np.float32) if self.hit[position] else bag
