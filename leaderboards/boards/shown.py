"""Which datasets and rows may stand on a board."""

from collections.abc import Sequence

from benchmarks.catalog.registry import dataset_cards, method_card
from benchmarks.errors import UsageError
from benchmarks.types import Cell, Record
from leaderboards.boards.entries import EXTRA_DATA, told_extra_data


def shown_datasets(names: Sequence[str], *, named: bool, include_embargoed: bool) -> tuple[list[str], dict[str, str]]:
    """Return the datasets that may stand on a board, and why the others may not.

    Parameters
    ----------
    names : sequence of str
        Datasets with results. A cohort file of the user's own may always be shown.
    named : bool
        Whether the user asked for them by name.
    include_embargoed : bool
        Whether those under embargo are shown, too; simulated ones never are.

    Raises
    ------
    UsageError
        If one that was asked for by name may not be shown, or none may.
    """
    cards = dataset_cards()
    reasons: dict[str, str] = {}
    for name in names:
        card = cards.get(name)  # a cohort file of the user's own is not registered here
        if card is not None and card.oracle:
            reasons[name] = "it is simulated, and stands on no board"
        elif card is not None and card.embargo and not include_embargoed:
            reasons[name] = f"{card.embargo}; --include-embargoed shows it"
    left = [name for name in names if name not in reasons]
    if reasons and (named or not left):
        name, reason = next(iter(reasons.items()))
        raise UsageError(f"{name}: {reason}")
    return left, reasons


def without_demonstrations(records: Sequence[Record]) -> tuple[list[Record], dict[str, str]]:
    """Return the records that may stand on a board, and why rows of the others may not.

    A setting that a method's card calls a demonstration reproduces a recipe to show what it does to the scores; the
    row is no offer of the method.
    """
    left = []
    reasons: dict[str, str] = {}
    for record in records:
        switched_on = _demonstrations(record.cell)
        if switched_on:
            named = ", ".join(f"{name}=true" for name in switched_on)
            reasons[f"{record.cell.method} [{named}]"] = "a demonstration, which stands on no board; compare shows it"
        else:
            left.append(record)
    return left, reasons


def without_extra_data(records: Sequence[Record]) -> tuple[list[Record], dict[str, str]]:
    """Return the records of methods that learnt from the dataset alone, and why rows of the others are left out."""
    left = [record for record in records if not told_extra_data(record.cell)]
    reasons = {
        f"{record.cell.method} with {EXTRA_DATA}: {told}": "--without-extra-data"
        for record in records
        if (told := told_extra_data(record.cell))
    }
    return left, reasons


def _demonstrations(cell: Cell) -> list[str]:
    try:
        card = method_card(cell.method)
    except UsageError:  # a method that was run elsewhere and is not installed here
        return []
    return [name for name in card.demonstrations if cell.config.get(name)]
