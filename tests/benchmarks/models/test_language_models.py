"""Methods with a pretrained language model inside are saved whole: weights, low-rank layers, tokenizer, settings."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_checkpoints import make_checkpoint

from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.contract.candidate import Candidate, predict
from benchmarks.contract.comparison import require_same_bits
from benchmarks.encoders.cache import CACHE
from benchmarks.models.codec import State, decode, encode


@pytest.mark.parametrize(
    ("name", "kind", "settings"),
    [
        ("cox_text_generation", "causal", {"last_layers": 2}),
        ("cox_text_generation", "causal", {"trained": "lora", "lora_rank": 2}),
        ("bertsurv", "encoder", {"max_tokens": 32, "attention": True}),
    ],
)
def test_the_same_bits_come_back(
    name: str, kind: Any, settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    folder = f"hf:{make_checkpoint(tmp_path / 'model', kind)}"
    card = method_card(name)
    chosen = {"backbone" if kind == "causal" else "encoder": folder}
    candidate = Candidate(dataclasses.replace(card, contract={**card.contract, **settings, **chosen}), load_entry(card))
    method = candidate.fitted(candidate.cohort)
    patients = candidate.test_patients(candidate.cohort)[[0, 1, 2]]
    own = predict(method, patients)
    state = encode(method, "methods")
    said = json.loads(json.dumps([state.root, state.objects]))
    loaded = decode(State(*said, state.arrays, state.weights), "methods")
    require_same_bits(own, predict(loaded, patients), "a loaded language model predicts otherwise")
