"""A horizon of one's own is judged by follow-up and censoring weights, not by equality with the rule."""

from dataclasses import replace

import pytest

from benchmarks.catalog.registry import dataset_card
from benchmarks.contract.dataset import verify_dataset

TITLE = "every part is followed up beyond the horizon of the card"


@pytest.mark.parametrize(("horizon", "problem"), [(1500.0, ""), (2227.0, ""), (2228.0, "suffice up to 2227")])
def test_an_earlier_horizon_than_the_rules_serves(
    horizon: float, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = replace(dataset_card("gbsg2"), horizon=horizon)
    monkeypatch.setattr("benchmarks.catalog.loading.dataset_card", lambda name: card)
    (found,) = [finding for finding in verify_dataset(card, {}) if finding.check == TITLE]
    assert problem in found.problem
    assert bool(found.problem) == bool(problem)
