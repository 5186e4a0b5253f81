"""The method as a whole, on drawn patients and students that train in seconds."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_checkpoints import make_checkpoint

from benchmarks.errors import UsageError
from benchmarks.types import TEACHER, Cohort, Context, Prediction, Texts
from methods.llm_distillation.config import Config
from methods.llm_distillation.deployment import as_json, measured_cost
from methods.llm_distillation.method import LLMDistillation
from methods.llm_distillation.parsing import Parsed
from methods.llm_distillation.saving import load_student, save_student

TIMES = np.linspace(0.0, 1000.0, 101)

Fit = Callable[..., LLMDistillation]


def rows_of(cohort: Cohort) -> Cohort:
    return cohort[np.arange(90, 100)]


@pytest.mark.parametrize(
    "settings",
    [
        {"head": "cox", "fusion": "early", "modality_heads": "joint", "calibration_correction": "probabilistic"},
        {"head": "mtlr", "fusion": "text", "output": "verbalized", "long_reports": "chunks", "max_tokens": 130},
        {"head": "deephit", "modality_heads": "frozen", "trained": "last_layers", "trained_fraction": 0.5},
        {"output": "hidden", "text_loss": False, "components": 0, "select_by": "hidden"},
    ],
)
def test_every_switch_runs(fitted: Fit, drawn: Cohort, settings: dict[str, object]) -> None:
    said = fitted(**settings).predict(rows_of(drawn).patients, TIMES)

    written = settings.get("text_loss", True)
    rows = {"hidden", "verbalized", "combined"} if written else {"hidden"}
    assert set(said.variants) == (rows - {settings.get("output", "combined")}) | {TEACHER}
    assert all(np.ptp(row.risk) >= 0 and row.survival is not None for row in said.rows().values())
    assert (said.states.get("gate") is not None) == (settings.get("fusion", "late") == "late")


def test_what_cannot_be_read_falls_to_the_hidden_curve_and_is_counted(usual: LLMDistillation, drawn: Cohort) -> None:
    # One epoch teaches a tiny model no format: nothing it writes can be read.
    method = usual
    said = method.predict(rows_of(drawn).patients, TIMES)

    spoken = said.variants["verbalized"]
    assert spoken.parseable is not None
    assert not spoken.parseable.any()
    assert said.diagnostics["unparseable"] == 10
    assert said.diagnostics["unparseable_share"] == 1
    np.testing.assert_array_equal(said.survival, said.variants["hidden"].survival)
    np.testing.assert_array_equal(spoken.survival, np.tile(method.student.marginal.at(TIMES), (10, 1)))


def with_numbers(method: LLMDistillation, drawn: Cohort, monkeypatch: pytest.MonkeyPatch) -> Prediction:
    """Return a prediction in which the student is made to write numbers of every second patient."""
    said = zip(method.student.horizons.named, (90, 100, 40), strict=False)
    numbers = ", ".join(f"{name} {number}%" for name, number in said)
    texts = [f"Survival: {numbers}. Reason: grade is high.", "Survival: 12m 9"] * 5
    hidden = method.student.student.hidden
    monkeypatch.setattr(method.student.student, "written", lambda read: (texts, hidden(read)))
    return method.predict(rows_of(drawn).patients, TIMES)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_alpha_of_one_and_zero_give_the_two_curves(
    usual: LLMDistillation, drawn: Cohort, monkeypatch: pytest.MonkeyPatch, alpha: float
) -> None:
    method = usual
    monkeypatch.setattr(method.student, "alpha", alpha)

    said = with_numbers(method, drawn, monkeypatch)

    spoken = said.variants["verbalized"]
    assert spoken.parseable is not None
    readable = spoken.parseable
    assert readable.tolist() == [True, False] * 5
    assert said.survival is not None
    expected = said.variants["hidden"] if alpha else spoken
    assert expected.survival is not None
    np.testing.assert_allclose(said.survival[readable], expected.survival[readable])
    assert said.diagnostics["clipped"] == (len(method.student.horizons.named) > 1) * 5
    assert said.diagnostics["corrected"] == said.diagnostics["clipped"]


def test_alpha_is_that_of_the_lower_brier_score() -> None:
    from benchmarks.types import Outcome
    from methods.llm_distillation.curves import chosen_alpha

    rng = np.random.default_rng(0)
    time, times = rng.exponential(10, 200) + 0.01, np.linspace(0, 60, 61)
    outcome = Outcome(time, np.ones(200, dtype=bool))
    truth = (times < time[:, None]).astype(float)
    flat = np.full_like(truth, 0.5)
    flat[:, 0] = 1
    everyone = np.ones(200, dtype=bool)

    assert chosen_alpha(outcome, outcome, 20.0, times, truth, flat, everyone) == 1
    assert chosen_alpha(outcome, outcome, 20.0, times, flat, truth, everyone) == 0
    # Where nothing can be read alpha changes nothing, and the hidden curve has it.
    assert chosen_alpha(outcome, outcome, 20.0, times, flat, truth, ~everyone) == 1


def test_without_texts_the_prompts_are_made_of_the_table(fitted: Fit, drawn: Cohort) -> None:
    table = drawn.only("clinical")

    said = fitted(table[np.arange(60)], table[np.arange(60, 90)]).predict(rows_of(table).patients, TIMES)

    assert said.diagnostics["templated"] == 1


@pytest.mark.parametrize("together", [1, 32])
def test_the_state_that_a_text_is_written_from_is_that_of_reading_alone(
    usual: LLMDistillation, drawn: Cohort, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = usual.student.student
    monkeypatch.setattr(student, "together", together)
    read = student.read(drawn[np.arange(90, 130)].patients)
    texts, states = student.written(read)
    assert len(texts) == 40
    np.testing.assert_array_equal(states, student.hidden(read))


def test_sentences_that_tell_the_outcome_are_taken_out_and_counted(usual: LLMDistillation, drawn: Cohort) -> None:
    method = usual
    patients = rows_of(drawn).patients
    texts = patients.texts("text").texts
    telling = tuple(f"{text} The patient died 8 months later." for text in texts)
    other = replace(patients, modalities={**patients.modalities, "text": Texts(telling)})

    before, after = method.predict(patients, TIMES), method.predict(other, TIMES)

    assert (before.diagnostics["outcome_sentences"], after.diagnostics["outcome_sentences"]) == (0, 10)
    np.testing.assert_array_equal(before.risk, after.risk)


def test_a_saved_student_predicts_without_network_and_explains_as_json(
    usual: LLMDistillation, drawn: Cohort, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = usual
    patients = rows_of(drawn).patients
    expected = as_json(method.student, patients, TIMES)
    save_student(method.student, tmp_path / "student")

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    loaded = load_student(tmp_path / "student", context)
    found = as_json(loaded, patients, TIMES)

    assert json.loads(found) == json.loads(expected)
    assert {path.suffix for path in (tmp_path / "student").rglob("*") if path.is_file()} <= {
        ".json",
        ".safetensors",
        ".jinja",
    }
    first = json.loads(found)[0]
    assert first["patient"] == "patient-90"
    assert first["survival"][0] == 1
    assert first["stated"] is None
    cost = measured_cost(loaded, patients[np.arange(2)])
    assert cost.hidden_seconds > 0
    assert cost.model_megabytes > 0


@pytest.mark.parametrize("head", ["cox", "deephit"])
def test_a_saved_student_of_a_checkpoint_needs_the_checkpoint_no_more(
    fitted: Fit, drawn: Cohort, context: Context, tmp_path: Path, head: str
) -> None:
    checkpoint = make_checkpoint(tmp_path / "tiny-qwen", "causal")
    method = fitted(
        backbone=f"hf:{checkpoint}",
        trained="lora",
        lora_rank=2,
        head=head,
        max_tokens=400,
        answer_tokens=16,
        batch_size=16,
    )
    save_student(method.student, tmp_path / "student")
    patients = rows_of(drawn).patients
    expected = as_json(method.student, patients, TIMES)
    for path in checkpoint.iterdir():
        path.unlink()

    loaded = load_student(tmp_path / "student", context)

    assert json.loads(as_json(loaded, patients, TIMES)) == json.loads(expected)


def test_a_student_is_not_saved_over_something(usual: LLMDistillation, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError, match="not empty"):
        save_student(usual.student, tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"text_loss": False}, "output=hidden"),
        ({"weights": "pretrained"}, "no pretrained weights"),
        ({"width": 30, "heads": 4}, "multiple of the heads"),
        ({"teacher": "file", "teacher_noise": 1.0}, "of the surrogate"),
    ],
)
def test_settings_that_do_not_go_together_are_errors(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Config(**settings)  # type: ignore[arg-type]  # 2026-11-26: settings as a test gives them


def test_parsed_rows_say_who_is_parseable() -> None:
    assert Parsed(np.array([[0.5], [np.nan]]), 0, 0).parseable.tolist() == [True, False]
