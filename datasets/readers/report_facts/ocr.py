"""Undo what scanning does to numbers, units and line ends, so that the rules meet one way of writing."""

import re

_DIGIT_LIKE = str.maketrans({"o": "0", "l": "1", "i": "1"})

# "3 .5 cm", "3. 5 cm", "3,5 cm": one decimal. Not "3. 5 cm" after a list number: two numbers stay two where a blank
# follows the point and nothing says that the first is a size.
_SPLIT_DECIMAL = re.compile(
    r"(?<![\d.])(\d{1,2})(?: +\.|\. +(?=\d ?(?:cm|mm|x)\b)|,(?=\d{1,2} ?(?:cm|mm|x)\b)| +\. +)(?=\d)"
)
# "l.5 cm", "2.o cm", "I .2 x": letters that stand for digits beside a decimal point.
_LETTER_DECIMAL = re.compile(r"(?<![a-z\d])([\dol]{1,2})\.([\dol]{1,2})(?= ?(?:c ?m|crn|em|mm|x)\b)")
_LETTER_SIZE = re.compile(r"(?<![a-z\d.])([lo]|[\dlo]{2}) ?(cm|mm)\b")
# "4/l2", "o/5": fractions of nodes.
_LETTER_FRACTION = re.compile(r"(?<![\w/])([\dol]{1,2}) ?/ ?([\dol]{1,2})(?![\w/])")
_UNIT = re.compile(r"(?<=\d) ?(?:c ?m|cms|crn|ctn|em|centimet(?:er|re)s?|c\.m)\b")
_MILLIMETRE = re.compile(r"(?<=\d) ?(?:m m|mms|rnm|millimet(?:er|re)s?)\b")
_TIMES = re.compile(r"(?<=\d) ?(?:cm |mm )?(?:[x\u00d7*]|by) ?(?=[\d.])")
# A point before a small letter ends no sentence ("3 cm. tan mass"): some texts had their lines joined by points.
# Nor does one behind a word that cannot be the last.
_JOINED = re.compile(r"\.(?=\s+[a-z])(?!\s+[a-z][.)])")
_UNFINISHED = re.compile(r"(?<= )(of|is|are|was|were|the|an?|and|or|in|to|for|with|by|from|not|no|out)\.(?= )")
_SPACE_BEFORE_POINT = re.compile(r" +(?=[,;:)])")


def repaired(text: str) -> str:
    """Return a text in lower case, blanks collapsed, with the commonest damage to numbers undone.

    Parameters
    ----------
    text : str
        As it was scanned.

    Returns
    -------
    str
        "3 .5 CM" and "3,5 cm" have become "3.5 cm", "l.o cm" "1.0 cm", "o/l2" "0/12", "2 by 3 crn" "2 x 3 cm". Words
        stay as they are.
    """
    text = " ".join(_JOINED.sub("", text).lower().split())
    text = _UNFINISHED.sub(r"\1", text)
    text = _SPACE_BEFORE_POINT.sub("", text)
    text = _LETTER_DECIMAL.sub(lambda found: digits(found[1]) + "." + digits(found[2]), text)
    text = _UNIT.sub(" cm", text)
    text = _MILLIMETRE.sub(" mm", text)
    text = _TIMES.sub(" x ", text)
    text = _SPLIT_DECIMAL.sub(r"\1.", text)
    text = _LETTER_SIZE.sub(lambda found: digits(found[1]) + " " + found[2], text)
    return _LETTER_FRACTION.sub(_fraction, text)


def digits(letters: str) -> str:
    """Return a number in which o stands for 0 and l or i for 1, with digits alone."""
    return letters.translate(_DIGIT_LIKE)


def _fraction(found: re.Match[str]) -> str:
    # "l/o" is no fraction: a digit must be there, or a letter that can only be one ("o/l").
    one, other = found[1], found[2]
    if not any(character.isdigit() for character in one + other) and not one.startswith("o"):
        return found[0]
    return digits(one) + "/" + digits(other)
