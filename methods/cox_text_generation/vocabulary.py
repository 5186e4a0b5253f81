"""Tokens and their numbers."""

from collections.abc import Iterable, Sequence

PADDING = "<padding>"
END = "<end>"
MISSING = "<missing>"
UNSEEN = "<unseen>"
RARE = "<rare>"
RISK = "<risk>"

# What an answer is made of, each character a token.
WRITTEN = "0123456789.+-"

# The same characters where they are read. Embedding and output layer are one matrix: were they the same tokens,
# learning how often answers have a digit would move what the same digit says in a prompt.
READ = {character: f"<read {character}>" for character in WRITTEN}

# In every vocabulary, so that what can be read and written does not depend on the training patients.
ALWAYS = (PADDING, END, MISSING, UNSEEN, RARE, RISK, *WRITTEN, *READ.values())


class Vocabulary:
    """A fixed list of tokens; any other is read as ``UNSEEN``.

    Parameters
    ----------
    tokens : iterable of str
        Those of prompts, beside the ones every vocabulary has; a repeated one counts once.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = tuple(dict.fromkeys([*ALWAYS, *(READ.get(token, token) for token in tokens)]))
        self._ids = {token: number for number, token in enumerate(self.tokens)}
        self.padding, self.end, self._unseen = (self._ids[token] for token in (PADDING, END, UNSEEN))

    def __len__(self) -> int:
        return len(self.tokens)

    def read(self, tokens: Iterable[str]) -> list[int]:
        """Return the numbers of a prompt's tokens; its digits are other tokens than those of an answer."""
        return [self._ids.get(READ.get(token, token), self._unseen) for token in tokens]

    def written(self, text: Iterable[str]) -> list[int]:
        """Return the numbers of an answer's characters, each one of ``WRITTEN``."""
        return [self._ids[character] for character in text]

    def text(self, ids: Sequence[int]) -> str:
        """Return the tokens before the first end token, joined; all of them if there is none."""
        ended = list(ids).index(self.end) if self.end in ids else len(ids)
        return "".join(self.tokens[number] for number in ids[:ended])
