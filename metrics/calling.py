"""Two ways to call every metric: with the outcome arrays, or with a prepared outcome in their place.

A metric is written once, for a :class:`~metrics.outcome.PreparedOutcome`; the decorators here give it both
forms::

    concordance_index(time, event, risk)
    concordance_index(outcome, risk)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

from numpy.typing import ArrayLike

from metrics.outcome import PreparedOutcome

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class OnOutcome(Protocol[P, R_co]):
    """A metric of `time, event, ...` or of a prepared outcome."""

    @overload
    def __call__(self, outcome: PreparedOutcome, /, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    @overload
    def __call__(self, time: ArrayLike, event: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class OnTrainAndOutcome(Protocol[P, R_co]):
    """A metric of `train_time, train_event, time, event, ...` or of a prepared outcome."""

    @overload
    def __call__(self, outcome: PreparedOutcome, /, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    @overload
    def __call__(
        self,
        train_time: ArrayLike,
        train_event: ArrayLike,
        time: ArrayLike,
        event: ArrayLike,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R_co: ...


def on_outcome(metric: Callable[Concatenate[PreparedOutcome, P], R]) -> OnOutcome[P, R]:
    """Let a metric of a prepared outcome also take `time, event`."""

    def prepare(time: ArrayLike, event: ArrayLike) -> PreparedOutcome:
        return PreparedOutcome(None, None, time, event)

    return cast(OnOutcome[P, R], _with_arrays(metric, prepare))


def on_train_and_outcome(metric: Callable[Concatenate[PreparedOutcome, P], R]) -> OnTrainAndOutcome[P, R]:
    """Let a metric of a prepared outcome also take `train_time, train_event, time, event`."""

    def prepare(train_time: ArrayLike, train_event: ArrayLike, time: ArrayLike, event: ArrayLike) -> PreparedOutcome:
        return PreparedOutcome(train_time, train_event, time, event)

    return cast(OnTrainAndOutcome[P, R], _with_arrays(metric, prepare))


def _with_arrays(metric: Callable[..., R], prepare: Callable[..., PreparedOutcome]) -> Callable[..., R]:
    arrays = list(inspect.signature(prepare).parameters.values())

    @wraps(metric)
    def call(*args: Any, **kwargs: Any) -> R:
        if "outcome" in kwargs or (args and isinstance(args[0], PreparedOutcome)):
            return metric(*args, **kwargs)
        by_name = {array.name: kwargs.pop(array.name) for array in arrays[len(args) :] if array.name in kwargs}
        outcome = prepare(*args[: len(arrays)], **by_name)
        return metric(outcome, *args[len(arrays) :], **kwargs)

    signature = inspect.signature(metric)
    # help() and editors show the arrays; the prepared outcome is named in the docstring.
    call.__signature__ = signature.replace(  # type: ignore[attr-defined]  # 2026-11-22: typeshed lacks it
        parameters=[*arrays, *list(signature.parameters.values())[1:]]
    )
    return call
