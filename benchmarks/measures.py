"""The measures of the evaluation protocol, in the order of the tables."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """A number the suite reports for every prediction.

    ``function`` is the lazy ``"module:function"`` that computes it, ``needs`` what it reads of a prediction,
    ``better`` the direction (or that 0 is best); ``column`` heads its column in tables.
    """

    name: str
    column: str
    title: str
    function: str
    needs: Literal["risk", "curves"]
    better: Literal["higher", "lower", "zero"]


MEASURES = (
    Measure("harrell_c", "C", "Harrell's concordance index", "metrics:concordance_index", "risk", "higher"),
    Measure(
        "uno_c",
        "Uno C",
        "Concordance index weighted by the probability of censoring (Uno)",
        "metrics:concordance_index_ipcw",
        "risk",
        "higher",
    ),
    Measure(
        "c_td",
        "C-td",
        "Time-dependent concordance (Antolini)",
        "metrics:concordance_index_td",
        "curves",
        "higher",
    ),
    Measure(
        "ibs",
        "IBS",
        "Integrated Brier score up to the horizon",
        "metrics:integrated_brier_score",
        "curves",
        "lower",
    ),
    Measure(
        "scaled_ibs",
        "scaled IBS",
        "1 - IBS / IBS of the training patients' Kaplan-Meier curve",
        "metrics:integrated_brier_score",
        "curves",
        "higher",
    ),
    Measure(
        "ici",
        "ICI",
        "Integrated calibration index at the horizon (Austin)",
        "metrics:integrated_calibration_index",
        "curves",
        "lower",
    ),
    Measure(
        "d_calibration_p",
        "D-cal",
        "p-value of distribution calibration (Haider); averaged as the share of folds with p > 0.05",
        "metrics:d_calibration",
        "curves",
        "higher",
    ),
)

# Of a student beside its teacher, on the same patients.
FIDELITY = (
    Measure(
        "teacher_spearman",
        "rho teacher",
        "Spearman correlation of the risk with the teacher's",
        "benchmarks.evaluation:fidelity",
        "risk",
        "higher",
    ),
    Measure(
        "teacher_mae",
        "MAE teacher",
        "Mean absolute difference from the teacher's probability of an event by the horizon",
        "benchmarks.evaluation:fidelity",
        "curves",
        "lower",
    ),
    Measure(
        "teacher_c_difference",
        "ΔC teacher",
        "Harrell's C less the teacher's, paired",
        "benchmarks.evaluation:fidelity",
        "risk",
        "zero",
    ),
)
