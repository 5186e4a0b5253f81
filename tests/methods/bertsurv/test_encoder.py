"""Notes read by language encoders: tiny ones, made here, in Hugging Face's layout."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.method import CHECKS
from benchmarks.encoders.cache import CACHE
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Patients, Texts
from methods.bertsurv import BertSurv, Config
from methods.bertsurv.encoder_vectors import EncoderVectors
from methods.bertsurv.pretraining import pretrain
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.text import Size, scratch_backbone

Fitted = Callable[..., BertSurv]
TIMES = np.linspace(0.0, 60.0, 61)
TINY = Size(width=16, layers=3, heads=2, feed_forward=32, positions=64, dropout=0.0)
SCRATCH: dict[str, Any] = {
    "encoder": "scratch",
    "max_tokens": 24,
    "scratch_width": 16,
    "scratch_layers": 2,
    "scratch_heads": 2,
    "scratch_vocabulary": 300,
    "mlm_epochs": 1,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cohort: Cohort) -> str:
    """Return the setting of a tiny BERT with random weights, saved as a checkpoint."""
    path = tmp_path_factory.mktemp("checkpoints") / "tiny-bert"
    context = Context(seed=0, workdir=path.parent)
    backbone = scratch_backbone(cohort.patients.texts().texts, "encoder", TINY, vocabulary=320, context=context)
    model: Any = backbone.model
    model.save_pretrained(path)
    backbone.tokenizer.save_pretrained(path)
    return f"hf:{path}"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv(CACHE, str(place))
    return place


def made(context: Context, texts: list[str], **settings: Any) -> EncoderVectors:
    encoder = EncoderVectors(Config(**{"max_tokens": 24, **settings}))
    encoder.fit(texts, context)
    return encoder


def with_notes(cohort: Cohort, texts: list[str], there: np.ndarray[Any, Any]) -> Patients:
    return Patients(cohort.patients.ids, {**cohort.patients.modalities, "text": Texts(tuple(texts), there)})


@pytest.mark.parametrize("truncate", ["chunks", "head_tail", "head", "tail"])
@pytest.mark.parametrize("pool", ["mean", "cls"])
def test_a_note_is_read_the_same_alone_among_others_and_from_the_disk(
    cohort: Cohort, context: Context, folder: str, cache: Path, truncate: str, pool: str
) -> None:
    texts = [*cohort.patients.texts().texts[:6], "necrosis", "There is necrosis. " * 40]
    encoder = made(context, texts, encoder=folder, truncate=truncate, pool=pool)
    together = encoder.read(texts)
    assert any(cache.rglob("*.npy"))
    again = made(context, texts, encoder=folder, truncate=truncate, pool=pool).read(texts)
    for path in cache.rglob("*.npy"):
        path.unlink()
    for row, text in enumerate(texts):
        alone = encoder.read([text]).chunks[0]
        np.testing.assert_allclose(alone, together.chunks[row], atol=1e-5)
        assert np.array_equal(again.chunks[row], together.chunks[row])
    nobody = encoder.read([])
    assert not nobody.chunks
    assert nobody.counts()["notes"] == 0
    assert together.cut.any() == (truncate != "chunks")
    assert all(len(chunks) == 1 for chunks in together.chunks) == (truncate != "chunks")


def test_padding_and_patients_without_a_piece_leave_the_others_as_they_are(folder: str, fitted: Fitted) -> None:
    network = fitted(encoder=folder, max_tokens=24).networks[0]._networks[0]
    generator = torch.Generator().manual_seed(0)
    pieces, table = torch.randn(3, 16, generator=generator), torch.randn(3, 2, generator=generator)
    genes = torch.randn(3, 4, generator=generator)
    owner = torch.tensor([0, 0, 1])
    there = torch.ones(3, 3, dtype=torch.bool)
    with torch.no_grad():
        two = network(PackedBags(pieces, owner, 2), [table[:2], genes[:2]], there[:2])[0]
        three = network(PackedBags(pieces, owner, 3), [table, genes], there)[0]
    torch.testing.assert_close(two, three[:2], atol=1e-5, rtol=0)


def test_awkward_notes_are_counted(folder: str, context: Context) -> None:
    texts = ["", "   ", "necrosis " * 100_000, "ሕመም"]
    encoder = made(context, ["There is necrosis.", "There is none."], encoder=folder, truncate="head_tail")
    read = encoder.read(texts)
    assert read.tokens[:2].tolist() == [0, 0]
    assert read.cut.tolist() == [False, False, True, False]
    assert read.tokens[2] == 22
    counts = read.counts()
    assert counts["notes_unreadable"] == 2
    assert counts["notes_cut"] == 0.25


@pytest.mark.parametrize("layers", [0, 1])
def test_a_gradient_reaches_the_last_layers_where_they_are_tuned_and_no_other(
    cohort: Cohort, context: Context, folder: str, layers: int
) -> None:
    texts = list(cohort.patients.texts().texts[:4])
    encoder = made(context, texts, encoder=folder, train_last_layers=layers)
    tokens = encoder.tokens(texts)
    vectors = encoder.pooled(encoder.module.read(tokens.ids), np.arange(len(tokens.ids)))
    assert vectors.requires_grad == bool(layers)
    if layers:
        vectors[:, 0].sum().backward()
    model: Any = encoder.module.model
    reached = [any(p.grad is not None and p.grad.any() for p in layer.parameters()) for layer in model.encoder.layer]
    assert reached == [False, False, bool(layers)]


def test_a_tuned_encoder_that_lowers_the_validation_loss_is_kept_and_only_its_last_layers_have_changed(
    make_cohort: Callable[..., Cohort], context: Context, folder: str
) -> None:
    whole = make_cohort(300, seed=5).only("text")
    method = BertSurv(
        Config(
            encoder=folder,
            max_tokens=40,
            members=1,
            epochs=40,
            train_last_layers=2,
            tune_epochs=6,
            tune_learning_rate=3e-3,
            note_width=8,
            width=16,
        )
    )
    method.fit(whole[np.arange(200)], whole[np.arange(200, 300)], context)
    assert method.tuned_epoch > 0
    assert method._vectors is not None
    encoder = method._vectors.encoder
    assert isinstance(encoder, EncoderVectors)
    before: Any = made(context, ["a b"], encoder=folder).module.model
    after: Any = encoder.module.model
    kept = before.state_dict()
    changed = [name.split(".") for name, value in after.state_dict().items() if (value != kept[name]).any()]
    assert {tuple(parts[:3]) for parts in changed} == {("encoder", "layer", "1"), ("encoder", "layer", "2")}
    diagnostics = method.predict(whole[np.arange(200, 300)].patients, TIMES).diagnostics
    assert diagnostics["tuned_epoch"] == method.tuned_epoch
    assert diagnostics["trained_parameters"] > encoder.module.trained_parameters
    assert diagnostics["tokens_seen"] > 6 * 200 * 20


def test_a_tuned_encoder_may_end_in_the_probability_at_a_horizon(folder: str, fitted: Fitted, held_out: Cohort) -> None:
    prediction = fitted(encoder=folder, max_tokens=24, train_last_layers=1, loss="bce").predict(
        held_out.patients, TIMES
    )
    assert prediction.survival is None
    assert ((prediction.states["event_probability"] > 0) & (prediction.states["event_probability"] < 1)).all()


def test_tuning_needs_the_validation_part(cohort: Cohort, context: Context, folder: str) -> None:
    method = BertSurv(Config(encoder=folder, train_last_layers=1))
    with pytest.raises(UsageError, match="take train_last_layers=0"):
        method.fit(cohort[np.arange(110)], cohort[np.arange(0)], context)


def test_masked_tokens_are_learnt_of_the_training_notes(cohort: Cohort, context: Context) -> None:
    texts = list(cohort.patients.texts().texts)
    backbone = scratch_backbone(texts, "encoder", TINY, vocabulary=320, context=context)
    ids = [backbone.tokenizer(text)["input_ids"] for text in texts]
    losses: list[float] = []
    seen = pretrain(
        backbone, ids, Config(mlm_epochs=4), replace(context, reporter=lambda epoch, value: losses.append(value))
    )
    assert len(losses) == 4
    assert losses[-1] < losses[0] - 0.1
    assert 0 < seen < 4 * sum(len(piece) for piece in ids)
    assert not backbone.model.training


def test_an_encoder_from_scratch_tells_what_was_trained(cohort: Cohort, fitted: Fitted, held_out: Cohort) -> None:
    method = fitted(**SCRATCH)
    diagnostics = method.predict(held_out.patients, TIMES).diagnostics
    assert diagnostics["trained_parameters"] > 300 * 16
    assert diagnostics["tokens_seen"] > 0


def test_attention_is_kept_as_places_and_weights(folder: str, fitted: Fitted, held_out: Cohort) -> None:
    for truncate in ("chunks", "head_tail"):
        method = fitted(encoder=folder, max_tokens=24, truncate=truncate, attention=True)
        prediction = method.predict(held_out.patients, TIMES)
        notes = held_out.patients.texts()
        starts, ends = prediction.states["word_starts"], prediction.states["word_ends"]
        weights = prediction.states["word_weights"].reshape(len(held_out), -1, 2)
        absent = ~notes.present
        assert absent.any()
        assert (starts[absent] == -1).all()
        assert not weights[absent].any()
        row = int(np.flatnonzero(notes.present)[0])
        words = [notes.texts[row][int(a) : int(b)] for a, b in zip(starts[row], ends[row], strict=True) if a >= 0]
        assert len(words) > 10
        assert all(word.strip() and " " not in word.strip() for word in words)
        means = weights[row].mean(axis=1)
        assert (np.diff(means) <= 1e-7).all()
        # With the encoder's own tokens, the weights of all tokens sum to 1 a head.
        assert (prediction.states["own_tokens_weight"][row] < 1).all()
        assert (prediction.states["own_tokens_weight"][row] > 0).all()


def test_weights_of_word_pieces_are_averaged(folder: str, context: Context) -> None:
    from methods.bertsurv.note_attention import _averaged

    places = np.array([[0, 3], [3, 5], [6, 9], [9, 10]])
    weights = np.array([[0.2, 0.0], [0.4, 0.2], [0.1, 0.5], [0.0, 0.0]])
    found = _averaged(places, np.array([0, 0, 1, 2]), weights, np.zeros(2))
    assert found.starts.tolist() == [0, 6]
    assert found.ends.tolist() == [5, 9]
    np.testing.assert_allclose(found.weights, [[0.3, 0.1], [0.1, 0.5]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder": "bert"}, "take minilm, scratch, tfidf or hf:<folder>"),
        ({"encoder": "tfidf", "train_last_layers": 2}, "no layers to tune"),
        ({"notes": False, "train_last_layers": 2}, "no layers to tune"),
        ({"encoder": "tfidf", "attention": True}, "no attention"),
        ({"encoder": "scratch", "pool": "cls", "mlm_epochs": 0}, "says nothing"),
        ({"encoder": "scratch", "scratch_width": 30}, "do not divide"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Config(**settings)


def test_what_an_encoder_cannot_do_is_one_line(folder: str, context: Context, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="train_last_layers=4"):
        made(context, ["a"], encoder=folder, train_last_layers=4)
    with pytest.raises(UsageError, match=r"max_tokens=500: .* reads 64 tokens at most"):
        made(context, ["a"], encoder=folder, max_tokens=500, truncate="head").read(["a"])
    with pytest.raises(UsageError, match="models fetch minilm"):
        made(context, ["a"], encoder="minilm")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UsageError):
        Config(encoder=f"hf:{tmp_path / 'nothing'}")


def test_the_checksum_of_a_folder_stands_in_the_settings(folder: str) -> None:
    assert Config(encoder=folder).encoder.partition("@")[2]


# What a language encoder may spoil; the card's settings run all checks with tf-idf.
TITLES = [
    "the same seed gives the same bytes",
    "one patient alone is predicted as among others",
    "what stands in the place of an absent modality changes nothing",
    "poisoned test rows leave the fit bit-identical",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("kind", ["frozen", "tuned", "scratch"])
def test_contract(title: str, kind: str, folder: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    card = method_card("bertsurv")
    settings: dict[str, Any] = {
        "frozen": {"encoder": folder, "max_tokens": 64},
        "tuned": {"encoder": folder, "max_tokens": 64, "train_last_layers": 1, "tune_epochs": 1},
        "scratch": {**SCRATCH, "max_tokens": 64},
    }[kind]
    card = replace(card, contract={**card.contract, "epochs": 2, **settings})
    candidate = Candidate(card, load_entry(card))
    candidate.cohort = candidate.cohort.only("clinical", "text")
    CHECKS[title](candidate)
