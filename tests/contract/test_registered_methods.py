"""Every registered method fulfils the contract."""

import pytest

from benchmarks.catalog.registry import load_entry, method_card, method_cards, unavailable
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.method import CHECKS


@pytest.mark.parametrize("name", method_cards())
@pytest.mark.parametrize("check", CHECKS)
def test_contract(name: str, check: str) -> None:
    card = method_card(name)
    reason = unavailable(card)
    if reason:
        pytest.skip(reason)
    CHECKS[check](Candidate(card, load_entry(card)))
