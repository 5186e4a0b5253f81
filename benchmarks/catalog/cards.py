"""Cards: what a method or a dataset says of itself, in a TOML file beside its code."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.catalog.card_values import (
    build,
    is_entry,
    is_label,
    is_module,
    is_name,
    list_of_tables,
    list_of_texts,
    require,
)
from benchmarks.errors import UsageError

# The option that every dataset has: another horizon than its card's, or the rule's. It is not the adapter's business.
HORIZON = "horizon"

# The value of a setting by which a method asks for no extra data.
NO_EXTRA_DATA = "none"


@dataclass(frozen=True, slots=True)
class Modalities:
    """Which kinds of data a method reads: it is skipped where a required one is missing.

    ``"*"`` among the optional ones stands for every modality a dataset has. ``setting`` names the setting of a method
    that says which modality it reads, and which is therefore required; ``unless`` holds values of settings, any of
    which makes it no requirement.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    setting: str = ""
    unless: Mapping[str, Any] = field(default_factory=dict)

    def required_by(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the modalities that a method of these settings cannot do without."""
        if self.setting and self.setting not in config:
            raise UsageError(f"a card says that {self.setting!r} chooses the modality, but there is no such setting")
        free = any(config.get(name) == value for name, value in self.unless.items())
        chosen = (str(config[self.setting]),) if self.setting and not free else ()
        return (*self.required, *chosen)

    def read_from(self, allowed: Iterable[str], config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return which of some modalities a method of these settings reads, sorted."""
        allowed = set(allowed)
        wanted = {*self.required_by(config), *self.optional}
        return tuple(sorted(allowed if "*" in wanted else allowed & wanted))


@dataclass(frozen=True, slots=True)
class ExtraData:
    """That a method may learn from patients outside of the evaluated dataset, if a setting asks for them.

    ``setting`` names it; its value says who they are (``benchmarks.protocol.extra_data``), "none" nobody.
    ``modalities`` are those that the method reads of them. Without a setting it never does.
    """

    setting: str = ""
    modalities: tuple[str, ...] = ()

    def asked(self, config: Mapping[str, Any]) -> str:
        """Return whom a method of these settings asks for; "" for nobody."""
        if not self.setting:
            return ""
        if self.setting not in config:
            raise UsageError(f"a card says that {self.setting!r} asks for extra data, but there is no such setting")
        asked = str(config[self.setting])
        return "" if asked == NO_EXTRA_DATA else asked


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCard:
    """Card of a method (``card.toml`` in its folder).

    ``entry`` is the lazy ``"module:Class"``; ``requires`` are import names that must be installed, ``extra`` the
    extra of this package that brings them; ``from_source`` and ``our_choice`` tell the paper's part from ours;
    ``contract`` holds settings that make the contract checks quick. ``labels`` say on a board what stands behind the
    results (``backbone``, ``teacher``, ``encoder``); ``{setting}`` in one is the value of that setting.
    ``figures`` is the lazy ``"module:function"`` that draws what is particular to the method, of ``(cell, test,
    folder)``: ``Cell``, ``PredictedPart`` of the test patients, ``Path`` for the files, whose list it returns.
    ``needs_validation`` is false for a method that makes no use of the validation part with its default settings (and
    refuses others if it is empty), which ``--validation merge`` then gives to the training. ``demonstrations`` are
    switches among the settings that show what a doubtful recipe does: with one of them on, a row stands on no board.
    ``extra_data`` says which setting asks for patients outside of the dataset; such a row is labelled. ``chosen_on``
    names the datasets on whose training and validation patients the default settings were chosen; on their boards
    the row says so.
    """

    name: str
    entry: str
    title: str
    citation: str
    licence: str
    modalities: Modalities
    from_source: str
    our_choice: str
    groups: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    extra: str = ""
    contract: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    figures: str = ""
    demonstrations: tuple[str, ...] = ()
    needs_validation: bool = True
    extra_data: ExtraData = ExtraData()
    chosen_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Covariate:
    """One column of a clinical table: what it means and its unit or levels."""

    name: str
    meaning: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetCard:
    """Card of a dataset (``<name>.toml`` beside its adapter; a file may describe several ``members``).

    ``entry`` is the lazy ``"module:function"``, ``arguments`` fixed arguments of it, ``options`` the arguments a user
    may set with their defaults. ``horizon`` is tau of the evaluation protocol, in ``time_unit``; without one it
    follows from the outcomes by rule; the option ``HORIZON`` sets another. ``n`` and ``events`` hold for the default
    options (absent: not known before loading), ``sizes`` maps changed options to other ``[n, events]``, ``checksums``
    maps them ("" for none) to the content's sha256. ``modalities`` are those it can have; where an option chooses what
    one of them is, ``labels`` name it on the boards' rows that read it (``"{option}"`` is the option's value).
    ``transductive`` names those that were made with all patients, those of the test parts among them, though without
    outcomes, with the options with which they are (``{}``: always); rows that read one say so. An
    adapter whose card names ``files`` reads them below the data root, which it is given as ``root``; ``obtain`` says
    how to get them. ``oracle`` is the lazy ``"module:function"`` that knows the truth of a simulated dataset.
    ``embargo`` says why no result may be published. ``challenge_score`` is the lazy ``"module:function"`` of outcome
    and predicted time that a challenge ranks by. ``part_of`` names the larger dataset that holds all its patients,
    under the same identifiers and with the same outcome, and others: extra data for methods that ask for it.
    """

    name: str
    entry: str
    title: str
    source: str
    citation: str
    licence: str
    endpoint: str
    time_unit: str
    modalities: tuple[str, ...]
    n: int | None = None
    events: int | None = None
    horizon: float | None = None
    covariates: tuple[Covariate, ...] = ()
    traps: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    transductive: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    obtain: str = ""
    oracle: str = ""
    embargo: str = ""
    challenge_score: str = ""
    part_of: str = ""
    requires: tuple[str, ...] = ()
    extra: str = ""


Card = TypeVar("Card", MethodCard, DatasetCard)

# What texts must be, in the words of a message.
NAME = "letters, digits, _, -, + and ."
ENTRY = "of the form 'module:attribute'"

TIME_UNITS = ("days", "months", "years")


def read_method_card(path: Path) -> MethodCard:
    """Read and check a method's card."""
    values = _read(path)
    card = build(MethodCard, values, path)
    _require_names(card, path)
    require(not card.figures or is_entry(card.figures), path, "figures", ENTRY, card.figures)
    for group in card.groups:
        require(is_name(group), path, "groups", f"a list of names ({NAME})", group)
    for label, text in card.labels.items():
        require(is_label(text), path, f"labels.{label}", "a text with settings in braces, such as '{backbone}'", text)
    return card


def read_dataset_cards(path: Path) -> list[DatasetCard]:
    """Read and check the cards of a file: one, or one for each of its ``members``."""
    return [dataset_card_of(values, path) for values in dataset_members(path)]


def dataset_members(path: Path) -> list[dict[str, Any]]:
    """Read the values of the cards of a file, unchecked: one, or one for each of its ``members``.

    A member adds to the common keys; its traps stand before the common ones.
    """
    common = _read(path)
    members = list_of_tables(common.pop("members", [{}]), path, "members")
    traps = list_of_texts(common.pop("traps", []), path, "traps")
    own = [list_of_texts(member.get("traps", []), path, "members.traps") for member in members]
    return [{**common, **member, "traps": [*first, *traps]} for member, first in zip(members, own, strict=True)]


def dataset_card_of(values: Mapping[str, Any], path: Path) -> DatasetCard:
    """Make a dataset's card of plain values; ``path`` is named in errors."""
    card = build(DatasetCard, values, path)
    _require_names(card, path)
    for key, text in (("oracle", card.oracle), ("challenge_score", card.challenge_score)):
        require(not text or is_entry(text), path, key, ENTRY, text)
    require(card.time_unit in TIME_UNITS, path, "time_unit", ", ".join(TIME_UNITS), card.time_unit)
    require(card.n is None or card.n > 0, path, "n", "at least 1", card.n)
    require(card.events is None or card.events >= 0, path, "events", "at least 0", card.events)
    require(card.horizon is None or card.horizon > 0, path, "horizon", "greater than 0", card.horizon)
    for modality, options in card.transductive.items():
        key = f"transductive.{modality}"
        require(modality in card.modalities, path, key, f"of a modality ({', '.join(card.modalities)})", modality)
        for option in options:
            require(option in card.options, path, key, f"of options ({', '.join(card.options)})", option)
    return card


def _require_names(card: MethodCard | DatasetCard, path: Path) -> None:
    require(is_name(card.name), path, "name", f"a name ({NAME})", card.name)
    require(is_entry(card.entry), path, "entry", ENTRY, card.entry)
    for name in card.requires:
        require(is_module(name), path, "requires", "a list of import names", name)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"no card at {path}: a method or dataset needs a card.toml (CONTRIBUTING.md)") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: byte {error.start} is no UTF-8") from None
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError is a ValueError, and so is that of a number with thousands of digits.
        raise UsageError(f"{path}: not valid TOML: {' '.join(str(error).split())}") from None
