"""Numbers written as words."""

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_VALUES = {**{word: value for value, word in enumerate(_UNITS)}, **_TENS, "a single": 1, "single": 1}

NUMBER = (
    r"(\d{1,3}|(?:twenty|thirty|forty|fifty|sixty)(?:[ -]{1,2}(?:one|two|three|four|five|six|seven|eight|nine))?|"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + "|a single|single)"
)
"""A number of up to three digits, or a word for one below seventy; one group."""


def number_of(written: str) -> int:
    """Return the number that ``NUMBER`` has matched."""
    if written.isdigit():
        return int(written)
    if written in _VALUES:
        return _VALUES[written]
    tens, unit = written.replace("-", " ").split()
    return _TENS[tens] + _VALUES[unit]
