"""Committed references: what a method scored and cost on a part of the grid, and how much chance moves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from benchmarks.atomic_write import write_atomically
from benchmarks.errors import UsageError
from benchmarks.execution.environment import Machine

SCORES = "grid"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When and why a reference was accepted."""

    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReferenceScore:
    """A measure on each fold in their order, its mean, and the sd of the mean over fits with other seeds.

    None where a measure is undefined.
    """

    by_fold: tuple[float | None, ...]
    mean: float | None
    seed_sd: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Mean seconds of a fit, of the quickest yardstick beside it, and their ratio."""

    fit_seconds: float
    yardstick_seconds: float
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What one method scored and cost on one dataset of the grid.

    Parameters
    ----------
    method, dataset : str
        Names.
    accepted : Acceptance
        When and why.
    machine : Machine
        Where.
    libraries : mapping of str to str
        Versions of the libraries the method uses.
    data_sha256, protocol : str
        Checksum of the data, id of the evaluation protocol.
    config : mapping
        All settings of the method.
    folds : tuple of int
        Which folds were run.
    fit_seeds : int
        With how many seeds the method was fitted to learn the spread; 2 where it does not depend on the seed.
    scores : mapping of str to ReferenceScore
        By measure, ``variant: measure`` for a variant.
    cost : Cost
        Of a fit.
    """

    method: str
    dataset: str
    accepted: Acceptance
    machine: Machine
    libraries: Mapping[str, str]
    data_sha256: str
    protocol: str
    config: Mapping[str, Any]
    folds: tuple[int, ...]
    fit_seeds: int
    scores: Mapping[str, ReferenceScore]
    cost: Cost


_REFERENCE = TypeAdapter(Reference)


def read_references(folder: Path) -> dict[tuple[str, str], Reference]:
    """Read all references of a folder by (dataset, method).

    Raises
    ------
    UsageError
        If a file is not that of a reference, or not of the dataset and method its name says.
    """
    found = {}
    for path in sorted((folder / SCORES).glob("*/*.json")):
        try:
            reference = _REFERENCE.validate_json(path.read_bytes())
        except ValidationError as error:
            raise UsageError(f"{path} is no reference: {error.errors()[0]['msg']}") from None
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None
        name = (reference.dataset, reference.method)
        if name != (path.parent.name, path.stem):
            raise UsageError(f"{path} is the reference of {reference.method} on {reference.dataset}")
        found[name] = reference
    return found


def reference_path(folder: Path, dataset: str, method: str) -> Path:
    """Return where the reference of a method on a dataset is kept."""
    return folder / SCORES / dataset / f"{method}.json"


def write_reference(folder: Path, reference: Reference) -> Path:
    """Write a reference to its file, whole or not at all."""
    path = reference_path(folder, reference.dataset, reference.method)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _REFERENCE.dump_json(reference, indent=1) + b"\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path
