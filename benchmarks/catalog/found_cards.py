"""The cards that were found, by name; a wrong one breaks its own name and nothing else."""

from collections.abc import Callable

from benchmarks.catalog.cards import Card
from benchmarks.errors import UsageError, hint


class Cards(dict[str, Card]):
    """The cards of methods or datasets by name.

    Parameters
    ----------
    kind : {"method", "dataset"}
        For messages.
    """

    __slots__ = ("broken", "kind")

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        # Of those whose card cannot be used, why: one line that names the file.
        self.broken: dict[str, str] = {}

    def add(self, name: str, read: Callable[[], Card]) -> None:
        """Add a card; if it cannot be read, or its name is taken, none of that name can be used."""
        try:
            card = read()
        except UsageError as error:
            self.broken[name] = str(error)
            return
        taken = self.pop(card.name, None)
        if taken is not None:
            self.broken[card.name] = f"two {self.kind}s are called {card.name!r}: {taken.entry} and {card.entry}"
        elif card.name not in self.broken:
            self[card.name] = card

    def named(self, name: str, *others: str) -> Card:
        """Return a card; ``others`` are further names that a hint may propose.

        Raises
        ------
        UsageError
            If there is none of this name, or it is broken.
        """
        if name in self.broken:
            raise UsageError(self.broken[name])
        if name not in self:
            raise UsageError(f"unknown {self.kind} {name!r}; {hint(name, [*self, *others])}")
        return self[name]
