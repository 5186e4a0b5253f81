"""Loss, padding and decoding of the student, on untrained models with opinions."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch

from benchmarks.types import Cohort, Context, Table
from methods.cox_text_generation.decoding import expected_numbers, greedy_texts
from methods.cox_text_generation.language_model import (
    IGNORED,
    ModelSize,
    PaddedPrompts,
    completion_labels,
    completion_losses,
    logits,
    question_states,
    untrained_model,
)
from methods.cox_text_generation.number_text import NumberFormat
from methods.cox_text_generation.student import Student
from methods.cox_text_generation.vocabulary import Vocabulary
from methods.shared.training.reproducible import reproducible

MakeStudent = Callable[..., Student]


def first_patients(gbsg2: Cohort, n: int) -> Table:
    return gbsg2[np.arange(n)].patients.table()


def prompts_of(student: Student, table: Table) -> list[list[int]]:
    return [student.ids(fields) for fields in student.prompts.fields(table)]


def nodes_of(student: Student) -> list[int]:
    return student.vocabulary.written(student.number_format.tree.characters)


@pytest.fixture
def student(tiny_student: MakeStudent) -> Student:
    return tiny_student(NumberFormat(3, decimals=1))


def test_labels_of_the_prompt_are_ignored(student: Student, gbsg2: Cohort) -> None:
    batch = student.padded(prompts_of(student, first_patients(gbsg2, 3)))
    answers = student.answers(np.array([1.0, 2.0, 3.0]))

    labels = completion_labels(batch, answers)

    assert (labels[:, : batch.ids.shape[1]] == IGNORED).all()
    assert labels[:, batch.ids.shape[1] :].tolist() == answers.tolist()
    assert (answers[:, -1] == student.vocabulary.end).all()


def test_another_target_of_a_patient_changes_that_patients_loss_only(student: Student, gbsg2: Cohort) -> None:
    batch = student.padded(prompts_of(student, first_patients(gbsg2, 4)))

    with torch.no_grad():
        before = completion_losses(student.model, batch, student.answers(np.array([10.0, 20.0, 30.0, 40.0])))
        after = completion_losses(student.model, batch, student.answers(np.array([10.0, 99.0, 30.0, 40.0])))

    assert (before != after).tolist() == [False, True, False, False]


def test_the_loss_is_the_mean_over_the_completions_tokens(student: Student, gbsg2: Cohort) -> None:
    """Token by token, from the model's plain forward pass over the whole text."""
    batch = student.padded(prompts_of(student, first_patients(gbsg2, 2)))
    answers = student.answers(np.array([12.3, 45.6]))
    whole = torch.cat([batch.ids, answers], 1)

    with torch.no_grad():
        log_probabilities = student.model(input_ids=whole).logits.log_softmax(2)
        by_definition = torch.zeros(2)
        for row, j in itertools.product(range(2), range(answers.shape[1])):
            place = batch.ids.shape[1] + j - 1
            by_definition[row] -= log_probabilities[row, place, answers[row, j]] / answers.shape[1]
        losses = completion_losses(student.model, batch, answers)

    torch.testing.assert_close(losses, by_definition)


def test_padding_on_the_left_changes_nothing(student: Student, gbsg2: Cohort) -> None:
    prompts = prompts_of(student, first_patients(gbsg2, 2))
    exact = PaddedPrompts.of(prompts, 0, student.vocabulary.padding)
    padded = PaddedPrompts.of(prompts, len(prompts[0]) + 7, student.vocabulary.padding)

    # Padding shifts the positions; in single precision, with large weights, that changes the last digits.
    rounding = {"rtol": 1e-4, "atol": 1e-4}
    with torch.no_grad():
        torch.testing.assert_close(logits(student.model, exact, 1), logits(student.model, padded, 1), **rounding)
        torch.testing.assert_close(
            question_states(student.model, exact), question_states(student.model, padded), **rounding
        )
    assert greedy_texts(student.model, exact, student.vocabulary) == greedy_texts(
        student.model, padded, student.vocabulary
    )
    np.testing.assert_allclose(
        expected_numbers(student, exact, nodes_of(student), student.number_format),
        expected_numbers(student, padded, nodes_of(student), student.number_format),
        rtol=1e-5,
    )


@pytest.mark.parametrize("number_format", [NumberFormat(2), NumberFormat(2, decimals=1, signed=True)])
@pytest.mark.parametrize("style", ["coded", "natural"])
def test_expected_numbers_equal_the_enumeration_of_all_texts(
    tiny_student: MakeStudent, gbsg2: Cohort, number_format: NumberFormat, style: str
) -> None:
    """Every text is put behind the prompt, and its probability multiplied up character by character."""
    student = tiny_student(number_format, style)
    # In float32, batches of different shapes differ in the fifth digit on some processors.
    student.model.double()
    batch = student.padded(prompts_of(student, first_patients(gbsg2, 3)))
    choices = [student.vocabulary.written(allowed) for allowed in number_format.positions]
    total = np.zeros(3)

    with torch.no_grad():
        for characters in itertools.product(*number_format.positions):
            text = batch.followed_by(torch.tensor(student.vocabulary.written(characters)).expand(3, -1))
            of_text = logits(student.model, text, len(characters) + 1).double()
            probability = np.ones(3)
            for place, (character, allowed) in enumerate(zip(characters, choices, strict=True)):
                (number,) = student.vocabulary.written([character])
                shares = of_text[:, place, allowed].softmax(1).numpy()
                probability *= shares[:, allowed.index(number)]
            total += probability * float("".join(characters))

    found = expected_numbers(student, batch, nodes_of(student), number_format)
    np.testing.assert_allclose(found, total, rtol=1e-5, atol=1e-6)
    assert np.ptp(found) > 0


def test_greedy_text_is_the_likeliest_token_again_and_again(student: Student, gbsg2: Cohort) -> None:
    prompts = prompts_of(student, first_patients(gbsg2, 2))

    texts = greedy_texts(student.model, student.padded(prompts), student.vocabulary)

    for prompt, text in zip(prompts, texts, strict=True):
        written: list[int] = []
        with torch.no_grad():
            while len(written) < 8 and student.vocabulary.end not in written:
                output = student.model(input_ids=torch.tensor([prompt + written])).logits
                written.append(int(output[0, -1].argmax()))
        assert text == student.vocabulary.text(written)


def test_a_patient_alone_is_read_as_among_others(student: Student, gbsg2: Cohort) -> None:
    table = first_patients(gbsg2, 37)
    alone = gbsg2[np.array([36])].patients.table()

    assert student.written(table).texts[36:] == student.written(alone).texts
    assert student.expected(table)[36] == student.expected(alone)[0]
    np.testing.assert_array_equal(student.states(table)[36], student.states(alone)[0])


def test_the_untrained_model_stays_untrained(student: Student, gbsg2: Cohort) -> None:
    """The fixture has changed the weights of the model, as training would."""
    table = first_patients(gbsg2, 2)

    states, before = student.states(table), student.states(table, trained=False)

    assert states.shape == before.shape == (2, 16)
    assert (states != before).all()


def test_prompts_longer_than_in_training_are_read(tiny_student: MakeStudent, gbsg2: Cohort) -> None:
    student = tiny_student(NumberFormat(3), "natural")
    table = first_patients(gbsg2, 2)
    longer = Table(table.frame.assign(age=123456.0))

    assert len(student.written(longer).texts) == 2
    assert np.isfinite(student.expected(longer)).all()


def test_neighbouring_digits_begin_alike_those_read_and_those_written_unrelated(context: Context) -> None:
    """The average over weights of the product of two digits' entries is the covariance, by the formula."""
    width = 1024
    size = ModelSize(width, layers=1, heads=2, key_value_heads=1, feed_forward_ratio=1, dropout=0.0)
    vocabulary = Vocabulary([])
    digits = [vocabulary.read("0123456789"), vocabulary.written("0123456789")]
    with reproducible(context, "weights"):
        model = untrained_model(size, len(vocabulary), 8, vocabulary.padding, vocabulary.end, digits)

    read, written = (model.model.embed_tokens.weight.detach()[d].numpy() / 0.02 for d in digits)

    distance = np.subtract.outer(np.arange(10), np.arange(10))
    covariance = 0.95 * np.exp(-(distance**2) / (2 * 3.0**2)) + 0.05 * (distance == 0)
    # Standard errors are at most sqrt(2 / 1024) = 0.044.
    np.testing.assert_allclose(read @ read.T / width, covariance, atol=0.2)
    np.testing.assert_allclose(written @ written.T / width, covariance, atol=0.2)
    np.testing.assert_allclose(read @ written.T / width, 0.0, atol=0.2)


def test_the_same_seed_gives_the_same_weights(tiny_student: MakeStudent, context: Context) -> None:
    first, second = tiny_student(NumberFormat(3)), tiny_student(NumberFormat(3))

    for one, other in zip(first.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)
