"""What the student reads: coded and natural prompts, and vectors recombined from patients."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Cohort, Table
from methods.cox_text_generation.augmentation import UNSEEN_LEVEL, recombined
from methods.cox_text_generation.number_text import NumberFormat
from methods.cox_text_generation.prompts import CodedPrompts, NaturalPrompts, natural_sentences, words
from methods.cox_text_generation.vocabulary import MISSING, RARE, UNSEEN, WRITTEN, Vocabulary


def table_of(age: list[float | None], sex: list[str | None]) -> Table:
    return Table(pd.DataFrame({"age": pd.Series(age, dtype="float64"), "sex": sex}))


TRAIN = table_of([50, 60, 60, 80], ["f", "m", "f", "f"])


def test_numbers_are_written_as_their_rank_among_training_patients() -> None:
    fields = CodedPrompts().fit(TRAIN).fields(table_of([40, 50, 60, 70, 99], ["f"] * 5))

    ranks = ["".join(age[1:]) for age, _ in fields]
    assert ranks == ["000", "125", "500", "750", "999"]
    assert {age[0] for age, _ in fields} == {"age:"}


def test_missing_and_unseen_have_tokens_of_their_own() -> None:
    fields = CodedPrompts().fit(TRAIN).fields(table_of([None, 50], [None, "other"]))

    assert fields[0] == (("age:", MISSING, MISSING, MISSING), ("sex:", MISSING))
    assert fields[1][1] == ("sex:", UNSEEN)


def test_levels_of_less_than_one_percent_share_a_token() -> None:
    sexes = ["f"] * 150 + ["m"] * 49 + ["x"]
    prompts = CodedPrompts().fit(table_of([*range(200)], list(sexes)))

    fields = prompts.fields(table_of([50.0] * 3, ["f", "m", "x"]))

    assert [sex for _, sex in fields] == [("sex:", "sex=f"), ("sex:", "sex=m"), ("sex:", RARE)]
    assert "sex=x" not in prompts.tokens()


@pytest.mark.parametrize("dataset", ["gbsg2", "whas500", "actg320"])
def test_coded_prompts_of_a_data_set_have_one_length(
    parts: Callable[..., tuple[Cohort, Cohort, Cohort]], dataset: str
) -> None:
    train, _, test = parts(dataset)
    prompts = CodedPrompts().fit(train.patients.table())

    lengths = {sum(map(len, patient)) for patient in prompts.fields(test.patients.table())}

    table = train.patients.table()
    assert lengths == {4 * len(table.numeric) + 2 * len(table.categorical)}


@pytest.mark.parametrize("prompts", [CodedPrompts(), NaturalPrompts()])
def test_the_vocabulary_knows_every_training_prompt(gbsg2: Cohort, prompts: CodedPrompts | NaturalPrompts) -> None:
    table = gbsg2.patients.table()
    vocabulary = Vocabulary(prompts.fit(table).tokens())

    read = [token for patient in prompts.fields(table) for field in patient for token in field]

    numbers = vocabulary.read(read)
    assert UNSEEN not in [vocabulary.tokens[number] for number in numbers]
    assert len(set(numbers)) == len(set(read))


def test_a_word_never_read_is_unseen() -> None:
    vocabulary = Vocabulary(["age:"])

    assert [vocabulary.tokens[i] for i in vocabulary.read(["age:", "shoe"])] == ["age:", UNSEEN]


def test_digits_of_a_prompt_are_other_tokens_than_those_of_an_answer() -> None:
    vocabulary = Vocabulary(["age:", "7"])

    assert set(vocabulary.read(WRITTEN)).isdisjoint(vocabulary.written(WRITTEN))
    assert len(set(vocabulary.read(WRITTEN))) == len(set(vocabulary.written(WRITTEN))) == len(WRITTEN)


def test_digits_copied_from_a_prompt_are_no_answer() -> None:
    vocabulary, number_format = Vocabulary([]), NumberFormat(3, decimals=1)

    assert number_format.parse(vocabulary.text(vocabulary.written("12.5"))) == 12.5
    assert number_format.parse(vocabulary.text(vocabulary.read("12.5"))) is None
    assert number_format.parse(vocabulary.text([*vocabulary.written("12."), *vocabulary.read("5")])) is None


def test_natural_prompts_are_sentences() -> None:
    sentences = natural_sentences(table_of([50.25, None], ["f", None]))

    assert sentences == [["age is 50.25.", "sex is f."], ["age is unknown.", "sex is unknown."]]


def test_digits_and_signs_of_sentences_are_tokens_of_their_own() -> None:
    assert words("horTh is 50.25 mg/l.") == ("horTh", "is", "5", "0", ".", "2", "5", "mg", "/", "l", ".")


def test_recombined_vectors_have_values_of_training_patients_only(gbsg2: Cohort) -> None:
    table = gbsg2.patients.table()

    made = recombined(table, 500, np.random.default_rng(0))

    for name in table.numeric:
        assert set(made.frame[name].dropna()) <= set(table.frame[name])
    for name in table.categorical:
        assert set(made.frame[name].dropna()) <= {*table.frame[name], UNSEEN_LEVEL}
    assert len(made) == 500


def test_recombined_vectors_are_new_patients(gbsg2: Cohort) -> None:
    table = gbsg2.patients.table()
    known = set(table.frame.itertuples(index=False, name=None))

    made = recombined(table, 500, np.random.default_rng(0)).frame

    new = [row not in known for row in made.itertuples(index=False, name=None)]
    assert np.mean(new) > 0.9
    assert 0.01 < made.isna().to_numpy().mean() < 0.03


@pytest.mark.parametrize("prompts", [CodedPrompts(), NaturalPrompts()])
def test_a_column_that_is_constant_in_training_is_left_out(prompts: CodedPrompts | NaturalPrompts) -> None:
    prompts.fit(table_of([50.0] * 4, ["f", "m", "f", "m"]))
    same, other = prompts.fields(table_of([50.0, 99.0], ["f", "f"]))
    assert same == other
    assert len(same) == 1
    nothing = type(prompts)().fit(table_of([50.0] * 2, ["f", "f"]))
    assert nothing.fields(table_of([1.0, 2.0, None], ["f", "m", None])) == [(), (), ()]
