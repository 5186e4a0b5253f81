"""Samples of a language model's answers."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from benchmarks.errors import UsageError
from methods.llm_distillation.teachers.question import REPORT
from methods.shared.text.backbone import Backbone
from methods.shared.text.tokens import tokenised

# A question with a report has room for so many tokens of it.
LEAST_REPORT = 16


@dataclass(frozen=True, slots=True)
class Samples:
    """What a model wrote when it was asked one question some times.

    Parameters
    ----------
    texts : tuple of str
        The answers.
    tokens_read, tokens_written : int
        Of the question, and of all answers.
    seconds : float
        What it took.
    """

    texts: tuple[str, ...]
    tokens_read: int
    tokens_written: int
    seconds: float

    def values(self) -> dict[str, Any]:
        """Return what JSON can hold of them."""
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Samples":
        """Return the samples that ``values`` were taken of."""
        return cls(**{**values, "texts": tuple(values["texts"])})


class Sampler:
    """Asks a causal model.

    Parameters
    ----------
    backbone : Backbone
        Of kind "causal".
    temperature : float
        Divides the logits; 0 takes the likeliest token.
    new_tokens : int
        Most tokens of an answer.
    prompt_tokens : int
        Most tokens of a question; a report that leaves no room is cut in its middle.
    device : str
        Where it runs.
    """

    def __init__(
        self, backbone: Backbone, *, temperature: float, new_tokens: int, prompt_tokens: int, device: str
    ) -> None:
        self.backbone, self.temperature, self.new_tokens = backbone, temperature, new_tokens
        self.room = min(prompt_tokens, backbone.positions - new_tokens)
        self.device = torch.device(device)
        backbone.model.to(self.device).eval()

    def ask(self, question: str, report: str, samples: int, seed: int) -> Samples:
        """Return so many answers; they hang on the question and the seed alone.

        Raises
        ------
        UsageError
            If the model has no room for the question without a report.
        """
        started = time.perf_counter()
        ids = torch.tensor([self._ids(question, report)], device=self.device)
        tokenizer = self.backbone.tokenizer
        sampling = {"do_sample": True, "temperature": self.temperature, "top_k": 0, "top_p": 1.0}
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []), torch.inference_mode():
            torch.manual_seed(seed)
            written = self.backbone.model.generate(  # type: ignore[operator]  # 2026-11-26: of transformers
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=self.new_tokens,
                num_return_sequences=samples,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
                **(sampling if self.temperature > 0 else {"do_sample": False}),
            )[:, ids.shape[1] :].tolist()
        answers = [_before(row, tokenizer.eos_token_id) for row in written]
        texts = tuple(tokenizer.decode(answer, skip_special_tokens=True).strip() for answer in answers)
        return Samples(texts, ids.shape[1], sum(map(len, answers)), time.perf_counter() - started)

    def _ids(self, question: str, report: str) -> list[int]:
        """Return the tokens of a question, in the form of a conversation if the model was trained on such."""
        ids = self._encoded(question.replace(REPORT, report))
        room = self.room - len(self._encoded(question.replace(REPORT, "")))
        if room < (LEAST_REPORT if report else 0):
            raise UsageError(
                f"{self.backbone.label} has room for {self.room} tokens beside the answer, and {self.room - room} are "
                "the question's own: raise prompt_tokens, or take another model"
            )
        # Tokens at the joints of a text that was cut may be others, and more, than those that were kept.
        while len(ids) > self.room:
            ids = self._encoded(question.replace(REPORT, self._cut(report, room)))
            room -= max(1, len(ids) - self.room)
        return ids

    def _cut(self, report: str, room: int) -> str:
        kept = tokenised(self.backbone, [report], maximum=room, cut="head_tail").ids[0]
        text: str = self.backbone.tokenizer.decode(kept, skip_special_tokens=True)
        return text

    def _encoded(self, question: str) -> list[int]:
        tokenizer = self.backbone.tokenizer
        if tokenizer.chat_template:
            said = [{"role": "user", "content": question}]
            question = tokenizer.apply_chat_template(said, add_generation_prompt=True, tokenize=False)
            ids: list[int] = tokenizer(question, add_special_tokens=False, verbose=False)["input_ids"]
            return ids
        plain: list[int] = tokenizer(f"{question}\n\nAnswer:", verbose=False)["input_ids"]
        return plain


def _before(tokens: Sequence[int], end: int) -> list[int]:
    """Return the tokens before the first end token."""
    found = list(tokens)
    return found[: found.index(end)] if end in found else found
