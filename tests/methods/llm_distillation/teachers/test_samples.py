"""Samples of a tiny model: reproducible, and within its room."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_checkpoints

from benchmarks.errors import UsageError
from methods.llm_distillation.teachers.question import REPORT
from methods.llm_distillation.teachers.samples import Sampler, Samples
from methods.shared.text.backbone import load_backbone

MakeSampler = Callable[..., Sampler]

TWO = Samples(("a\nb", "c"), 20, 6, 1.5)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoints.make_checkpoint(tmp_path_factory.mktemp("model") / "tiny", "causal")


@pytest.fixture
def sampler(checkpoint: Path) -> MakeSampler:
    def make(temperature: float = 1.0, new_tokens: int = 12, prompt_tokens: int = 100) -> Sampler:
        return Sampler(
            load_backbone(f"hf:{checkpoint}", "causal"),
            temperature=temperature, new_tokens=new_tokens, prompt_tokens=prompt_tokens, device="cpu",
        )  # fmt: skip

    return make


def test_values_are_what_json_can_hold() -> None:
    assert Samples.of(json.loads(json.dumps(TWO.values()))) == TWO


def test_answers_hang_on_the_question_and_the_seed_alone(sampler: MakeSampler) -> None:
    asking = sampler()
    first = asking.ask("age is 56.", "", 2, seed=1)
    asking.ask("age is 61.", "", 2, seed=1)
    assert asking.ask("age is 56.", "", 2, seed=1).texts == first.texts
    assert asking.ask("age is 56.", "", 2, seed=2).texts != first.texts
    assert len(first.texts) == 2
    assert 2 <= first.tokens_written <= 2 * 12
    assert first.seconds > 0


def test_the_likeliest_answer_needs_no_seed(sampler: MakeSampler) -> None:
    asking = sampler(temperature=0.0)
    assert asking.ask("age is 56.", "", 1, seed=1).texts == asking.ask("age is 56.", "", 1, seed=2).texts


def test_a_long_report_is_cut_and_the_question_around_it_is_not(sampler: MakeSampler) -> None:
    asking = sampler()
    tokenizer = asking.backbone.tokenizer
    ids = asking._ids(f"grade is I. {REPORT} age is 61.", "no lymph node is involved. " * 100)
    text = tokenizer.decode(ids)
    assert 80 < len(ids) <= 100
    assert text.startswith("grade is I. no lymph")
    assert text.endswith("age is 61.\n\nAnswer:")
    short = asking._ids(f"grade is I. {REPORT} age is 61.", "no lymph node.")
    assert tokenizer.decode(short) == "grade is I. no lymph node. age is 61.\n\nAnswer:"


def test_a_question_without_room_is_told(sampler: MakeSampler) -> None:
    with pytest.raises(UsageError, match="raise prompt_tokens"):
        sampler(prompt_tokens=12).ask(f"age is 56. {REPORT}", "no lymph node is involved.", 1, seed=0)
