"""The results folder: one folder per cell, written whole or not at all, and trusted only if its checksums hold."""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmarks.atomic_write import sync, write_atomically
from benchmarks.errors import UsageError
from benchmarks.plain_text import one_line
from benchmarks.storage.locks import LOCKS, Locks
from benchmarks.storage.record_file import read_json, record_of
from benchmarks.types import LAYOUT, Record
from benchmarks.types.canonical import canonical_json, sha256_of_json
from benchmarks.types.cell import key_of
from benchmarks.types.score import CellScores

MARKER = "results.json"
RECORD = "cell.json"
CELLS = "cells"
SCORES = "scores.json"
INFLUENCE = "influence.safetensors"
PREDICTIONS = "predictions.npz"

LONGEST_PROBLEM = 300

_MARKER_CONTENT = canonical_json({"layout": LAYOUT, "suite": "multimodal-survival-benchmarks"})

# Names of what a runner has in hand, with the number of its process: folders of running cells, and cells on their way.
_WORK = re.compile(r"(?:probe-)?(?P<pid>[0-9]{1,9})(?:-\w+)?", re.ASCII)
_UNFINISHED = re.compile(r"\.(?:new|old)-\w+-(?P<pid>[0-9]{1,9})", re.ASCII)

# Why a folder cannot be renamed while another process renames one to or from the same name.
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)


class CorruptedCellError(Exception):
    """The files of a cell are not what was written; the message says which and how."""


class Store:
    """A results folder.

    Parameters
    ----------
    root : Path
        The folder; made by ``create``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cells = root / CELLS

    @classmethod
    def create(cls, root: Path) -> "Store":
        """Open a results folder to write into, making it if there is none."""
        store = cls(root)
        for folder in (store.cells, root / "work"):
            if folder.is_symlink():
                raise UsageError(f"{folder} is a link; give a folder of results that has none with --results")
        try:
            store.cells.mkdir(parents=True, exist_ok=True)
            (root / "work").mkdir(exist_ok=True)
            if _unwritten(root / MARKER):
                write_atomically(root / MARKER, _MARKER_CONTENT)
            probe = root / "work" / f"probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise UsageError(f"cannot write results to {root}: {error.strerror}") from None
        store._require_layout()
        store._clear_work()
        return store

    @classmethod
    def open(cls, root: Path) -> "Store":
        """Open an existing results folder to read."""
        if not (root / MARKER).is_file():
            raise UsageError(f"{root} is no results folder; run something first or give --results")
        store = cls(root)
        store._require_layout()
        return store

    def __iter__(self) -> Iterator[str]:
        """Yield the keys of all cells, sorted."""
        if self.cells.is_dir():
            yield from sorted(path.name for path in self.cells.iterdir() if not path.name.startswith("."))

    def folder(self, key: str) -> Path:
        """Return the folder of a cell."""
        return self.cells / key

    def has(self, key: str) -> bool:
        """Return whether there is a folder for a cell; ``read`` tells whether it can be trusted."""
        return self.folder(key).is_dir()

    def read(self, key: str) -> Record:
        """Read a record and verify the checksums of all files of the cell.

        Raises
        ------
        CorruptedCellError
            If a file is missing, unreadable or differs from what was written.
        """
        record = self.read_record(key)
        folder = self.folder(key)
        if record.status == "ok" and PREDICTIONS not in record.files:
            raise CorruptedCellError(f"{folder / RECORD} is no record of a cell: ok, without {PREDICTIONS}")
        for name, expected in record.files.items():
            path = folder / name
            if not path.is_file():
                raise CorruptedCellError(f"{path} is missing")
            try:
                found = _sha256(path)
            except OSError as error:
                raise CorruptedCellError(f"{path} cannot be read: {error.strerror}") from None
            if found != expected:
                raise CorruptedCellError(f"{path} differs from what was written: its checksum does not match")
        return record

    def read_record(self, key: str) -> Record:
        """Read a record and verify its own checksum, not the other files of the cell.

        Raises
        ------
        CorruptedCellError
            If the record is missing, unreadable or differs from what was written.
        """
        path = self.folder(key) / RECORD
        content = _read_checked(path)
        try:
            record = record_of(content)
        except (ValueError, RecursionError) as error:
            raise CorruptedCellError(f"{path} is no record of a cell: {_told(error)}") from None
        # The key of the cell, made of the fields as they were read.
        found = key_of(content["cell"])
        if found != key:
            raise CorruptedCellError(f"{path} is the record of another cell, {found}")
        return record

    def write(self, record: Record, files: Path | None = None) -> Record:
        """Store a record and the files of a folder, which are moved; return the record with their checksums.

        The cell appears under its key by one rename, complete and synced, or not at all.

        Files that are gone, because a method of a cell beside it deleted them, make a failed record of it.

        Raises
        ------
        UsageError
            If it cannot be written, because the disk is full, say; what was stored before is untouched.
        """
        if files is not None and not files.is_dir():
            return self.write(_without_files(record))
        try:
            return self._write_cell(record, files)
        except OSError as error:
            if files is not None and not files.is_dir():
                return self.write(_without_files(record))
            raise UsageError(
                f"cannot write results to {self.root}: {error.strerror}; finished cells are kept"
            ) from None

    def _write_cell(self, record: Record, files: Path | None) -> Record:
        key = record.cell.key
        new = self.cells / f".new-{key}-{os.getpid()}"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        names = sorted(path.name for path in files.iterdir() if path.is_file()) if files else []
        for name in names:
            assert files is not None
            (files / name).rename(new / name)
            sync(new / name)
        record = replace(record, files={name: _sha256(new / name) for name in names})
        _write_checked(new / RECORD, record.as_json())
        sync(new)
        self._take_place(new, key)
        return record

    def _take_place(self, new: Path, key: str) -> None:
        """Give a new cell its name, in place of whatever has it, and whoever else does so at the same time."""
        old = self.cells / f".old-{key}-{os.getpid()}"
        while True:
            try:
                if os.path.lexists(self.folder(key)):
                    self.folder(key).rename(old)
                new.rename(self.folder(key))
                break
            except OSError as error:
                if error.errno not in _TAKEN or not new.is_dir():
                    raise
                _remove(old)
        sync(self.cells)
        _remove(old)

    def read_scores(self, key: str, protocol_id: str) -> CellScores | None:
        """Return the scores of a cell under a protocol, or None if there are none or they cannot be trusted."""
        try:
            scores = CellScores.from_json(_read_checked(self.folder(key) / SCORES))
        except (CorruptedCellError, ValueError):
            return None  # whoever asks computes them from the predictions
        return scores if scores.protocol == protocol_id else None

    def write_scores(self, key: str, scores: CellScores) -> None:
        """Store the scores of a cell beside its record."""
        try:
            _write_checked(self.folder(key) / SCORES, scores.as_json())
        except OSError as error:
            raise self._not_written(key, error) from None

    def read_influence(self, key: str, sha256: str) -> bytes | None:
        """Return the influence of a cell's patients, or None if they are not there or have another checksum."""
        try:
            content = (self.folder(key) / INFLUENCE).read_bytes()
        except OSError:
            return None  # whoever asks computes it with the scores
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def write_influence(self, key: str, content: bytes) -> str:
        """Store the influence of a cell's patients beside its scores; return their checksum."""
        try:
            _make_room(self.folder(key) / INFLUENCE)
            write_atomically(self.folder(key) / INFLUENCE, content)
        except OSError as error:
            raise self._not_written(key, error) from None
        return hashlib.sha256(content).hexdigest()

    def _not_written(self, key: str, error: OSError) -> Exception:
        """Return why scores cannot be written: the disk is full, say, or a run is storing the cell anew."""
        if isinstance(error, FileNotFoundError):
            return CorruptedCellError(f"{self.folder(key)} is stored anew by a run")
        return UsageError(f"cannot write results to {self.root}: {error.strerror}; finished cells are kept")

    @contextlib.contextmanager
    def work_folder(self, key: str) -> Iterator[Path]:
        """Give an empty folder on the same file system, removed at the end."""
        work = self.root / "work"
        if work.is_symlink() or not work.is_dir():
            work.unlink(missing_ok=True)  # a method may have put a file or a link there
        folder = work / f"{os.getpid()}-{key}"
        _remove(folder)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            _remove(folder)

    def study_folder(self, key: str) -> Path:
        """Return where the study of a tuned cell is kept until the cell is stored."""
        return self.root / "studies" / key

    def forget_study(self, key: str) -> None:
        """Remove what is kept of a study."""
        shutil.rmtree(self.study_folder(key), ignore_errors=True)

    def _require_layout(self) -> None:
        path = self.root / MARKER
        try:
            layout = read_json(path).get("layout")
        except (ValueError, AttributeError, OSError):
            raise UsageError(f"{path} is unreadable; give another folder with --results") from None
        if layout != LAYOUT:
            raise UsageError(
                f"{self.root} holds results of layout {layout}, this version writes layout {LAYOUT}; "
                "give another folder with --results"
            )

    def _clear_work(self) -> None:
        """Remove what runners that are no longer alive left unfinished."""
        for path in [*(self.root / "work").iterdir(), *self.cells.iterdir()]:
            named = (_WORK if path.parent.name == "work" else _UNFINISHED).fullmatch(path.name)
            # Of another name: not made here, so not ours to remove.
            if named and not _alive(int(named["pid"])):
                self._restore_or_remove(path)
        Locks(self.root / LOCKS).clear()

    def _restore_or_remove(self, path: Path) -> None:
        # A runner that died between the two renames of `write` left only the old version: it is still good.
        if path.name.startswith(".old-") and not self.has(path.name.split("-")[1]):
            path.rename(self.folder(path.name.split("-")[1]))
        else:
            shutil.rmtree(path, ignore_errors=True)


def _unwritten(marker: Path) -> bool:
    """Return whether a marker is not there, or is one of which a crash of the machine left nothing or the beginning."""
    if not os.path.lexists(marker):
        return True
    if not marker.is_file() or marker.stat().st_size > len(_MARKER_CONTENT):
        return False
    return _MARKER_CONTENT.startswith(marker.read_bytes().rstrip(b"\0"))


def _without_files(record: Record) -> Record:
    if record.status != "ok":
        return record
    return replace(record, status="failed", cause="its files were deleted before they were stored, by a cell beside it")


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or whatever else has its name."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _read_checked(path: Path) -> dict[str, Any]:
    try:
        envelope = read_json(path)
        content: dict[str, Any] = envelope["content"]
        expected = envelope["sha256"]
        found = sha256_of_json(content)
    except FileNotFoundError:
        raise CorruptedCellError(f"{path} is missing") from None
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        raise CorruptedCellError(f"{path} is not readable") from None
    if found != expected or not isinstance(content, dict):
        raise CorruptedCellError(f"{path} differs from what was written: its checksum does not match")
    return content


def _told(error: Exception) -> str:
    """Return one line on what is wrong with a record."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return one_line(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", LONGEST_PROBLEM)
    return one_line(str(error) or type(error).__name__, LONGEST_PROBLEM)


def _make_room(path: Path) -> None:
    """Remove a folder that stands where a file is to be written."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def _write_checked(path: Path, content: Mapping[str, Any]) -> None:
    _make_room(path)
    envelope = {"content": content, "sha256": sha256_of_json(content)}
    write_atomically(path, json.dumps(envelope, sort_keys=True, indent=1, allow_nan=False).encode() + b"\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
