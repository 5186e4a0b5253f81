"""Tokens and their numbers."""

from collections.abc import Iterable, Sequence

PADDING = "<padding>"
END = "<end>"
MISSING = "<missing>"
UNSEEN = "<unseen>"
RARE = "<rare>"
RISK = "<risk>"

# In every vocabulary, so that what can be written does not depend on the training patients.
ALWAYS = (PADDING, END, MISSING, UNSEEN, RARE, RISK, *"0123456789.+-")


class Vocabulary:
    """A fixed list of tokens; any other is read as ``UNSEEN``.

    Parameters
    ----------
    tokens : iterable of str
        Those beside the ones every vocabulary has; a repeated one counts once.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = tuple(dict.fromkeys([*ALWAYS, *tokens]))
        self._ids = {token: number for number, token in enumerate(self.tokens)}
        self.padding, self.end, self._unseen = (self._ids[token] for token in (PADDING, END, UNSEEN))

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """Return the numbers of tokens (of the characters, if given a text)."""
        return [self._ids.get(token, self._unseen) for token in tokens]

    def text(self, ids: Sequence[int]) -> str:
        """Return the tokens before the first end token, joined; all of them if there is none."""
        ended = list(ids).index(self.end) if self.end in ids else len(ids)
        return "".join(self.tokens[number] for number in ids[:ended])
