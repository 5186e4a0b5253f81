"""Our folder `datasets/` and Hugging Face's package of that name do not meet."""

import importlib
import importlib.metadata
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

TRANSFORMERS = """
import tempfile
import benchmarks  # as everything does that runs in a checkout
import transformers
from transformers.utils import is_datasets_available
import torch
config = transformers.Qwen2Config(vocab_size=11, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
                                  num_attention_heads=2, num_key_value_heads=1)
model = transformers.Qwen2ForCausalLM(config)
logits = model(torch.zeros((1, 3), dtype=torch.long)).logits
assert logits.shape == (1, 3, 11)
examples = [{"input_ids": [1, 2, 3], "labels": [1, 2, 3]}] * 4
elsewhere = transformers.TrainingArguments(output_dir=tempfile.mkdtemp(), report_to=[])
trainer = transformers.Trainer(model=model, args=elsewhere, train_dataset=examples)
assert len(next(iter(trainer.get_train_dataloader()))["input_ids"]) > 0
print(is_datasets_available())
"""


def run_in_root(root: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_test_started_in_the_root_finds_hugging_faces() -> None:
    package = importlib.import_module("datasets")
    assert package.__version__ == importlib.metadata.version("datasets")
    assert Path(package.__file__).is_relative_to(sysconfig.get_path("purelib"))


def test_a_script_started_in_the_root_finds_hugging_faces(root: Path) -> None:
    found = run_in_root(root, "-c", "import datasets; print(datasets.__file__)")
    assert Path(found.strip()).is_relative_to(sysconfig.get_path("purelib"))


def test_transformers_works_with_hugging_faces_datasets(root: Path) -> None:
    assert run_in_root(root, "-c", TRANSFORMERS).strip() == "True"


def test_transformers_works_without_hugging_faces_datasets(root: Path, tmp_path: Path) -> None:
    # The same site-packages but for that one package.
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name != "datasets" and not entry.name.startswith("datasets-"):
            (tmp_path / entry.name).symlink_to(entry)
    assert run_in_root(root, "-S", "-c", TRANSFORMERS, PYTHONPATH=str(tmp_path)).strip() == "False"


def test_our_adapters_are_reached_by_their_own_name() -> None:
    adapter = importlib.import_module("benchmarks.datasets.bundled.gbsg2")
    assert len(adapter.load()) == 686


def test_there_is_no_init_file_in_our_folder(root: Path) -> None:
    assert not (root / "datasets" / "__init__.py").exists()


@pytest.mark.parametrize("folder", ["benchmarks", "datasets", "leaderboards", "methods", "metrics"])
def test_no_module_imports_the_name(root: Path, folder: str) -> None:
    for path in (root / folder).rglob("*.py"):
        for line in path.read_text().splitlines():
            assert not line.strip().startswith(("import datasets", "from datasets")), path
