"""A method as the cells of a plan need it: its settings, how they are tuned, and why it is left out if it is."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.catalog.cards import MethodCard
from benchmarks.catalog.registry import load_entry
from benchmarks.catalog.settings import plain_config
from benchmarks.types import Tuning


@dataclass(frozen=True, slots=True)
class PlannedMethod:
    """What all cells of a method have in common.

    Parameters
    ----------
    name : str
        Registered name.
    card : MethodCard
        Its card.
    config : dict
        All settings, plain values.
    tuning : dict
        ``Tuning.as_mapping`` with what the user fixed; empty where nothing is tuned.
    skipped : str
        Why its cells are skipped; empty if they are not, or not for this.
    """

    name: str
    card: MethodCard
    config: dict[str, Any]
    tuning: dict[str, Any] = field(default_factory=dict)
    skipped: str = ""


def plan_method(
    name: str, card: MethodCard, config: Any, fixed: Collection[str], tuning: Tuning | None
) -> PlannedMethod:
    """Return a method with its settings; to be tuned, it must have something to draw.

    Parameters
    ----------
    name : str
        Registered name.
    card : MethodCard
        Its card.
    config : Config
        Its settings.
    fixed : collection of str
        Those that the user gave.
    tuning : Tuning or None
        What the run asks for.
    """
    plain = plain_config(config)
    if tuning is None:
        return PlannedMethod(name, card, plain)
    # Optuna takes a second to load.
    from benchmarks.tuning.drawing import drawn_settings

    of_method = replace(tuning, fixed=tuple(sorted(fixed)))
    skipped = ""
    if not drawn_settings(load_entry(card), config, fixed):
        skipped = "has no setting to tune" + (f" beside {', '.join(sorted(fixed))}, which you fixed" if fixed else "")
    elif tuning.refit and card.needs_validation:
        skipped = "needs the validation part, which --tune-refit gives to the training"
    return PlannedMethod(name, card, plain, of_method.as_mapping(), skipped)
