"""The measures of the evaluation protocol, in the order of the tables."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """A number the suite reports for every prediction.

    ``function`` is the lazy ``"module:function"`` that computes it, ``needs`` what it reads of a prediction,
    ``better`` the direction (or the best value); ``column`` heads its column in tables.
    """

    name: str
    column: str
    title: str
    function: str
    needs: Literal["risk", "curves"]
    better: Literal["higher", "lower", "zero", "one"]
    in_tables: bool = True


MEASURES = (
    Measure("harrell_c", "C", "Harrell's concordance index", "metrics:concordance_index", "risk", "higher"),
    Measure(
        "harrell_c_unstratified",
        "C all pairs",
        "Harrell's concordance index over the pairs of all strata together",
        "metrics:concordance_index",
        "risk",
        "higher",
        in_tables=False,
    ),
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
    Measure(
        "auc",
        "AUC",
        "Cumulative/dynamic area under the ROC curve, mean over the grid",
        "metrics:cumulative_dynamic_auc",
        "risk",
        "higher",
        in_tables=False,
    ),
    Measure(
        "brier",
        "Brier",
        "Brier score at the horizon",
        "metrics:brier_score",
        "curves",
        "lower",
        in_tables=False,
    ),
    Measure(
        "e50",
        "E50",
        "Median distance of predicted and smoothed observed probability at the horizon",
        "metrics:integrated_calibration_index",
        "curves",
        "lower",
        in_tables=False,
    ),
    Measure(
        "e90",
        "E90",
        "90th percentile of that distance",
        "metrics:integrated_calibration_index",
        "curves",
        "lower",
        in_tables=False,
    ),
    Measure(
        "calibration_slope",
        "slope",
        "Calibration slope at the horizon; below 1 = too extreme",
        "metrics:calibration_slope",
        "curves",
        "one",
        in_tables=False,
    ),
    Measure(
        "calibration_intercept",
        "intercept",
        "Log of observed over predicted hazard at the horizon; below 0 = risks too high",
        "metrics:calibration_slope",
        "curves",
        "zero",
        in_tables=False,
    ),
    Measure(
        "one_calibration_p",
        "GND p",
        "p-value of the Greenwood-Nam-D'Agostino test at the horizon",
        "metrics:one_calibration",
        "curves",
        "higher",
        in_tables=False,
    ),
    Measure(
        "nll",
        "NLL",
        "Negative log likelihood of the outcome on the grid",
        "metrics:negative_log_likelihood",
        "curves",
        "lower",
        in_tables=False,
    ),
)

# Of a student beside its teacher, on the same patients.
FIDELITY = (
    Measure(
        "teacher_spearman",
        "rho teacher",
        "Spearman correlation of the risk with the teacher's",
        "benchmarks.scoring.evaluation:fidelity",
        "risk",
        "higher",
    ),
    Measure(
        "teacher_mae",
        "MAE teacher",
        "Mean absolute difference from the teacher's probability of an event by the horizon",
        "benchmarks.scoring.evaluation:fidelity",
        "curves",
        "lower",
    ),
    Measure(
        "teacher_c_difference",
        "ΔC teacher",
        "Harrell's C less the teacher's, paired",
        "benchmarks.scoring.evaluation:fidelity",
        "risk",
        "zero",
    ),
)

# Of a method that writes, on the patients whose answer can be read (``benchmarks.scoring.answered``).
ANSWERED_PREFIX = "answered_"
ANSWERED = tuple(
    replace(
        measure,
        name=ANSWERED_PREFIX + measure.name,
        title=f"{measure.title}, of the patients with a readable answer",
        in_tables=False,
    )
    for measure in MEASURES
    if measure.name in ("harrell_c", "uno_c", "c_td", "ibs")
)
