"""Every registered method has settings to draw, and accepts all that it draws."""

import optuna
import pytest

from benchmarks.catalog.registry import load_entry, method_card, method_cards, unavailable
from benchmarks.catalog.settings import build_config, plain_config
from benchmarks.tuning.drawing import draw, drawn_settings

DRAWS = 50

NOTHING_TO_TUNE = {"kaplan_meier"}


@pytest.mark.parametrize("name", method_cards())
def test_fifty_draws_are_built(name: str) -> None:
    card = method_card(name)
    if reason := unavailable(card):
        pytest.skip(reason)
    method = load_entry(card)
    config = build_config(name, method.config_type, {})
    assert bool(drawn_settings(method, config, ())) == (name not in NOTHING_TO_TUNE)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(DRAWS):
        drawn = draw(method, study.ask(), config, ())
        method(build_config(name, method.config_type, plain_config(drawn)))
