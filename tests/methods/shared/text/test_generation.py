"""Writing: many prompts at once say what each says alone; a loss is of the answer's tokens alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import TEXTS

from benchmarks.types import Context
from methods.shared.text import (
    PartlyTrained,
    SimilarLengthBatches,
    attention_from_first_token,
    completion_losses,
    generated,
    load_backbone,
    output_logits,
    padded,
    tokenised,
)
from methods.shared.training.loop import TrainingSettings, train


def made(folder: Path, trained: str = "full", kind: str = "causal", **options: object) -> PartlyTrained:
    return PartlyTrained(load_backbone(f"hf:{folder}", kind), trained, precision="float32", **options)


def prompts_of(module: PartlyTrained) -> list[list[int]]:
    return [*tokenised(module.backbone, TEXTS, maximum=64).ids, [5], [7, 9, 11]]


def questions(module: PartlyTrained) -> tuple[list[list[int]], list[list[int]]]:
    """Return three prompts, and answers of three digits with the end token."""
    tokenizer = module.backbone.tokenizer
    prompts = tokenised(module.backbone, [text.partition("Risk")[0] for text in TEXTS[:3]], maximum=64).ids
    numbers = ("074", "610", "032")
    return prompts, [[*tokenizer.convert_tokens_to_ids(list(number)), tokenizer.eos_token_id] for number in numbers]


def taught(module: PartlyTrained, prompts: list[list[int]], answers: list[list[int]], workdir: Path) -> float:
    """Train a model to write the answers; return its last loss."""
    texts = module.read([prompt + answer for prompt, answer in zip(prompts, answers, strict=True)])

    def loss(rows: np.ndarray) -> torch.Tensor:
        return completion_losses(module, texts, rows, 4).mean()

    batches = SimilarLengthBatches(np.array([len(piece) for piece in texts.ids]), 3, 50)
    settings = TrainingSettings(learning_rate=1e-2, steps=300)
    return train(
        module, loss, lambda: float(loss(np.arange(3))), batches, settings, Context(seed=0, workdir=workdir)
    ).best_loss


def test_generation_in_batches_is_what_the_library_writes_of_each_prompt_alone(causal_folder: Path) -> None:
    module = made(causal_folder)
    prompts, end = prompts_of(module), module.backbone.tokenizer.eos_token_id
    written = generated(module, prompts, most=6, end=end, together=4).tokens
    for prompt, tokens in zip(prompts, written, strict=True):
        alone = module.model.generate(
            torch.tensor([prompt]), max_new_tokens=6, do_sample=False, attention_mask=torch.ones(1, len(prompt))
        )[0, len(prompt) :].tolist()
        assert tokens == [token for token in alone if token != end]
        assert generated(module, [prompt], most=6, end=end, together=1).tokens == [tokens]


def test_generation_ends_at_the_end_token_which_may_be_the_padding_token(causal_folder: Path) -> None:
    module = made(causal_folder)
    prompts = prompts_of(module)
    first = generated(module, prompts, most=4, end=-1).tokens
    end = first[0][1]
    module.backbone.tokenizer.pad_token_id = end
    expected = [tokens[: tokens.index(end)] if end in tokens else tokens for tokens in first]
    assert generated(module, prompts, most=4, end=end).tokens == expected


def test_writing_ends_when_every_row_of_a_batch_has_enough_or_its_end(causal_folder: Path) -> None:
    module = made(causal_folder)
    prompts = prompts_of(module)
    everything = generated(module, prompts, most=6, end=-1, together=len(prompts)).tokens
    first = everything[0][1]
    cases = {2: lambda tokens: len(tokens) >= 2, 5: lambda tokens: len(tokens) >= 5 or tokens[:2] == everything[0][:2]}
    for most, enough in cases.items():
        some = generated(module, prompts, most=6, end=-1, together=len(prompts), enough=enough).tokens
        assert some == [tokens[:most] for tokens in everything]
    ended = generated(module, prompts[:1], most=6, end=first, together=1, enough=lambda _tokens: False).tokens
    assert ended == [everything[0][: everything[0].index(first)]]


def test_the_loss_is_that_of_the_answers_tokens_alone(causal_folder: Path) -> None:
    module = made(causal_folder)
    ids = prompts_of(module)[:3]
    texts = module.read(ids)
    losses = completion_losses(module, texts, [0, 1, 2], 4)
    for row, piece in enumerate(ids):
        with torch.no_grad():
            logits = module.model(torch.tensor([piece])).logits[0]
        expected = -logits.log_softmax(1)[range(len(piece) - 5, len(piece) - 1), piece[-4:]].mean()
        torch.testing.assert_close(losses[row].detach(), expected, rtol=1e-4, atol=1e-5)
    changed = [ids[0], [*ids[1][:-1], 3], ids[2]]
    moved = completion_losses(module, module.read(changed), [0, 1, 2], 4) - losses
    assert moved[1].abs() > 1e-3
    torch.testing.assert_close(moved[[0, 2]], torch.zeros(2), atol=1e-6, rtol=0)


def test_logits_of_a_few_tokens_are_those_of_all(causal_folder: Path) -> None:
    module = made(causal_folder)
    hidden, _ = module(module.read(prompts_of(module)), [0, 1])
    torch.testing.assert_close(output_logits(module, hidden, [3, 1, 4]), output_logits(module, hidden)[..., [3, 1, 4]])


@pytest.mark.parametrize("trained", ["last_layers", "full"])
def test_a_checkpoint_learns_answers_by_heart_and_reads_back_with_the_same_answers(
    causal_folder: Path, tmp_path: Path, trained: str
) -> None:
    module = made(causal_folder, trained, last_layers=3)
    prompts, answers = questions(module)
    taught(module, prompts, answers, tmp_path)
    end = answers[0][-1]
    written = generated(module, prompts, most=6, end=end).tokens
    assert written == [answer[:-1] for answer in answers]
    module.model.save_pretrained(tmp_path / "trained")
    module.backbone.tokenizer.save_pretrained(tmp_path / "trained")
    assert generated(made(tmp_path / "trained", "none"), prompts, most=6, end=end).tokens == written


def test_low_rank_additions_learn_and_read_back_to_the_same_states(causal_folder: Path, tmp_path: Path) -> None:
    module = made(causal_folder, "lora")
    prompts, answers = questions(module)
    before = completion_losses(
        module, module.read([[*p, *a] for p, a in zip(prompts, answers, strict=True)]), [0, 1, 2], 4
    )
    after = taught(module, prompts, answers, tmp_path)
    # The frozen random embedding, which is the output layer, allows no more.
    assert after < float(before.detach().mean()) - 0.3
    again = made(causal_folder, "lora")
    again.load_state_dict({name: value for name, value in module.state_dict().items() if "lora_" in name}, strict=False)
    for row in range(3):
        first, second = (each(each.read(prompts), [row])[0] for each in (module, again))
        torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_batches_of_similar_length_hold_every_text_and_little_padding() -> None:
    lengths = np.random.default_rng(0).integers(5, 500, size=64)
    batches = SimilarLengthBatches(lengths, 8, 8)(np.random.default_rng(1))
    assert sorted(np.concatenate(batches).tolist()) == list(range(64))
    assert all(len(batch) == 8 for batch in batches)
    padding = sum(8 * lengths[batch].max() - lengths[batch].sum() for batch in batches)
    assert padding < 0.15 * lengths.sum()


def test_padding_stands_where_it_should() -> None:
    ids, mask = padded([[1, 2], [3]], 0, left=True, length=4)
    assert ids.tolist() == [[0, 0, 1, 2], [0, 0, 0, 3]]
    assert mask.tolist() == [[False, False, True, True], [False, False, False, True]]
    ids, mask = padded([[1, 2], [3]], 0)
    assert ids.tolist() == [[1, 2], [3, 0]]
    assert mask.tolist() == [[True, True], [True, False]]


def test_attention_of_the_first_token_sums_to_1_over_the_real_tokens(encoder_folder: Path) -> None:
    module = made(encoder_folder, "none", "encoder")
    ids = tokenised(module.backbone, TEXTS, maximum=64).ids
    maps = attention_from_first_token(module, ids)
    assert [one.shape for one in maps] == [(4, len(piece)) for piece in ids]
    for one in maps:
        np.testing.assert_allclose(one.sum(1), 1, atol=1e-5)
    hidden, mask = module(module.read(ids), [0])
    assert hidden.shape[1] == mask.sum()
