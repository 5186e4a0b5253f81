"""A trained student with all that turns what it says into curves: what predicts, and what is saved."""

from dataclasses import dataclass, field

import numpy as np

import metrics
from benchmarks.types import Context, Float32Array, FloatArray, Outcome
from methods.llm_distillation.curves import Marginal, chosen_alpha, combined_survival, scored_until, spoken_survival
from methods.llm_distillation.heads import HiddenCurves
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.parsing import Parsed, has_numbers, parse
from methods.llm_distillation.student import Read, Student


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a student says of n patients.

    Parameters
    ----------
    outputs : array, shape (n, K)
        Of the head on the hidden state.
    hidden : array, shape (n, d)
        That state.
    gate : array, shape (n, 1 + M), or None
        Weights of the modalities, the text first.
    texts : tuple of n str
        What it writes; empty where it does not write.
    parsed : Parsed or None
        What of it can be read.
    counts : dict of str to float
        Of what was read: reports cut, sentences that told the outcome.
    """

    outputs: FloatArray
    hidden: Float32Array
    gate: Float32Array | None
    texts: tuple[str, ...]
    parsed: Parsed | None
    counts: dict[str, float]


@dataclass(slots=True)
class FittedStudent:
    """A student, the meaning of its outputs and of its numbers, and the weight of both.

    Parameters
    ----------
    student : Student
        Trained.
    curves : HiddenCurves
        Of the head.
    horizons : Horizons
        Of the numbers it writes.
    marginal : Marginal
        Of the training patients.
    alpha : float
        Weight of the hidden curve in the combined one.
    """

    student: Student
    curves: HiddenCurves
    horizons: Horizons
    marginal: Marginal
    alpha: float = 1.0
    tokens_seen: int = field(default=0)

    def says(self, read: Read, *, writes: bool = True, reasons: bool = True) -> Said:
        """Return what the student says of n patients, with its text if it has learnt to write.

        Without ``reasons`` a text may end as soon as its numbers stand: the same can be read in it.
        """
        texts: list[str] = []
        parsed = None
        if writes and self.student.config.text_loss:
            texts, hidden = self.student.written(read) if reasons else self.student.written(read, has_numbers)
            parsed = parse(texts, self.horizons)
        else:
            hidden = self.student.hidden(read)
        outputs, gate = self.student.outputs(read, hidden)
        counts = {
            "templated": float(self.student.prompts.templated),
            "reports_cut": float(read.cut.sum()),
            "outcome_sentences": float(read.removed),
        }
        return Said(outputs, hidden, gate, tuple(texts), parsed, counts)

    def hidden_survival(self, said: Said, times: FloatArray) -> FloatArray:
        """Return S_hidden, shape (n, T)."""
        return self.curves.survival(said.outputs, times)

    def spoken_survival(self, said: Said, times: FloatArray) -> FloatArray:
        """Return S_verbalized, shape (n, T); of who has no readable text, the curve of all training patients."""
        assert said.parsed is not None, "this student does not write"
        return spoken_survival(self.horizons.grid, said.parsed.probabilities, self.marginal, times)

    def combined_survival(self, said: Said, times: FloatArray) -> FloatArray:
        """Return the mean of both with the weight alpha, shape (n, T); S_hidden of who has no readable text."""
        assert said.parsed is not None, "this student does not write"
        hidden, spoken = self.hidden_survival(said, times), self.spoken_survival(said, times)
        return combined_survival(hidden, spoken, said.parsed.parseable, self.alpha)

    def selection_loss(self, read: Read, outcome: Outcome, *, writes: bool) -> float:
        """Return the negative C-td of the hidden curves, or of hidden and written curves on average.

        That of the written ones is multiplied by the share of texts that can be read: what cannot is worth nothing.
        """
        said = self.says(read, writes=writes, reasons=False)
        found = [self._c_td(self.hidden_survival(said, self.marginal.grid), outcome)]
        if said.parsed is not None:
            c_td = self._c_td(self.spoken_survival(said, self.marginal.grid), outcome)
            found.append(c_td * float(said.parsed.parseable.mean()))
        return -float(np.mean(found))

    def choose_alpha(self, read: Read, train: Outcome, validation: Outcome, context: Context) -> None:
        """Choose the weight of the hidden curve by the integrated Brier score of the validation part."""
        said = self.says(read, reasons=False)
        if said.parsed is None:
            return
        grid = self.marginal.grid
        try:
            self.alpha = chosen_alpha(
                train,
                validation,
                scored_until(train, self.horizons.times[-1]),
                grid,
                self.hidden_survival(said, grid),
                self.spoken_survival(said, grid),
                said.parsed.parseable,
            )
        except metrics.UndefinedError as error:
            context.logger.warning("the combined curve is the hidden one: the validation part has no IBS (%s)", error)

    def _c_td(self, survival: FloatArray, outcome: Outcome) -> float:
        prepared = metrics.PreparedOutcome(None, None, outcome.time, outcome.event)
        return float(metrics.concordance_index_td(prepared, self.marginal.grid, survival))
