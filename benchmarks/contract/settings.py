"""Checks of a method's settings: they can stand in a key, and the search space leaves alone what the user fixed."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import optuna

from benchmarks.catalog.settings import build_config, plain_config
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.comparison import ContractError
from benchmarks.errors import UsageError
from benchmarks.tuning.drawing import SearchSpaceError, draw
from benchmarks.types.canonical import canonical_json

DRAWS = 10


def config_is_plain(candidate: Candidate) -> None:
    """Check type, defaults and that the config can stand in a key."""
    config_type = candidate.method_class.config_type
    parameters = getattr(config_type, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise ContractError(f"config_type {config_type.__name__} is not a frozen dataclass")
    plain = plain_config(candidate.config())
    canonical_json(plain)
    if build_config(candidate.card.name, config_type, plain) != candidate.config():
        raise ContractError("the config does not survive the way through plain values")


def search_space_keeps_what_is_fixed(candidate: Candidate) -> None:
    """Draw ten configs on top of the settings, and ten more with each setting fixed in turn.

    The fixed value differs from the default where there is another one that the config accepts.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def draws(config: Any, fixed: tuple[str, ...]) -> list[Any]:
        try:
            drawn = [draw(candidate.method_class, study.ask(), config, fixed) for _ in range(DRAWS)]
        except SearchSpaceError as error:
            raise ContractError(f"{'with ' + fixed[0] + ' fixed: ' if fixed else ''}{error}") from None
        for one in drawn:
            build_config(candidate.card.name, type(config), plain_config(one))
        return drawn

    config = candidate.config()
    drawn = draws(config, ())
    for name in [f.name for f in fields(config)]:
        draws(_with_another_value(candidate, config, name, drawn), (name,))


def _with_another_value(candidate: Candidate, config: Any, name: str, drawn: Sequence[Any]) -> Any:
    """Return a config that differs in one setting; the config itself if it accepts no other value of those tried."""
    present = getattr(config, name)
    for value in [*(getattr(other, name) for other in drawn), *_further_values(candidate, config, name)]:
        if value == present:
            continue
        try:
            return build_config(candidate.card.name, type(config), {**plain_config(config), name: value})
        except UsageError:
            continue
    return replace(config)


def _further_values(candidate: Candidate, config: Any, name: str) -> Iterator[Any]:
    """Yield values a setting may have, by its type and the value it has."""
    if candidate.card.modalities.setting == name:
        yield "rna"
    declared = get_type_hints(type(config))[name]
    if get_origin(declared) is Literal:
        yield from get_args(declared)
    present = getattr(config, name)
    if isinstance(present, bool):
        yield not present
    elif isinstance(present, (int, float)):
        yield from (present + 1, 2 * present, present / 2 if isinstance(present, float) else present - 1)
