"""A fitted method in a folder, and back: checked for version and damage before anything of it is used.

``model.json`` says what the model is, with the checksums of the other files and its own; ``state.json`` describes what
was learnt; ``arrays.safetensors`` and ``weights.safetensors`` hold its numbers. No pickle is written or read.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from benchmarks.atomic_write import sync
from benchmarks.catalog.cards import MethodCard
from benchmarks.catalog.code_checksum import code_identity
from benchmarks.catalog.registry import load_entry, method_cards
from benchmarks.errors import UsageError
from benchmarks.models.allowed import NotAllowedError, package_of
from benchmarks.models.codec import NotSavableError, State, decode, encode
from benchmarks.plain_text import one_line
from benchmarks.types import Method
from benchmarks.types.canonical import sha256_of_json

MODEL, STATE, ARRAYS, WEIGHTS = "model.json", "state.json", "arrays.safetensors", "weights.safetensors"

# Raised when what is saved changes its form or meaning.
FORMAT = 1

_LONGEST_CARD = 2**26
_LONGEST_STATE = 2**30
_LONGEST_PROBLEM = 200


class ModelError(UsageError):
    """A folder is no model that can be used here; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """A method as it was fitted, with what is known of the fit.

    Parameters
    ----------
    method : Method
        Ready to predict.
    name : str
        Its registered name.
    about : mapping
        Plain values: dataset, split, horizon, times, and what the method reads (``benchmarks.models.reads``).
    """

    method: Method
    name: str
    about: Mapping[str, Any]


def refuse_full_folder(folder: Path) -> None:
    """Refuse a folder that has something in it, or is none.

    Raises
    ------
    UsageError
        If it is so.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"--model {folder}: a folder is needed, that is no folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"--model {folder}: the folder is not empty; give one of its own to a model")


def save_model(model: SavedModel, entry: str, folder: Path) -> None:
    """Write a model into a new folder, whole or not at all.

    Parameters
    ----------
    model : SavedModel
        Fitted.
    entry : str
        ``"module:Class"`` of its method.
    folder : Path
        Not there yet, or empty.

    Raises
    ------
    UsageError
        If the method holds something that cannot be saved, or the folder cannot be written.
    """
    refuse_full_folder(folder)
    try:
        state = encode(model.method, package_of(entry))
    except NotSavableError as error:
        raise UsageError(f"{model.name} cannot be saved: {one_line(str(error), _LONGEST_PROBLEM)}") from None
    code = code_identity(entry)
    unfinished = folder.with_name(f".{folder.name}-{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        checksums = _write_state(state, unfinished)
        content = {
            "format": FORMAT,
            "method": model.name,
            "entry": entry,
            "code_sha256": code.sha256,
            "libraries": code.libraries,
            "about": dict(model.about),
            "files": checksums,
        }
        envelope = {"content": content, "sha256": sha256_of_json(content)}
        (unfinished / MODEL).write_text(json.dumps(envelope, indent=1, sort_keys=True, allow_nan=False))
        for path in [*unfinished.iterdir(), unfinished]:
            sync(path)
        if folder.is_dir():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise UsageError(f"--model {folder}: cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def load_model(folder: Path, card: MethodCard | None = None) -> SavedModel:
    """Return the model of a folder that anybody may have made.

    Parameters
    ----------
    folder : Path
        As ``save_model`` wrote it.
    card : MethodCard, optional
        Of a method that is not registered here; the folder must be one of its.

    Raises
    ------
    ModelError
        If it is no model, of another version of this format, of the method's code or of its libraries, or a file is
        damaged.
    """
    content = _read_card(folder / MODEL)
    name = str(content["method"])
    card = method_cards().get(name) if card is None else card
    if card is None or (card.name, card.entry) != (name, content["entry"]):
        known = "which is no method that is registered here" if card is None else f"not of {card.entry}"
        raise ModelError(f"{folder} holds a model of {name[:60]!r}, {known}")
    _check_versions(folder, content, card.entry)
    found = {file: _checked_bytes(folder / file, checksum) for file, checksum in content["files"].items()}
    loaded = load_entry(card)
    try:
        method = decode(_state_of(found), package_of(card.entry))
        if type(method) is not loaded:
            raise NotAllowedError(f"the state of another class than {card.entry}")
    except Exception as error:  # whatever the classes raise that a forged file puts together
        told = one_line(str(error) or type(error).__name__, _LONGEST_PROBLEM)
        raise ModelError(f"{folder} holds no model of {name}: {told}") from None
    return SavedModel(method=method, name=name, about=content["about"])


def _write_state(state: State, folder: Path) -> dict[str, str]:
    """Write the files of a state; return their checksums."""
    text = json.dumps({"root": state.root, "objects": state.objects}, allow_nan=False, separators=(",", ":"))
    written = {STATE: text.encode(), ARRAYS: save_arrays(state.arrays)}
    if state.weights:
        from safetensors.torch import save as save_weights  # torch takes seconds to load

        written[WEIGHTS] = save_weights(state.weights)
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in written.items()}


def _state_of(found: Mapping[str, bytes]) -> State:
    said = json.loads(found[STATE])
    weights: dict[str, Any] = {}
    if WEIGHTS in found:
        from safetensors.torch import load as load_weights

        weights = load_weights(found[WEIGHTS])
    return State(said["root"], said["objects"], load_arrays(found[ARRAYS]), weights)


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelError(f"{path.parent} has no {MODEL}: it is no saved model; fit makes one")
    try:
        if path.stat().st_size > _LONGEST_CARD:
            raise ValueError("too large")
        envelope = json.loads(path.read_bytes())
        content: dict[str, Any] = envelope["content"]
        expected, found = envelope["sha256"], sha256_of_json(content)
        version = content["format"]
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        raise ModelError(f"{path} is damaged, or no {MODEL} of a saved model") from None
    if version != FORMAT:
        raise ModelError(
            f"{path.parent} was saved in format {str(version)[:20]}, this is format {FORMAT}: fit it again"
        )
    if found != expected or not _has_form(content):
        raise ModelError(f"{path} is damaged: its checksum does not match")
    return content


def _has_form(content: Mapping[str, Any]) -> bool:
    files = content.get("files")
    return (
        isinstance(files, dict)
        and {STATE, ARRAYS} <= set(files) <= {STATE, ARRAYS, WEIGHTS}
        and all(isinstance(content.get(key), dict) for key in ("about", "libraries"))
        and all(isinstance(content.get(key), str) for key in ("method", "entry", "code_sha256"))
    )


def _check_versions(folder: Path, content: Mapping[str, Any], entry: str) -> None:
    code = code_identity(entry)
    here = {name: _counted(name, version) for name, version in code.libraries.items()}
    there = {name: _counted(name, str(version)) for name, version in content["libraries"].items()}
    for name in sorted({*here, *there}):
        if here.get(name) != there.get(name):
            raise ModelError(
                f"{folder} was saved with {name[:60]} {there.get(name, 'absent')[:40]}, here is "
                f"{here.get(name, 'absent')}: install that version, or fit it again"
            )
    if content["code_sha256"] != code.sha256:
        raise ModelError(
            f"{folder} was saved by other code of {content['method'][:60]} ({content['code_sha256'][:12]}, here is "
            f"{code.sha256[:12]}): use that version of the suite, or fit it again"
        )


def _counted(name: str, version: str) -> str:
    """Return the part of a version that counts: of Python's not the last number."""
    return ".".join(version.split(".")[:2]) if name == "python" else version


def _checked_bytes(path: Path, checksum: str) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > _LONGEST_STATE and path.name == STATE:
            raise ModelError(f"{path} is too large for the state of a model")
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != checksum:
        raise ModelError(f"{path} is damaged: its checksum does not match")
    return content
