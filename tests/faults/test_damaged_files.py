"""Every reader of files answers a damaged file with the data or with one line that names it, never with a traceback.

A valid file is damaged at random, read, and damaged again. The short form does so some dozens of times a reader; the
long form goes on for ten minutes each, or for as many seconds as ``FUZZ_SECONDS`` says.
"""

import gzip
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import drawn_chimera
import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from benchmarks.datasets.chimera.release import Expression, derived_matrix
from benchmarks.datasets.chimera.values import read_object
from benchmarks.datasets.cohort_file.adapter import load
from benchmarks.datasets.readers.gene_sets import FILES, gene_sets
from benchmarks.datasets.readers.packed_slides import packed_bags
from benchmarks.datasets.readers.patch_features import coordinates, patch_bags
from benchmarks.datasets.tcga.tables import numbers, read_molecular, read_strings
from damage import Change, damages
from drawn_slides import packed_arrays, write_packed
from hospital import COHORT, PATIENTS
from hypothesis import HealthCheck, given, seed, settings

from benchmarks.encoders.cache import CACHE, cached_array
from benchmarks.encoders.cached_lines import CachedLines
from benchmarks.encoders.model_folder import damage as damage_of_model
from benchmarks.encoders.model_folder import read_config
from benchmarks.errors import UsageError
from benchmarks.storage.predictions import read_predictions
from benchmarks.storage.store import CorruptedCellError
from benchmarks.tuning.study_files import read_study

EXAMPLES = 40
LONGEST_LINE = 4000
IDS = ["007", "009"]
BARCODES = [f"TCGA-ZZ-B{row:03d}" for row in range(4)]


@dataclass(frozen=True)
class Reader:
    """What writes a valid file into a folder, and what reads it.

    Parameters
    ----------
    write : callable
        Returns the path of the file that is then damaged.
    read : callable
        Is given that path.
    packed : str
        As of ``damages``.
    refuses : tuple of type
        What it may raise.
    """

    write: Callable[[Path], Path]
    read: Callable[[Path], Any]
    packed: str = ""
    refuses: tuple[type[Exception], ...] = (UsageError,)


def _cohort(folder: Path, more: str = "") -> Path:
    (folder / "patients.csv").write_text(PATIENTS)
    (folder / "cohort.toml").write_text(COHORT + more)
    return folder / "cohort.toml"


def _modality(folder: Path, file: str, kind: str = "matrix") -> Path:
    _cohort(folder, f'\n[modalities.rna]\nkind = "{kind}"\nfile = "{file}"\n')
    return folder / file


def _load(path: Path) -> None:
    load(str(path.parent / "cohort.toml"))


def _matrix() -> pd.DataFrame:
    return pd.DataFrame({"id": IDS, "tp53": [1.5, 2.5], "kras": [3, 4], "note": [7.0, None]})


def _csv(folder: Path) -> Path:
    _cohort(folder)
    return folder / "patients.csv"


def _packed_csv(folder: Path) -> Path:
    path = _modality(folder, "rna.csv.gz")
    path.write_bytes(gzip.compress(_matrix().to_csv(index=False).encode()))
    return path


def _parquet(folder: Path) -> Path:
    path = _modality(folder, "rna.parquet", "table")
    _matrix().assign(level=pd.Categorical(["a", "b"]), day=pd.Timestamp("2020-01-01")).to_parquet(path)
    return path


def _slides(folder: Path) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 6)).astype(np.float16)


def _list_of_slides(folder: Path) -> Path:
    (folder / "slides").mkdir(exist_ok=True)
    np.save(folder / "slides" / "a.npy", _slides(folder))
    _cohort(folder, '\n[modalities.wsi]\nkind = "bags"\nfolder = "slides"\nslides = "slides.csv"\n')
    (folder / "slides.csv").write_text("id,file\n007,a.npy\n")
    return folder / "slides.csv"


def _npy(folder: Path) -> Path:
    np.save(folder / "a.npy", _slides(folder))
    np.save(folder / "a_coords.npy", np.zeros((5, 2), dtype=np.int64))
    return folder / "a.npy"


def _coordinates(folder: Path) -> Path:
    _npy(folder)
    return folder / "a_coords.npy"


def _pt(folder: Path) -> Path:
    torch.save(torch.from_numpy(_slides(folder)), folder / "a.pt")
    return folder / "a.pt"


def _h5(folder: Path) -> Path:
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("features", data=_slides(folder), compression="gzip")
        file["coords"] = np.zeros((5, 2), dtype=np.int64)
    return folder / "a.h5"


def _read_slide(path: Path) -> None:
    bags = patch_bags({"ada": [path]}, ["ada"])
    assert bags[0].dtype == np.float32
    bags.source.places(0)


def _read_coordinates(path: Path) -> None:
    coordinates(path.with_name("a.npy"))


def _npz(*, compressed: bool) -> Callable[[Path], Path]:
    arrays = packed_arrays({"007_1": 3, "009_1": 4})
    return lambda folder: write_packed(folder / "slides.npz", arrays, compressed=compressed)


def _tcga(folder: Path) -> Path:
    frame = pd.DataFrame({"patient_id": BARCODES, "g1": [0.5, 1.5, 2.5, 3.5], "g2": [1, 2, 3, 4]})
    path = folder / "rna.csv.gz"
    path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    return path


def _read_tcga(path: Path) -> None:
    numbers(path, read_strings(path, ["patient_id", "g1"]), "g1")
    read_molecular(path, frozenset(BARCODES), BARCODES[:3])


def _gene_sets(folder: Path) -> Path:
    path = folder / FILES["families"]
    path.parent.mkdir(exist_ok=True)
    path.write_text("kinases,growth\nEGFR,TP53\nALK,\n")
    return path


def _json(folder: Path) -> Path:
    (folder / "9100.json").write_text(json.dumps(drawn_chimera.drawn(0), indent=1))
    return folder / "9100.json"


def _chimera(folder: Path) -> Path:
    task = folder / "chimera" / "task1"
    if not task.exists():
        drawn_chimera.write_task(folder / "chimera")
    path = task / "clinical_data" / "9100.json"
    path.write_text(json.dumps(drawn_chimera.drawn(0), indent=1))
    return path


def _expression(folder: Path) -> Path:
    (folder / "3A_001_RNA.json").write_text(json.dumps({"TP53": 1.5, "KRAS": 2}))
    return folder / "3A_001_RNA.json"


def _derived(folder: Path) -> Path:
    path = folder / "derived.csv.gz"
    path.write_bytes(gzip.compress(b"patient_id,a,b\n9100,1.5,2\n9101,3,4\n"))
    return path


def _cached(folder: Path) -> Path:
    os.environ[CACHE] = str(folder)
    path = folder / "chunks" / "one" / "ab" / "abc.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.zeros((2, 3), dtype=np.float32))
    return path


def _read_cached(path: Path) -> None:
    found = cached_array("chunks", "one", "abc", 3, lambda: np.zeros((2, 3), dtype=np.float32))
    assert found.dtype == np.float32
    assert found.shape[1] == 3


def _lines(folder: Path) -> Path:
    os.environ[CACHE] = str(folder)
    held = CachedLines("answers", "one")
    held.add("a", {"text": "yes"})
    held.add("b", {"text": "no"})
    held.save()
    return held.path


def _read_lines(path: Path) -> None:
    CachedLines("answers", "one").get("a")


def _config(folder: Path) -> Path:
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 8}')
    return folder / "config.json"


def _checksums(folder: Path) -> Path:
    (folder / "checksums.json").write_text('{"files": {"config.json": "00"}}')
    return folder / "checksums.json"


def _predictions(folder: Path) -> Path:
    ids, time, event = np.array(["a", "b"]), np.array([1.0, 2.0]), np.array([True, False])
    patients = {"ids": ids, "time": time, "event": event}
    of = {f"{part}.{name}": values for part in ("train", "test") for name, values in patients.items()}
    curves = {"test@.risk": np.zeros(2), "test@.times": np.array([0.0, 1.0]), "test@.survival": np.ones((2, 2))}
    np.savez(folder / "predictions.npz", **of, **curves)
    return folder / "predictions.npz"


def _study(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        trial = {"number": 0, "state": "complete", "settings": {"a": 1.5}, "values": [0.5], "cause": "", "reported": []}
        (folder / "trials.jsonl").write_text(json.dumps(trial) + "\n")
        (folder / "study.json").write_text(json.dumps({"chosen": 0, "settings": {"a": 1.5}, "tuning": {"trials": 1}}))
        return folder / name

    return write


def _read_study(path: Path) -> None:
    read_study(path.parent)


READERS = {
    "cohort file": Reader(_cohort, _load),
    "csv": Reader(_csv, _load),
    "csv.gz": Reader(_packed_csv, _load, "gzip"),
    "parquet": Reader(_parquet, _load),
    "list of slides": Reader(_list_of_slides, _load),
    "npy": Reader(_npy, _read_slide),
    "coordinates": Reader(_coordinates, _read_coordinates),
    "pt": Reader(_pt, _read_slide, "zip"),
    "h5": Reader(_h5, _read_slide),
    "npz": Reader(_npz(compressed=False), lambda path: packed_bags(path, IDS)[0], "zip"),
    "packed npz": Reader(_npz(compressed=True), lambda path: packed_bags(path, IDS)[0], "zip"),
    "tcga": Reader(_tcga, _read_tcga, "gzip"),
    "gene sets": Reader(_gene_sets, lambda path: gene_sets(path.parent.parent, "families")),
    "chimera json": Reader(_json, lambda path: read_object("9100", path)),
    "chimera patient": Reader(_chimera, lambda path: drawn_chimera.load(path.parents[3])),
    "chimera expression": Reader(_expression, lambda path: Expression().read("3A_001", path)),
    "chimera derived": Reader(_derived, lambda path: derived_matrix(path, ["9100"]), "gzip"),
    "cached array": Reader(_cached, _read_cached, refuses=()),
    "cached lines": Reader(_lines, _read_lines, refuses=()),
    "configuration of a model": Reader(_config, lambda path: read_config(path.parent)),
    "checksums of a model": Reader(_checksums, lambda path: damage_of_model(path.parent), refuses=()),
    "stored predictions": Reader(
        _predictions, lambda path: read_predictions(path.parent), "zip", (CorruptedCellError,)
    ),
    "stored trials": Reader(_study("trials.jsonl"), _read_study, refuses=(ValueError,)),
    "stored study": Reader(_study("study.json"), _read_study, refuses=(ValueError,)),
}


def damaged(reader: Reader, folder: Path, examples: int, number: int = 0) -> None:
    """Damage the file of a reader so many times, and read it each time."""

    @seed(number)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(damages(reader.packed))
    def read_damaged(change: Change) -> None:
        path = reader.write(folder)
        path.write_bytes(change(path.read_bytes()))
        try:
            reader.read(path)
        except reader.refuses as error:
            told = str(error)
            assert "\n" not in told
            assert len(told) < LONGEST_LINE

    read_damaged()


@pytest.mark.parametrize("name", READERS)
def test_the_file_that_is_damaged_below_is_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    reader = READERS[name]
    reader.read(reader.write(tmp_path))


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    damaged(READERS[name], tmp_path, EXAMPLES)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", READERS)
def test_no_damage_of_ten_minutes_is_a_traceback(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    end = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "600"))
    rounds = 0
    while time.monotonic() < end:
        rounds += 1
        damaged(READERS[name], tmp_path, 200, rounds)
    print(f"{name}: {200 * rounds} damaged files")
