"""The whole method: which text changes what, missing modalities, what a record tells, figures, controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import metrics
from benchmarks.catalog.registry import method_card
from benchmarks.catalog.settings import build_config, plain_config
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.method import CHECKS
from benchmarks.encoders.frozen import FrozenEncoder
from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, Cohort, Context, Patients, PredictedPart, Prediction, Texts
from methods.kemm import KEMM, Config
from methods.kemm.figures import draw
from methods.kemm.inputs import GENES_OF, LOOKED_AT
from methods.shared.training.token_attention_record import attention_of_tokens

TIMES = np.linspace(0.0, 40.0, 41)
TEST = np.arange(120, 140)

Fitted = Callable[..., KEMM]
NO_TEXT = {"report": "off", "pbk": "off", "kecm": "off"}


def with_texts(cohort: Cohort, rewrite: Callable[[str], str]) -> Cohort:
    """Return the cohort with every report rewritten, also where it is absent."""
    texts = cohort.patients.texts("text")
    written = Texts(tuple(map(rewrite, texts.texts)), texts.present)
    return replace(cohort, patients=Patients(cohort.patients.ids, {**cohort.patients.modalities, "text": written}))


def predicted(fitted: Fitted, cohort: Cohort, **changes: Any) -> Prediction:
    return fitted(cohort, **changes).predict(cohort[TEST].patients, TIMES)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"report": "raw", "kecm_order": "joint", "fusion": "bilinear"},
        {"report": "off", "pbk": "pathology"},
        {"pbk": "off"},
        {"kecm": "off", "intervals": 8, "alpha": 0.3},
        NO_TEXT,
        {"attention": "coattn", "pbk": "off"},
        {"attention": "concat", "pbk": "off"},
        {"loss": "cox"},
        {"modality_dropout": 0.3, "layers": 2},
    ],
    ids=str,
)
def test_curves_are_valid_whatever_the_switches(cohort: Cohort, fitted: Fitted, changes: dict[str, Any]) -> None:
    prediction = predicted(fitted, cohort, **changes)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 1e-12).all()
    assert np.ptp(prediction.risk) > 0


@pytest.mark.parametrize(
    ("names", "changes"),
    [
        (("rna", "text"), {}),
        (("wsi", "text"), {"pbk": "pathology"}),
        (("text",), {"pbk": "off", "bag": ""}),
        (("rna", "wsi"), {"report": "off"}),
        (("clinical", "rna", "wsi"), {"report": "off", "pbk": "genomic"}),
    ],
)
def test_any_of_bag_genes_and_report_may_be_left_out(
    cohort: Cohort, fitted: Fitted, names: tuple[str, ...], changes: dict[str, Any]
) -> None:
    prediction = predicted(fitted, cohort.only(*names), **changes)
    assert np.isfinite(prediction.risk).all()


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({}, True),
        ({"pbk": "pathology"}, True),
        ({"pbk": "genomic"}, True),
        ({"pbk": "off"}, False),
        ({"kecm": "off"}, False),
    ],
)
def test_another_knowledge_changes_the_risk_where_it_is_read_and_no_bit_elsewhere(
    cohort: Cohort, fitted: Fitted, changes: dict[str, Any], changed: bool
) -> None:
    one, other = (predicted(fitted, cohort, cancer=cancer, **changes).risk for cancer in ("BLCA", "LUAD"))
    assert np.array_equal(one, other) != changed


@pytest.mark.parametrize(("changes", "changed"), [({}, True), ({"report": "off"}, False)])
def test_other_reports_change_the_risk_where_they_are_read_and_no_bit_elsewhere(
    cohort: Cohort, fitted: Fitted, changes: dict[str, Any], changed: bool
) -> None:
    other = with_texts(cohort, lambda text: text.replace("necrosis", "mitoses").replace("Low", "High"))
    one, two = (predicted(fitted, some, **changes).risk for some in (cohort, other))
    assert np.array_equal(one, two) != changed


def test_what_stands_in_the_place_of_a_missing_report_changes_nothing(cohort: Cohort, fitted: Fitted) -> None:
    texts = cohort.patients.texts("text")
    placed = tuple(
        text if there else "High grade carcinoma, pT4." for text, there in zip(texts.texts, texts.present, strict=True)
    )
    modalities = {**cohort.patients.modalities, "text": Texts(placed, texts.present)}
    other = replace(cohort, patients=Patients(cohort.patients.ids, modalities))
    one, two = (predicted(fitted, some) for some in (cohort, other))
    assert np.array_equal(one.risk, two.risk)


def test_learned_queries_are_as_many_as_the_texts_they_stand_for(cohort: Cohort, fitted: Fitted) -> None:
    full, control, none = (predicted(fitted, cohort, **changes) for changes in ({}, {"kecm": "off"}, NO_TEXT))
    asked = [len(attention_of_tokens(prediction.states)) for prediction in (full, control, none)]
    assert asked == [6 + 4, 6 + 4, Config().learned_queries]
    assert next(iter(attention_of_tokens(control.states))) == "learned 1"
    counts = ("parameters_knowledge_queries", "parameters_learned_queries")
    assert [full.diagnostics[name] for name in counts] == [control.diagnostics[name] for name in counts]
    assert "parameters_knowledge_queries" not in none.diagnostics
    assert none.diagnostics["parameters_learned_queries"] > 0


def test_a_record_tells_what_was_read(cohort: Cohort, fitted: Fitted) -> None:
    diagnostics = predicted(fitted, cohort).diagnostics
    assert diagnostics["knowledge_tokens"] == 8
    assert diagnostics["report_tokens"] == 6
    assert diagnostics["reports"] == cohort[TEST].patients.texts("text").present.sum()
    assert diagnostics["outcome_sentences_removed"] == 0
    assert set(method_card("kemm").labels) == {"refiner", "text_encoder", "knowledge"}


def test_sentences_look_at_those_regions_and_genes_that_there_are(cohort: Cohort, fitted: Fitted) -> None:
    states = predicted(fitted, cohort).states
    there = {name: cohort[TEST].patients.modalities[name].present for name in ("text", "rna", "wsi")}
    tokens = attention_of_tokens(states)
    assert sum(name.startswith("image") for name in tokens) == 4
    for name, token in tokens.items():
        asking = there["text"] & there["wsi"] if name.startswith("report") else there["wsi"]
        np.testing.assert_allclose(token.share, asking.astype(float), atol=1e-6)
    genes = {name: state for name, state in states.items() if name.startswith(GENES_OF)}
    for name, state in genes.items():
        asking = there["text"] & there["rna"] if "report" in name else there["rna"]
        np.testing.assert_allclose(state.sum(axis=1), asking.astype(float), atol=1e-6)
    assert sum(name.startswith(LOOKED_AT) for name in states) == 4


def test_the_encoder_is_frozen_and_reads_knowledge_once(
    cohort: Cohort, fitted: Fitted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path))
    read: list[str] = []

    class Counted(FrozenEncoder):
        width, maximum = 3, 256

        def __init__(self, model: str) -> None:
            self.model = model

        def encode(self, sentences: Any) -> Any:
            read.extend(sentences)
            return np.array([[len(one), one.count("e"), one.count("r")] for one in sentences], dtype=np.float32)

    monkeypatch.setattr("methods.kemm.line_vectors.FrozenEncoder", Counted)
    monkeypatch.setattr("methods.kemm.line_vectors.find_model", lambda _: type("Folder", (), {"version": "0"}))
    prediction = predicted(fitted, cohort, text_encoder="minilm")
    assert np.isfinite(prediction.risk).all()
    knowledge = [sentence for sentence in read if sentence.endswith("risk.")]
    assert len(knowledge) == len(set(knowledge)) == 8


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"report": "off", "pbk": "off"}, "no text that could ask"),
        ({"attention": "coattn"}, "take pbk=off and kecm=on"),
        ({"loss": "cox", "batch_size": 1}, "take batch_size=2"),
        ({"width": 30}, "4 heads do not divide"),
        ({"refiner": "gpt"}, "refiner=gpt: take rule, file"),
        ({"faithful": True, "width": 64, "learning_rate": 0.1}, "leave out learning_rate=0.1"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises((ValueError, UsageError), match=said):
        Config(**settings)


@pytest.mark.parametrize(
    ("names", "changes", "said"),
    [
        (("clinical",), {"report": "off"}, "neither a bag"),
        (("clinical", "text"), {}, "no bag and no genes for knowledge"),
        (("rna", "text"), {"pbk": "pathology"}, "there is no bag for knowledge"),
        (("rna", "wsi"), {}, "no modality 'text'"),
        (("wsi", "text"), {"attention": "coattn", "pbk": "off"}, "one of the two is not there"),
        (("rna", "wsi", "text"), {"gene_sets": "reactome"}, "set gene_sets=components"),
    ],
)
def test_what_is_not_there_is_said(
    cohort: Cohort, fitted: Fitted, names: tuple[str, ...], changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        fitted(cohort.only(*names), **changes)
    assert "\n" not in str(caught.value)


def test_the_faithful_recipe_tells_the_concordance_that_it_was_chosen_by(cohort: Cohort, context: Context) -> None:
    # All of its settings are fixed but those of what is read: the smallest bag keeps it short.
    small = cohort[np.arange(36)].only("rna", "text")
    method = KEMM(Config(faithful=True, attention_width=4, text_components=4))
    method.fit(small[np.arange(20)], small[np.arange(20, 36)], context)
    found = method.predict(small[np.arange(20, 36)].patients, TIMES)
    time, event = small.outcome.time[20:], small.outcome.event[20:]
    assert found.diagnostics["selected_by_c"] == pytest.approx(
        float(metrics.concordance_index(time, event, found.risk)), abs=1e-6
    )


def cell() -> Cell:
    """Return a cell of a drawn dataset, as figures are given one."""
    plain = {"config": {"bag": "wsi"}, "dataset_options": {}, "libraries": {}, "complete_cases": ()}
    hashes = dict.fromkeys(("data_sha256", "split_sha256", "grid_sha256", "code_sha256"), "")
    place = {"split": "stratified", "folds": 5, "repeat": 0, "fold": 0, "seed": 0, "threads": 1, "device": "cpu"}
    entry = method_card("kemm").entry
    return Cell(method="kemm", entry=entry, dataset="drawn", modalities=("rna",), **plain, **hashes, **place)  # type: ignore[arg-type]  # 2026-11-26: tables of several types


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (("rna", "text", "wsi"), ["attention.png", "tokens.png", "chosen_instances.png", "genes.png"]),
        (("rna", "text"), ["genes.png"]),
    ],
)
def test_figures_are_drawn_of_what_there_is(
    cohort: Cohort, fitted: Fitted, tmp_path: Path, names: tuple[str, ...], files: list[str]
) -> None:
    test = cohort.only(*names)[TEST]
    prediction = predicted(fitted, cohort.only(*names))
    part = PredictedPart(test.patients.ids, test.outcome, None, {MAIN: prediction})
    paths = draw(cell(), part, tmp_path)
    assert [path.name for path in paths] == files
    assert all(path.stat().st_size for path in paths)
    with pytest.raises(UsageError, match="no test patient has a bag or genes"):
        draw(cell(), replace(part, predictions={MAIN: replace(prediction, states={})}), tmp_path)


@pytest.mark.parametrize(
    "changes", [{"pbk": "off"}, {"kecm_order": "joint"}, {"report": "raw", "loss": "cox"}], ids=str
)
@pytest.mark.parametrize(
    "check",
    [
        "one patient alone is predicted as among others",
        "what stands in the place of an absent modality changes nothing",
    ],
)
def test_the_contract_holds_with_other_switches(check: str, changes: dict[str, Any]) -> None:
    card = method_card("kemm")
    CHECKS[check](Candidate(replace(card, contract={**card.contract, "epochs": 1, **changes}), KEMM))


@pytest.mark.parametrize(
    ("settings", "required"),
    [({}, ("text",)), ({"text": "notes"}, ("notes",)), ({"report": "off"}, ()), ({"refiner": "file"}, ())],
)
def test_it_is_skipped_where_the_report_it_reads_is_not(settings: dict[str, str], required: tuple[str, ...]) -> None:
    config = plain_config(build_config("kemm", Config, settings))
    assert method_card("kemm").modalities.required_by(config) == required
