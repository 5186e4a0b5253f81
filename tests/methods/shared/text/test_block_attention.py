"""Attention in blocks is the library's, and a model that attends so reads and writes as before."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tiny_checkpoints import TEXTS
from torch import Tensor
from torch.nn import functional

from methods.shared.text import PartlyTrained, load_backbone, tokenised
from methods.shared.text.block_attention import BLOCK, NAME, additive_mask, block_attention

LARGE = torch.finfo(torch.bfloat16).min


def drawn(queries: int, keys: int) -> tuple[list[Tensor], Tensor]:
    """Return queries of four heads, keys and values of two, and a mask: causal, with padding before two of three."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(3, 4, queries, 8), (3, 2, keys, 8), (3, 2, keys, 8)]
    tensors = [torch.randn(shape, generator=generator).bfloat16().float().requires_grad_() for shape in shapes]
    place, padding = torch.arange(keys), torch.tensor([0, 1, 5])
    seen = (place <= place[keys - queries :, None]) & (place >= padding[:, None, None])
    return tensors, seen[:, None]


@pytest.mark.parametrize(("queries", "keys"), [(7, 7), (1, 20), (BLOCK, BLOCK), (2 * BLOCK + 9, 2 * BLOCK + 9)])
def test_outputs_and_gradients_are_those_of_the_library(queries: int, keys: int) -> None:
    (query, key, value), seen = drawn(queries, keys)
    mask = torch.zeros(seen.shape).masked_fill(~seen, LARGE)
    real = seen.any(-1).transpose(1, 2)[..., None]

    ours = block_attention(SimpleNamespace(training=False), query, key, value, mask.bfloat16())[0] * real
    theirs = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True)
    theirs = theirs.transpose(1, 2) * real

    torch.testing.assert_close(ours.float(), theirs, rtol=0.02, atol=0.02)
    gradients = [torch.autograd.grad(said.float().square().sum(), (query, key, value)) for said in (ours, theirs)]
    for first, second in zip(*gradients, strict=True):
        assert functional.cosine_similarity(first.flatten(), second.flatten(), dim=0) > 0.999


def test_the_mask_is_that_of_the_library_in_numbers() -> None:
    real = torch.tensor([[False, True, True], [True, True, True]])
    mask = additive_mask(batch_size=2, q_length=3, kv_length=3, attention_mask=real)
    expected = [[[0, 0, 0], [0, 1, 0], [0, 1, 1]], [[1, 0, 0], [1, 1, 0], [1, 1, 1]]]
    assert ((mask == 0).long()[:, 0]).tolist() == expected
    assert set(mask.unique().tolist()) == {LARGE, 0.0}


def test_only_bfloat16_on_a_cpu_attends_in_blocks_and_nothing_of_it_is_saved(
    causal_folder: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    used = {}
    for kind, folder in (("causal", causal_folder), ("encoder", encoder_folder)):
        for precision in ("float32", "bfloat16"):
            module = PartlyTrained(load_backbone(f"hf:{folder}", kind), "full", precision=precision)
            used[kind, precision] = module.model.config._attn_implementation == NAME
            module.model.config.save_pretrained(tmp_path / kind / precision)
            assert NAME not in (tmp_path / kind / precision / "config.json").read_text()
    assert [which for which, blocks in used.items() if blocks] == [("causal", "bfloat16")]


def test_a_text_is_read_the_same_without_blocks(causal_folder: Path) -> None:
    module = PartlyTrained(load_backbone(f"hf:{causal_folder}", "causal"), "full", precision="bfloat16")
    read = module.read(tokenised(module.backbone, TEXTS, maximum=64).ids)
    states = []
    for name in (NAME, "sdpa"):
        module.model.set_attn_implementation(name)
        with torch.no_grad():
            hidden, mask = module(read, range(len(read)))
        states.append(hidden[mask])
    torch.testing.assert_close(*states, rtol=0.05, atol=0.05)
    assert not torch.equal(*states)
