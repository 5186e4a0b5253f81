"""Folders of pretrained models: where they are, whether they are whole, and what stands for their content.

Nothing is downloaded here: a run reads what is on this machine, or says in one line what to do.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.encoders.cache import cache_folder
from benchmarks.encoders.known_models import HF, KNOWN, KnownModel
from benchmarks.errors import LONGEST_NAME, UsageError, hint
from benchmarks.plain_file import read_plain
from benchmarks.plain_text import one_line

CONFIG = "config.json"

# In a fetched folder: the SHA-256 of each file.
CHECKSUMS = "checksums.json"

# What decides what a model says: configuration, weights, tokenizer.
CONTENT = ("*.json", "*.safetensors", "*.gguf", "*.txt", "*.model")
WEIGHTS = ("*.safetensors", "*.gguf")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model")
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack")

# The most bytes of a configuration or list of checksums.
MOST_JSON = 2**24

# Digits of a checksum that stand for it in settings and names of files.
SHORT = 12


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder in Hugging Face's layout that can be read.

    Parameters
    ----------
    path : Path
        The folder.
    label : str
        What rows and tables call the model.
    checksum : str
        SHA-256 of names and contents of its configuration, weights and tokenizer.
    """

    path: Path
    label: str
    checksum: str

    @property
    def version(self) -> str:
        """The first digits of the checksum."""
        return self.checksum[:SHORT]

    @property
    def gguf(self) -> str | None:
        """Name of the file of quantised weights, if the folder has no other."""
        if _matching(self.path, ["*.safetensors"]):
            return None
        return _matching(self.path, ["*.gguf"])[0].name


def find_model(specification: str) -> ModelFolder:
    """Return the folder of a model; it has been read through, and is whole.

    Parameters
    ----------
    specification : str
        The name of a model that ``models fetch`` gets; ``hf:<folder>``, or ``hf:<folder>@<checksum>`` with the first
        digits of its checksum; or ``hf:<id>``, ``hf:<id>@<revision>`` of a model in Hugging Face's own cache.

    Raises
    ------
    UsageError
        If it is not there, damaged, without weights or tokenizer, or its weights are pickled, which could run code.
    """
    if specification in KNOWN:
        return _fetched(KNOWN[specification])
    if not specification.startswith(HF):
        known = [*KNOWN, f"{HF}<folder>", f"{HF}<id>@<revision>"]
        raise UsageError(f"unknown model {specification!r}; {hint(specification, known)}")
    place, _, revision = specification.removeprefix(HF).partition("@")
    folder = Path(place).expanduser()
    if folder.is_dir():
        return _own(folder.resolve(), place, revision)
    return _in_hub_cache(place, revision)


def find_version(specification: str, version: str) -> ModelFolder:
    """Return a model that must be the one a method was fitted with.

    Raises
    ------
    UsageError
        If it is not there, cannot be read, or is of another version.
    """
    found = find_model(specification)
    if found.version != version:
        raise UsageError(f"{specification} is of version {found.version} here, the method was fitted with {version}")
    return found


def pinned(specification: str) -> str:
    """Return the specification with what it stands for written out: a folder's checksum behind its path.

    The key of a cell hangs on settings, so a folder whose content changes must change them, too. A specification that
    has its checksum or revision, and the name of a model that is fetched, stay as they are, unread.

    Raises
    ------
    UsageError
        If there is no such model, or its folder cannot be read.
    """
    if specification in KNOWN or (specification.startswith(HF) and "@" in specification):
        return specification
    found = find_model(specification)
    return f"{HF}{found.path}@{found.version}"


def fetched_folder(name: str) -> Path:
    """Return where a fetched model is, or would be."""
    return cache_folder() / "models" / name


def damage(folder: Path) -> str | None:
    """Return what is wrong with a fetched folder compared to its list of checksums, None if nothing is."""
    try:
        expected = {str(name): str(checksum) for name, checksum in _json(folder / CHECKSUMS)["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{CHECKSUMS} cannot be read"
    # What is there is listed, not asked for by name: a damaged list may name what no file can be called.
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name, checksum in expected.items():
        if name not in there:
            return f"{one_line(name, LONGEST_NAME)} is missing"
        if file_checksum(there[name]) != checksum:
            return f"{name} is not what was fetched"
    return None


def content_files(folder: Path) -> list[Path]:
    """Return the files that decide what a model says, by name."""
    return [path for path in _matching(folder, CONTENT) if path.name != CHECKSUMS]


def content_checksum(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of ``content_files``."""
    lines = [f"{path.name} {file_checksum(path)}" for path in content_files(folder)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file; of one that has not changed since it was read in this process, without reading."""
    status = path.stat()
    return _file_checksum(path, status.st_size, status.st_mtime_ns)


@cache
def _file_checksum(path: Path, size: int, modified: int) -> str:  # noqa: ARG001  # 2026-11-26: parts of the cache's key
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetched(model: KnownModel) -> ModelFolder:
    folder = fetched_folder(model.name)
    command = f"python -m benchmarks models fetch {model.name}"
    if not folder.is_dir():
        raise UsageError(f"the model {model.name} ({model.label}) is not on this machine; get it with: {command}")
    flaw = damage(folder)
    if flaw:
        raise UsageError(f"the model {model.name} is damaged ({flaw}); get it again with: {command}")
    return ModelFolder(folder, model.label, content_checksum(folder))


def _own(folder: Path, place: str, revision: str) -> ModelFolder:
    _require_readable(folder)
    checksum = content_checksum(folder)
    if revision and (len(revision) < 6 or not checksum.startswith(revision)):
        raise UsageError(
            f"the model in {place} has the checksum {checksum[:SHORT]}, not {revision}: its files have changed; "
            f"leave out @{revision} to take it as it is"
        )
    return ModelFolder(folder, folder.name, checksum)


def _in_hub_cache(place: str, revision: str) -> ModelFolder:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(place, revision=revision or None, local_files_only=True))
    except HFValidationError:
        raise UsageError(f"{place} is neither a folder nor the identifier of a model") from None
    except LocalEntryNotFoundError:
        at = f" --revision {revision}" if revision else ""
        raise UsageError(
            f"{place} is no folder, and no model in Hugging Face's cache either; where there is a way to their hub, "
            f"get it with: hf download {place}{at}"
        ) from None
    _require_readable(folder)
    name = place.rpartition("/")[2]
    return ModelFolder(folder, f"{name}@{revision}" if revision else name, content_checksum(folder))


def _require_readable(folder: Path) -> None:
    """Raise unless a folder has configuration, weights that run no code, and a tokenizer."""
    weights = _matching(folder, WEIGHTS)
    if not weights:
        pickled = _matching(folder, PICKLED)
        if pickled:
            raise UsageError(
                f"the weights of {folder.name} are pickled ({pickled[0].name}), and reading a pickle can run code: "
                "save them as safetensors"
            )
        raise UsageError(f"{folder.name} has no weights (*.safetensors or *.gguf)")
    if [path.suffix for path in weights] == [".gguf"]:
        return  # it holds configuration and tokenizer, too
    if all(path.suffix == ".gguf" for path in weights):
        raise UsageError(f"{folder.name} has {len(weights)} files .gguf; a folder holds one")
    config = read_config(folder)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise UsageError(f"{folder.name} has no tokenizer (tokenizer.json or one of {', '.join(TOKENIZERS[1:])})")
    if "auto_map" in config and not _known_architecture(config):
        raise UsageError(f"{folder.name} asks for code of its own ({CONFIG}, auto_map), which is never run")


def read_config(folder: Path) -> dict[str, Any]:
    """Return the configuration of a model; UsageError if a folder has none that can be read."""
    try:
        config = _json(folder / CONFIG)
    except OSError:
        raise UsageError(f"{folder.name} has no {CONFIG}") from None
    except ValueError:
        raise UsageError(f"{folder.name}/{CONFIG} is no JSON") from None
    if not isinstance(config, dict):
        raise UsageError(f"{folder.name}/{CONFIG} is no configuration of a model")
    return config


def _json(path: Path) -> Any:
    """Return the content of a file of JSON; OSError or ValueError if it is none."""
    try:
        return json.loads(read_plain(path, MOST_JSON))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _known_architecture(config: dict[str, Any]) -> bool:
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    return config.get("model_type") in CONFIG_MAPPING


def _matching(folder: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
