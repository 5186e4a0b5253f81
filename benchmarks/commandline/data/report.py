"""Descriptions and splits of a dataset as a person reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.loading import LoadedDataset
from benchmarks.commandline.console import make_console
from benchmarks.commandline.literal import printable
from benchmarks.protocol.measures import MEASURES
from benchmarks.reports.dataset import Description
from benchmarks.types import Outcome, Split, told_excluded

MOST_OVERLAPS = 12
MOST_COVARIATES = 50
BAR_WIDTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRow:
    """Size of the parts of one split, patients and events, and its checksum."""

    repeat: int
    fold: int
    group: str
    train: int
    train_events: int
    validation: int
    validation_events: int
    test: int
    test_events: int
    sha256: str

    @classmethod
    def of(cls, split: Split, outcome: Outcome) -> "SplitRow":
        """Count the patients and events of a split."""
        return cls(
            repeat=split.repeat,
            fold=split.fold,
            group=split.group,
            train=len(split.train),
            train_events=int(outcome.event[split.train].sum()),
            validation=len(split.validation),
            validation_events=int(outcome.event[split.validation].sum()),
            test=len(split.test),
            test_events=int(outcome.event[split.test].sum()),
            sha256=split.sha256,
        )


def print_description(
    card: DatasetCard, options: Mapping[str, Any], description: Description, oracle: Mapping[str, float] | None
) -> None:
    """Print the card, size and follow-up, survival, modalities and their overlap."""
    console = make_console()
    console.print(Text.assemble((card.name, "bold"), f"  {printable(card.title)}"), highlight=False)
    unit = card.time_unit
    fields = {
        "endpoint": card.endpoint,
        "options": ", ".join(f"{key}={value}" for key, value in options.items()),
        "patients": "; ".join(
            filter(
                None,
                [
                    f"{description.patients}, {description.events} events ({_share(description)})",
                    told_excluded(description.excluded),
                ],
            )
        ),
        "follow-up": f"median {_time(description.median_follow_up)} {unit} (reverse Kaplan-Meier), longest "
        f"{description.longest_follow_up:g}",
        "median survival": f"{_time(description.median_survival)} {unit}",
        "horizon": _horizon(description, unit),
        "source": card.source,
        "citation": card.citation,
        "licence": card.licence,
        "embargo": card.embargo,
        "checksum": f"{description.sha256} ({'as the card says' if card.checksums else 'the card states none'})",
        "strata": _counts(description.strata),
        "published folds": _counts(description.published_folds),
        "groups": ", ".join(f"{name} ({count})" for name, count in description.groups.items()),
    }
    _print_fields(console, fields)
    for trap in card.traps:
        _print_fields(console, {"mind": trap})
    _print_survival(console, description, unit)
    _print_modalities(console, description)
    _print_covariates(console, card, description)
    if oracle is not None:
        columns = {measure.name: measure.column for measure in MEASURES if measure.in_tables}
        told = ", ".join(f"{columns[name]} {value:z.3f}" for name, value in oracle.items() if name in columns)
        best = f"  best possible scores, mean of 5 folds, seed 0: {told}"
        console.print(Text.assemble("\n", ("oracle", "bold"), best), highlight=False)


def print_splits(loaded: LoadedDataset, kind: str, rows: Sequence[SplitRow], seed: int) -> None:
    """Print one row per split."""
    console = make_console()
    card = loaded.card
    splits = f"  {len(rows)} {printable(kind)} splits, seed {seed}"
    told = [splits, told_excluded(loaded.cohort.excluded), "patients (events)"]
    content = f"content {loaded.sha256[:16]}"
    console.print(Text.assemble((card.name, "bold"), "; ".join(filter(None, [*told, content]))), highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("repeat", "fold", "train", "validation", "test"):
        table.add_column(name, justify="right")
    table.add_column("checksum")
    named = any(row.group for row in rows)
    if named:
        table.add_column(f"{kind} left out")
    for row in rows:
        table.add_row(
            str(row.repeat),
            str(row.fold),
            f"{row.train} ({row.train_events})",
            f"{row.validation} ({row.validation_events})",
            f"{row.test} ({row.test_events})",
            row.sha256[:16],
            *([row.group] if named else []),
        )
    console.print(table)


def _print_fields(console: Console, fields: Mapping[str, str]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=15, style="dim")
    grid.add_column(overflow="fold")
    for name, value in fields.items():
        if value:
            grid.add_row(name, value)
    console.print(grid, highlight=False)


def _print_survival(console: Console, description: Description, unit: str) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column(f"{unit}", justify="right")
    table.add_column("survival", justify="right")
    table.add_column("at risk", justify="right")
    table.add_column("")
    for point in description.survival:
        bar = "█" * round(point.survival * BAR_WIDTH)
        table.add_row(f"{point.time:.4g}", f"{point.survival:z.3f}", str(point.at_risk), Text(bar, "cyan"))
    console.print()
    console.print(table)


def _print_modalities(console: Console, description: Description) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("modality", "kind"):
        table.add_column(name)
    table.add_column("patients", justify="right")
    table.add_column("share", justify="right")
    table.add_column("extent")
    for modality in description.modalities:
        share = f"{modality.patients / description.patients:.0%}"
        table.add_row(modality.name, modality.kind, str(modality.patients), share, modality.extent)
    console.print()
    console.print(table)
    if len(description.modalities) == 1:
        return
    names = [modality.name for modality in description.modalities]
    together = Table(*names, box=None, pad_edge=False, header_style="bold")
    together.add_column("patients", justify="right")
    together.add_column("events", justify="right")
    for overlap in description.overlaps[:MOST_OVERLAPS]:
        marks = ["●" if name in overlap.modalities else "·" for name in names]
        together.add_row(*marks, str(overlap.patients), str(overlap.events))
    console.print()
    console.print(together)
    rest = description.overlaps[MOST_OVERLAPS:]
    if rest:
        console.print(f"and {len(rest)} rarer combinations with {sum(o.patients for o in rest)} patients", style="dim")


def _print_covariates(console: Console, card: DatasetCard, description: Description) -> None:
    """Print the covariates as the card explains them, or, if it does not, as they are."""
    if not card.covariates:
        _print_columns(console, description)
        return
    table = Table("covariate", "meaning", "unit or levels", box=None, pad_edge=False, header_style="bold")
    for covariate in card.covariates:
        table.add_row(covariate.name, covariate.meaning, covariate.unit)
    console.print()
    console.print(table)


def _print_columns(console: Console, description: Description) -> None:
    table = Table("covariate", "type", box=None, pad_edge=False, header_style="bold")
    table.add_column("missing", justify="right")
    table.add_column("range or levels with their patients", overflow="fold")
    several = len({covariate.modality for covariate in description.covariates}) > 1
    for covariate in description.covariates[:MOST_COVARIATES]:
        name = f"{covariate.modality}: {covariate.name}" if several else covariate.name
        table.add_row(name, covariate.kind, str(covariate.missing), covariate.values)
    console.print()
    console.print(table)
    if rest := description.covariates[MOST_COVARIATES:]:
        console.print(f"and {len(rest)} more; --json has all", style="dim")


def _share(description: Description) -> str:
    return f"{description.events / description.patients:.0%}"


def _horizon(description: Description, unit: str) -> str:
    if description.horizon is None:
        return f"none: {description.no_horizon}"
    return (
        f"{description.horizon:g} {unit}, {description.events_to_horizon} events up to it; grid of "
        f"{description.grid_points} times; protocol {description.protocol}"
    )


def _time(value: float | None) -> str:
    return "not reached," if value is None else f"{value:g}"


def _counts(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items())
