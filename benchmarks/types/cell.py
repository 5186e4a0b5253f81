"""One unit of work and the key under which its result is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from benchmarks.types.canonical import sha256_of_json
from benchmarks.types.tuning import told_tuned

# Version of the files of a results folder; a folder of another version is refused.
LAYOUT = 3

# Stands in place of the class that predicted, where that was done outside of the suite.
EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One (method, dataset, fold, seed, modality set), with everything its prediction depends on.

    Parameters
    ----------
    method, entry : str
        Registered name and ``"module:Class"``; of predictions that were made outside of the suite a name of their own
        and ``EXTERNAL``.
    config : mapping
        All settings of the method, plain values; of external predictions what their card says.
    dataset : str
        Registered name.
    dataset_options : mapping
        Options of the adapter, all of them.
    data_sha256 : str
        Checksum of the content of the cohort as it is split.
    complete_cases : tuple of str
        The cohort was restricted to patients who have these modalities.
    split : str
        "stratified": drawn by the suite; "published": the folds that came with the dataset; else the name of a grouping
        of the dataset, of which one group at a time is left out.
    folds, repeat, fold, seed : int
        Which split, and the seed of split and fit.
    split_sha256 : str
        Checksum of the split's rows.
    shuffled : tuple of str
        Modalities whose rows were permuted among the patients, sorted: a control. No part of the key where empty.
    merged : bool
        Whether the validation part was given to the training. No part of the key where it was not.
    recalibrated : bool
        Whether the curves were recalibrated on the validation part. No part of the key where they were not.
    group : str
        Name of the group that is left out, for people: no part of the key, since ``split_sha256`` says who is in which
        part.
    modalities : tuple of str
        What the method is shown, sorted.
    grid_sha256 : str
        Checksum of the times predictions are asked for.
    threads : int
        Number of threads; it changes the last bits of sums and so belongs to the key.
    device : str
        A torch device.
    code_sha256 : str
        Checksum of the method's code and the first-party modules it imports.
    libraries : mapping of str to str
        Versions of the libraries that code imports, Python's among them.
    extra_data : mapping
        From whom the method learns outside of the dataset: the larger ``dataset``, who of it is ``asked`` for, which
        ``modalities`` are read of them, and the checksum (``sha256``) of what is left of it without the patients of the
        split. No part of the key where empty.
    tuning : mapping
        How settings are chosen within the cell (``Tuning.as_mapping``); empty if they are as ``config`` says.
    """

    method: str
    entry: str
    config: Mapping[str, Any]
    dataset: str
    dataset_options: Mapping[str, Any]
    data_sha256: str
    complete_cases: tuple[str, ...]
    split: str
    folds: int
    repeat: int
    fold: int
    seed: int
    split_sha256: str
    modalities: tuple[str, ...]
    grid_sha256: str
    threads: int
    device: str
    code_sha256: str
    libraries: Mapping[str, str]
    tuning: Mapping[str, Any] = field(default_factory=dict)
    shuffled: tuple[str, ...] = ()
    group: str = ""
    merged: bool = False
    extra_data: Mapping[str, Any] = field(default_factory=dict)
    recalibrated: bool = False

    @property
    def key(self) -> str:
        """The resume rule: same key, done."""
        return key_of({f.name: getattr(self, f.name) for f in fields(self)})

    @property
    def external(self) -> bool:
        """Whether the predictions were made outside of the suite."""
        return self.entry == EXTERNAL

    @property
    def label(self) -> str:
        """Short text for progress lines."""
        named = f" ({self.split} {self.group})" if self.group else ""
        made = f"{told_tuned(self.tuning)}{told_recalibrated(self.recalibrated)}{told_shuffled(self.shuffled)}"
        return f"{self.method}{made} on {self.dataset}, repeat {self.repeat}, fold {self.fold}{named}"


def told_recalibrated(recalibrated: bool) -> str:
    """Return what follows a method's name where its curves are recalibrated; nothing where they are not."""
    return ", recalibrated" if recalibrated else ""


def told_shuffled(modalities: Sequence[str]) -> str:
    """Return what follows a method's name where modalities are shuffled; nothing where none is."""
    return f", {'+'.join(modalities)} shuffled" if modalities else ""


def key_of(values: Mapping[str, Any]) -> str:
    """Return the key of a cell's fields: the first 16 hexadecimal digits of the sha256 of what counts.

    ``group`` does not count, nor do ``shuffled``, ``merged``, ``extra_data`` and ``recalibrated`` where they are empty
    or false: a record without the field has the same key.
    """
    optional = ("shuffled", "merged", "extra_data", "recalibrated")
    unused = {"group", *(name for name in optional if not values.get(name))}
    counted = {name: value for name, value in values.items() if name not in unused}
    return sha256_of_json({"layout": LAYOUT, **counted})[:16]
