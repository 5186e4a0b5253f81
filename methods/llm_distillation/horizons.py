"""What a text calls the times at which it says a probability: "12m", or "90d" where months are too long."""

from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import FloatArray

# Of a letter the length of its unit, in the units that a cohort's times may have.
MONTHS = {"days": 365.25 / 12, "months": 1.0, "years": 1 / 12}
DAYS = {"days": 1.0, "months": 12 / 365.25, "years": 1 / 365.25}
WORDS = {"m": "months", "d": "days"}


@dataclass(frozen=True, slots=True)
class Horizons:
    """J horizons and their names.

    Parameters
    ----------
    times : tuple of float, length J
        In the cohort's unit, rising.
    numbers : tuple of int, length J
        In whole months or days.
    letter : {"m", "d"}
        Which of both.
    """

    times: tuple[float, ...]
    numbers: tuple[int, ...]
    letter: str

    @classmethod
    def of(cls, times: FloatArray, time_unit: str) -> "Horizons":
        """Return the names of times in a cohort's unit: the nearest whole months or, if two are the same, days.

        Raises
        ------
        UsageError
            If two are the same in whole days, too.
        """
        for letter, length in (("m", MONTHS[time_unit]), ("d", DAYS[time_unit])):
            numbers = np.round(np.asarray(times) / length).astype(int)
            if numbers.min() >= 1 and len(np.unique(numbers)) == len(numbers):
                return cls(tuple(float(t) for t in times), tuple(int(n) for n in numbers), letter)
        raise UsageError(f"the horizons {list(times)} {time_unit} are not different whole days")

    @property
    def grid(self) -> FloatArray:
        """The times as an array, shape (J,)."""
        return np.array(self.times)

    @property
    def named(self) -> tuple[str, ...]:
        """What a text calls them, such as "12m"."""
        return tuple(f"{number}{self.letter}" for number in self.numbers)

    @property
    def spoken(self) -> str:
        """What a sentence calls them: "12, 36, 60 months"."""
        return f"{', '.join(str(number) for number in self.numbers)} {WORDS[self.letter]}"
