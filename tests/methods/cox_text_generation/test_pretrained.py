"""Students of a pretrained architecture, on a tiny checkpoint that a test makes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import make_checkpoint

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.settings import build_config
from benchmarks.contract.cohort import poisoned
from benchmarks.encoders.model_folder import find_model
from benchmarks.errors import UsageError
from benchmarks.protocol.splits import make_splits
from benchmarks.types import TEACHER, Cohort, Context, Table
from methods.cox_text_generation import Config, CoxTextGeneration
from methods.cox_text_generation.pretrained_student import PretrainedStudent
from methods.cox_text_generation.probe import RidgeProbe
from methods.cox_text_generation.prompts import NaturalPrompts

Fit = Callable[..., CoxTextGeneration]
Parts = Callable[..., tuple[Cohort, Cohort, Cohort]]

QUICK = {
    "steps": 4,
    "evaluate_every": 2,
    "batch_size": 8,
    "last_layers": 2,
    "lora_rank": 4,
    "precision": "float32",
    "digits": 2,
}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny-qwen", "causal")


@pytest.fixture
def quick(fitted: Fit, parts: Parts, checkpoint: Path) -> CoxTextGeneration:
    train, validation, _ = parts("gbsg2")
    return fitted(train[np.arange(30)], validation[np.arange(20)], backbone=f"hf:{checkpoint}", **QUICK)


def student_of(method: CoxTextGeneration) -> PretrainedStudent:
    assert isinstance(method.student, PretrainedStudent)
    return method.student


def large_weights(method: CoxTextGeneration) -> PretrainedStudent:
    """Return the student with weights large enough to have opinions."""
    student = student_of(method)
    with torch.no_grad():
        for parameter in student.module.model.parameters():
            parameter.mul_(4)
    return student


@pytest.mark.parametrize(("trained", "target"), [("last_layers", "event_prob"), ("lora", "rank"), ("full", "log_hr")])
def test_every_way_of_training_and_every_target_runs(
    fitted: Fit, parts: Parts, times: np.ndarray, checkpoint: Path, trained: str, target: str
) -> None:
    train, validation, test = parts("gbsg2")

    method = fitted(
        train[np.arange(30)],
        validation[np.arange(20)],
        backbone=f"hf:{checkpoint}",
        trained=trained,
        target=target,
        **QUICK,
    )
    said = method.predict(test[np.arange(10)].patients, times)

    assert set(said.variants) == {"expected", "probe", TEACHER}
    assert np.ptp(student_of(method).expected(test.patients.table())) > 0
    assert said.diagnostics["tokens_seen_in_millions"] > 0
    size = said.diagnostics["parameters_in_millions"]
    assert 0 < said.diagnostics["trained_parameters_in_millions"] <= size
    assert (said.diagnostics["trained_parameters_in_millions"] == size) == (trained == "full")


@pytest.mark.parametrize(
    "settings",
    [
        {"teacher": "rsf", "weights": "fresh"},
        {"supervision": "observed", "target": "rank", "precision": "bfloat16"},
        {"column_order": "shuffled", "aug_rows": 20, "accumulate": 2, "checkpointing": True},
    ],
)
def test_every_switch_runs(
    fitted: Fit, parts: Parts, times: np.ndarray, checkpoint: Path, settings: dict[str, object]
) -> None:
    train, validation, test = parts("whas500")

    method = fitted(
        train[np.arange(30)], validation[np.arange(20)], backbone=f"hf:{checkpoint}", **{**QUICK, **settings}
    )

    assert set(method.predict(test[np.arange(5)].patients, times).variants) == {"expected", "probe", TEACHER}


def test_the_expectation_is_that_of_all_texts(parts: Parts, quick: CoxTextGeneration) -> None:
    student = large_weights(quick)
    table = parts("gbsg2")[2][np.arange(2)].patients.table()
    expected = student.expected(table)
    for row, prompt in enumerate(student.ids(table)):
        # The model is asked after each beginning alone: without tree or padding.
        reached = {"": 1.0}
        for allowed in student.number_format.positions:
            longer = {}
            for text, share in reached.items():
                with torch.no_grad():
                    output = student.module.model(torch.tensor([[*prompt, *student.written_tokens(text)]]))
                shares = output.logits[0, -1, student.written_tokens(allowed)].double().softmax(0)
                longer |= {text + character: share * float(one) for character, one in zip(allowed, shares, strict=True)}
            reached = longer
        mean = sum(share * float(text) for text, share in reached.items())
        np.testing.assert_allclose(expected[row], mean, rtol=1e-4)


def test_a_patient_alone_is_read_as_among_others(quick: CoxTextGeneration, parts: Parts, times: np.ndarray) -> None:
    large_weights(quick)
    patients = parts("gbsg2")[2][np.arange(34)].patients

    together = quick.predict(patients, times)
    for row in (0, 33):
        alone = quick.predict(patients[[row]], times)
        for name, said in together.rows().items():
            assert alone.rows()[name].risk[0] == said.risk[row], name
        np.testing.assert_array_equal(alone.states["hidden"][0], together.states["hidden"][row])


def test_states_before_training_are_those_of_the_checkpoint(
    quick: CoxTextGeneration, parts: Parts, context: Context
) -> None:
    student = student_of(quick)
    table = parts("gbsg2")[2][np.arange(3)].patients.table()
    trained = student.states(table)

    again = PretrainedStudent(student.prompts, student.number_format, 0.0, quick.config, table, context)
    np.testing.assert_allclose(student.states(table, trained=False), again.states(table), atol=1e-5)
    assert np.abs(trained - again.states(table)).max() > 1e-5
    np.testing.assert_array_equal(student.states(table), trained)


def test_poisoned_test_rows_leave_student_and_probe_bit_identical(fitted: Fit, checkpoint: Path) -> None:
    loaded = load_dataset("gbsg2")
    split = make_splits(loaded.cohort, folds=5, repeats=1, seed=0)[0]
    bad = poisoned(loaded.cohort.only("clinical"), split.test)
    undescribed = poisoned(loaded.cohort.only("clinical"), np.array([], dtype=np.int64))

    clean, dirty = (
        fitted(cohort[split.train[:30]], cohort[split.validation[:20]], backbone=f"hf:{checkpoint}", **QUICK)
        for cohort in (undescribed, bad)
    )

    for one, other in zip(student_of(clean).module.trainable(), student_of(dirty).module.trainable(), strict=True):
        assert torch.equal(one, other)
    table = loaded.cohort[split.validation[:5]].patients.table()
    states = student_of(clean).layer_means(table)
    assert clean.probe is not None
    assert dirty.probe is not None
    assert clean.probe.linear_predictor(states).tobytes() == dirty.probe.linear_predictor(states).tobytes()


def test_the_probe_finds_what_lies_in_one_layer() -> None:
    generator = np.random.default_rng(0)
    states = generator.normal(size=(200, 3, 8)).astype(np.float32)
    risk = states[:, 1] @ generator.normal(size=8)

    probe = RidgeProbe(
        states[:100], states[100:150], risk[:100], lambda said: float(np.abs(said - risk[100:150]).mean())
    )

    assert probe.layer == 1
    together = probe.linear_predictor(states[150:])
    np.testing.assert_allclose(together, risk[150:], atol=0.05)
    alone = [probe.linear_predictor(states[[row]])[0] for row in range(150, 200)]
    np.testing.assert_array_equal(alone, together)


def test_sentences_say_meaning_unit_and_the_word_of_a_code(parts: Parts) -> None:
    train, _, _ = parts("whas500")
    (first, *_) = NaturalPrompts().fit(train.patients.table()).sentences(train[np.arange(1)].patients.table())

    said = " ".join(first)
    assert "years." in said
    assert "mmHg." in said
    assert "atrial fibrillation is no." in said or "atrial fibrillation is yes." in said
    assert "afb" not in said


def test_defaults_suit_the_backbone_and_are_written_out(checkpoint: Path) -> None:
    scratch, tiny = Config(), Config(backbone=f"hf:{checkpoint}")
    assert (scratch.style, scratch.weights, scratch.aug_rows, scratch.steps) == ("coded", "fresh", 6000, 2400)
    assert (tiny.style, tiny.weights, tiny.aug_rows, tiny.steps) == ("natural", "pretrained", 0, 160)
    assert tiny.backbone == f"hf:{checkpoint}@{find_model(f'hf:{checkpoint}').version}"
    assert Config(backbone=f"hf:{checkpoint}", trained="lora").learning_rate != tiny.learning_rate
    assert Config(backbone=f"hf:{checkpoint}", steps=7).steps == 7


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"weights": "pretrained"}, "no pretrained weights"),
        ({"backbone": "smollm2-135m", "style": "coded"}, "take style=natural"),
        ({"backbone": "smollm2-135m", "accumulate": "3"}, "multiple of accumulate"),
        ({"backbone": "hf:/no/such/folder"}, "neither a folder nor the identifier of a model"),
    ],
)
def test_settings_that_do_not_fit_are_told(settings: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        build_config("cox_text_generation", Config, settings)


def test_a_tokenizer_that_merges_digits_is_refused(
    fitted: Fit, parts: Parts, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("methods.cox_text_generation.pretrained_student.WRITTEN", ("12", "0"))
    train, validation, _ = parts("gbsg2")
    with pytest.raises(UsageError, match="no token of its own for 12"):
        fitted(train[np.arange(20)], validation[np.arange(20)], backbone=f"hf:{checkpoint}", **QUICK)


def test_missing_values_are_said_to_be_unknown(quick: CoxTextGeneration, parts: Parts) -> None:
    table = parts("gbsg2")[2][np.arange(4)].patients.table()
    blank = Table(table.frame.mask(np.ones(table.frame.shape, dtype=bool)), described=table.described)
    assert np.isfinite(quick.student.expected(blank)).all()
