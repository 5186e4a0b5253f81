"""The check of calendar columns: dates, and whatever else tells until when a patient was followed.

Where a study ends on one day, the day on which a patient enters it tells the time at which he is censored: a model that
knows the day knows who will be seen for long. A date after the entry tells more than that.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.contract.finding import Verdict
from benchmarks.contract.telling import NO_CONCORDANCE, SUSPICIOUS_CONCORDANCE, strengths
from benchmarks.types import Cohort, Outcome, Table

# A column holds dates if this share of its values are some.
SHARE_OF_DATES = 0.9
FIRST_YEAR, LAST_YEAR = 1900, 2100
_DATE = re.compile(
    r"(19|20)\d\d"  # 2014
    r"|(19|20)\d\d\W?(0?[1-9]|1[0-2])(\W?(0?[1-9]|[12]\d|3[01]))?([ T].*)?"  # 2014-03, 2014-03-01, 20140301
    r"|\d{1,2}[./-]\d{1,2}[./-](19|20)?\d\d"  # 1.3.2014, 3/1/14
    r"|(19|20)\d\d\W?q[1-4]|q[1-4]\W?(19|20)\d\d"  # 2014-Q1
    r"|(\d{1,2}\W?)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\W{0,2}(\d{1,2}\W{1,2})?(19|20)?\d\d",
    re.IGNORECASE,
)
# A date of birth is an age.
_OF_BIRTH = re.compile(r"birth|born|dob", re.IGNORECASE)


def no_column_is_a_calendar(cohort: Cohort) -> Verdict:
    """Warn of columns that hold dates, and of those that order the censored patients by their time."""
    warnings = [
        f"{name}: {column!r} holds dates: of the entry they tell who was followed for long, of later they tell more; "
        "leave it out, or take the time between two"
        for name, column in _dates(cohort)
    ]
    # The same patients with the end of observation as the event.
    of_censoring = replace(cohort, outcome=Outcome(cohort.outcome.time, ~cohort.outcome.event))
    warnings += [
        f"{one.modality}: {one.column!r} alone orders the censored patients by their time with a concordance of "
        f"{one.concordance:.3f}: does it tell when they entered, or until when they were seen?"
        for one in strengths(of_censoring)
        if one.concordance >= SUSPICIOUS_CONCORDANCE and one.lower > NO_CONCORDANCE
    ]
    return Verdict(warnings=warnings)


def _dates(cohort: Cohort) -> Iterator[tuple[str, str]]:
    for name, modality in cohort.patients.modalities.items():
        if not isinstance(modality, Table):
            continue
        frame = modality.blanked().frame
        for column in frame:
            if not _OF_BIRTH.search(str(column)) and _holds_dates(frame[column].dropna()):
                yield name, str(column)


def _holds_dates(values: "pd.Series[float] | pd.Series[str]") -> bool:
    """Return whether nearly all values are dates: of numbers, years or days such as 20140301."""
    if values.nunique() < 2:
        return False
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=np.float64)
        if (numbers != np.round(numbers)).any():
            return False
        years = np.where(numbers > 1e7, numbers // 10_000, numbers)
        return bool(np.mean((years >= FIRST_YEAR) & (years <= LAST_YEAR)) >= SHARE_OF_DATES)
    are_dates = values.astype(str).map(lambda text: _DATE.fullmatch(text.strip()) is not None)
    return bool(are_dates.mean() >= SHARE_OF_DATES)
