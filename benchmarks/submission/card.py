"""The card of a submission: who made the predictions, of what, and how."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.catalog.card_values import build, is_name
from benchmarks.catalog.registry import groups, method_cards
from benchmarks.errors import UsageError
from benchmarks.types import EXTERNAL

LONGEST_TEXT = 300
_MOST_BYTES = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionCard:
    """Where predictions come from, in the words of those who made them; none of it can be checked.

    Parameters
    ----------
    made_by : str
        Who made them.
    how : str
        Which model, trained on whom.
    modalities : tuple of str
        Modalities of the dataset that it read; empty for one that read the outcomes alone.
    extra_data : str
        What else it learnt from; empty for nothing beyond the dataset.
    source : str
        Where more is written of it, such as a paper or an address; may be empty.
    """

    made_by: str
    how: str
    modalities: tuple[str, ...]
    extra_data: str = ""
    source: str = ""

    def as_config(self) -> dict[str, Any]:
        """Return the texts that stand in place of a method's settings; what it read stands in the cell anyhow."""
        return {key: text for key, text in asdict(self).items() if key != "modalities"}


def read_card(path: Path) -> SubmissionCard:
    """Read a card from a ``.toml`` or ``.json`` file.

    Raises
    ------
    UsageError
        If it cannot be read, or a key is unknown, missing or of another kind.
    """
    if path.suffix not in (".toml", ".json"):
        raise UsageError(f"--card {path}: a file that ends in .toml or .json is needed")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path}: too large for a card, which has a few lines")
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # also of an encoding
        raise UsageError(f"{path}: not valid {path.suffix[1:].upper()}: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UsageError(f"{path}: a table of keys is needed: made_by, how, modalities, extra_data, source")
    return checked_card(build(SubmissionCard, values, path), str(path))


def checked_card(card: SubmissionCard, where: str) -> SubmissionCard:
    """Return a card whose texts can stand in a table: some, on one line, not too long.

    Raises
    ------
    UsageError
        If one cannot; it names ``where`` the card is from.
    """
    for key in ("made_by", "how", "extra_data", "source"):
        text = getattr(card, key)
        if not text.strip() and key in ("made_by", "how"):
            raise UsageError(f"{where}: {key} is empty: say who made the predictions, and how")
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise UsageError(f"{where}: {key} must be one line of at most {LONGEST_TEXT} printable characters")
    return card


def check_modalities(card: SubmissionCard, offered: Sequence[str], dataset: str) -> None:
    """Refuse a card that names a modality which the dataset does not have."""
    for name in card.modalities:
        if name not in offered:
            raise UsageError(
                f"modalities: {dataset} has no {name!r}; it has {', '.join(offered)}. What was read from elsewhere "
                "belongs to extra_data"
            )


def stored_name(name: str) -> str:
    """Return the name of a submission's rows, which tells everywhere that they are external.

    Raises
    ------
    UsageError
        If the name is none, or that of a method of the suite.
    """
    if not is_name(name):
        raise UsageError(f"--name {name[:60]!r}: expected letters, digits, _, -, + and .")
    if name in method_cards() or name in groups():
        raise UsageError(f"--name {name}: a method or group of the suite has this name; take another")
    return f"{name}@{EXTERNAL}"
