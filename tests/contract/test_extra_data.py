"""Methods that ask for extra data fulfil the contract while they do, and the extra data is used."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.catalog.registry import load_entry, method_card, method_cards
from benchmarks.contract.candidate import Candidate, context_of_a_check
from benchmarks.contract.method import CHECKS
from benchmarks.errors import UsageError
from benchmarks.types import Outcome, Prediction

ASKING = [name for name, card in method_cards().items() if card.extra_data.setting]


def asking(name: str, value: str = "pan_cancer") -> Candidate:
    card = method_card(name)
    settings = {**card.contract, card.extra_data.setting: value}
    return Candidate(replace(card, contract=settings), load_entry(card))


def predicted(candidate: Candidate, **changes: object) -> Prediction:
    method = candidate.method()
    with context_of_a_check() as context:
        changed = replace(context, **changes)  # type: ignore[arg-type]  # 2026-11-26: fields as a test gives them
        method.fit(candidate.cohort[candidate.split.train], candidate.cohort[candidate.split.validation], changed)
    return method.predict(candidate.test_patients(candidate.cohort), np.linspace(0.0, 800.0, 11))


def test_some_method_asks_for_extra_data() -> None:
    assert {"evidence_cox", "evidence_ensemble"} <= set(ASKING)


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("check", CHECKS)
def test_contract_with_extra_data(name: str, check: str) -> None:
    CHECKS[check](asking(name))


@pytest.mark.parametrize("name", ASKING)
def test_extra_data_is_used_where_it_is_asked_for_and_nowhere_else(name: str) -> None:
    with context_of_a_check() as context:
        extra = context.extra_data
    assert extra is not None
    other = replace(extra, outcome=Outcome(extra.outcome.time[::-1], extra.outcome.event[::-1]))
    with_it, with_other = (predicted(asking(name), extra_data=one) for one in (extra, other))
    assert not np.array_equal(with_it.risk, with_other.risk)
    plain = asking(name, "none")
    np.testing.assert_array_equal(predicted(plain, extra_data=None).risk, predicted(plain).risk)


@pytest.mark.parametrize("name", ASKING)
def test_a_context_without_what_is_asked_for_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="needs extra data"):
        predicted(asking(name), extra_data=None)
