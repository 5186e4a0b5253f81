"""What a dataset holds, in aggregate figures: size, follow-up, who has which modality."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import metrics
from benchmarks.catalog.loading import LoadedDataset
from benchmarks.protocol.horizon import NoHorizonError
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.types import Bags, Cohort, Matrix, Modality, Table

# Survival is told at so many equal parts of the horizon.
SURVIVAL_POINTS = 4
# Levels of a category that are told.
MOST_LEVELS = 8


@dataclass(frozen=True, slots=True)
class ModalityFigures:
    """One modality: its kind, how many patients have it, and its extent in words."""

    name: str
    kind: str
    patients: int
    extent: str


@dataclass(frozen=True, slots=True)
class CovariateFigures:
    """One column of a table: its modality, name and type, how many have no value, and its range or levels in words.

    Of the patients who have the table; ``kind`` is numeric, categorical or ordered.
    """

    modality: str
    name: str
    kind: str
    missing: int
    values: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Patients who have exactly these modalities, and how many of them had the event."""

    modalities: tuple[str, ...]
    patients: int
    events: int


@dataclass(frozen=True, slots=True)
class SurvivalPoint:
    """Kaplan-Meier estimate at a time, with the number at risk then."""

    time: float
    survival: float
    at_risk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Aggregate figures of a cohort; no patient can be told from them but in a very small one.

    Parameters
    ----------
    patients, events : int
        Size.
    excluded : int
        Patients of the source who were left out because they have no outcome.
    horizon : float or None
        tau of the protocol, like all times in the cohort's unit; None where there is none.
    no_horizon : str
        Why there is none.
    protocol : str
        Its id.
    grid_points : int
        Times of its grid.
    events_to_horizon : int
        Events that count; like the grid, 0 without a horizon.
    median_follow_up : float or None
        By the reverse Kaplan-Meier estimate (Schemper and Smith 1996); None if it is not reached.
    longest_follow_up : float
        The largest observed time.
    median_survival : float or None
        By the Kaplan-Meier estimate; None if it is not reached.
    survival : tuple of SurvivalPoint
        At equal parts of the horizon, or of follow-up.
    modalities : tuple of ModalityFigures
        In the order of the cohort.
    covariates : tuple of CovariateFigures
        Columns of all tables.
    overlaps : tuple of Overlap
        The most frequent combination first.
    strata : mapping of str to int
        Patients in each stratum.
    published_folds : mapping of int to int
        Patients in the test part of each published fold.
    groups : mapping of str to int
        How many groups each grouping has that one can leave out.
    sha256 : str
        Checksum of the content.
    """

    patients: int
    events: int
    excluded: int
    horizon: float | None
    no_horizon: str
    protocol: str
    grid_points: int
    events_to_horizon: int
    median_follow_up: float | None
    longest_follow_up: float
    median_survival: float | None
    survival: tuple[SurvivalPoint, ...]
    modalities: tuple[ModalityFigures, ...]
    covariates: tuple[CovariateFigures, ...]
    overlaps: tuple[Overlap, ...]
    strata: Mapping[str, int]
    published_folds: Mapping[int, int]
    groups: Mapping[str, int]
    sha256: str


def describe(loaded: LoadedDataset) -> Description:
    """Return the figures of a loaded dataset."""
    cohort = loaded.cohort
    outcome = cohort.outcome
    protocol, no_horizon = _protocol(loaded)
    horizon = None if protocol is None else protocol.horizon
    end = outcome.time.max() if horizon is None else horizon
    curve = metrics.kaplan_meier(outcome.time, outcome.event)
    times = np.linspace(0, end, SURVIVAL_POINTS + 1)[1:]
    folds = cohort.published_fold
    return Description(
        patients=len(cohort),
        events=outcome.n_events,
        excluded=cohort.excluded,
        horizon=horizon,
        no_horizon=no_horizon,
        protocol="" if protocol is None else protocol.id,
        grid_points=0 if protocol is None else len(protocol.times),
        events_to_horizon=0 if horizon is None else int((outcome.event & (outcome.time <= horizon)).sum()),
        median_follow_up=_median(metrics.censoring_distribution(outcome.time, outcome.event)),
        longest_follow_up=float(outcome.time.max()),
        median_survival=_median(curve),
        survival=tuple(
            SurvivalPoint(float(time), float(curve.at(time)), int((outcome.time >= time).sum())) for time in times
        ),
        modalities=describe_modalities(cohort),
        covariates=tuple(covariates(cohort)),
        overlaps=overlaps(cohort),
        strata={} if cohort.strata is None else dict(sorted(Counter(cohort.strata.tolist()).items())),
        published_folds={} if folds is None else dict(sorted(Counter(folds[folds >= 0].tolist()).items())),
        groups={name: len(set(groups.tolist())) for name, groups in cohort.groups.items()},
        sha256=loaded.sha256,
    )


def _protocol(loaded: LoadedDataset) -> tuple[EvaluationProtocol | None, str]:
    """Return the protocol of a dataset; None and why, where its outcomes give no horizon: it can be described yet."""
    try:
        return EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon), ""
    except NoHorizonError as error:
        return None, str(error).removeprefix(f"{loaded.card.name}: ")


def describe_modalities(cohort: Cohort) -> tuple[ModalityFigures, ...]:
    """Return the figures of each modality, in the order of the cohort; no bag is read."""
    return tuple(_figures(name, modality) for name, modality in cohort.patients.modalities.items())


def overlaps(cohort: Cohort) -> tuple[Overlap, ...]:
    """Return how many patients have which combination of modalities, the most frequent first."""
    names = list(cohort.patients.modalities)
    present = np.stack([cohort.patients.modalities[name].present for name in names], axis=1)
    patterns, pattern_of = np.unique(present, axis=0, return_inverse=True)
    pattern_of = pattern_of.ravel()
    found = [
        Overlap(
            tuple(name for name, has in zip(names, pattern, strict=True) if has),
            int((pattern_of == k).sum()),
            int(cohort.outcome.event[pattern_of == k].sum()),
        )
        for k, pattern in enumerate(patterns)
    ]
    return tuple(sorted(found, key=lambda overlap: -overlap.patients))


def covariates(cohort: Cohort) -> Iterator[CovariateFigures]:
    """Yield the figures of the columns of all tables, of the patients who have them."""
    for modality, table in cohort.patients.modalities.items():
        if not isinstance(table, Table):
            continue
        frame = table.frame[table.present]
        for name in table.frame:
            column = frame[name]
            known = column.dropna()
            kind, values = "numeric", ""
            if isinstance(column.dtype, pd.CategoricalDtype):
                kind = "ordered" if column.cat.ordered else "categorical"
                values = _levels(known)
            elif len(known):
                values = f"{known.min():.4g} to {known.max():.4g}, median {known.median():.4g}"
            yield CovariateFigures(modality, str(name), kind, int(column.isna().sum()), values)


def _levels(column: "pd.Series[Any]") -> str:
    """Return the levels with their counts, in their order, the most frequent if there are many."""
    counts = column.value_counts(sort=False)
    shown = counts if len(counts) <= MOST_LEVELS else counts.sort_values(ascending=False, kind="stable")[:MOST_LEVELS]
    between = " < " if column.cat.ordered and len(shown) == len(counts) else ", "
    told = between.join(f"{level} {count}" for level, count in shown.items())
    rest = len(counts) - len(shown)
    return f"{told} and {rest} more" if rest else told


def _median(curve: metrics.KaplanMeier) -> float | None:
    """Return the first time at which the curve is at most 1/2."""
    below = np.flatnonzero(curve.survival <= 0.5)
    return float(curve.times[below[0]]) if below.size else None


def _figures(name: str, modality: Modality) -> ModalityFigures:
    present = modality.present
    kind = type(modality).__name__.lower()
    if not present.any():
        return ModalityFigures(name, kind, 0, "nobody has it")
    if isinstance(modality, Table):
        frame = modality.frame[present]
        missing = _share(frame.isna().to_numpy())
        extent = f"{len(modality.numeric)} numeric, {len(modality.categorical)} categorical columns{missing}"
    elif isinstance(modality, Matrix):
        extent = f"{len(modality.names)} columns{_share(np.isnan(modality.values[present]))}"
    elif isinstance(modality, Bags):
        extent = f"vectors of width {modality.width}{_slides(modality)}"
    else:
        words = [len(text.split()) for text, has in zip(modality.texts, present, strict=True) if has]
        extent = _spread(words, "words")
        extent += ", rendered from a table" if modality.templated else ""
    return ModalityFigures(name, kind, int(present.sum()), extent)


def _slides(bags: Bags) -> str:
    """Return how many slides and vectors a patient has; only bags that know their slides say so unread."""
    if bags.borders is None:
        return ""
    borders = [bags.borders[row] for row in np.flatnonzero(bags.present)]
    slides, vectors = [len(edges) - 1 for edges in borders], [int(edges[-1]) for edges in borders]
    per_patient = f"{_spread(slides, 'slides')}, {_spread(vectors, 'vectors')}"
    return f", {sum(vectors)} of {sum(slides)} slides; per patient {per_patient}"


def _spread(counts: Sequence[int], unit: str) -> str:
    """Return the median of counts and where nine in ten of them lie."""
    low, middle, high = np.percentile(counts, [5, 50, 95])
    return f"{middle:.0f} {unit} (5 to 95 %: {low:.0f} to {high:.0f})"


def _share(missing: "np.ndarray[Any, np.dtype[np.bool_]]") -> str:
    return f", {missing.mean():.1%} of the values missing" if missing.any() else ""
