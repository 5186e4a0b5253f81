"""What a causal language model writes behind stored prompts, kept on disk: the same prompt is written to once."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmarks.encoders.cache import cached_array, is_cached
from benchmarks.encoders.model_folder import find_model, find_version
from benchmarks.types import Context, Float32Array
from methods.shared.text import Backbone, PartlyTrained, generated, load_backbone

PROMPTS = Path(__file__).parent / "prompts"

# Part of the names of cached files: raised when prompts are cut or answers read otherwise.
VERSION = 1


def prompt(name: str, **parts: str) -> str:
    """Return a stored prompt with its parts filled in."""
    return (PROMPTS / f"{name}.txt").read_text(encoding="utf-8").strip().format(**parts)


def _itself(tokens: Float32Array) -> Float32Array:
    return tokens


class WrittenTexts:
    """The likeliest answers of a frozen model.

    Of a prompt that is too long for the model the middle is left out: the beginning says what to do, the end asks.

    Parameters
    ----------
    model : str
        ``smollm2-135m`` or ``hf:<folder>``, see ``benchmarks.encoders.model_folder.find_model``.
    most : int
        Tokens of an answer.
    context : Context
        Its device.

    Raises
    ------
    UsageError
        If the model is not there or cannot be read.
    """

    training_only: ClassVar = ("_loaded",)

    def __init__(self, model: str, most: int, context: Context) -> None:
        self._model = model
        self._most = most
        self._device = context.device
        self._version = find_model(model).version
        self._loaded: Backbone | None = None

    def after_loading(self) -> None:
        """Find the model on this machine again: a saved method names it, and keeps no copy of it."""
        find_version(self._model, self._version)
        self._loaded = None

    def of(self, prompts: Sequence[str]) -> list[str]:
        """Return the answer to each prompt; only those not on disk are written."""
        missing = [one for one in dict.fromkeys(prompts) if not is_cached(*self._place(one))]
        if missing:
            answers = self._written(missing)
            for one, answer in zip(missing, answers, strict=True):
                cached_array(*self._place(one), 1, partial(_itself, answer))
        return [self._read(one) for one in prompts]

    def _read(self, asked: str) -> str:
        # A file that is damaged is written anew.
        tokens = cached_array(*self._place(asked), 1, lambda: self._written([asked])[0])
        return str(self._backbone.tokenizer.decode(tokens[:, 0].astype(int).tolist(), skip_special_tokens=True)).strip()

    def _written(self, prompts: Sequence[str]) -> list[Float32Array]:
        backbone = self._backbone
        module = PartlyTrained(backbone, "none", precision="float32", device=self._device)
        room = backbone.positions - self._most
        ids = [self._cut(self._ids(one), room) for one in prompts]
        end = backbone.tokenizer.eos_token_id
        answers = generated(module, ids, most=self._most, end=end, together=min(8, len(ids))).tokens
        return [np.array(tokens, dtype=np.float32).reshape(-1, 1) for tokens in answers]

    def _ids(self, asked: str) -> list[int]:
        tokenizer = self._backbone.tokenizer
        if tokenizer.chat_template:
            said = [{"role": "user", "content": asked}]
            found: list[int] = tokenizer.apply_chat_template(
                said, add_generation_prompt=True, tokenize=True, return_dict=False
            )
            return found
        bare: list[int] = tokenizer(asked, add_special_tokens=False, verbose=False)["input_ids"]
        return bare

    @staticmethod
    def _cut(ids: list[int], room: int) -> list[int]:
        if len(ids) <= room:
            return ids
        head = 3 * room // 4
        return ids[:head] + ids[len(ids) - (room - head) :]

    def _place(self, asked: str) -> tuple[str, str, str]:
        key = hashlib.sha256(asked.encode()).hexdigest()
        return "written", f"{self._version}-{self._most}-{VERSION}", key

    @property
    def _backbone(self) -> Backbone:
        if self._loaded is None:
            self._loaded = load_backbone(self._model, "causal")
        return self._loaded
