"""Checks for one patient entered twice: what two patients share, against what chance lets them share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaln

from benchmarks.contract.coded import Coded, coded_columns, without_redundant
from benchmarks.contract.finding import Verdict
from benchmarks.contract.told_columns import MISSING
from benchmarks.types import BoolArray, Cohort, IntArray, Texts

# Twins of which chance lets fewer pairs be expected are one patient entered twice.
COINCIDENCE = 1e-4
# A table has several rows per patient if more patients than these, and than this share, have twins in the same columns,
# and these are so many times as many pairs as chance lets be expected.
SEVERAL, SEVERAL_SHARE, SEVERAL_TIMES = 5, 0.05, 100
# Two patients may share a short text, not one of so many characters.
LONG_TEXT = 200


@dataclass(frozen=True, slots=True, eq=False)
class _Twins:
    """Two rows that share so much that less than one such pair is to be expected.

    Parameters
    ----------
    rows : tuple of int
        The two.
    shared : array of bool, shape (p,)
        The columns that they share.
    whole : bool
        Whether they share everything.
    sure : bool
        Whether chance hardly explains even this one pair.
    """

    rows: tuple[int, int]
    shared: BoolArray
    whole: bool
    sure: bool


def no_two_patients_are_the_same(cohort: Cohort) -> Verdict:
    """Refuse patients who share outcome and everything known, warn of those who share more than chance explains.

    Many who share the same columns with another are refused: the table has several rows per patient then. Columns are
    taken as independent, but one that another one tells, such as the code of a sex, does not count; missing values tell
    nothing.
    """
    coded = coded_columns(cohort)
    found = list(_twins(coded))
    if found:
        # What twins share says nothing of whether a column tells another one.
        once = np.delete(np.arange(len(cohort)), sorted({twins.rows[1] for twins in found}))
        coded = without_redundant(coded, once)
        found = list(_twins(coded))
    several = _several_rows(coded, found)
    if several:
        names = _names(coded, several[0].shared)
        told = f"{_patients(several)} patients share {names} with another, {_first(cohort, several)}"
        return Verdict([f"{told}: several rows per patient?"])
    same = [one for one in found if one.sure and one.whole]
    near = [one for one in found if one.sure and not one.whole]
    problems, warnings = [], []
    if same:
        problems.append(f"{_patients(same)} patients share everything with another, {_first(cohort, same)}")
    if near:
        told = f"{_patients(near)} patients share more with another than chance explains, {_first(cohort, near)}"
        differ = ~near[0].shared
        followed = ", with different follow-up" if differ[: coded.outcome_columns].any() else ""
        warnings.append(f"{told}, who differ in {_names(coded, differ)}: one patient twice{followed}?")
    return Verdict(problems, warnings)


def _patients(found: Sequence[_Twins]) -> int:
    return len({row for twins in found for row in twins.rows})


def _first(cohort: Cohort, found: Sequence[_Twins]) -> str:
    one, other = (str(cohort.patients.ids[row]) for row in found[0].rows)
    return f"first {one!r} and {other!r}"


def _names(coded: Coded, columns: BoolArray) -> str:
    names = [name for name, is_one in zip(coded.names, columns, strict=True) if is_one]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _several_rows(coded: Coded, found: Sequence[_Twins]) -> list[_Twins]:
    """Return the twins that share the same columns, if they are so many that the table must have several rows of one.

    Chance lets pairs agree in these columns as often as two patients drawn at random agree in each of them.
    """
    alike: dict[bytes, list[_Twins]] = {}
    for twins in found:
        alike.setdefault(twins.shared.tobytes(), []).append(twins)
    most = max(alike.values(), key=len, default=[])
    n = len(coded.codes)
    if not most or _patients(most) <= max(SEVERAL, SEVERAL_SHARE * n):
        return []
    expected = n * (n - 1) / 2
    for codes in coded.codes[:, most[0].shared].T:
        counts = np.bincount(codes[codes != MISSING])
        # Pairs of the column that are not due to the twins themselves.
        pairs = max(1.0, float((counts * (counts - 1)).sum()) / 2 - len(most))
        expected *= pairs / (n * (n - 1) / 2)
    return most if len(most) >= SEVERAL_TIMES * expected else []


def _twins(coded: Coded) -> Iterator[_Twins]:
    """Yield the pairs of rows of which, among so many patients, chance lets less than one be expected.

    For every choice of columns in which a pair may agree there is an expectation: that of the columns it does agree in
    is multiplied by the number of choices of so many, unless they are all there are.
    """
    n, p = coded.codes.shape
    log_pairs = _log_pairs(n)
    of_covariates = np.arange(p - coded.outcome_columns + 1)
    log_choices = gammaln(of_covariates[-1] + 1) - gammaln(of_covariates + 1) - gammaln(of_covariates[::-1] + 1)
    for row, others in _candidates(coded):
        own = coded.codes[row]
        shared = (coded.codes[others] == own) & (own != MISSING)
        whole = (coded.codes[others] == own).all(axis=1)
        log_expected = log_pairs - (np.minimum(coded.surprise[others], coded.surprise[row]) * shared).sum(axis=1)
        agreeing = shared[:, coded.outcome_columns :].sum(axis=1)
        sure = log_expected + np.where(whole, 0.0, log_choices[agreeing]) < np.log(COINCIDENCE)
        for place in np.flatnonzero(log_expected < 0):
            yield _Twins((row, int(others[place])), shared[place], bool(whole[place]), bool(sure[place]))


def _log_pairs(n: int) -> float:
    return float(np.log(max(1.0, n * (n - 1) / 2)))


def _candidates(coded: Coded) -> Iterator[tuple[int, IntArray]]:
    """Yield rows with the later ones that have the same outcome, or the same in everything else but one column.

    A row of which not even all columns together say enough has no twin.
    """
    outcome, covariates = np.split(coded.codes, [coded.outcome_columns], axis=1)
    needed = _log_pairs(len(coded.codes))
    says_enough = coded.surprise.sum(axis=1) > needed
    for members in _groups(outcome):
        for place, row in enumerate(members[:-1]):
            if says_enough[row]:
                yield int(row), members[place + 1 :]
    covariates_say_enough = coded.surprise[:, coded.outcome_columns :].sum(axis=1) > needed
    for members in _groups(covariates):
        for place, row in enumerate(members[:-1]):
            later = members[place + 1 :]
            of_other_outcome = later[(outcome[later] != outcome[row]).any(axis=1)]
            if covariates_say_enough[row] and of_other_outcome.size:
                yield int(row), of_other_outcome
    for members in _groups_but_one(covariates):
        for place, row in enumerate(members[:-1]):
            later = members[place + 1 :]
            near = (covariates[later] != covariates[row]).sum(axis=1) == 1
            of_other_outcome = later[near & (outcome[later] != outcome[row]).any(axis=1)]
            if covariates_say_enough[row] and of_other_outcome.size:
                yield int(row), of_other_outcome


def _groups_but_one(codes: IntArray) -> Iterator[IntArray]:
    """Yield rows that have the same codes in all columns but one, and hardly ever others, in O(p n log n).

    Each column has a random odd number; rows are compared by the sum of codes times numbers, modulo 2^64, less the
    summand of the column that is left out. Other rows with the same sum are for the caller to tell.
    """
    factors = 2 * np.random.default_rng(0).integers(2**63, size=codes.shape[1], dtype=np.uint64) + 1
    summands = codes.astype(np.uint64) * factors
    total = summands.sum(axis=1, dtype=np.uint64)
    for summand in summands.T:
        yield from _groups((total - summand).astype(np.int64)[:, None])


def _groups(codes: IntArray) -> Iterator[IntArray]:
    """Yield the rows that have the same codes, where there are several."""
    if not codes.shape[1]:
        return
    _, group, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(group.ravel(), kind="stable")
    yield from (members for members in np.split(order, np.cumsum(counts)[:-1]) if members.size > 1)


def no_two_patients_share_a_text(cohort: Cohort) -> Verdict:
    """Refuse long texts, not rendered from a table, that stand with two patients."""
    problems = []
    for name, modality in cohort.patients.modalities.items():
        if not isinstance(modality, Texts) or modality.templated:
            continue
        texts = pd.Series(list(modality.texts), dtype=object)
        long = np.array([len(text) >= LONG_TEXT for text in modality.texts], dtype=np.bool_)
        repeated = np.flatnonzero(texts.duplicated(keep=False).to_numpy() & long)
        if repeated.size:
            twin = next(row for row in repeated[1:] if texts[row] == texts[repeated[0]])
            one, other = (str(cohort.patients.ids[row]) for row in (repeated[0], twin))
            problems.append(f"{repeated.size} patients share {name} with another, first {one!r} and {other!r}")
    return Verdict(problems)
