"""Every planted phrase states the fact that it was written for."""

import math

import planted_phrases as planted
import pytest
from benchmarks.datasets.readers.report_facts import FACTS, FINDING_FACTS, facts_of


@pytest.mark.parametrize(("fact", "phrase", "value"), planted.PLANTED)
def test_the_phrase_states_the_fact(fact: str, phrase: str, value: float) -> None:
    assert facts_of(phrase)[fact] == pytest.approx(value, abs=1e-9, nan_ok=True)


def test_every_fact_is_planted_in_every_way() -> None:
    assert len(planted.PLANTED) >= 150
    assert {fact for fact, _, _ in planted.PLANTED} == set(FACTS)
    for name in FINDING_FACTS:
        assert {value for fact, _, value in planted.FINDINGS if fact == name} == {1, 0, -1}
    numbers = {fact for fact, _, value in planted.PLANTED if isinstance(value, float) and math.isnan(value)}
    assert numbers >= {"pt", "pn", "pm", "nodes_positive", "nodes_share", "nodes_examined", "size", "differentiation"}
