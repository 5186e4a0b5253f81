"""Mean and interval of each measure over the folds: the rows of a result table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from scipy import stats

from benchmarks.protocol.measures import MEASURES, POOLED, is_p_value
from benchmarks.protocol.splits import test_to_train
from benchmarks.scoring.design import Design, Place
from benchmarks.scoring.influence import CellInfluence
from benchmarks.scoring.pooled import interval_of_mean
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.types import MAIN, Record, told_recalibrated, told_shuffled, told_tuned, warned
from benchmarks.types.score import Score, Scores
from benchmarks.types.score import Status as ScoreStatus
from metrics import d_calibration_of_counts, standard_error_over_folds

REJECTION_LEVEL = 0.05

# The fewest scores that an interval is made of: with two, Student's t multiplies a standard error that is itself a
# guess by 12.7, and the interval leaves the range of the measure.
FEWEST_SCORES = 3

# A student whose mean rank correlation with its teacher is lower does not say what it was taught.
FAITHFUL = 0.9

# A C on the test part that is so far above that on the validation part, or so high, is rarely honest.
RISE = 0.1
TOO_GOOD = 0.95

NOT_REPORTED = "the method reports it in other folds alone"

# Undecided: a test of all folds together has too few events to reject anything.
AverageStatus: TypeAlias = ScoreStatus | Literal["missing", "undecided"]

# Complete: every cell is ok. Skipped: the method cannot be run on the dataset, which is no failure. Incomplete: the
# cells that there are are ok, but the method was not run on all folds of a board.
State: TypeAlias = Literal["complete", "failed", "skipped", "incomplete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """Mean of a measure over the folds.

    Parameters
    ----------
    status : {"defined", "undefined", "not applicable", "missing", "undecided"}
        Of the measure in the first fold that has no number; missing where only some folds report it; undecided where
        a test of all folds together has too few events.
    mean : float or None
        None unless the measure is defined in all folds. Of D-calibration the p-value of all folds together, of other
        p-values the share of folds in which, adjusted by Benjamini and Hochberg, they are above 0.05.
    low, high : float or None
        95 % interval by the influence of the patients (``interval_of_mean``); None where there is none.
    problem : str
        Why there is no mean.
    events_a_bin : float or None
        Events of all test parts of a repeat, divided by the bins of D-calibration; None of every other measure.
    """

    status: AverageStatus
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    problem: str = ""
    events_a_bin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One method (or variant of it) on one dataset.

    Parameters
    ----------
    dataset, method, variant : str
        Names; the variant of the main prediction is ``MAIN``.
    modalities : tuple of str
        What the method was shown.
    shuffled : tuple of str
        Those of them whose rows were permuted among the patients.
    tuned : str
        How its settings were chosen (``told_tuned``); empty if they are as they were given.
    recalibrated : bool
        Whether its curves were recalibrated on the validation part.
    state : {"complete", "failed", "skipped", "incomplete"}
        Of its cells together.
    cells, ok : int
        How many there are, and how many of them are ok.
    averages : mapping of str to Average
        By measure; empty unless complete: a mean over missing cells is never formed.
    fit_seconds : float or None
        Mean of the cells that are ok; None where the predictions were made outside of the suite.
    peak_memory : int
        Largest of the cells, bytes.
    problem : str
        What happened to the cells that are not ok.
    warned : str
        How many fits warned and of what; told of the first variant of a method, as all come from one fit.
    too_good : str
        Why its C on the test parts is hard to believe (``told_too_good``); empty if it is not.
    """

    dataset: str
    method: str
    variant: str
    modalities: tuple[str, ...]
    state: State
    cells: int
    ok: int
    averages: Mapping[str, Average]
    fit_seconds: float | None
    peak_memory: int
    problem: str = ""
    warned: str = ""
    too_good: str = ""
    shuffled: tuple[str, ...] = ()
    tuned: str = ""
    recalibrated: bool = False

    @property
    def label(self) -> str:
        """Method, variant, how it was tuned, whether it was recalibrated and what was shuffled."""
        name = f"{self.method} ({self.variant})" if self.variant else self.method
        return f"{name}{self.tuned}{told_recalibrated(self.recalibrated)}{told_shuffled(self.shuffled)}"

    @property
    def unfaithful(self) -> str:
        """What is wrong with a student that ranks patients otherwise than its teacher; empty if nothing is."""
        average = self.averages.get("teacher_spearman")
        if average is None or average.mean is None or average.mean >= FAITHFUL:
            return ""
        return f"rank correlation with its teacher of {average.mean:.2f}, below {FAITHFUL}"


def corrected_interval(values: Sequence[float], folds: int, *, merged: bool = False) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean over J = repeats x folds test scores.

    By :func:`metrics.standard_error_over_folds` and Student's t with J - 1 degrees of freedom. The validation part
    does not count as training, unless it is merged into it.

    Parameters
    ----------
    values : sequence of float
        J scores.
    folds : int
        k, of the k-fold split.
    merged : bool
        Whether the validation part was trained on, too.

    Returns
    -------
    tuple of float or None
        Lower and upper end; None with fewer than ``FEWEST_SCORES``.
    """
    n = len(values)
    if n < FEWEST_SCORES:
        return None
    error = float(standard_error_over_folds(values, test_to_train=test_to_train(folds, merged=merged)))
    reach = float(stats.t.ppf(0.975, n - 1)) * error
    mean = float(np.mean(values))
    return mean - reach, mean + reach


def told_too_good(cells: Sequence[tuple[Scores, Scores]], folds: int) -> str:
    """Return what is hard to believe of the test C of a row, over the mean of its folds; empty if nothing is.

    Where the corrected interval of the rise reaches 0, or there are too few folds for one, that is said: in a small
    cohort such a rise comes by chance.

    Parameters
    ----------
    cells : sequence of pairs of mappings of str to Score
        Of each fold the scores of its validation and its test part; the former are empty where it was merged.
    folds : int
        k, of the k-fold split.
    """
    pairs = [(_c_of(validation), _c_of(test)) for validation, test in cells]
    known = [of_test for _, of_test in pairs if of_test is not None]
    rises = [of_test - before for before, of_test in pairs if before is not None and of_test is not None]
    told = []
    if known and (mean := float(np.mean(known))) > TOO_GOOD:
        told.append(f"C of {mean:.3f} on the test parts, above {TOO_GOOD}")
    if rises and (rise := float(np.mean(rises))) > RISE:
        interval = corrected_interval(rises, folds)
        if interval is None:
            chance = "of too few folds to exclude chance"
        else:
            chance = f"95 % interval {interval[0]:.2f} to {interval[1]:.2f}"
            chance += ", chance is not excluded" if interval[0] <= 0 else ""
        told.append(f"C rises by {rise:.2f} from validation to test ({chance})")
    return f"{' and '.join(told)}: does it know the test patients?" if told else ""


def _c_of(part: Scores) -> float | None:
    score = part.get("harrell_c")
    return None if score is None else score.value


def summarise(cells: Sequence[ScoredCell], designs: Mapping[str, Design]) -> list[Row]:
    """Return a row per dataset, method and variant, in the order of the cells.

    Parameters
    ----------
    cells : sequence of ScoredCell
        Of any datasets.
    designs : mapping of str to Design
        Who was trained on and tested, by dataset; without one the means of the dataset have no intervals.
    """
    grouped: dict[tuple[str, str, tuple[str, ...], tuple[str, ...], str, bool], list[ScoredCell]] = {}
    for scored in cells:
        cell = scored.record.cell
        key = (cell.dataset, cell.method, cell.modalities, cell.shuffled, told_tuned(cell.tuning), cell.recalibrated)
        grouped.setdefault(key, []).append(scored)
    rows = []
    for (dataset, method, modalities, shuffled, tuned, is_recalibrated), members in grouped.items():
        records = [scored.record for scored in members]
        ok = [record for record in records if record.status == "ok"]
        found = [scored.scores for scored in members if scored.scores is not None]
        influence = {(s.record.cell.repeat, s.record.cell.fold): s.influence for s in members if s.influence}
        design = designs.get(dataset)
        tests = [scores.of_part("test") for scores in found]
        validations = [{name: parts.get("validation", {}) for name, parts in s.variants.items()} for s in found]
        variants = list(dict.fromkeys(variant for test in tests for variant in test)) or [MAIN]
        state = _state(records)
        first = records[0].cell
        for variant in variants:
            # A variant may be missing in a fold.
            of_variant = [test.get(variant, {}) for test in tests]
            rows.append(
                Row(
                    dataset=dataset,
                    method=method,
                    variant=variant,
                    modalities=modalities,
                    state=state,
                    cells=len(records),
                    ok=len(ok),
                    averages=averages_of(
                        of_variant, design, influence, variant, repeats=len({r.cell.repeat for r in ok})
                    )
                    if state == "complete"
                    else {},
                    fit_seconds=_fit_seconds(ok),
                    peak_memory=max(record.peak_memory for record in records),
                    problem=_problem(records),
                    warned=warned(records) if variant == variants[0] else "",
                    too_good=told_too_good(
                        [(v.get(variant, {}), t) for v, t in zip(validations, of_variant, strict=True)], first.folds
                    )
                    if state == "complete"
                    else "",
                    shuffled=shuffled,
                    tuned=tuned,
                    recalibrated=is_recalibrated,
                )
            )
    return rows


def averages_of(
    tests: Sequence[Scores],
    design: Design | None = None,
    influence: Mapping[Place, CellInfluence] = MappingProxyType({}),
    variant: str = MAIN,
    *,
    repeats: int = 1,
) -> dict[str, Average]:
    """Return the mean of each measure over J test parts, the protocol's measures first.

    Parameters
    ----------
    tests : sequence of mapping of str to Score
        J test parts; a measure that a method reports by itself may be missing in some.
    design : Design, optional
        Who was trained on and tested in each; without it the means have no intervals.
    influence : mapping of (repeat, fold) to CellInfluence
        Of the test patients, on the measures of all variants.
    variant : str
        Of which the means are.
    repeats : int
        How often a patient is tested.
    """
    reported = {name for test in tests for name in test}
    names = [*(measure.name for measure in MEASURES), *sorted(reported - {m.name for m in MEASURES})]
    found = {name: _average(name, tests, repeats) for name in names}
    for measure in POOLED:
        average = found[measure.name]
        if design is None or average.mean is None or len(design.places) != len(tests):
            continue
        interval = interval_of_mean(design, influence, variant, measure)
        if interval is not None:
            found[measure.name] = replace(average, low=interval[0], high=interval[1])
    return found


def _average(measure: str, tests: Sequence[Scores], repeats: int) -> Average:
    found = [test.get(measure) for test in tests]
    values = [score.value for score in found if score is not None and score.value is not None]
    lacking = [score for score in found if score is None or score.value is None]
    if lacking:
        first = lacking[0]
        status: AverageStatus = "missing" if first is None else first.status
        reason = NOT_REPORTED if first is None else first.reason
        problem = f"{status} in {len(lacking)} of {len(found)} folds: {reason}"
        return Average(status=status, problem=problem)
    if all(score is not None and score.counts for score in found):
        return _of_all_parts([score for score in found if score is not None], repeats)
    if is_p_value(measure):
        # The mean of p-values says nothing; how often the test rejects does, beyond what chance does in many folds.
        adjusted = stats.false_discovery_control(values)
        return Average(status="defined", mean=float(np.mean(adjusted > REJECTION_LEVEL)))
    return Average(status="defined", mean=float(np.mean(values)))


def _fit_seconds(ok: Sequence[Record]) -> float | None:
    known = [record.seconds["fit"] for record in ok if "fit" in record.seconds]
    return float(np.mean(known)) if known else None


def _of_all_parts(parts: Sequence[Score], repeats: int) -> Average:
    """Return the p-value of D-calibration of all test parts together; a patient of several repeats counts once."""
    counts = np.sum([score.counts for score in parts], axis=0) / repeats
    events = sum(score.events for score in parts) / repeats
    found = d_calibration_of_counts(counts, round(events))
    a_bin = events / len(counts)
    if not found.can_reject:
        few = f"{round(events)} events in the test parts, {a_bin:.1f} a bin: too few for D-calibration to reject"
        return Average(status="undecided", problem=few, events_a_bin=a_bin)
    return Average(status="defined", mean=found.p_value, events_a_bin=a_bin)


def _state(records: Sequence[Record]) -> State:
    statuses = {record.status for record in records} - {"ok"}
    if not statuses:
        return "complete"
    return "skipped" if statuses == {"skipped"} else "failed"


def _problem(records: Sequence[Record]) -> str:
    """Say how the cells ended that are not ok, the most frequent cause first."""
    bad = [record for record in records if record.status != "ok"]
    if not bad:
        return ""
    causes = [f"{record.status.replace('_', ' ')}: {record.cause}" for record in bad]
    first = max(dict.fromkeys(causes), key=causes.count)
    others = len(set(causes)) - 1
    more = f" (and {others} other cause{'s' if others > 1 else ''})" if others else ""
    return f"{len(bad)} of {len(records)} cells {first}{more}"
