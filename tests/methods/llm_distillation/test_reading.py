"""What the student reads: prompts, outcome sentences, summaries of long reports, vectors of the other modalities."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Matrix, Patients, Table, Texts
from methods.llm_distillation.measurements import Measurements
from methods.llm_distillation.outcome_sentences import sentences, without_outcome
from methods.llm_distillation.prompts import Prompts
from methods.llm_distillation.report_summary import ReportSummary


def patients(**modalities: Table | Texts | Matrix) -> Patients:
    n = len(next(iter(modalities.values())))
    return Patients(np.array([f"p{row}" for row in range(n)]), modalities)


TABLE = Table(pd.DataFrame({"age": [56.0, np.nan], "stage": pd.Categorical(["II", "III"]), "same": [1.0, 1.0]}))
TEXTS = Texts(("Tumour of 3 cm. The patient died 8 months later.", ""))


def test_a_prompt_has_instruction_report_and_a_line_for_each_covariate_that_varies(context: Context) -> None:
    who = patients(clinical=TABLE, text=TEXTS)

    prompt = Prompts("text", "12, 36, 60 months").fit(who, context).of(who)

    assert "after 12, 36, 60 months in percent" in prompt.before
    assert prompt.before.endswith("Report: ")
    assert list(prompt.reports) == ["Tumour of 3 cm.", "none"]
    assert prompt.behind[0] == "\nage: 56\nstage: II\nAnswer: "
    assert prompt.behind[1] == "\nage: unknown\nstage: III\nAnswer: "
    assert prompt.removed == 1
    assert prompt.present.tolist() == [True, True]


def test_who_has_neither_report_nor_table_has_no_text(context: Context) -> None:
    who = patients(clinical=replace(TABLE, present=np.array([True, False])), text=TEXTS)

    assert Prompts("text", "12 months").fit(who, context).of(who).present.tolist() == [True, False]


def test_prompts_of_a_table_are_templated_and_a_wrong_name_is_an_error(context: Context) -> None:
    assert Prompts("text", "12 months").fit(patients(clinical=TABLE), context).templated
    with pytest.raises(UsageError, match="no such modality; texts here: summary"):
        Prompts("text", "12 months").fit(patients(clinical=TABLE, summary=TEXTS), context)
    with pytest.raises(UsageError, match="this modality is no text"):
        Prompts("clinical", "12 months").fit(patients(clinical=TABLE), context)
    with pytest.raises(UsageError, match="nothing to read"):
        Prompts("text", "12 months").fit(patients(clinical=Table(pd.DataFrame({"same": [1.0, 1.0]}))), context)


@pytest.mark.parametrize(
    "sentence",
    [
        "The patient died of disease.",
        "She is alive with no evidence of disease.",
        "Cause of death: pneumonia.",
        "Vital status: dead.",
        "Patient was lost to follow-up.",
        "Survival was 14 months.",
        "Recurrence was seen 9 months later.",
    ],
)
def test_a_sentence_that_tells_the_outcome_is_taken_out(sentence: str) -> None:
    before, behind = "Tumour of 2.4 cm, grade 3.", "Margins are free of tumour. Follow-up is recommended."

    assert without_outcome([f"{before} {sentence} {behind}", behind]) == ((f"{before} {behind}", behind), [1, 0])


def test_sentences_joined_are_the_text() -> None:
    text = "One of 2.4 cm. Two!\nThree: a line\n\nFour"
    assert "".join(sentences(text)) == text


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_a_summary_keeps_typical_sentences_of_every_chunk_in_their_order_within_the_room() -> None:
    start = "Bladder tumour invades muscle. Bladder tumour grade high. Weather fine today outside. "
    end = "Lymph nodes positive here. Lymph nodes number two. Paper was white anyway."
    summary = ReportSummary.fit([start, end, "Bladder tumour muscle.", "Lymph nodes."])

    short = summary.of(start + end, 12, words)

    assert words([short])[0] <= 12
    assert "Bladder tumour" in short
    assert "Lymph nodes" in short
    assert short.index("Bladder") < short.index("Lymph")
    assert "Weather" not in short


def test_vectors_are_standardised_flagged_and_restored_from_arrays() -> None:
    rng = np.random.default_rng(0)
    n = 40
    table = Table(
        pd.DataFrame({"age": np.where(np.arange(n) % 5 == 0, np.nan, rng.normal(60, 9, n)), "sex": list("fm") * 20}),
        present=np.arange(n) != 3,
    )
    matrix = Matrix(rng.normal(size=(n, 30)).astype(np.float32), tuple(f"g{i}" for i in range(30)))
    who = patients(clinical=table, rna=matrix)
    fitted = Measurements(5).fit(who, seed=0)

    blocks = fitted.transform(who)

    assert fitted.names == ("clinical", "rna")
    assert fitted.widths == (4, 5)
    assert not blocks.present[3, 0]
    assert (blocks.vectors[0][3] == 0).all()
    np.testing.assert_allclose(blocks.vectors[1].std(axis=0), 1.0, atol=0.2)
    age = blocks.vectors[0][np.arange(n) % 5 != 0, 0]
    np.testing.assert_allclose([age.mean(), age.std()], [0, 1], atol=0.1)
    again = Measurements.restored(5, *fitted.state()).transform(who)
    for before, after in zip(blocks.vectors, again.vectors, strict=True):
        np.testing.assert_array_equal(before, after)


def test_an_unseen_level_is_none_of_the_levels_and_a_rare_modality_an_error(drawn: Cohort) -> None:
    fitted = Measurements(2).fit(patients(clinical=Table(pd.DataFrame({"sex": ["f", "m", "f", "m"]}))), seed=0)
    strange = fitted.transform(patients(clinical=Table(pd.DataFrame({"sex": ["x"]}))))

    assert strange.vectors[0].shape == (1, 2)
    assert (strange.vectors[0] < 0).all()
    alone = replace(drawn.patients.table(), present=np.arange(160) == 0)
    with pytest.raises(ValueError, match="'clinical': 1 training patients"):
        Measurements(2).fit(Patients(drawn.patients.ids, {"clinical": alone}), seed=0)
