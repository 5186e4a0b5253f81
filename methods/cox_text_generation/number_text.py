"""Numbers as text of fixed width: write, parse strictly, and enumerate digit by digit."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.types import BoolArray, FloatArray, IntArray

DIGITS = "0123456789"
SIGNS = "+-"
POINT = "."


@dataclass(frozen=True)
class NumberFormat:
    """Texts such as ``07.4``: as many characters for every number, each of them a token of its own.

    A tokenizer that merges digits makes neighbouring numbers unrelated tokens; single digits of fixed width keep
    their place value at the same position.

    Parameters
    ----------
    digits : int
        Number of digits.
    decimals : int
        How many of them stand behind the point; 0 for none, and no point.
    signed : bool
        Whether the text begins with + or -.
    """

    digits: int
    decimals: int = 0
    signed: bool = False

    @cached_property
    def positions(self) -> tuple[str, ...]:
        """The characters that may stand at each position of a text."""
        before = self.digits - self.decimals
        point = (POINT,) if self.decimals else ()
        return ((SIGNS,) if self.signed else ()) + (DIGITS,) * before + point + (DIGITS,) * self.decimals

    @property
    def width(self) -> int:
        """Number of characters."""
        return len(self.positions)

    @property
    def largest(self) -> float:
        """The largest number that can be written; the smallest is 0, or its negative if signed."""
        return float((10**self.digits - 1) / 10**self.decimals)

    def write(self, numbers: FloatArray) -> list[str]:
        """Return numbers, shape (n,), rounded to the last decimal and limited to what can be written, as n texts."""
        limited = np.clip(numbers, -self.largest if self.signed else 0.0, self.largest)
        return [self._text(int(units)) for units in np.rint(limited * 10**self.decimals)]

    def rounded(self, numbers: FloatArray) -> FloatArray:
        """Return numbers, shape (n,), rounded to the last decimal; not limited."""
        rounded: FloatArray = np.round(numbers, self.decimals)
        return rounded

    def _text(self, units: int) -> str:
        sign = ("-" if units < 0 else "+") if self.signed else ""
        digits = str(abs(units)).zfill(self.digits)
        before = self.digits - self.decimals
        return sign + digits[:before] + (POINT + digits[before:] if self.decimals else "")

    def parse(self, text: str) -> float | None:
        """Return the number a text says, or None if it is not exactly of this format."""
        # ASCII classes and a full match: no other script's digits, no trailing line end.
        pattern = "".join(f"[{re.escape(allowed)}]" for allowed in self.positions)
        return float(text) if re.fullmatch(pattern, text) else None

    @cached_property
    def tree(self) -> "DigitTree":
        """All texts of this format, as a tree of their beginnings."""
        return DigitTree(self.positions)


class DigitTree:
    """The beginnings of all texts of a format, level by level, each level in the order of its characters.

    The node with number r on a level with k characters to follow has the children k r, ..., k r + k - 1 on the next.
    Leaves (whole texts) are no nodes: nothing is asked after them.

    Parameters
    ----------
    positions : tuple of str
        The characters that may stand at each position.
    """

    def __init__(self, positions: tuple[str, ...]) -> None:
        self.positions = positions
        levels = [[""]]
        for allowed in positions:
            levels.append([beginning + character for beginning in levels[-1] for character in allowed])
        nodes = [text for level in levels[1:-1] for text in level]
        self.characters = [text[-1] for text in nodes]
        """Last character of each of the m nodes, the root (the empty text) not counted."""
        self.depth: IntArray = np.array([len(text) for text in nodes], dtype=np.int64)
        """Number of characters of each node, shape (m,)."""
        self.values: FloatArray = np.array([float(text) for text in levels[-1]])
        """The number that each leaf says, shape (leaves,)."""
        self._nodes = nodes

    @cached_property
    def sees(self) -> BoolArray:
        """Whether a node continues another or is it, shape (m, m): what it may attend to."""
        number = {text: row for row, text in enumerate(self._nodes)}
        sees = np.zeros((len(self._nodes), len(self._nodes)), dtype=np.bool_)
        for row, text in enumerate(self._nodes):
            sees[row, [number[text[:length]] for length in range(1, len(text) + 1)]] = True
        return sees

    def expectation(self, conditional: list[FloatArray]) -> FloatArray:
        """Return the mean of the leaves' numbers under next-character probabilities.

        E = sum over leaves v of v prod_j P(v_j | v_1..v_(j-1)), exact: every leaf is summed.

        Parameters
        ----------
        conditional : list of arrays, shape (n, nodes of level j, characters at position j)
            For each position j, P(character | beginning); each row sums to 1.

        Returns
        -------
        array, shape (n,)
        """
        reached = np.ones((len(conditional[0]), 1))
        for probabilities in conditional:
            reached = (reached[:, :, None] * probabilities).reshape(len(reached), -1)
        mean: FloatArray = reached @ self.values
        return mean
