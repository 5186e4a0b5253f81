"""``list``: which methods, datasets and metrics there are."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from benchmarks.catalog import registry
from benchmarks.catalog.cards import Modalities
from benchmarks.commandline.console import make_console
from benchmarks.errors import UsageError
from benchmarks.protocol.measures import FIDELITY, MEASURES, PARSEABLE

NEEDS_DATA = "needs data"
# Of what has a card that cannot be used; the reason stands in place of the title.
BROKEN = "broken"


def list_(
    what: Annotated[Literal["methods", "datasets", "metrics"], typer.Argument(help="What to list.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="With datasets: cohort files (.toml) of your own to list, too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="With methods: what run --tune draws their settings from.")
    ] = False,
) -> None:
    """List methods, datasets or metrics."""
    if verbose and what != "methods":
        raise UsageError(f"list {what} --verbose: it tells the search spaces of methods")
    if files and what != "datasets":
        raise UsageError(f"list {what} {files[0]}: cohort files are listed with datasets")
    for file in files or ():
        registry.register_cohort_file(file)
    if verbose:
        _tell_search_spaces(as_json=as_json)
        return
    rows = {"methods": _methods, "datasets": _datasets, "metrics": _metrics}[what]()
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table(*rows[0], box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("-" if value is None else str(value) for value in row.values()))
    console = make_console()
    console.print(table)
    if any(row.get("available") == NEEDS_DATA for row in rows):
        console.print(f"\n{NEEDS_DATA}: their files are looked for below --data-root or {registry.DATA_ROOT}")
    if what == "methods":
        groups = registry.groups().items()
        console.print("\nGroups: " + "; ".join(f"{name} = {', '.join(members)}" for name, members in groups))


def _tell_search_spaces(*, as_json: bool) -> None:
    """Print the settings that each method's study draws, with the range of each, as its defaults have it."""
    from benchmarks.catalog.settings import build_config
    from benchmarks.tuning.given_trial import GivenTrial, range_in_words

    found: dict[str, dict[str, str]] = {}
    for name, card in registry.method_cards().items():
        if registry.unavailable(card):
            continue
        method: Any = registry.load_entry(card)
        config = build_config(name, method.config_type, {})
        given = GivenTrial(config)
        method.search_space(given, config)
        found[name] = {setting: range_in_words(space) for setting, space in given.spaces.items()}
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    console = make_console()
    for name, spaces in found.items():
        console.print(name if spaces else f"{name}  has no setting to tune")
        for setting, words in spaces.items():
            console.print(f"  {setting:20} {words}")


def _methods() -> list[dict[str, Any]]:
    return [
        {
            "method": name,
            "needs": _needs(card.modalities),
            "can use": "+".join(card.modalities.optional).replace("*", "all") or "-",
            "available": registry.unavailable(card) or "yes",
            "title": card.title,
        }
        for name, card in registry.method_cards().items()
    ] + [
        {"method": name, "needs": "-", "can use": "-", "available": BROKEN, "title": reason}
        for name, reason in registry.method_cards().broken.items()
    ]


def _needs(modalities: Modalities) -> str:
    if modalities.setting:
        free = " or ".join(f"{name}={value}" for name, value in modalities.unless.items())
        return f"one, by {modalities.setting}={f', unless {free}' if free else ''}"
    return "+".join(modalities.required) or "outcome only"


def _datasets() -> list[dict[str, Any]]:
    return [
        {
            "dataset": name,
            "patients": card.n,
            "events": card.events,
            "modalities": "+".join(card.modalities),
            "endpoint": card.endpoint,
            "available": registry.unavailable(card) or (NEEDS_DATA if registry.missing_data(card) else "yes"),
            "title": card.title,
        }
        for name, card in registry.dataset_cards().items()
    ] + [
        {
            "dataset": name,
            "patients": None,
            "events": None,
            "modalities": "-",
            "endpoint": "-",
            "available": BROKEN,
            "title": reason,
        }
        for name, reason in registry.dataset_cards().broken.items()
    ]


def _metrics() -> list[dict[str, Any]]:
    return [
        {
            "metric": measure.name,
            "column": measure.column,
            "better": measure.better,
            "needs": measure.needs,
            "title": measure.title,
        }
        for measure in (*MEASURES, *FIDELITY, *PARSEABLE)
    ]
