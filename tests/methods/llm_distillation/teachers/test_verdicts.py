"""What several models say of one question, and how sure that makes anybody."""

import pytest

from methods.llm_distillation.teachers.verdicts import (
    StoredAnswer,
    Verdict,
    agreement,
    reason_of,
    stored_answers,
    verdict_of,
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ('All is well.\n\nAnswer - {"Survival": "True"}', "yes"),
        ('Answer - {"Survival": "False"}\n\nReasoning: ... so the answer is {"Survival": "False"}.', "no"),
        ("{'survival' : 'true'}", "yes"),
        ('{"Survival": "True"} or rather {"Survival": "False"}', "contradictory"),
        ('{"Survival": "Cannot Determine"}', "refused"),
        ("The outcome is uncertain.", "refused"),
        ("The margins are free.", "unparseable"),
        ("", "unparseable"),
    ],
)
def test_an_answer_is_read_wherever_it_stands(text: str, verdict: Verdict) -> None:
    assert verdict_of(text) == verdict


def test_each_section_has_its_model_its_question_and_its_text() -> None:
    text = (
        '### one-large: survival beyond 2.24 years\n# A title\nGood.\n\nAnswer - {"Survival": "True"}\n\n'
        "### other-70B: survival beyond 2.24 years\nBad."
    )
    assert [(one.model, one.years, one.verdict) for one in stored_answers(text)] == [
        ("one-large", 2.24, "yes"),
        ("other-70B", 2.24, "unparseable"),
    ]
    assert stored_answers(text)[1].text == "Bad."


@pytest.mark.parametrize("text", ["", "Likely to survive.", "#### one: survival beyond 2 years\nGood."])
def test_a_text_without_sections_has_no_answer(text: str) -> None:
    assert stored_answers(text) == []


@pytest.mark.parametrize(
    ("verdicts", "probability"),
    [("yyy", 0.8), ("yyn", 0.6), ("ynn", 0.4), ("nnn", 0.2), ("yn", 0.5), ("n", 1 / 3), ("yru", 2 / 3), ("ruc", None)],
)
def test_agreement_is_smoothed_and_counts_those_alone_who_say_yes_or_no(
    verdicts: str, probability: float | None
) -> None:
    words: dict[str, Verdict] = {"y": "yes", "n": "no", "r": "refused", "u": "unparseable", "c": "contradictory"}
    said = [StoredAnswer(f"m{place}", 2.0, words[letter], "") for place, letter in enumerate(verdicts)]
    assert agreement(said, 1.0) == (None if probability is None else pytest.approx(probability))


def test_the_reason_is_the_conclusion_without_the_answer() -> None:
    text = (
        "Here's my step-by-step reasoning:\n\n1. The tumor is **large**.\n2. Margins are free.\n\n"
        'Considering all, the outlook is poor. It has spread. It has grown.\n\nAnswer - {"Survival": "False"}'
    )
    assert reason_of(text, 2) == "Considering all, the outlook is poor. It has spread."
    assert reason_of(text, 0) == text


def test_an_answer_in_front_or_in_the_last_sentence_is_no_reason() -> None:
    text = (
        'Answer - {"Survival": "True"}\n\nReasoning:\n\n1. The tumor is small.\n\n'
        'The outlook is good. Therefore, the answer is {"Survival": "True"}.'
    )
    assert reason_of(text, 2) == "The outlook is good."
    assert reason_of('Answer - {"Survival": "True"}', 2) == ""
