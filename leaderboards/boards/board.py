"""The board of one dataset: what was measured of every method, ranked, with what cannot be told apart side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from benchmarks.passed_on import without_paths
from benchmarks.protocol.measures import Measure, measure_named
from benchmarks.scoring.design import Design, read_design, without_damaged_folds
from benchmarks.scoring.scorer import DIAGNOSTIC, ScoredCell
from benchmarks.scoring.summary import FEWEST_SCORES, Row
from benchmarks.storage.store import Store
from benchmarks.types import MAIN, TEACHER, Record, told_excluded
from leaderboards.boards.candidates import Candidate, candidates
from leaderboards.boards.entries import Entry
from leaderboards.boards.gains import (
    Gain,
    NoGain,
    gain_over,
    gain_over_own_unimodal,
    plain_fusion_of,
    reference_of,
    same_inputs,
    told_taken,
)
from leaderboards.boards.ranking import NOT_TESTED, Ranking, rank_rows
from leaderboards.boards.stored import scored

# A setting of a method.
Setting: TypeAlias = str | int | float | bool | None

# Known signs of failure.
VALIDATION_DROP = 0.2
FOLD_SPREAD = 0.08

# With fewer events in all test parts, the standard error of a concordance index is about 0.03 and more: hardly any
# pair of methods can be told apart.
FEW_EVENTS = 100

CHOSEN_HERE = "default settings chosen on training folds of this dataset"

MADE_ELSEWHERE = "external: predictions made elsewhere, of which their form alone was checked"

# The diagnostic by which a method reports its size.
PARAMETERS = f"{DIAGNOSTIC}parameters_in_millions"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One method or variant on the board.

    Parameters
    ----------
    name : str
        Method, variant, settings in which it differs from other rows of the method, ``on`` what it was shown
        where another row of the method was shown more, and what was shuffled.
    row : Row
        Means and intervals, costs, or how the cells failed.
    config : mapping
        All settings.
    labels : mapping of str to str
        Backbone, teacher, encoder and the like; empty for a teacher itself.
    rank : int or None
        By the board's measure, 1 is best; None if the method failed (it stands below all that did not), was skipped
        or does not have the measure, and of a control, which is no method.
    value : float or None
        The measure, by which it is ranked: pooled over the folds where pairs are tested, else the mean over them;
        None without the measure.
    letters : str
        Methods that share a letter are not separated; empty where pairs are not tested.
    gain : Gain, NoGain or None
        Over clinical-only Cox; None for Cox itself, and where there is none.
    own_gain : Gain, NoGain or None
        Over the best of the same method's forms that see one modality.
    plain_gain : Gain, NoGain or None
        Over ``fusion_average`` that was shown the same modalities.
    latency : float or None
        Seconds of prediction a test patient; None for a teacher, which is not timed by itself, and for external
        predictions.
    parameters : float or None
        Millions of parameters, where the method reports them.
    teacher_seconds : float or None
        Mean seconds of a fold that the teacher took, a part of the fit; None where there is none.
    tuning_seconds : float or None
        Mean seconds of a fold in which its settings were chosen, before the fit; None where they were not.
    flags : tuple of str
        Known signs of failure, and what its fits warned of.
    """

    name: str
    row: Row
    config: Mapping[str, Setting]
    labels: Mapping[str, str]
    rank: int | None = None
    value: float | None = None
    letters: str = ""
    gain: Gain | NoGain | None = None
    own_gain: Gain | NoGain | None = None
    plain_gain: Gain | NoGain | None = None
    latency: float | None = None
    parameters: float | None = None
    teacher_seconds: float | None = None
    tuning_seconds: float | None = None
    flags: tuple[str, ...] = ()

    def lacks(self, measure: str) -> str:
        """Return why a method that finished is not ranked by a measure; empty if it is, or did not finish."""
        if self.value is not None or not self.row.averages:
            return ""
        average = self.row.averages.get(measure)
        return f"no {measure}: {average.problem if average else 'the method does not have it'}"

    @property
    def same_inputs(self) -> bool:
        """Whether it was shown nothing that clinical-only Cox was not: a gain over it is none of a modality."""
        return same_inputs(self.row.modalities)

    @property
    def skipped(self) -> bool:
        """Whether the method cannot be run on the dataset, which is no failure."""
        return self.row.state == "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All methods on one dataset, best first, failed ones last.

    Parameters
    ----------
    dataset, measure : str
        Which dataset, ranked by what.
    protocol : str
        Id of the evaluation protocol.
    data_sha256 : str
        Checksum of the data.
    split : str
        The splits, in words.
    events : int
        Events in the test parts of one repeat.
    rows : tuple of BoardRow
        The methods.
    warning : str
        Why the board decides little; empty if nothing is to be said.
    reference : str
        Which row gains over Cox are over, and why, where several could be; empty where one alone could.
    """

    dataset: str
    measure: str
    protocol: str
    data_sha256: str
    split: str
    events: int
    rows: tuple[BoardRow, ...]
    warning: str = ""
    reference: str = ""


def make_board(
    store: Store, records: Sequence[Record], measure: str, warn: Callable[[str], None] = lambda _: None
) -> Board:
    """Rank the methods of one dataset by a measure and group what the paired tests, if there are any, do not separate.

    Parameters
    ----------
    store : Store
        Where scores and influence are.
    records : sequence of Record
        Of one dataset, comparable (``by_dataset``).
    measure : str
        Name of a measure of the protocol.
    warn : callable
        Is told of each fold of which all predictions are damaged: its cells are failed ones on the board.
    """
    readable = without_damaged_folds(store, records, warn)
    return board_of(scored(store, readable), read_design(store, readable), measure)


def board_of(cells: Sequence[ScoredCell], design: Design, measure: str) -> Board:
    """Make a board of scored cells.

    Rows are ranked and grouped by ``rank_rows``: two that are separated are models that differ on patients like these.

    Parameters
    ----------
    cells : sequence of ScoredCell
        Of one dataset, comparable (``by_dataset``).
    design : Design
        Who was trained on and tested in each fold.
    measure : str
        Name of a measure of the protocol.
    """
    ranked_by = measure_named(measure)
    found = {c.name: c for c in candidates(cells, design)}
    whole = {name: c for name, c in found.items() if c.row.averages}
    ranking = rank_rows(design, whole, ranked_by)
    pooled, values = ranking.pooled, ranking.values
    reference = reference_of(found, values, ranked_by)
    rows = [
        BoardRow(
            name=name,
            row=whole[name].row,
            config=_passed_on(whole[name].entry.config),
            labels=_labels(whole[name]),
            rank=ranking.ranks.get(name),
            value=value,
            letters=ranking.letters.get(name, ""),
            gain=gain_over(whole[name], reference, pooled, ranked_by),
            own_gain=gain_over_own_unimodal(whole[name], found, pooled, ranked_by),
            plain_gain=gain_over(
                whole[name], plain_fusion_of(whole[name], found, values, ranked_by), pooled, ranked_by
            ),
            latency=None if whole[name].row.variant == TEACHER else _latency(whole[name].entry),
            parameters=_parameters(whole[name]),
            teacher_seconds=None if whole[name].row.variant == TEACHER else _mean_seconds(whole[name], TEACHER),
            tuning_seconds=_mean_seconds(whole[name], "tuning"),
            flags=_flags(whole[name], reference, ranking, ranked_by),
        )
        for name, value in values.items()
    ]
    rest = [
        BoardRow(
            name=c.name,
            row=c.row,
            config=_passed_on(c.entry.config),
            labels=_labels(c),
            flags=tuple(filter(None, [c.row.warned])),
        )
        for c in found.values()
        if c.name not in values
    ]
    rows += sorted(rest, key=lambda row: (row.skipped, row.name))
    first = cells[0].record.cell
    events = _events(cells)
    few = f"{events} events in the test parts: too few to tell most methods apart" if events < FEW_EVENTS else ""
    return Board(
        dataset=first.dataset,
        measure=measure,
        protocol=next((cell.scores.protocol for cell in cells if cell.scores is not None), ""),
        data_sha256=first.data_sha256,
        split=_split(cells),
        events=events,
        rows=tuple(rows),
        warning="; ".join(filter(None, [few, "" if ranked_by.pooled_by else NOT_TESTED])),
        reference=told_taken(found, reference) if ranked_by.pooled_by else "",
    )


def _passed_on(config: Mapping[str, Setting]) -> dict[str, Setting]:
    """Return settings without the paths of a machine, as boards are passed on."""
    return {name: without_paths(value) if isinstance(value, str) else value for name, value in config.items()}


def _latency(entry: Entry) -> float | None:
    """Return the seconds of prediction a test patient, median over folds; variants are predicted together.

    Nobody knows those of external predictions.
    """
    if entry.external:
        return None
    finished = [(cell.record, cell.influence) for cell in entry.cells if cell.influence is not None]
    return float(np.median([record.seconds["predict"] / influence.patients for record, influence in finished]))


def _mean_seconds(candidate: Candidate, part: str) -> float | None:
    """Return the mean seconds of a named part of the cells; None unless all have it."""
    seconds = [cell.record.seconds.get(part) for cell in candidate.entry.cells]
    known = [value for value in seconds if value is not None]
    return float(np.mean(known)) if len(known) == len(seconds) else None


def _parameters(candidate: Candidate) -> float | None:
    """Return the mean size, which a method reports with its main prediction; its variants come from the same model."""
    if candidate.row.variant == TEACHER:
        return None
    tests = [cell.scores.variants[MAIN]["test"] for cell in candidate.entry.cells if cell.scores is not None]
    reported = [test[PARAMETERS].value for test in tests if PARAMETERS in test]
    known = [value for value in reported if value is not None]
    return float(np.mean(known)) if len(known) == len(tests) else None


def _labels(candidate: Candidate) -> dict[str, str]:
    # The labels say what the student is made of.
    return {} if candidate.row.variant == TEACHER else candidate.entry.labels


def _events(cells: Sequence[ScoredCell]) -> int:
    """Return the events in the test parts of the first repeat."""
    folds = {}
    for cell in cells:
        if cell.influence is not None and cell.record.cell.repeat == 0:
            folds[cell.record.cell.fold] = cell.influence.events
    return sum(folds.values())


def _split(cells: Sequence[ScoredCell]) -> str:
    cell = cells[0].record.cell
    repeats = len({other.record.cell.repeat for other in cells})
    text = f"{cell.folds} {cell.split} folds, {repeats} repeat{'s' if repeats > 1 else ''}, seed {cell.seed}"
    if cell.merged:
        text += ", trained on train and validation"
    if cell.complete_cases:
        text += f", only patients with {' and '.join(cell.complete_cases)}"
    excluded = told_excluded(max(other.record.excluded for other in cells))
    return f"{text}; {excluded}" if excluded else text


def _flags(
    candidate: Candidate,
    reference: Candidate | None,
    ranking: Ranking,
    measure: Measure,
) -> tuple[str, ...]:
    flags = [candidate.row.warned] if candidate.row.warned else []
    if candidate.entry.external:
        flags.append(MADE_ELSEWHERE)
    scores = [cell.scores.variants[candidate.row.variant] for cell in candidate.entry.cells if cell.scores is not None]
    test = np.array([parts["test"]["harrell_c"].value for parts in scores], dtype=np.float64)
    if all("validation" in parts for parts in scores):
        validation = np.array([parts["validation"]["harrell_c"].value for parts in scores], dtype=np.float64)
        known = ~np.isnan(validation - test)
        drop = float(np.mean((validation - test)[known])) if known.any() else 0.0
        if drop > VALIDATION_DROP:
            flags.append(f"C falls by {drop:.2f} from validation to test")
    if len(test) >= FEWEST_SCORES and (spread := float(np.std(test, ddof=1))) > FOLD_SPREAD:
        flags.append(f"C varies by {spread:.2f} (sd) between folds")
    if candidate.entry.chosen_here and candidate.row.variant != TEACHER:
        flags.append(CHOSEN_HERE)
    if candidate.row.unfaithful:
        flags.append(candidate.row.unfaithful)
    if candidate.row.too_good:
        flags.append(candidate.row.too_good)
    # Of a control it is no sign of failure.
    compared = reference is not None and reference.name in ranking.values and reference.name != candidate.name
    if reference is not None and compared and not candidate.entry.shuffled:
        loss, of_reference = (measure.as_loss(ranking.values[row.name]) for row in (candidate, reference))
        if loss > of_reference:
            # By the letters: no row is both separated from Cox and not.
            of_cox = ranking.letters[reference.name]
            separated = bool(of_cox) and not {*ranking.letters[candidate.name]} & {*of_cox}
            flags.append("clearly below clinical-only Cox" if separated else "below clinical-only Cox")
    return tuple(flags)
