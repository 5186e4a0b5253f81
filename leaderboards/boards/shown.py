"""Which datasets may stand on a board."""

from collections.abc import Sequence

from benchmarks.catalog.registry import dataset_cards
from benchmarks.errors import UsageError


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
