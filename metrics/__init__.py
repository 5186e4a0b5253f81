"""Survival metrics under stated conventions: arrays in, a frozen result out.

Every metric takes the outcome arrays, or one `PreparedOutcome` in their place; docs/metrics/ explains both.
Needs numpy, scipy and numba only.
"""

from metrics.bootstrap import (
    bootstrap_concordance_index,
    bootstrap_concordance_index_ipcw,
    bootstrap_mean,
    bootstrap_statistic,
)
from metrics.brier import brier_score, integrated_brier_score
from metrics.comparison import compare
from metrics.concordance import concordance_index, concordance_index_ipcw
from metrics.concordance_gain import concordance_gain
from metrics.concordance_td import concordance_index_td
from metrics.curves import (
    interpolate_steps,
    restricted_mean_survival,
    survival_around_observed,
    survival_at_observed,
)
from metrics.decision_curve import net_benefit
from metrics.distribution_calibration import d_calibration, d_calibration_of_counts
from metrics.dynamic_auc import cumulative_dynamic_auc
from metrics.errors import UndefinedError
from metrics.estimates import Estimate, Estimates, Influence
from metrics.grouped_calibration import km_calibration, one_calibration
from metrics.likelihood import negative_log_likelihood
from metrics.outcome import PreparedOutcome
from metrics.product_limit import KaplanMeier, censoring_distribution, kaplan_meier
from metrics.repeated_folds import standard_error_over_folds
from metrics.slope import calibration_slope
from metrics.smoothed_calibration import integrated_calibration_index
from metrics.survival_time_error import mean_absolute_error

__all__ = [
    "Estimate",
    "Estimates",
    "Influence",
    "KaplanMeier",
    "PreparedOutcome",
    "UndefinedError",
    "bootstrap_concordance_index",
    "bootstrap_concordance_index_ipcw",
    "bootstrap_mean",
    "bootstrap_statistic",
    "brier_score",
    "calibration_slope",
    "censoring_distribution",
    "compare",
    "concordance_gain",
    "concordance_index",
    "concordance_index_ipcw",
    "concordance_index_td",
    "cumulative_dynamic_auc",
    "d_calibration",
    "d_calibration_of_counts",
    "integrated_brier_score",
    "integrated_calibration_index",
    "interpolate_steps",
    "kaplan_meier",
    "km_calibration",
    "mean_absolute_error",
    "negative_log_likelihood",
    "net_benefit",
    "one_calibration",
    "restricted_mean_survival",
    "standard_error_over_folds",
    "survival_around_observed",
    "survival_at_observed",
]
