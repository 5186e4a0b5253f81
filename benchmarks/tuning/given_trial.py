"""A trial that answers with the settings of a config, and notes what each could have been drawn from."""

from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)


class GivenTrial:
    """Stands for ``optuna.Trial`` where nothing is drawn: the settings that were given are the first trial of a study.

    Parameters
    ----------
    config : Config
        Whose settings it answers with.
    """

    def __init__(self, config: Any) -> None:
        self.config = config
        self._asked: dict[str, BaseDistribution] = {}

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """What the settings asked for could be drawn from; those that could not have been are left out."""
        return {name: found for name, found in self._asked.items() if _holds(found, getattr(self.config, name))}

    @property
    def params(self) -> dict[str, Any]:
        """The settings that the search space could have drawn."""
        return {name: getattr(self.config, name) for name in self.distributions}

    @property
    def spaces(self) -> dict[str, BaseDistribution]:
        """What each setting that was asked for is drawn from."""
        return dict(self._asked)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return the config's number."""
        number: float = self._answer(name, FloatDistribution(low, high, log=log))
        return number

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Return the config's whole number."""
        number: int = self._answer(name, IntDistribution(low, high, log=log))
        return number

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Return the config's choice, whether or not it is one of them."""
        return self._answer(name, CategoricalDistribution(choices))

    def _answer(self, name: str, distribution: BaseDistribution) -> Any:
        self._asked[name] = distribution
        return getattr(self.config, name, None)


def range_in_words(space: BaseDistribution) -> str:
    """Return what a setting is drawn from, in words."""
    if isinstance(space, CategoricalDistribution):
        return ", ".join(str(choice) for choice in space.choices)
    if isinstance(space, FloatDistribution | IntDistribution):
        return f"{space.low:g} to {space.high:g}{', log' if space.log else ''}"
    return str(space)


def _holds(distribution: BaseDistribution, value: Any) -> bool:
    if isinstance(distribution, CategoricalDistribution):
        return value in distribution.choices
    if isinstance(distribution, FloatDistribution | IntDistribution):
        return isinstance(value, int | float) and distribution.low <= value <= distribution.high
    return False
