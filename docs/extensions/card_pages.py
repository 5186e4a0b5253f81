"""A page for each method and each dataset, made of its card and its settings."""

import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from numpydoc.docscrape import NumpyDocString
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from benchmarks.catalog import registry
from benchmarks.catalog.cards import DatasetCard, MethodCard, Modalities
from benchmarks.catalog.settings import build_config
from benchmarks.tuning.given_trial import GivenTrial, range_in_words
from extensions.markdown import page, plain, table, toctree, write_pages

BUNDLED = "gbsg2"
SIMULATED = "simulated-additive"

SIZES = ("patients", "events")


def method_pages(docs: Path) -> dict[str, str]:
    """Return the pages of all methods by name, and their index."""
    deep = _deep_pages(docs / "methods")
    cards = registry.method_cards()
    pages = {name: _method_page(card, deep.get(name, [])) for name, card in cards.items()}
    others = [path for path in sorted((docs / "methods").glob("*.md")) if not _named(path)]
    rows = [
        (f"[`{name}`]({name}.md)", plain(card.title), _reads(card.modalities), ", ".join(card.groups) or "-")
        for name, card in cards.items()
    ]
    groups = "\n".join(f"- `{name}`: {', '.join(members)}" for name, members in registry.groups().items())
    pages["index"] = page(
        "# Methods",
        "Every method with what it reads and the groups that call it. A modality in brackets is read where a dataset "
        "has it; a patient without it is masked there, not filled in. `python -m benchmarks list methods` prints this "
        "list, with what is missing for what is not available.",
        table(("method", "title", "reads", "groups"), rows),
        "## Groups",
        "A group stands for its methods: `--method baselines`.",
        groups,
        toctree([*cards, *map(_from_generated, others)]),
    )
    return pages


def dataset_pages(docs: Path) -> dict[str, str]:
    """Return the pages of all datasets by name, and their index."""
    cards = registry.dataset_cards()
    deep = {path.stem: path for path in sorted((docs / "datasets").glob("*.md"))}
    pages = {name: _dataset_page(card, deep.get(_family(card))) for name, card in cards.items()}
    families: dict[str, list[DatasetCard]] = {family: [] for family in FAMILIES}
    for card in cards.values():
        families.setdefault(_family(card), []).append(card)
    blocks = []
    for family, members in families.items():
        rows = [
            (f"[`{card.name}`]({card.name}.md)", plain(card.title), _number(card.n), _number(card.events))
            for card in members
        ]
        blocks += [
            f"## {FAMILIES.get(family, family)}",
            f"More of them: [{_heading(deep[family])}]({_from_generated(deep[family])})" if family in deep else "",
            table(("dataset", "title", *SIZES), rows, numbers=SIZES),
        ]
    pages["index"] = page(
        "# Datasets",
        "Those that ship with scikit-survival need no download; simulated ones are drawn. For all others "
        "`--data-root` or the variable `BENCHMARKS_DATA` names the folder of the files. A table of your own is a "
        "dataset, too: [Your own cohort](/own_cohort.md).",
        *blocks,
        toctree([*map(_from_generated, deep.values()), *cards]),
    )
    return pages


# Headings of the datasets that come from one adapter.
FAMILIES = {
    "bundled": "Open data that ship with scikit-survival",
    "simulated": "Simulated, with the truth known",
    "tcga": "The Cancer Genome Atlas",
    "chimera": "CHIMERA challenge",
}


def _method_page(card: MethodCard, deep: list[Path]) -> str:
    method: Any = registry.load_entry(card)
    config = build_config(card.name, method.config_type, {})
    given = GivenTrial(config)
    method.search_space(given, config)
    spaces = given.spaces
    meanings = _meanings(method.config_type)
    rows = [
        (
            f"`{field.name}`",
            f"`{_value(getattr(config, field.name))}`",
            plain(meanings.get(field.name, "")),
            plain(range_in_words(spaces[field.name])) if field.name in spaces else "-",
        )
        for field in fields(config)
    ]
    facts = [
        ("reads", _reads(card.modalities)),
        ("groups", ", ".join(f"`{group}`" for group in card.groups)),
        ("validation part", "" if card.needs_validation else "not read with default settings"),
        ("extra data", f"by the setting `{card.extra_data.setting}`" if card.extra_data.setting else ""),
        ("labels on boards", "; ".join(f"{name}: {plain(text)}" for name, text in card.labels.items())),
        ("defaults chosen on", ", ".join(f"`{name}`" for name in card.chosen_on)),
        ("needs", ", ".join(f"`{name}`" for name in card.requires)),
        ("extra that brings it", f"`{card.extra}`" if card.extra else ""),
        ("citation", plain(card.citation)),
        ("licence of the code", plain(card.licence)),
    ]
    links = "\n".join(f"- [{_heading(path)}]({_from_generated(path)})" for path in deep)
    return page(
        f"# `{card.name}`",
        plain(card.title) + ".",
        plain(inspect.cleandoc(method.__doc__ or "")),
        f"In depth:\n\n{links}" if links else f"```\n{_example(card)}\n```",
        table(("", ""), [(name, text) for name, text in facts if text]),
        "## From the source",
        plain(card.from_source),
        "## Chosen here",
        plain(card.our_choice),
        "## Settings",
        f"`--set {card.name}.SETTING=VALUE` changes one; the last column is what `--tune` draws it from.",
        table(("setting", "default", "meaning", "tuned over"), rows) or "It has none.",
        toctree(_from_generated(path) for path in deep if _named(path)[0] == card.name),
    )


def _dataset_page(card: DatasetCard, deep: Path | None) -> str:
    horizon = f"{card.horizon:g} {card.time_unit}, fixed on the card" if card.horizon else "by rule from the outcomes"
    facts = [
        ("patients", _number(card.n)),
        ("events", _number(card.events)),
        ("endpoint", plain(card.endpoint)),
        ("unit of time", card.time_unit),
        ("horizon", horizon),
        ("modalities", ", ".join(f"`{name}`" for name in card.modalities)),
        ("transductive", _transductive(card)),
        ("part of", f"[`{card.part_of}`]({card.part_of}.md)" if card.part_of else ""),
        ("results", plain(card.embargo)),
        ("source", plain(card.source)),
        ("how to get it", plain(card.obtain)),
        ("citation", plain(card.citation)),
        ("licence", plain(card.licence)),
    ]
    options = [(f"`{name}`", f"`{_value(default)}`") for name, default in card.options.items()]
    sizes = [(f"`{options}`", _number(n), _number(events)) for options, (n, events) in card.sizes.items()]
    covariates = [(f"`{one.name}`", plain(one.meaning), plain(one.unit)) for one in card.covariates]
    return page(
        f"# `{card.name}`",
        plain(card.title) + ".",
        f"[{_heading(deep)}]({_from_generated(deep)})" if deep else "",
        f"```\npython -m benchmarks data describe {card.name}\n```",
        table(("", ""), [(name, text) for name, text in facts if text]),
        "## What to know before using it" if card.traps else "",
        "\n".join(f"- {plain(trap)}" for trap in card.traps),
        "## Options" if options else "",
        f"`--set {card.name}.OPTION=VALUE` changes one." if options else "",
        table(("option", "default"), options),
        table(("with", *SIZES), sizes, numbers=SIZES),
        "## Clinical covariates" if covariates else "",
        table(("column", "meaning", "unit or levels"), covariates),
    )


def _transductive(card: DatasetCard) -> str:
    """Return which modalities were made with all patients, and with which options they are."""
    said = [
        f"`{modality}`" + "".join(f", with `{name}={_value(value)}`" for name, value in options.items())
        for modality, options in card.transductive.items()
    ]
    return f"{'; '.join(said)}: made with all patients, those tested among them, without outcomes" if said else ""


def _deep_pages(folder: Path) -> dict[str, list[Path]]:
    """Return the written pages by the methods that their first heading names."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.md")):
        for name in _named(path):
            found.setdefault(name, []).append(path)
    return found


def _named(path: Path) -> list[str]:
    """Return the methods that the first heading of a page names."""
    known = registry.method_cards()
    return [name for name in re.findall(r"`(\w+)`", _heading(path)) if name in known]


def _heading(path: Path) -> str:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    if not first.startswith("# "):
        raise ValueError(f"{path}: the first line is no heading")
    return first.removeprefix("# ")


def _from_generated(path: Path) -> str:
    """Return the link to a written page from any place of the site."""
    return f"/{path.parent.name}/{path.name}"


def _meanings(config_type: type[Any]) -> dict[str, str]:
    """Return what the docstrings of a config and of what it inherits say of each setting."""
    found: dict[str, str] = {}
    for parent in reversed(config_type.__mro__):
        for parameter in NumpyDocString(inspect.cleandoc(parent.__doc__ or ""))["Parameters"]:
            for name in parameter.name.split(","):
                found[name.strip()] = " ".join(parameter.desc)
    return found


def _reads(modalities: Modalities) -> str:
    unless = " or ".join(f"`{name}={_value(value)}`" for name, value in modalities.unless.items())
    free = f" unless {unless}" if unless else ""
    chosen = [f"the one that `{modalities.setting}` names{free}"] if modalities.setting else []
    optional = ["all others"] if "*" in modalities.optional else list(modalities.optional)
    if "*" in modalities.optional and not modalities.required and not chosen:
        return "any"
    names = [*modalities.required, *chosen, *(f"({name})" for name in optional)]
    return ", ".join(names) or "the outcome alone"


def _example(card: MethodCard) -> str:
    clinical = card.modalities.setting == "modality" or set(card.modalities.required) <= {"clinical"}
    dataset = BUNDLED if clinical and not card.modalities.optional else SIMULATED
    return f"python -m benchmarks run --method {card.name} --dataset {dataset}"


def _family(card: DatasetCard) -> str:
    """Return the folder of the adapter: ``benchmarks.datasets.tcga.adapter:load`` is of tcga."""
    return card.entry.split(".")[2]


def _value(value: Any) -> str:
    text = {True: "true", False: "false", None: "none"}.get(value) if isinstance(value, bool | None) else str(value)
    return text or '""'


def _number(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _write(app: Sphinx) -> None:
    docs = Path(app.srcdir)
    write_pages(docs / "generated" / "methods", method_pages(docs))
    write_pages(docs / "generated" / "datasets", dataset_pages(docs))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx looks for them."""
    app.connect("config-inited", lambda app, _: _write(app))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
