"""Texts as tokens: what is cut, what is counted, what stays."""

import itertools
from pathlib import Path

import pytest
from tiny_checkpoints import SIZE, TEXTS

from benchmarks.types import Context
from methods.shared.text import Backbone, load_backbone, scratch_backbone, tokenised


@pytest.fixture(scope="module")
def encoder(encoder_folder: Path) -> Backbone:
    return load_backbone(f"hf:{encoder_folder}", "encoder")


@pytest.mark.parametrize("cut", ["head", "tail", "head_tail", "chunks"])
def test_a_short_text_is_one_piece_in_its_frame(encoder: Backbone, cut: str) -> None:
    read = tokenised(encoder, TEXTS[:1], maximum=64, cut=cut)
    (ids,) = read.ids
    assert (ids[0], ids[-1]) == (encoder.tokenizer.cls_token_id, encoder.tokenizer.sep_token_id)
    assert ids == encoder.tokenizer(TEXTS[0])["input_ids"]
    assert not read.cut.any()
    assert read.tokens.tolist() == [len(ids)]


def test_what_is_left_of_a_long_text(encoder: Backbone) -> None:
    text = " ".join(str(number) for number in range(10)) * 3
    bare = encoder.tokenizer(text, add_special_tokens=False)["input_ids"]
    inner = {
        cut: [piece[1:-1] for piece in tokenised(encoder, [text], maximum=10, cut=cut).ids]
        for cut in ("head", "tail", "head_tail", "chunks")
    }
    assert inner["head"] == [bare[:8]]
    assert inner["tail"] == [bare[-8:]]
    assert inner["head_tail"] == [bare[:2] + bare[-6:]]
    assert [token for piece in inner["chunks"] for token in piece] == bare
    assert tokenised(encoder, [text, "age"], maximum=10, cut="head").cut.tolist() == [True, False]


def test_chunks_overlap_and_end_with_the_text(encoder: Backbone) -> None:
    text = " ".join("0123456789" * 3)
    bare = encoder.tokenizer(text, add_special_tokens=False)["input_ids"]
    pieces = [piece[1:-1] for piece in tokenised(encoder, [text], maximum=10, cut="chunks", overlap=3).ids]
    assert all(first[-3:] == second[:3] for first, second in itertools.pairwise(pieces))
    assert [*pieces[0], *(token for piece in pieces[1:] for token in piece[3:])] == bare


def test_an_empty_text_is_one_empty_piece_and_is_counted(encoder: Backbone) -> None:
    read = tokenised(encoder, ["", "age", "  "], maximum=16)
    assert read.empty.tolist() == [True, False, True]
    assert read.owner.tolist() == [0, 1, 2]
    assert read.tokens.tolist() == [2, 3, 2]


def test_a_text_of_100_000_words_is_cut_and_counted(encoder: Backbone) -> None:
    read = tokenised(encoder, ["tumour " * 100_000, "tumour"], maximum=64)
    assert read.cut.tolist() == [True, False]
    assert [len(piece) for piece in read.ids] == [64, 3]


def test_other_scripts_are_read(encoder: Backbone) -> None:
    read = tokenised(encoder, ["腫瘍の大きさ 21 mm", "опухоль 21 мм", "🙂"], maximum=64)
    assert not read.empty.any()


def test_more_tokens_than_positions_are_refused(encoder: Backbone) -> None:
    with pytest.raises(ValueError, match="256 tokens at most, not 257"):
        tokenised(encoder, TEXTS, maximum=257)
    with pytest.raises(ValueError, match="no room"):
        tokenised(encoder, TEXTS, maximum=2)


@pytest.mark.parametrize("kind", ["encoder", "causal"])
def test_a_scratch_model_reads_digits_one_by_one_and_is_the_same_for_the_same_seed(kind: str, tmp_path: Path) -> None:
    def make() -> Backbone:
        return scratch_backbone(TEXTS, kind, SIZE, vocabulary=320, context=Context(seed=3, workdir=tmp_path))

    one, two = make(), make()
    tokens = one.tokenizer.tokenize("123456")
    assert tokens[-6:] == list("123456")
    assert one.tokenizer.get_vocab() == two.tokenizer.get_vocab()
    for first, second in zip(one.model.parameters(), two.model.parameters(), strict=True):
        assert first.equal(second)
    assert one.label == f"scratch-{one.parameters_in_millions:.2f}M"
    assert one.layers == SIZE.layers
    assert one.width == SIZE.width
