"""From a patient's report to the sentences or lines that become tokens."""

import re
from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import BoolArray, Context, IntArray, Patients, Texts
from methods.kemm.config import FILE, RULE, Config
from methods.kemm.rule_refiner import LINES, UNKNOWN, refined_by_rules
from methods.kemm.written_texts import WrittenTexts, prompt

# Room for six lines of 18 words.
MOST_TOKENS = 192

# Of a longer report so much of the room goes to its beginning.
HEAD_SHARE = 0.25

_END = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True, eq=False)
class ReportLines:
    """What is read of n patients' reports.

    Parameters
    ----------
    lines : tuple of n tuples of str
        None for a patient without a report, or with one that says nothing.
    cut : array of bool, shape (n,)
        Whether lines were left out.
    outcome_sentences : array of int, shape (n,)
        Sentences that the dataset took out of the report before, because they tell the outcome.
    """

    lines: tuple[tuple[str, ...], ...]
    cut: BoolArray
    outcome_sentences: IntArray

    @property
    def present(self) -> BoolArray:
        """Of whom there is a line."""
        return np.array([bool(lines) for lines in self.lines], dtype=np.bool_)


class ReportReader:
    """Reads reports as the settings say; nothing is learnt of data.

    Parameters
    ----------
    config : Config
        Which modality, which refiner, how many lines.
    context : Context
        The device of a model that refines.
    """

    def __init__(self, config: Config, context: Context) -> None:
        self.config = config
        self.refiner = config.refiner.partition("@")[0]
        refined = config.report == "refined"
        self.modality = config.summary if refined and self.refiner == FILE else config.text
        self._written = None
        if refined and self.refiner not in (RULE, FILE):
            self._written = WrittenTexts(config.refiner, MOST_TOKENS, context)

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of the lines, where they are always the same six."""
        six = self.config.report == "refined" and self.refiner != FILE
        return tuple(LINES) if six else None

    def check(self, patients: Patients) -> None:
        """Raise UsageError if the modality is not there, or is no text."""
        found = patients.modalities.get(self.modality)
        if found is None:
            raise UsageError(
                f"report={self.config.report}: no modality {self.modality!r}; add it to --modalities or take report=off"
            )
        if not isinstance(found, Texts):
            raise UsageError(f"report={self.config.report}: the modality {self.modality!r} is no text")

    def read(self, patients: Patients) -> ReportLines:
        """Return the lines of n patients."""
        texts = patients.texts(self.modality)
        there = np.flatnonzero(texts.present)
        every: list[tuple[str, ...]] = [()] * len(texts)
        cut = np.zeros(len(texts), dtype=np.bool_)
        reports = [texts.texts[row] for row in there]
        for row, lines in zip(there, self._lines_of(reports), strict=True):
            every[row] = self._shortened(lines)
            cut[row] = len(every[row]) < len(lines)
        return ReportLines(tuple(every), cut, np.where(texts.present, texts.outcome_sentences, 0))

    def _lines_of(self, reports: list[str]) -> list[list[str]]:
        if self._written is not None:
            asked = [prompt("refine", report=" ".join(report.split())) for report in reports]
            return [six_lines(answer) for answer in self._written.of(asked)]
        if self.config.report == "refined" and self.refiner == RULE:
            return [refined_by_rules(report) if report.strip() else [] for report in reports]
        return [split_sentences(report) for report in reports]

    def _shortened(self, lines: list[str]) -> tuple[str, ...]:
        most = self.config.report_tokens
        if len(lines) <= most:
            return tuple(lines)
        head = int(HEAD_SHARE * most)
        return (*lines[:head], *lines[len(lines) - (most - head) :])


def split_sentences(report: str) -> list[str]:
    """Return the sentences of a report, those without a letter or digit left out."""
    sentences = (" ".join(sentence.split()) for sentence in _END.split(report))
    return [sentence for sentence in sentences if any(character.isalnum() for character in sentence)]


def six_lines(answer: str) -> list[str]:
    """Return a model's answer as the six lines; a line that it did not write is ``unknown``."""
    found: dict[str, str] = {}
    for line in answer.splitlines():
        name, colon, said = line.lstrip(" -*0123456789.").partition(":")
        if colon and name.lower() in LINES and said.strip():
            found.setdefault(name.lower(), said.strip())
    return [f"{name}: {found.get(name, UNKNOWN)}" for name in LINES]
