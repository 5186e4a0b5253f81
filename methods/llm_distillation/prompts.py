"""What the student reads of a patient: an instruction, the report, and a line for each covariate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import BoolArray, Context, Patients, Table, Texts
from methods.cox_text_generation.prompts import natural_sentences, varying_columns
from methods.llm_distillation.outcome_sentences import without_outcome

INSTRUCTION = (
    "Read the report and the data of a patient. Say the probability of survival after {horizons} in percent, "
    "then the reason.\n"
)
REPORT = "Report: "
NO_REPORT = "none"
ANSWER = "Answer: "


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """The parts of n prompts.

    Parameters
    ----------
    before : str
        Instruction and the word before the report, the same for all.
    reports : sequence of n str
        Without sentences that tell the outcome.
    behind : sequence of n str
        The covariates and the word before the answer.
    present : array of bool, shape (n,)
        Patients of whom the prompt says anything.
    removed : int
        Sentences that told the outcome, those that the dataset took out among them.
    """

    before: str
    reports: Sequence[str]
    behind: Sequence[str]
    present: BoolArray
    removed: int


class Prompts:
    """Makes prompts of patients.

    Parameters
    ----------
    text : str
        The modality that holds the reports. Without any modality of texts the prompt has the covariates alone: it is
        ``templated``, and says nothing that the table does not say.
    horizons : str
        What the instruction calls the horizons: "12, 36, 60 months".
    """

    def __init__(self, text: str, horizons: str) -> None:
        self.text = text
        self.horizons = horizons
        self.templated = False
        self.columns: dict[str, list[str]] = {}

    def fit(self, patients: Patients, context: Context) -> "Prompts":
        """Learn from the training patients which covariates vary.

        Raises
        ------
        UsageError
            If the modality is no text, if it is not there but other texts are, or if there is no table either.
        """
        modalities = patients.modalities
        texts = [name for name, modality in modalities.items() if isinstance(modality, Texts)]
        if self.text not in texts:
            if self.text in modalities:
                raise UsageError(f"text={self.text}: this modality is no text")
            if texts:
                raise UsageError(f"text={self.text}: no such modality; texts here: {', '.join(texts)}")
        self.templated = self.text not in modalities
        # Lines are made of the table of covariates; others, such as facts read off a report, would say it twice.
        tables = [name for name, modality in modalities.items() if isinstance(modality, Table)]
        chosen = "clinical" if "clinical" in tables else tables[0] if self.templated and tables else ""
        self.columns = {chosen: varying_columns(patients.table(chosen).blanked())} if chosen else {}
        if self.templated and not any(self.columns.values()):
            raise UsageError("there is neither a text nor a table whose covariates vary: there is nothing to read")
        if self.templated:
            context.logger.warning(
                "no modality %r: the prompts are templated, made of the table %r, and say nothing that it does not say",
                self.text,
                chosen,
            )
        return self

    def state(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {"text": self.text, "horizons": self.horizons, "templated": self.templated, "columns": self.columns}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> "Prompts":
        """Return what ``state`` was taken of."""
        prompts = cls(state["text"], state["horizons"])
        prompts.templated, prompts.columns = state["templated"], state["columns"]
        return prompts

    def of(self, patients: Patients) -> Prompt:
        """Return the prompts of n patients."""
        n = len(patients.ids)
        reports, removed, present = [""] * n, 0, np.zeros(n, dtype=np.bool_)
        if not self.templated:
            texts = patients.texts(self.text)
            said = [text if there else "" for text, there in zip(texts.texts, texts.present, strict=True)]
            cleaned, counts = without_outcome(said)
            present = np.array([bool(text.strip()) for text in cleaned], dtype=np.bool_)
            reports = [text if text.strip() else NO_REPORT for text in cleaned]
            removed = sum(counts) + int(texts.outcome_sentences.sum())
        lines = [""] * n
        for name, columns in self.columns.items():
            table = patients.table(name).blanked()
            present = present | table.present
            sentences = natural_sentences(Table(table.frame[columns], described=table.described))
            lines = ["".join(f"{_line(sentence)}\n" for sentence in patient) for patient in sentences]
        before = INSTRUCTION.format(horizons=self.horizons) + ("" if self.templated else REPORT)
        start = "" if self.templated else "\n"
        return Prompt(before, reports, [f"{start}{line}{ANSWER}" for line in lines], present, removed)


def _line(sentence: str) -> str:
    """Return "age is 56." as "age: 56"."""
    subject, _, value = sentence.removesuffix(".").partition(" is ")
    return f"{subject}: {value}"
