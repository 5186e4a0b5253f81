"""Reports as bags of sentence vectors. The texts are written here, none is a patient's."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from benchmarks.datasets.readers.sentences import sentence_at, sentence_bags, sentence_spans, split_sentences

from benchmarks.encoders import cache, minilm
from benchmarks.errors import UsageError
from benchmarks.types import Float32Array

TEXT = (
    "A. Left breast, excision. The tumor measures 1.2 x 0.8 cm. Margins are free! Are nodes involved? No.\n\nAddendum"
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.CACHE, str(tmp_path))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Replace the encoder by one that counts its calls and returns the lengths of the sentences."""
    calls: list[int] = []

    def encode(texts: list[str]) -> Float32Array:
        calls.append(len(texts))
        return np.tile(np.array([len(text) for text in texts], dtype=np.float32)[:, None], (1, minilm.WIDTH))

    monkeypatch.setattr(minilm, "encode", encode)
    return calls


def test_a_text_is_split_at_sentence_ends_not_in_numbers_or_after_initials() -> None:
    assert split_sentences(TEXT) == [
        "A. Left breast, excision.",
        "The tumor measures 1.2 x 0.8 cm.",
        "Margins are free!",
        "Are nodes involved?",
        "No.",
        "Addendum",
    ]


@pytest.mark.parametrize("text", [TEXT, "", "no end", "  \n\n ", "One. Two.\n\n\nThree", "*** --- ***"])
def test_the_spans_cover_every_letter_once_and_in_order(text: str) -> None:
    spans = list(sentence_spans(text))
    assert "".join(text[start:end] for start, end in spans).split() == text.split()
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_the_sentence_around_a_place_is_the_one_the_split_gives() -> None:
    for start, end in sentence_spans(TEXT):
        for position in range(start + 1, end - 1):
            if TEXT[start:position].strip() and TEXT[position:end].strip(" \n.?!"):
                assert TEXT[slice(*sentence_at(TEXT, position, 400))].strip() == TEXT[start:end].strip()


def test_a_sentence_without_end_is_cut_at_the_line_or_the_reach() -> None:
    lines = "\n".join(["field value"] * 100)
    start, end = sentence_at(lines, 605, 50)
    assert lines[start:end].strip() == "field value"
    assert sentence_at("x" * 1000, 500, 50) == (450, 550)


def test_bags_are_computed_when_read_and_then_kept_on_disk(counted: list[int]) -> None:
    bags = sentence_bags([TEXT, "", "One."], np.array([True, False, True]))
    assert counted == []
    assert bags.present.tolist() == [True, False, True]
    assert bags[0].shape == (6, minilm.WIDTH)
    np.testing.assert_array_equal(bags[0], bags[0])
    assert counted == [6]
    np.testing.assert_array_equal(sentence_bags([TEXT], np.array([True]))[0], bags[0])
    assert counted == [6]


def test_a_damaged_cache_file_is_computed_again(counted: list[int]) -> None:
    bags = sentence_bags([TEXT], np.array([True]))
    expected = np.array(bags[0])
    (kept,) = cache.cache_folder().rglob("*.npy")
    kept.write_bytes(b"broken")
    np.testing.assert_array_equal(bags[0], expected)
    assert counted == [6, 6]
    assert [path.name for path in cache.cache_folder().rglob("*") if path.is_file()] == [kept.name]


def test_the_fingerprint_follows_the_text() -> None:
    one, same, other = sentence_bags(["One.", "One.", "Two."], np.ones(3, dtype=np.bool_)).fingerprints or ("", "", "")
    assert one == same
    assert one != other


def test_a_text_without_a_word_is_an_empty_bag(counted: list[int]) -> None:
    assert sentence_bags(["--- ***"], np.array([True]))[0].shape == (0, minilm.WIDTH)


def test_without_the_model_a_bag_says_how_to_get_it() -> None:
    bags = sentence_bags([TEXT], np.array([True]))
    with pytest.raises(UsageError, match="python -m benchmarks models fetch minilm"):
        bags[0]


@pytest.mark.usefixtures("fetched_minilm")
def test_vectors_are_those_of_the_published_encoder_whatever_stands_beside() -> None:
    texts = ["Margins are free.", "The margins are clear of tumor.", "The patient is a smoker. " * 3]
    vectors = minilm.encode(texts)
    assert vectors.shape == (3, minilm.WIDTH)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(minilm.encode(texts[:1]), vectors[:1], atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_vectors_agree_with_sentence_transformers(fetched_minilm: Path) -> None:
    library = pytest.importorskip("sentence_transformers")
    texts = ["Margins are free.", "Invasive ductal carcinoma, grade 2, with necrosis and calcification."]
    theirs = library.SentenceTransformer(str(fetched_minilm), device="cpu").encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(minilm.encode(texts), theirs, atol=1e-5)
