"""Simulated cohorts with known hazards: for testing methods, never for leaderboards (docs/datasets/simulated.md)."""

import numpy as np

from benchmarks.types import BoolArray, Cohort, FloatArray, Modality, Outcome, Patients, derived_seed

from .designs import (
    MASKED,
    Scores,
    Setting,
    checked_setting,
    linear_predictor,
    missing_probability,
    scores_of,
)
from .modalities import expression, laboratory, magnetic_resonance, patches, report
from .truth import Truth, truth_of

# Uniform accrual: follow-up between one and seven years, in months.
SHORTEST_FOLLOW_UP, LONGEST_FOLLOW_UP = 12.0, 84.0
# Covariate-dependent drop-out: an exponential time of this median at a clinical score of 0, in months.
MEDIAN_DROP_OUT = 60.0
DROP_OUT_EFFECT = 1.0


def load(design: str, **settings: int | float | str) -> Cohort:
    """Draw a cohort in months.

    Parameters
    ----------
    design : str
        One of ``simulated_designs.DESIGNS``.
    **settings
        Fields of ``simulated_designs.Setting``.

    Returns
    -------
    Cohort
        n patients with the modalities clinical, text, rna, wsi and mri. The same arguments give the same bytes.

    Raises
    ------
    UsageError
        If a setting is out of its range.
    """
    return _draw(checked_setting(design, settings))[0]


def oracle(design: str, **settings: int | float | str) -> Truth:
    """Return the true risk and survival of the patients of ``load`` with the same arguments, in their order."""
    return _draw(checked_setting(design, settings))[1]


def _draw(setting: Setting) -> tuple[Cohort, Truth]:
    findings, scores = scores_of(setting, _generator(setting, "scores"))
    present = _masks(setting, scores)
    truth = truth_of(setting, scores, present)
    event_time = truth.baseline.event_times(linear_predictor(setting, scores), _generator(setting, "events"))
    censoring_time = _censoring_times(setting, scores)
    outcome = Outcome(np.minimum(event_time, censoring_time), event_time <= censoring_time)
    modalities: dict[str, Modality] = {
        "clinical": laboratory(scores["clinical"], setting.site, _generator(setting, "clinical")),
        "text": report(findings, present["text"], setting.site, _generator(setting, "text")),
        "rna": expression(scores["rna"], present["rna"], setting.site, _generator(setting, "rna")),
        "wsi": patches(scores["wsi"], setting.site, _generator(setting, "wsi")),
        "mri": magnetic_resonance(scores["mri"], _generator(setting, "mri")),
    }
    ids = np.array([f"{setting.site}-{row:05d}" for row in range(setting.n)])
    return Cohort(Patients(ids, modalities), outcome, "months"), truth


def _masks(setting: Setting, scores: Scores) -> dict[str, BoolArray]:
    """Return who has each of the modalities that may be missing."""
    rng = _generator(setting, "masks")
    return {name: rng.random(setting.n) >= missing_probability(setting, scores[name]) for name in MASKED}


def _censoring_times(setting: Setting, scores: Scores) -> FloatArray:
    rng = _generator(setting, "censoring")
    end_of_study = rng.uniform(SHORTEST_FOLLOW_UP, LONGEST_FOLLOW_UP, setting.n)
    if setting.design != "censoring":
        return end_of_study
    rate = np.log(2) / MEDIAN_DROP_OUT * np.exp(DROP_OUT_EFFECT * scores["clinical"])
    return np.asarray(np.minimum(end_of_study, rng.exponential(size=setting.n) / rate))


def _generator(setting: Setting, purpose: str) -> np.random.Generator:
    """Return the random numbers of one purpose: a change of one modality leaves the others as they are."""
    return np.random.default_rng(derived_seed(setting.seed, "simulated", setting.design, setting.site, purpose))
