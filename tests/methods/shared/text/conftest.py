"""A tiny checkpoint in Hugging Face's layout, made here: Qwen2, trained byte-level BPE, bfloat16, several shards."""

from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.types import Context
from methods.shared.text.scratch import Size, scratch_backbone

TEXTS = (
    "age is 56. tumour size is 21 mm. grade is II. Risk: 07.4",
    "age is 61. tumour size is 35 mm. grade is III. Risk: 61.0",
    "age is 48. tumour size is 9 mm. grade is I. Risk: 03.2",
    "no lymph node is involved.",
)

SIZE = Size(width=32, layers=4, heads=4, feed_forward=64, positions=128, dropout=0.0)


def save(backbone: Any, folder: Path) -> None:
    """Write a backbone as a checkpoint of several shards in bfloat16."""
    backbone.model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="20KB")
    backbone.tokenizer.save_pretrained(folder)


@pytest.fixture(scope="session")
def causal_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-qwen"
    context = Context(seed=0, workdir=folder.parent)
    save(scratch_backbone(TEXTS, "causal", SIZE, vocabulary=320, context=context), folder)
    assert len(list(folder.glob("*.safetensors"))) > 1
    return folder


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-bert"
    context = Context(seed=0, workdir=folder.parent)
    save(scratch_backbone(TEXTS, "encoder", SIZE, vocabulary=320, context=context), folder)
    return folder
