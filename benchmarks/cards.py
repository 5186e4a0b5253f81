"""Cards: what a method or a dataset says of itself, in a TOML file beside its code."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.errors import UsageError


@dataclass(frozen=True, slots=True)
class Modalities:
    """Which kinds of data a method reads: it is skipped where a required one is missing."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodCard:
    """Card of a method (``card.toml`` in its folder).

    ``entry`` is the lazy ``"module:Class"``; ``requires`` are import names that must be installed, ``extra`` the
    extra of this package that brings them; ``from_source`` and ``our_choice`` tell the paper's part from ours;
    ``contract`` holds settings that make the contract checks quick.
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


@dataclass(frozen=True, slots=True)
class Covariate:
    """One column of a clinical table: what it means and its unit or levels."""

    name: str
    meaning: str
    unit: str


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """Card of a dataset (``<name>.toml`` beside its adapter).

    ``entry`` is the lazy ``"module:function"``, ``arguments`` fixed arguments of it, ``options`` the arguments a
    user may set with their defaults. ``horizon`` is tau of the evaluation protocol, in ``time_unit``. ``checksums``
    maps the changed options ("" for none) to the content's sha256.
    """

    name: str
    entry: str
    title: str
    source: str
    citation: str
    licence: str
    endpoint: str
    time_unit: str
    n: int
    events: int
    modalities: tuple[str, ...]
    horizon: float
    covariates: tuple[Covariate, ...] = ()
    traps: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    extra: str = ""


Card = TypeVar("Card", MethodCard, DatasetCard)


def read_method_card(path: Path) -> MethodCard:
    """Read and check a method's card."""
    values = _read(path)
    _convert(values, path, "modalities", Modalities)
    return _build(MethodCard, values, path)


def read_dataset_card(path: Path) -> DatasetCard:
    """Read and check a dataset's card."""
    values = _read(path)
    covariates = values.get("covariates", [])
    values["covariates"] = [_build(Covariate, dict(row), path) for row in covariates]
    return _build(DatasetCard, values, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"no card at {path}: a method or dataset needs a card.toml (CONTRIBUTING.md)") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None


def _convert(values: dict[str, Any], path: Path, key: str, kind: type[Any]) -> None:
    if key in values:
        values[key] = _build(kind, dict(values[key]), path)


Built = TypeVar("Built")


def _build(kind: type[Built], values: dict[str, Any], path: Path) -> Built:
    """Make a card class from TOML values; an unknown or missing key is an error that names the file."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # 2026-11-21: TypeVar cannot be bound to dataclasses
    for key in values:
        if key not in known:
            raise UsageError(f"{path}: unknown key {key!r}; known are: {', '.join(known)}")
    for name, f in known.items():
        if name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise UsageError(f"{path}: the key {name!r} is missing")
    frozen = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return kind(**frozen)
