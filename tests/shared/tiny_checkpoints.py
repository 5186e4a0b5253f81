"""Tiny checkpoints in Hugging Face's layout, made here: trained byte-level BPE, bfloat16, weights in several shards."""

from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.encoders.pretrained import Kind
from benchmarks.types import Context
from methods.shared.text.scratch import Size, scratch_backbone

TEXTS = (
    "age is 56. tumour size is 21 mm. grade is II. Risk: 07.4",
    "age is 61. tumour size is 35 mm. grade is III. Risk: 61.0",
    "age is 48. tumour size is 9 mm. grade is I. Risk: 03.2",
    "no lymph node is involved.",
)

SIZE = Size(width=32, layers=4, heads=4, feed_forward=64, positions=256, dropout=0.0)


def make_checkpoint(folder: Path, kind: Kind, texts: Sequence[str] = TEXTS, size: Size = SIZE) -> Path:
    """Write a Qwen2 (causal) or a BERT (encoder) with random weights."""
    context = Context(seed=0, workdir=folder.parent)
    backbone = scratch_backbone(texts, kind, size, vocabulary=320, context=context)
    backbone.model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="20KB")
    backbone.tokenizer.save_pretrained(folder)
    assert len(list(folder.glob("*.safetensors"))) > 1
    return folder
