"""The student: a causal language model, and what turns the state behind its prompt into survival."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.encoders.pretrained import frame_of
from benchmarks.errors import UsageError
from benchmarks.types import BoolArray, Float32Array, FloatArray, Patients
from methods.llm_distillation.config import Config
from methods.llm_distillation.fusion import FusionNetwork
from methods.llm_distillation.measurements import Measurements
from methods.llm_distillation.prompts import Prompts
from methods.llm_distillation.report_summary import ReportSummary
from methods.shared.text import Backbone, PartlyTrained, generated, length_sorted, padded

# As many patients are read at once, always: see ``methods.shared.text.generation``.
READ_TOGETHER = 32

# A prompt without so many tokens of its report is no prompt.
SMALLEST_ROOM = 16


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What the student reads of n patients.

    Parameters
    ----------
    ids : list of n lists of int
        Tokens of the prompts.
    vectors : sequence of M Tensors, shape (n, d_m)
        Of the other modalities.
    present : Tensor of bool, shape (n, 1 + M)
        Which there are, the text first.
    cut : array of bool, shape (n,)
        Reports that did not fit.
    removed : int
        Sentences that told the outcome.
    """

    ids: list[list[int]]
    vectors: tuple[Tensor, ...]
    present: Tensor
    cut: BoolArray
    removed: int


class StudentNetwork(nn.Module):
    """Language model and fusion, trained as one."""

    def __init__(self, language: PartlyTrained, fusion: FusionNetwork) -> None:
        super().__init__()
        self.language = language
        self.fusion = fusion


class Student:
    """A network with all it needs to read patients, and to write of them.

    Parameters
    ----------
    network : StudentNetwork
        Trained or not.
    prompts : Prompts
        Fitted on the training patients.
    measurements : Measurements
        The same.
    summary : ReportSummary or None
        What makes a long report short; None: it is cut.
    config : Config
        Lengths.
    """

    def __init__(
        self,
        network: StudentNetwork,
        prompts: Prompts,
        measurements: Measurements,
        summary: ReportSummary | None,
        config: Config,
    ) -> None:
        self.network = network
        self.prompts = prompts
        self.measurements = measurements
        self.summary = summary
        self.config = config
        self.together = READ_TOGETHER
        """Prompts in a batch."""
        self.length = 0
        """Length to which prompts are padded: that of the longest training prompt."""

    @property
    def backbone(self) -> Backbone:
        """The language model with its tokenizer."""
        return self.network.language.backbone

    @property
    def label(self) -> str:
        """What stands behind the results: model, what is trained of it, and the numbers it computes with."""
        number = str(self.network.language.number).removeprefix("torch.")
        return f"{self.backbone.label}, {self.network.language.trained}, {number}"

    def read(self, patients: Patients) -> Read:
        """Return what is read of n patients.

        Raises
        ------
        UsageError
            If covariates and instruction leave no room for a report.
        """
        prompt = self.prompts.of(patients)
        before = frame_of(self.backbone.tokenizer)[0] + self.tokens([prompt.before])[0]
        reports, cut = list(prompt.reports), np.zeros(len(patients.ids), dtype=np.bool_)
        ids = []
        of_reports, of_lines = self.tokens(reports), self.tokens(prompt.behind)
        for row, (report, behind) in enumerate(zip(of_reports, of_lines, strict=True)):
            room = self.config.recipe.max_tokens - len(before) - len(behind)
            if room < (0 if self.prompts.templated else SMALLEST_ROOM):
                raise UsageError(
                    f"instruction and covariates take {len(before) + len(behind)} of max_tokens="
                    f"{self.config.recipe.max_tokens}: nothing is left for the report; take more"
                )
            cut[row] = len(report) > room
            if cut[row] and self.summary is not None:
                report = self.tokens([self.summary.of(reports[row], room, self.count)])[0]
            ids.append([*before, *report[:room], *behind])
        blocks = self.measurements.transform(patients)
        vectors, present = blocks.tensors(self.network.language.device)
        text = torch.as_tensor(prompt.present, device=present.device)[:, None]
        return Read(ids, vectors, torch.cat([text, present], dim=1), cut, prompt.removed)

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of texts, without those a model wants at their beginning or end."""
        if not texts:
            return []
        ids: list[list[int]] = self.backbone.tokenizer(list(texts), add_special_tokens=False, verbose=False)[
            "input_ids"
        ]
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of texts."""
        return [len(ids) for ids in self.tokens(texts)]

    def answers(self, texts: Sequence[str | None]) -> list[list[int]]:
        """Return the tokens to write of n patients, end token included unless they are too many; none for None."""
        most, end = self.config.answer_tokens, int(self.backbone.tokenizer.eos_token_id)
        written = self.tokens([text or "" for text in texts])
        return [[*ids, end][:most] if text else [] for text, ids in zip(texts, written, strict=True)]

    @torch.no_grad()
    def hidden(self, read: Read) -> Float32Array:
        """Return the state at the last token of each prompt, shape (n, d).

        Every batch has the same number of rows and, but for longer prompts, the same length, so that a patient's state
        is the same to the bit alone as among others.
        """
        language = self.network.language
        states = np.zeros((len(read.ids), self.backbone.width), dtype=np.float32)
        for rows in length_sorted([len(ids) for ids in read.ids], self.together):
            filled = [*rows, *[rows[-1]] * (self.together - len(rows))]
            batch, real = padded(
                [read.ids[row] for row in filled], self.backbone.tokenizer.pad_token_id, left=True, length=self.length
            )
            batch, real = batch.to(language.device), real.to(language.device)
            with language.autocast():
                last = self.backbone.body(
                    input_ids=batch,
                    attention_mask=real.long(),
                    position_ids=(real.cumsum(1) - 1).clamp(min=0),
                    use_cache=False,
                ).last_hidden_state[:, -1]
            states[rows] = last[: len(rows)].float().cpu().numpy()
        return states

    @torch.no_grad()
    def outputs(self, read: Read, hidden: Float32Array) -> tuple[FloatArray, Float32Array | None]:
        """Return the outputs of the head, shape (n, K), and the gate, shape (n, 1 + M), if there is one."""
        device = self.network.language.device
        outputs, states = self.network.fusion(torch.as_tensor(hidden, device=device), read.vectors, read.present)
        gate = states.get("gate")
        return outputs.double().cpu().numpy(), None if gate is None else gate.float().cpu().numpy()

    def written(self, read: Read, enough: Callable[[str], bool] | None = None) -> tuple[list[str], Float32Array]:
        """Return what the student writes of n patients, and the states of ``hidden``, which it is written from.

        It is the likeliest of all tokens, again and again, to the end token.

        Parameters
        ----------
        read : Read
            The patients.
        enough : callable, optional
            Says of a text so far whether it has all that is wanted; writing may end there.
        """
        found = generated(
            self.network.language,
            read.ids,
            most=self.config.answer_tokens,
            end=int(self.backbone.tokenizer.eos_token_id),
            together=self.together,
            length=self.length,
            enough=None if enough is None else lambda tokens: enough(self._text(tokens)),
        )
        return [self._text(tokens) for tokens in found.tokens], found.states.numpy()

    def _text(self, tokens: Sequence[int]) -> str:
        text: str = self.backbone.tokenizer.decode(tokens, clean_up_tokenization_spaces=False)
        return text
