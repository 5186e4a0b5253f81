"""``--metric``: the measure that rows are ranked or compared by."""

from benchmarks.errors import UsageError, hint
from benchmarks.protocol.measures import Measure, measure_named, measure_names


def chosen_measure(name: str) -> Measure:
    """Return the measure of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in measure_names():
        raise UsageError(f"--metric {name}: no such measure; {hint(name, measure_names())}")
    return measure_named(name)
