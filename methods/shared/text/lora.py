"""Low-rank additions to the projections of a transformer, through peft."""

import importlib
import importlib.util
from typing import Any

from benchmarks.errors import UsageError

# Scale of the additions over their rank, as usual.
ALPHA_PER_RANK = 2


def add_low_rank(model: Any, rank: int) -> None:
    """Add trained matrices B A of a rank to all linear projections of attention and feed-forward parts, in place.

    B starts at 0, so the model says at first what it said before. The output layer gets none.

    Raises
    ------
    UsageError
        If the package peft is not installed.
    """
    if importlib.util.find_spec("peft") is None:
        raise UsageError("low-rank training needs the package peft: pip install 'multimodal-survival-benchmarks[lora]'")
    peft = importlib.import_module("peft")
    config = peft.LoraConfig(r=rank, lora_alpha=ALPHA_PER_RANK * rank, lora_dropout=0.0, target_modules="all-linear")
    peft.inject_adapter_in_model(config, model)
