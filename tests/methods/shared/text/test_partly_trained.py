"""Training in part: what is frozen is read once, and everything else is as if it were not."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import TEXTS

from methods.shared.text import PartlyTrained, first_token, load_backbone, masked_mean, tokenised
from methods.shared.text.layer_views import final_norm_of, layers_of

KINDS = ("causal", "encoder")


@pytest.fixture(params=KINDS)
def folder(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(f"{request.param}_folder"))


def kind_of(folder: Path) -> str:
    return "causal" if folder.name == "tiny-qwen" else "encoder"


def made(folder: Path, trained: str, **options: object) -> tuple[PartlyTrained, list[list[int]]]:
    backbone = load_backbone(f"hf:{folder}", kind_of(folder))
    module = PartlyTrained(backbone, trained, precision="float32", **options)
    return module, tokenised(backbone, TEXTS, maximum=64).ids


def test_training_on_cached_lower_layers_has_the_gradients_of_training_without_a_cache(folder: Path) -> None:
    cached, ids = made(folder, "last_layers", last_layers=2)
    whole, _ = made(folder, "full")
    upper = [*layers_of(whole.backbone.body, 4)[1][2:].parameters(), *final_norm_of(whole.backbone.body)]
    whole.model.requires_grad_(False)
    for parameter in upper:
        parameter.requires_grad_(True)
    for module in (cached, whole):
        hidden, mask = module(module.read(ids), [2, 0, 3])
        masked_mean(hidden, mask).square().sum().backward()
    assert cached.trained_parameters == sum(p.numel() for p in upper)
    gradients = [[p.grad for p in module.trainable()] for module in (cached, whole)]
    for first, second in zip(*gradients, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("trained", ["none", "last_layers", "lora", "full"])
def test_untrained_all_ways_give_the_states_of_the_pretrained_model(folder: Path, trained: str) -> None:
    module, ids = made(folder, trained)
    backbone = load_backbone(f"hf:{folder}", kind_of(folder))
    hidden, mask = module(module.read(ids), range(len(ids)))
    for row, piece in enumerate(ids):
        with torch.no_grad():
            alone = backbone.body(input_ids=torch.tensor([piece])).last_hidden_state[0]
        torch.testing.assert_close(hidden[row][mask[row]], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("trained", ["none", "last_layers", "full"])
def test_a_text_is_read_the_same_beside_longer_ones(folder: Path, trained: str) -> None:
    module, ids = made(folder, trained)
    read = module.read(ids)
    (alone, own), (among, mask) = module(read, [3]), module(read, [0, 3, 1])
    torch.testing.assert_close(masked_mean(among, mask)[1], masked_mean(alone, own)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("trained", "reached"), [("none", 0), ("last_layers", 2), ("full", 4)])
def test_the_gradient_reaches_what_is_trained_and_nothing_else(folder: Path, trained: str, reached: int) -> None:
    module, ids = made(folder, trained, last_layers=2)
    hidden, mask = module(module.read(ids), [0, 1])
    if trained == "none":
        assert not hidden.requires_grad
        return
    masked_mean(hidden, mask).sum().backward()
    layers = layers_of(module.backbone.body, 4)[1]
    assert [any(p.grad is not None for p in layer.parameters()) for layer in layers] == [False] * (4 - reached) + [
        True
    ] * reached


def test_low_rank_training_adds_few_parameters_and_starts_at_the_pretrained_model(folder: Path) -> None:
    module, ids = made(folder, "lora", lora_rank=2)
    hidden, mask = module(module.read(ids), [0, 1])
    masked_mean(hidden, mask).sum().backward()
    assert 0 < module.trained_parameters < 0.2 * sum(p.numel() for p in module.model.parameters())
    assert all("lora_" in name for name, p in module.model.named_parameters() if p.requires_grad)
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in module.trainable())


@pytest.mark.parametrize("trained", ["last_layers", "lora", "full"])
def test_checkpointing_changes_no_gradient(folder: Path, trained: str) -> None:
    gradients = []
    for checkpointing in (False, True):
        torch.manual_seed(0)
        module, ids = made(folder, trained, checkpointing=checkpointing)
        module.train()
        hidden, mask = module(module.read(ids), [0, 1])
        masked_mean(hidden, mask).square().sum().backward()
        gradients.append([p.grad for p in module.trainable()])
    for first, second in zip(*gradients, strict=True):
        torch.testing.assert_close(first, second)


@pytest.mark.parametrize("trained", ["last_layers", "lora", "full"])
def test_bfloat16_is_near_float32(folder: Path, trained: str) -> None:
    states = []
    for precision in ("float32", "bfloat16"):
        backbone = load_backbone(f"hf:{folder}", kind_of(folder))
        module = PartlyTrained(backbone, trained, precision=precision)
        assert all(p.dtype == torch.float32 for p in module.trainable())
        hidden, mask = module(module.read(tokenised(backbone, TEXTS, maximum=64).ids), [0, 1, 2])
        states.append(masked_mean(hidden, mask).detach())
    torch.testing.assert_close(states[0], states[1], rtol=0.1, atol=0.05)


def test_more_layers_than_there_are_cannot_be_trained(folder: Path) -> None:
    with pytest.raises(ValueError, match="4 layers: 5 of them"):
        made(folder, "last_layers", last_layers=5)


def test_the_mean_over_tokens_leaves_padding_out() -> None:
    hidden = torch.tensor([[[1.0], [3.0], [100.0]], [[2.0], [4.0], [6.0]]])
    mask = torch.tensor([[True, True, False], [True, True, True]])
    assert masked_mean(hidden, mask).tolist() == [[2.0], [4.0]]
    assert first_token(hidden).tolist() == [[1.0], [2.0]]


def test_the_trained_model_is_saved_and_reads_back_the_same(folder: Path, tmp_path: Path) -> None:
    module, ids = made(folder, "last_layers", last_layers=1)
    for parameter in module.trainable():
        parameter.data += 0.01
    expected, mask = module(module.read(ids), [0, 1])
    module.model.save_pretrained(tmp_path / "trained")
    module.backbone.tokenizer.save_pretrained(tmp_path / "trained")
    again = PartlyTrained(load_backbone(f"hf:{tmp_path / 'trained'}", kind_of(folder)), "none", precision="float32")
    hidden, _ = again(again.read(ids), [0, 1])
    np.testing.assert_allclose(hidden[mask].numpy(), expected[mask].detach().numpy(), rtol=1e-5, atol=1e-6)
