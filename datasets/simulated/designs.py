r"""Which latent score of which modality moves the hazard.

Every modality k in {clinical, text, rna, wsi, mri} shows one score :math:`z_k` of mean 0 and variance 1, and shows it
exactly: it is a function of what the modality holds. The linear predictor :math:`\eta` has standard deviation
``effect`` (:math:`\beta`) in every design but ``null``:

=====================  ==========================================================================================
unimodal               :math:`\beta z_c` of one modality c, the ``carrier``
additive               :math:`\beta \sum_k z_k / \sqrt 5`
interaction            :math:`\beta\,\mathrm{sign}(z_{text})\,\mathrm{sign}(z_{rna})`; either sign is a fair coin given
                       the other modality, so no function of a single modality tells anything of the outcome
redundant              :math:`\beta z`, one score that all five modalities show
null                   0
missing                as additive; text and rna are missing completely at random
missing-informative    as additive; text and rna are missing the more often the higher their own score
shift                  as additive; the ``external`` site has other patients, hazards, wording and instruments
censoring              as additive; drop-out depends on the clinical score
=====================  ==========================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import BoolArray, FloatArray

Scores = Mapping[str, FloatArray]

DESIGNS = (
    "unimodal",
    "additive",
    "interaction",
    "redundant",
    "null",
    "missing",
    "missing-informative",
    "shift",
    "censoring",
)
MODALITIES = ("clinical", "text", "rna", "wsi", "mri")
# Those that may be missing.
MASKED = ("text", "rna")
SITES = ("development", "external")

# An odd number: the text's score is never 0, and its sign is a fair coin.
N_FINDINGS = 5
# How steeply an informative mask depends on the score that it hides.
MASK_SLOPE = 2.0
# The external site of ``shift`` sees patients with a higher clinical score.
EXTERNAL_CASE_MIX = 0.5


@dataclass(frozen=True, slots=True)
class Setting:
    """What a simulated cohort is drawn from.

    Parameters
    ----------
    design : str
        One of ``DESIGNS``.
    n : int
        Patients, at least 20.
    seed : int
        Seed of everything drawn.
    effect : float
        Standard deviation of the linear predictor, 0 to 3.
    carrier : str
        The modality that carries the signal of ``unimodal``.
    site : {"development", "external"}
        Which cohort of ``shift``.
    missing_share : float
        Expected share of patients without a text, and without expression, in the ``missing`` designs; 0 to 0.5.
    """

    design: str
    n: int
    seed: int
    effect: float = 0.0
    carrier: str = "rna"
    site: str = "development"
    missing_share: float = 0.0


def checked_setting(design: str, settings: Mapping[str, int | float | str]) -> Setting:
    """Return a setting, or say which value is out of range."""
    known = {f.name for f in fields(Setting)}
    for name in settings:
        if name not in known:
            raise UsageError(f"simulated-{design} has no setting {name!r}; it has: {', '.join(sorted(known))}")
    if design not in DESIGNS:
        raise UsageError(f"no simulated design {design!r}; there are: {', '.join(DESIGNS)}")
    setting = Setting(design, **settings)  # type: ignore[arg-type]  # 2026-11-22: typed by the card's defaults
    for name, valid, wanted in (
        ("n", setting.n >= 20, "at least 20"),
        ("seed", setting.seed >= 0, "0 or more"),
        ("effect", 0 <= setting.effect <= 3, "between 0 and 3"),
        ("carrier", setting.carrier in MODALITIES, f"one of {', '.join(MODALITIES)}"),
        ("site", setting.site in SITES, f"one of {', '.join(SITES)}"),
        ("missing_share", 0 <= setting.missing_share <= 0.5, "between 0 and 0.5"),
    ):
        if not valid:
            raise UsageError(f"simulated-{design}: {name} is {getattr(setting, name)!r}, it must be {wanted}")
    return setting


def scores_of(setting: Setting, rng: np.random.Generator) -> tuple[BoolArray, Scores]:
    """Draw the findings of the text, shape (n, 5), and the score of each modality, shape (n,).

    The text's score is the number of findings present less the number absent, over the square root of five: six
    values. All other scores are standard normal, independent of each other.
    """
    findings = rng.random((setting.n, N_FINDINGS)) < 0.5
    scores = {name: rng.normal(size=setting.n) for name in MODALITIES}
    scores["text"] = (2.0 * findings.sum(axis=1) - N_FINDINGS) / np.sqrt(N_FINDINGS)
    if setting.design == "redundant":
        scores = dict.fromkeys(MODALITIES, scores["text"])
    if setting.site == "external":
        scores["clinical"] = scores["clinical"] + EXTERNAL_CASE_MIX
    return findings, scores


def linear_predictor(setting: Setting, scores: Scores) -> FloatArray:
    """Return the log hazard ratio of each patient, shape (n,)."""
    if setting.design == "null":
        return np.zeros(setting.n)
    if setting.design == "interaction":
        return np.asarray(setting.effect * np.sign(scores["text"]) * np.sign(scores["rna"]))
    weights = linear_weights(setting)
    return np.asarray(np.sum([weights[name] * scores[name] for name in weights], axis=0))


def linear_weights(setting: Setting) -> dict[str, float]:
    """Return the weight of each modality's score in a linear design."""
    if setting.design == "unimodal":
        return {setting.carrier: setting.effect}
    if setting.design == "redundant":
        return {"text": setting.effect}
    return dict.fromkeys(MODALITIES, setting.effect / np.sqrt(len(MODALITIES)))


def missing_probability(setting: Setting, score: FloatArray) -> FloatArray:
    r"""Return the probability that a modality with these scores is missing.

    Completely at random: ``missing_share``. Informative: :math:`2 p / (1 + e^{-2 z})`, which has mean p because the
    scores are symmetric around 0.
    """
    if setting.design == "missing":
        return np.full(score.shape, setting.missing_share)
    if setting.design == "missing-informative":
        return np.asarray(2 * setting.missing_share / (1 + np.exp(-MASK_SLOPE * score)))
    return np.zeros(score.shape)
