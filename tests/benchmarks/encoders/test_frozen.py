"""Vectors of frozen encoders: of chunks, kept on disk, computed again where the disk lost them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.encoders import cache, frozen
from benchmarks.encoders.frozen import FrozenEncoder
from benchmarks.encoders.model_folder import find_model
from benchmarks.encoders.pretrained import load_model, load_tokenizer

TEXTS = ["the tumor is 21 mm wide .", "", "the " * 30, "опухоль 🙂", "the tumor is 21 mm wide ."]


@pytest.fixture
def encoder(checkpoint: Path) -> FrozenEncoder:
    return FrozenEncoder(f"hf:{checkpoint}", 10)


def test_chunks_are_consecutive_and_their_vectors_means_over_tokens(encoder: FrozenEncoder, checkpoint: Path) -> None:
    vectors = encoder.chunk_vectors(TEXTS)
    assert [len(of_text) for of_text in vectors] == [1, 0, 4, 1, 1]
    assert {of_text.shape[1] for of_text in vectors} == {16}
    folder = find_model(f"hf:{checkpoint}")
    tokenizer, model = load_tokenizer(folder), load_model(folder, "encoder")
    for text, vector in ((TEXTS[0], vectors[0][0]), ("the " * 8, vectors[2][1]), ("the " * 6, vectors[2][3])):
        with torch.no_grad():
            mean = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0).numpy()
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_what_is_on_disk_is_not_computed_again(encoder: FrozenEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    first = encoder.chunk_vectors(TEXTS, lambda done, total: told.append((done, total)))
    assert told == [(4, 4)]
    monkeypatch.setattr(frozen, "_loaded", None)
    second = encoder.chunk_vectors(TEXTS, lambda done, total: told.append((done, total)))
    assert told == [(4, 4)]
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("damage", [b"", b"broken", np.zeros((2, 3), dtype=np.float32).tobytes()])
def test_a_damaged_file_is_computed_again(encoder: FrozenEncoder, damage: bytes) -> None:
    (expected,) = encoder.chunk_vectors(TEXTS[:1])
    (kept,) = cache.cache_folder().rglob("*.npy")
    kept.write_bytes(damage)
    (again,) = encoder.chunk_vectors(TEXTS[:1])
    np.testing.assert_array_equal(again, expected)
    np.testing.assert_array_equal(np.load(kept), expected)
    assert [path.name for path in cache.cache_folder().rglob("*") if path.is_file()] == [kept.name]


def test_another_model_or_length_has_vectors_of_its_own(encoder: FrozenEncoder, checkpoint: Path) -> None:
    encoder.chunk_vectors(TEXTS[:1])
    assert not FrozenEncoder(f"hf:{checkpoint}", 12).is_cached(TEXTS[0])
    config = checkpoint / "config.json"
    config.write_text(config.read_text().replace("gelu", "relu"))
    assert not FrozenEncoder(f"hf:{checkpoint}", 10).is_cached(TEXTS[0])


def test_sentences_are_cut_where_chunks_end(encoder: FrozenEncoder) -> None:
    vectors = encoder.encode(["the " * 30, "the " * 8, ""])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_of_100_000_words_is_read_whole(checkpoint: Path) -> None:
    encoder = FrozenEncoder(f"hf:{checkpoint}", 32)
    (vectors,) = encoder.chunk_vectors(["tumor " * 100_000])
    assert len(vectors) == -(-100_000 // 30)
