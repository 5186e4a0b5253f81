"""Every registered method fulfils the contract."""

import pytest

from benchmarks.catalog.registry import load_entry, method_card, method_cards, unavailable
from benchmarks.contract.method import ContractChecks

METHODS = [name for name, card in method_cards().items() if unavailable(card) is None]
CHECKS = list(ContractChecks(method_card("kaplan_meier"), load_entry(method_card("kaplan_meier"))).all())


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("check", CHECKS)
def test_contract(name: str, check: str) -> None:
    card = method_card(name)
    ContractChecks(card, load_entry(card)).all()[check]()
