"""Low-rank training of language models on a GPU: patients a second and memory by batch size; a GPU that is full."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.storage.store import Store
from benchmarks.types import Context
from methods.shared.text import PartlyTrained, Size, completion_losses, load_backbone, scratch_backbone

TOKENS = 820
ANSWER = 5
ROUNDS = 3
LEFT_FREE = 2**30

# Shapes of Qwen2.5 (Qwen Team 2024, table 1): width, layers, heads, heads of keys and values, feed-forward width.
SHAPES = {"0.5B": (896, 24, 14, 2, 4864), "1.5B": (1536, 28, 12, 2, 8960)}
VOCABULARY = 151_936

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU of NVIDIA"),
    pytest.mark.filterwarnings("default"),  # 2026-11-26: drivers and libraries of a GPU machine warn on their own
]


@pytest.fixture(scope="module", params=list(SHAPES))
def module(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PartlyTrained]:
    """A checkpoint with random weights, bfloat16 on disk, read back and made ready for low-rank training."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    width, layers, heads, keys, feed_forward = SHAPES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    small = Size(width=32, layers=1, heads=2, feed_forward=32, positions=1024)
    tokenizer = scratch_backbone(["age is 56."], "causal", small, vocabulary=300, context=_context(folder)).tokenizer
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=keys,
        intermediate_size=feed_forward,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    torch.manual_seed(0)
    with torch.device("cuda"):
        Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    yield PartlyTrained(load_backbone(f"hf:{folder}", "causal"), "lora", lora_rank=16, device="cuda")
    torch.cuda.empty_cache()


@pytest.mark.parametrize("patients", [1, 2, 4, 8, 16, 32, 64])
@pytest.mark.benchmark(group="low-rank training at 820 tokens, patients a second")
def test_a_step_of_low_rank_training(benchmark: BenchmarkFixture, module: PartlyTrained, patients: int) -> None:
    generator = np.random.default_rng(0)
    texts = module.read([generator.integers(5, 250, size=TOKENS).tolist() for _ in range(patients)])
    optimiser = torch.optim.AdamW(module.trainable(), lr=1e-4)

    def step() -> None:
        optimiser.zero_grad()
        completion_losses(module, texts, range(patients), ANSWER).mean().backward()
        optimiser.step()
        torch.cuda.synchronize()

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    try:
        benchmark.pedantic(step, rounds=ROUNDS, warmup_rounds=1)
    except torch.OutOfMemoryError:
        pytest.skip(f"{patients} patients of {TOKENS} tokens do not fit into this GPU")
    benchmark.extra_info["patients a second"] = patients / benchmark.stats.stats.median
    benchmark.extra_info["peak memory in GiB"] = torch.cuda.max_memory_allocated() / 2**30
    benchmark.extra_info["GPU"] = torch.cuda.get_device_name()
    assert module.number == torch.bfloat16
    assert all(parameter.grad is not None for parameter in module.trainable())


def test_a_full_gpu_is_a_recorded_failure_with_advice(tmp_path: Path) -> None:
    free, _ = torch.cuda.mem_get_info()
    held = torch.empty(free - LEFT_FREE, dtype=torch.uint8, device="cuda")
    command = ["run", "--method", "cox_text_generation", "--dataset", "gbsg2", "--fold", "0", "--device", "cuda"]
    large = ["--set", "hidden=512", "--set", "layers=6", "--set", "batch_size=4096"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *command, *large, "--results", str(tmp_path / "results")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(held), done.stderr
    assert done.returncode == 1
    store = Store.open(tmp_path / "results")
    (record,) = [store.read(key) for key in store]
    assert record.status == "out_of_memory"
    assert "memory" in record.cause
    assert "; take " in record.cause


def _context(folder: Path) -> Context:
    return Context(seed=0, workdir=folder)
