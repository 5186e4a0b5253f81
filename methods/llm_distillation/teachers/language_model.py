"""The teacher ``hf``: a causal language model on this machine, asked about every patient."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from benchmarks.encoders.cached_lines import CachedLines
from benchmarks.encoders.model_folder import find_model
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, Patients
from benchmarks.types.context import derived_seed
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.teachers.answers import TeacherAnswers, clipped
from methods.llm_distillation.teachers.horizons import HorizonRule, horizons_of
from methods.llm_distillation.teachers.question import Outcome, questions, read_answer, reason_in
from methods.llm_distillation.teachers.samples import Sampler, Samples
from methods.shared.text.backbone import load_backbone

# Part of the names of stored files: raised when the question or the way of asking changes.
VERSION = 1
# What may become of a sample that cannot be read.
UNREAD: tuple[Outcome, ...] = ("contradictory", "out_of_range", "refused", "unparseable")
# After so many questions what was written is saved.
SAVED_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """Settings of a language model as teacher.

    Parameters
    ----------
    model : str
        ``smollm2-135m``, ``hf:<folder>`` or ``hf:<id>@<revision>``, see ``benchmarks.encoders.model_folder``.
    samples : int
        Answers to a question; the probability is the mean of those that can be read.
    temperature : float
        Of the sampling; 0 gives the likeliest answer, so take one sample.
    retries : int
        How often a question is put again of whose answers none can be read.
    new_tokens, prompt_tokens : int
        Most tokens of an answer, and of a question.
    text : str
        The modality of the reports.
    seed : int
        Of the samples. It is a setting, and not the cell's seed, so that all folds share what was written.
    """

    model: str = "smollm2-135m"
    samples: Annotated[int, Field(ge=1)] = 3
    temperature: Annotated[float, Field(ge=0)] = 0.7
    retries: Annotated[int, Field(ge=0)] = 1
    new_tokens: Annotated[int, Field(ge=1)] = 128
    prompt_tokens: Annotated[int, Field(ge=1)] = 1024
    text: str = "text"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature == 0 and (self.samples > 1 or self.retries):
            raise ValueError("at temperature 0 every answer is the same; take samples=1 and retries=0")


class LanguageModelTeacher:
    """Asks a local model for the probabilities and a reason; nothing is fitted, and no outcome is shown.

    Each answer hangs on the patient's own covariates and report, the model and the seed. What was written is kept in
    the cache folder, so that a question is put once, whatever fold it is in, and an interrupted run goes on.

    Parameters
    ----------
    settings : LanguageModelSettings
        Which model, and how it is asked.
    rule : {"auto", "months", "quantiles"}
        About which times.

    Raises
    ------
    UsageError
        If there is no such model.
    """

    def __init__(self, settings: LanguageModelSettings | None = None, rule: HorizonRule = "auto") -> None:
        self.settings = settings or LanguageModelSettings()
        self.rule = rule
        self.folder = find_model(self.settings.model)

    def fit(self, train: Cohort, context: Context) -> TeacherAnswers:
        """Return the answers for the training patients.

        Raises
        ------
        UsageError
            If the model writes no probability that can be read of any of them.
        """
        self._horizons = horizons_of(train, self.rule)
        self._named = Horizons.of(self._horizons, train.time_unit)
        self._device = context.device
        said = self.answers(train.patients)
        if not said.answered.any():
            raise UsageError(
                f"{said.label} wrote no probability that can be read of any of {len(said)} training patients: take a "
                "larger model, more samples or another teacher"
            )
        return said

    def answers(self, patients: Patients) -> TeacherAnswers:
        """Return the answers for n patients; the notes tell what the samples were, and what they cost in all."""
        written = self._written(patients)
        probabilities = np.full((len(patients), len(self._horizons)), np.nan)
        rationales: list[str | None] = []
        outcomes: Counter[str] = Counter()
        for row, attempts in enumerate(written):
            texts = [text for samples in attempts for text in samples.texts]
            read = [(text, *read_answer(text, self._named)) for text in texts]
            outcomes.update(outcome for _, outcome, _ in read)
            usable = [(text, said) for text, outcome, said in read if outcome == "read"]
            if usable:
                probabilities[row] = _mean([said for _, said in usable])
            rationales.append(next(filter(None, (reason_in(text) for text, _ in usable)), None))
        falling, corrected = clipped(probabilities)
        everything = [samples for attempts in written for samples in attempts]
        answered = int((~np.isnan(falling).all(axis=1)).sum())
        notes = {
            "answered": answered,
            "unanswered": len(patients) - answered,
            "corrected": corrected,
            "asked_again": sum(len(attempts) > 1 for attempts in written),
            "samples": sum(outcomes.values()),
            **{f"samples_{outcome}": outcomes[outcome] for outcome in UNREAD},
            "tokens_read": sum(samples.tokens_read for samples in everything),
            "tokens_written": sum(samples.tokens_written for samples in everything),
            "seconds": sum(samples.seconds for samples in everything),
        }
        return TeacherAnswers(
            self._horizons,
            falling,
            tuple(rationales),
            self.folder.label,
            {name: float(value) for name, value in notes.items()},
        )

    def texts(self, patients: Patients) -> tuple[str, ...]:
        """Return the first answer about each of n patients as it stands, readable or not, for judging explanations."""
        return tuple(attempts[0].texts[0] for attempts in self._written(patients))

    def _written(self, patients: Patients) -> list[list[Samples]]:
        """Return what the model wrote of each patient, one entry an attempt."""
        store = CachedLines("teacher_samples", self._name())
        sampler: Sampler | None = None
        written: list[list[Samples]] = []
        for row, (question, report) in enumerate(questions(patients, self._named, self.settings.text), start=1):
            attempts: list[Samples] = []
            while len(attempts) <= self.settings.retries and not any(map(self._readable, attempts)):
                key = hashlib.sha256(f"{len(attempts)}\0{question}\0{report}".encode()).hexdigest()
                held = store.get(key)
                if held is None:
                    sampler = sampler or self._sampler()
                    seed = derived_seed(self.settings.seed, key)
                    held = sampler.ask(question, report, self.settings.samples, seed).values()
                    store.add(key, held)
                attempts.append(Samples.of(held))
            written.append(attempts)
            if row % SAVED_TOGETHER == 0:
                store.save()
        store.save()
        return written

    def _readable(self, samples: Samples) -> bool:
        return any(read_answer(text, self._named)[0] == "read" for text in samples.texts)

    def _sampler(self) -> Sampler:
        settings = self.settings
        return Sampler(
            load_backbone(settings.model, "causal"),
            temperature=settings.temperature,
            new_tokens=settings.new_tokens,
            prompt_tokens=settings.prompt_tokens,
            device=self._device,
        )

    def _name(self) -> str:
        """Return what the answers hang on besides the question, as the name of a file."""
        settings = self.settings
        asked = (settings.samples, settings.temperature, settings.new_tokens, settings.prompt_tokens)
        digits = hashlib.sha256(f"{asked} {settings.seed} {VERSION}".encode()).hexdigest()[:12]
        return f"{self.folder.path.name}-{self.folder.version}-{digits}"


def _mean(said: list[FloatArray]) -> FloatArray:
    """Return the mean of each horizon over the answers that state it, NaN where none does."""
    stacked = np.stack(said)
    known = ~np.isnan(stacked)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    mean: FloatArray = np.divide(
        total, known.sum(axis=0), out=np.full(stacked.shape[1], np.nan), where=known.any(axis=0)
    )
    return mean
