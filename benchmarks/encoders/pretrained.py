"""Reading tokenizer and weights of a model folder through transformers: no code of the folder is ever run."""

import contextlib
import importlib.util
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from benchmarks.encoders.model_folder import ModelFolder
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    import torch

# Of an encoder the bare model, which gives the states of its last layer; of a causal model with its output layer.
Kind: TypeAlias = Literal["encoder", "causal"]

# Parts that an encoder may lack, since nothing reads them.
UNUSED = ("pooler.",)


def load_tokenizer(folder: ModelFolder) -> Any:
    """Return the tokenizer of a folder, a ``PreTrainedTokenizerFast``; one without a padding token pads with its end.

    So padding is told by the attention mask, never by the number of its token.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    from transformers import AutoTokenizer

    with quiet():
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder.path, **_source(folder))
        except (OSError, ValueError, ImportError, KeyError) as error:
            raise UsageError(f"the tokenizer of {folder.label} cannot be read: {error}") from error
    if not tokenizer.is_fast:
        raise UsageError(f"the tokenizer of {folder.label} has no tokenizer.json")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def frame_of(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the tokens that a model wants before and behind a text, such as ``[CLS]`` and ``[SEP]``; often none."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a")["input_ids"]
    start = next(start for start in range(len(framed)) if framed[start : start + len(bare)] == bare)
    return framed[:start], framed[start + len(bare) :]


def load_model(folder: ModelFolder, kind: Kind, dtype: "torch.dtype | None" = None) -> Any:
    """Return the model of a folder in evaluation mode.

    Parameters
    ----------
    folder : ModelFolder
        Where it is.
    kind : {"encoder", "causal"}
        What is read: an encoder, without its pooling layer, or a causal language model.
    dtype : torch dtype, optional
        Of the weights; float32 if not given, whatever the folder has.

    Raises
    ------
    UsageError
        If the weights are damaged, not of that kind, or do not fit the configuration.
    """
    import torch
    from transformers import AutoModel, AutoModelForCausalLM

    reader: Any = AutoModel if kind == "encoder" else AutoModelForCausalLM
    with quiet():
        try:
            model, found = reader.from_pretrained(
                folder.path,
                dtype=dtype or torch.float32,
                use_safetensors=True,
                output_loading_info=True,
                **_source(folder),
            )
        except Exception as error:
            # What a damaged file raises is the reader's choice: of safetensors an error of its own, of torch several.
            raise UsageError(f"the weights of {folder.label} cannot be read: {error}") from error
    missing = sorted(name for name in found["missing_keys"] if not name.startswith(UNUSED))
    if missing:
        raise UsageError(
            f"{folder.label} lacks {len(missing)} of the weights of a model of kind {kind}, such as {missing[0]}"
        )
    if getattr(model, "pooler", None) is not None:
        model.pooler = None
    return model.eval()


def _source(folder: ModelFolder) -> dict[str, Any]:
    source: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if folder.gguf is not None:
        if importlib.util.find_spec("gguf") is None:
            raise UsageError(
                f"the weights of {folder.label} are quantised (GGUF), which the package gguf reads: "
                "pip install 'multimodal-survival-benchmarks[gguf]'"
            )
        source["gguf_file"] = folder.gguf
    return source


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep bars and remarks of loading off the terminal: they would break a run's own display."""
    from transformers.utils import logging

    shown, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # 2026-11-22: the library has no annotation
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # 2026-11-26: as above
    try:
        # The bar of quantised weights has no switch.
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(verbosity)
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # 2026-11-22: as above
