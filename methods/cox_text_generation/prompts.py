"""What the student reads of a patient: one field of tokens a covariate, then the question for the risk."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol, TypeAlias

import numpy as np
import pandas as pd

from benchmarks.types import FloatArray, Table
from methods.cox_text_generation.vocabulary import MISSING, RARE, RISK, UNSEEN
from methods.shared.features.tabular import RARE_SHARE

Style: TypeAlias = Literal["coded", "natural"]

# The tokens of one patient, a field for each covariate.
Fields: TypeAlias = tuple[tuple[str, ...], ...]

RANK_DIGITS = 3

# What a card may have as a column's unit: a code and its word, of which there are several; or a unit such as mm.
CODE = r"(\d+) ([^\d,;][^,;]*)"
UNIT = r"[^\d,;<>]+|kg/m\^2"
NO_UNITS = ("count", "score")


class Prompts(Protocol):
    """Turns tables into fields of tokens, with all it knows learnt from training patients."""

    question: tuple[str, ...]

    def fit(self, table: Table) -> "Prompts":
        """Learn from the training patients."""

    def fields(self, table: Table) -> list[Fields]:
        """Return the fields of n patients with the same columns."""

    def tokens(self) -> Iterable[str]:
        """Return the tokens of the training patients' prompts."""


class CodedPrompts:
    """Short prompts for a model that has read nothing else.

    A covariate is a token of its own. A number is followed by its rank among the training patients, 000 to 999, ties
    at their middle, a token for each digit; a category by a token for the level. Levels in less than 1 % of the
    training rows share a token; a missing value and a level that no training patient has are tokens of their own.
    A missing number takes three tokens, too: all prompts of a data set have the same length. Columns that are the
    same for all training patients are left out.
    """

    question: tuple[str, ...] = (RISK,)

    def fit(self, table: Table) -> "CodedPrompts":
        """Learn ranks and levels."""
        varying = varying_columns(table)
        self.sorted: dict[str, FloatArray] = {
            name: np.sort(table.frame[name].dropna().to_numpy(np.float64)) for name in table.numeric if name in varying
        }
        self.levels = {name: _level_tokens(name, table.frame[name]) for name in table.categorical if name in varying}
        return self

    def fields(self, table: Table) -> list[Fields]:
        """Return the fields of n patients."""
        columns = [self._column(name, table.frame[name]) for name in [*self.sorted, *self.levels]]
        return list(zip(*columns, strict=True)) if columns else [()] * len(table)

    def tokens(self) -> list[str]:
        """Return the tokens of names and levels."""
        names = [_name_token(name) for name in [*self.sorted, *self.levels]]
        levels = [token for tokens in self.levels.values() for token in tokens.values() if token != RARE]
        return names + levels

    def _column(self, name: str, column: "pd.Series[float]") -> list[tuple[str, ...]]:
        start = _name_token(name)
        if name in self.sorted:
            return [(start, *digits) for digits in self._ranks(name, np.asarray(column, dtype=np.float64))]
        known = self.levels[name]
        return [(start, MISSING if pd.isna(level) else known.get(str(level), UNSEEN)) for level in column]

    def _ranks(self, name: str, values: FloatArray) -> list[tuple[str, ...]]:
        train = self.sorted[name]
        below, upto = (np.searchsorted(train, values, side=side) for side in ("left", "right"))
        steps = 10**RANK_DIGITS
        ranks = np.minimum(steps * (below + upto) // (2 * train.size), steps - 1)
        return [
            (MISSING,) * RANK_DIGITS if np.isnan(value) else tuple(str(rank).zfill(RANK_DIGITS))
            for value, rank in zip(values, ranks, strict=True)
        ]


class NaturalPrompts:
    """Sentences, cut into words, single digits and signs; words are those of the training patients' prompts.

    The values stand as they are, so nothing but the vocabulary and which columns vary is learnt, and prompts differ in
    length. Columns that are the same for all training patients are left out.
    """

    question: tuple[str, ...] = ("Risk", ":")

    def fit(self, table: Table) -> "NaturalPrompts":
        """Collect the words."""
        self._columns = varying_columns(table)
        fields = self.fields(table)
        self._words = list(dict.fromkeys(word for patient in fields for field in patient for word in field))
        return self

    def fields(self, table: Table) -> list[Fields]:
        """Return the fields of n patients."""
        return [tuple(words(sentence) for sentence in patient) for patient in self.sentences(table)]

    def sentences(self, table: Table) -> list[list[str]]:
        """Return a sentence for each of n patients and each covariate that varies."""
        return natural_sentences(Table(table.frame[self._columns], described=table.described))

    def tokens(self) -> list[str]:
        """Return the words."""
        return [*self._words, *self.question]


def natural_sentences(table: Table) -> list[list[str]]:
    """Return a sentence for each patient and covariate, such as "age is 56.".

    Where the table knows what a column means and its unit, they take the place of the name and stand behind the
    number: "tumour size is 21 mm.". Where the unit is a list of codes, as in "0 no, 1 yes", its word is said.

    Parameters
    ----------
    table : Table
        Covariates of n patients.

    Returns
    -------
    list of n lists of str
        In the order of the columns. A missing value is said to be unknown.
    """
    columns = [_sentences(str(name), table) for name in table.frame]
    return [list(patient) for patient in zip(*columns, strict=True)] if columns else [[] for _ in range(len(table))]


def varying_columns(table: Table) -> list[str]:
    """Return the columns with two values or more, or with a value and a missing one: of others nothing is learnt."""
    return [str(name) for name in table.frame if table.frame[name].nunique(dropna=False) > 1]


def words(sentence: str) -> tuple[str, ...]:
    """Return the runs of letters, the digits and the signs of a sentence, each on its own; spaces are dropped."""
    return tuple(re.findall(r"[0-9]|[^\W0-9_]+|[^\w\s]|_", sentence))


def make_prompts(style: Style) -> Prompts:
    """Return the prompts of a style, not fitted yet."""
    return CodedPrompts() if style == "coded" else NaturalPrompts()


def _sentences(name: str, table: Table) -> list[str]:
    described = table.described.get(name)
    subject = described.meaning.partition(";")[0] if described else name
    unit = described.unit if described else ""
    codes = dict(re.findall(CODE, unit)) if re.fullmatch(rf"{CODE}(?:, {CODE})+", unit) else {}
    measured = re.fullmatch(UNIT, unit) and name in table.numeric
    behind = f" {unit}" if measured and unit not in NO_UNITS else ""
    return [_sentence(subject, value, codes, behind) for value in table.frame[name]]


def _sentence(subject: str, value: object, codes: Mapping[str, str], unit: str) -> str:
    if pd.isna(value):  # type: ignore[call-overload]  # 2026-11-21: the stub does not take object
        return f"{subject} is unknown."
    said = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{subject} is {codes.get(said, said + unit)}."


def _name_token(name: str) -> str:
    return f"{name}:"


def _level_tokens(name: str, column: "pd.Series[float]") -> dict[str, str]:
    """Return a token for each level that occurs, the shared one for those in too few rows."""
    counts = column.value_counts()
    enough = RARE_SHARE * len(column)
    occurring = [(str(level), count) for level, count in counts.sort_index().items() if count]
    return {level: f"{name}={level}" if count >= enough else RARE for level, count in occurring}
