"""The measures of the evaluation protocol, in the order of the tables."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number the suite reports for every prediction.

    Parameters
    ----------
    name, column, title : str
        In files, as the heading of its column in tables, and in words.
    needs : {"risk", "curves"}
        What it reads of a prediction.
    better : {"higher", "lower", "zero", "one"}
        The direction, or the best value.
    in_tables : bool
        Whether it is a column of every table.
    is_p_value : bool
        Whether it is the p-value of a test: no mean is formed of it. Where a fold's score has patients per bin, the
        test is made of all folds together; else it is the share of folds that do not reject.
    pooled_by : {"pairs", "patients"} or None
        What the estimates of folds are weighted by when they are pooled; None where the influence of patients is not
        kept, so that no pair of methods can be tested on the patients.
    weighs_by_train : bool
        Whether the training patients have an influence on it, through the censoring weights.
    averages_over : {"patients", "events"}
        A mean of losses over patients, or a ratio of sums over events.
    interval : {"logit", "log", "complementary log"} or None
        The scale on which its 95 % interval is made (``metrics.pooled_interval``); None where it has none.
    """

    name: str
    column: str
    title: str
    needs: Literal["risk", "curves"]
    better: Literal["higher", "lower", "zero", "one"]
    in_tables: bool = True
    is_p_value: bool = False
    pooled_by: Literal["pairs", "patients"] | None = None
    weighs_by_train: bool = False
    averages_over: Literal["patients", "events"] = "patients"
    interval: Literal["logit", "log", "complementary log"] | None = None

    @property
    def higher_is_better(self) -> bool:
        """Whether methods are ranked from the highest value down."""
        return self.better == "higher"

    def as_loss(self, value: float) -> float:
        """Return a value so that less is better: negated, as it is, or its distance from the best value."""
        if self.better in ("higher", "lower"):
            return -value if self.higher_is_better else value
        return abs(value - (1.0 if self.better == "one" else 0.0))


MEASURES = (
    Measure(
        name="harrell_c",
        column="C",
        title="Harrell's concordance index",
        needs="risk",
        better="higher",
        pooled_by="pairs",
        averages_over="events",
        interval="logit",
    ),
    Measure(
        name="harrell_c_unstratified",
        column="C all pairs",
        title="Harrell's concordance index over the pairs of all strata together",
        needs="risk",
        better="higher",
        in_tables=False,
    ),
    Measure(
        name="uno_c",
        column="Uno C",
        title="Concordance index weighted by the probability of censoring (Uno)",
        needs="risk",
        better="higher",
        pooled_by="pairs",
        weighs_by_train=True,
        averages_over="events",
        interval="logit",
    ),
    Measure(
        name="c_td",
        column="C-td",
        title="Time-dependent concordance (Antolini)",
        needs="curves",
        better="higher",
        pooled_by="pairs",
        averages_over="events",
        interval="logit",
    ),
    Measure(
        name="ibs",
        column="IBS",
        title="Integrated Brier score up to the horizon",
        needs="curves",
        better="lower",
        pooled_by="patients",
        weighs_by_train=True,
        interval="log",
    ),
    Measure(
        name="scaled_ibs",
        column="scaled IBS",
        title="1 - IBS / IBS of the training patients' Kaplan-Meier curve",
        needs="curves",
        better="higher",
        pooled_by="patients",
        weighs_by_train=True,
        averages_over="events",
        interval="complementary log",
    ),
    Measure(
        name="ici",
        column="ICI",
        title="Integrated calibration index at the horizon (Austin)",
        needs="curves",
        better="lower",
    ),
    Measure(
        name="d_calibration_p",
        column="D-cal",
        title="p-value of distribution calibration (Haider), of the test parts of all folds together",
        needs="curves",
        better="higher",
        is_p_value=True,
    ),
    Measure(
        name="auc",
        column="AUC",
        title="Cumulative/dynamic area under the ROC curve, mean over the grid",
        needs="risk",
        better="higher",
        in_tables=False,
    ),
    Measure(
        name="brier",
        column="Brier",
        title="Brier score at the horizon",
        needs="curves",
        better="lower",
        in_tables=False,
    ),
    Measure(
        name="e50",
        column="E50",
        title="Median distance of predicted and smoothed observed probability at the horizon",
        needs="curves",
        better="lower",
        in_tables=False,
    ),
    Measure(
        name="e90",
        column="E90",
        title="90th percentile of that distance",
        needs="curves",
        better="lower",
        in_tables=False,
    ),
    Measure(
        name="calibration_slope",
        column="slope",
        title="Calibration slope at the horizon; below 1 = too extreme",
        needs="curves",
        better="one",
        in_tables=False,
    ),
    Measure(
        name="calibration_intercept",
        column="intercept",
        title="Log of observed over predicted hazard at the horizon; below 0 = risks too high",
        needs="curves",
        better="zero",
        in_tables=False,
    ),
    Measure(
        name="one_calibration_p",
        column="GND p",
        title="p-value of the Greenwood-Nam-D'Agostino test at the horizon; averaged as the share of folds with "
        "p > 0.05 after Benjamini and Hochberg",
        needs="curves",
        better="higher",
        in_tables=False,
        is_p_value=True,
    ),
    Measure(
        name="nll",
        column="NLL",
        title="Negative log likelihood of the outcome on the grid",
        needs="curves",
        better="lower",
        in_tables=False,
    ),
)

# Of a student beside its teacher, on the same patients (``benchmarks.scoring.evaluation.fidelity``).
FIDELITY = (
    Measure(
        name="teacher_spearman",
        column="rho teacher",
        title="Spearman correlation of the risk with the teacher's",
        needs="risk",
        better="higher",
    ),
    Measure(
        name="teacher_mae",
        column="MAE teacher",
        title="Mean absolute difference from the teacher's probability of an event by the horizon",
        needs="curves",
        better="lower",
    ),
    Measure(
        name="teacher_c_difference",
        column="ΔC teacher",
        title="Harrell's C less the teacher's, paired",
        needs="risk",
        better="zero",
    ),
)

# Of a method that writes, on the patients whose answer can be read (``benchmarks.scoring.parseable``).
PARSEABLE_PREFIX = "parseable_"
PARSEABLE = tuple(
    replace(
        measure,
        name=PARSEABLE_PREFIX + measure.name,
        column=f"{measure.column} parseable",
        title=f"{measure.title}, of the patients whose answer is parseable",
        in_tables=False,
        pooled_by=None,
        interval=None,
    )
    for measure in MEASURES
    if measure.name in ("harrell_c", "uno_c", "c_td", "ibs")
)

# The measures on which pairs of methods are tested patient by patient.
POOLED = tuple(measure for measure in MEASURES if measure.pooled_by is not None)

_KNOWN = {measure.name: measure for measure in (*MEASURES, *FIDELITY, *PARSEABLE)}


def is_p_value(name: str) -> bool:
    """Return whether a measure is a p-value; what a method reports of itself (``DIAGNOSTIC``) never is."""
    return name in _KNOWN and _KNOWN[name].is_p_value


def measure_names() -> tuple[str, ...]:
    """Return the names of all measures, those of the tables first."""
    return tuple(_KNOWN)


def measure_named(name: str) -> Measure:
    """Return a measure of the protocol.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    return _KNOWN[name]
