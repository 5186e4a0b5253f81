"""One draw from a method's search space, on top of what the user fixed."""

from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

from benchmarks.errors import UsageError, hint
from benchmarks.tuning.given_trial import GivenTrial
from benchmarks.types import Trial


class SearchSpaceError(UsageError):
    """A search space breaks its contract; the message says how."""


def draw(method_class: Any, trial: Trial, config: Any, fixed: Collection[str]) -> Any:
    """Return a config with the settings that the method draws, and all others as they are in ``config``.

    Parameters
    ----------
    method_class : type
        A class with ``config_type`` and ``search_space``.
    trial : Trial
        Where settings are drawn from, such as an ``optuna.Trial``.
    config : Config
        The user's settings, the defaults where the user said nothing; of the method's ``config_type``.
    fixed : collection of str
        Settings that the user fixed: they keep their value and the trial is not asked for them.

    Raises
    ------
    SearchSpaceError
        If the method draws what is no setting of it, returns something else than a config, returns a drawn setting
        with another value than the one drawn, or changes a setting that it did not draw.
    UsageError
        If there is no setting of a fixed name.
    ValueError
        If the config refuses the settings together, as its own ``__post_init__`` may.
    """
    names = [f.name for f in fields(config)]
    for name in fixed:
        if name not in names:
            raise UsageError(f"{method_class.__name__} has no setting {name!r} to fix; {hint(name, names)}")
    answers = _Answers(trial, config, names, fixed)
    drawn = method_class.search_space(answers, config)
    if type(drawn) is not type(config):
        raise SearchSpaceError(f"search_space returned {type(drawn).__name__}, not {type(config).__name__}")
    for name in names:
        expected = answers.given.get(name, getattr(config, name))
        if getattr(drawn, name) != expected:
            what = "was drawn as" if name in answers.given else "was not drawn and is"
            raise SearchSpaceError(
                f"search_space returned {name}={getattr(drawn, name)!r}, but it {what} {expected!r}: return "
                "dataclasses.replace(config, ...) with each setting drawn under its own name"
            )
    return drawn


def drawn_settings(method_class: Any, config: Any, fixed: Collection[str]) -> list[str]:
    """Return the settings that a method draws beside those that are fixed, with the branches of this config."""
    given = GivenTrial(config)
    draw(method_class, given, config, fixed)
    return list(given.spaces)


class _Answers:
    """A trial that answers with the user's value where there is one, and remembers what it answered."""

    def __init__(self, trial: Trial, config: Any, names: Collection[str], fixed: Collection[str]) -> None:
        self._trial = trial
        self._config = config
        self._names = names
        self._fixed = fixed
        self.given: dict[str, Any] = {}

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return a number."""
        number: float = self._answer(name, lambda: self._trial.suggest_float(name, low, high, log=log))
        return number

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Return a whole number."""
        number: int = self._answer(name, lambda: self._trial.suggest_int(name, low, high, log=log))
        return number

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Return one of the choices, or what the user fixed, whether or not it is one of them."""
        return self._answer(name, lambda: self._trial.suggest_categorical(name, choices))

    def _answer(self, name: str, ask: Callable[[], Any]) -> Any:
        if name not in self._names:
            raise SearchSpaceError(f"search_space draws {name!r}, which is no setting; {hint(name, self._names)}")
        self.given[name] = getattr(self._config, name) if name in self._fixed else ask()
        return self.given[name]
