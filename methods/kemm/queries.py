"""The tokens that ask: lines of the patient's report and sentences of knowledge, or learned ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.types import Float32Array

# Kinds of modalities that are looked at, and of the knowledge that looks at them.
IMAGE, GENOMIC = "image", "genomic"


@dataclass(frozen=True, slots=True, eq=False)
class TextSources:
    """Which texts of a cohort a network reads, and how wide they are.

    Parameters
    ----------
    width : int
        Of a sentence's vector; 0: no text is read.
    lines : int
        Most lines of a report; 0: no reports.
    knowledge : mapping of str to array, shape (L_K, width)
        Vectors of the sentences of each kind of knowledge that is read: ``image``, ``genomic``.
    """

    width: int
    lines: int
    knowledge: dict[str, Float32Array]

    def asking(self, kind: str) -> int:
        """Return how many tokens ask a modality of that kind."""
        return self.lines + len(self.knowledge.get(kind, ()))


class TextTokens(nn.Module):
    """F = W_T x + e of a sentence's vector x, e telling report from knowledge; shared by all streams.

    Parameters
    ----------
    texts : TextSources
        With a text.
    width : int
        Of a token.
    """

    def __init__(self, texts: TextSources, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(texts.width, width)
        self.of_report, self.of_knowledge = (nn.Parameter(torch.randn(width) * 0.1) for _ in range(2))
        # Buffers: the text encoder is frozen, and has read each sentence once.
        for kind, vectors in texts.knowledge.items():
            self.register_buffer(f"knowledge_{kind}", torch.as_tensor(vectors), persistent=False)

    def report(self, lines: Tensor) -> Tensor:
        """Return the tokens of lines, shape (n, L, width)."""
        found: Tensor = self.project(lines) + self.of_report
        return found

    def knowledge(self, kind: str) -> Tensor:
        """Return the tokens of one kind of knowledge, shape (L_K, width)."""
        found: Tensor = self.project(self.get_buffer(f"knowledge_{kind}")) + self.of_knowledge
        return found


class TextQueries(nn.Module):
    """Report and knowledge ask; who has neither has learned queries in their place.

    Parameters
    ----------
    texts : TextSources
        With a text of this kind.
    kind : {"image", "genomic"}
        Which knowledge is asked for.
    width : int
        Of a token.
    """

    def __init__(self, texts: TextSources, kind: str, width: int) -> None:
        super().__init__()
        self.kind = kind
        self.informed = kind in texts.knowledge
        if not self.informed:
            self.stand_ins = nn.Parameter(torch.randn(texts.asking(kind), width) * width**-0.5)

    def forward(self, tokens: TextTokens, report: Tensor | None, told: Tensor | None, n: int) -> tuple[Tensor, Tensor]:
        """Return the queries of n patients, shape (n, T, width), and which of them there are, (n, T).

        Parameters
        ----------
        tokens : TextTokens
            Makes them.
        report : Tensor, shape (n, L, width), optional
            Tokens of the reports.
        told : Tensor of bool, shape (n, L), optional
            Which of them there are.
        n : int
            Patients.
        """
        parts: list[Tensor] = [] if report is None else [report]
        there: list[Tensor] = [] if told is None else [told]
        if self.informed:
            known = tokens.knowledge(self.kind).expand(n, -1, -1)
            parts.append(known)
            there.append(torch.ones(known.shape[:2], dtype=torch.bool, device=known.device))
        queries, present = torch.cat(parts, dim=1), torch.cat(there, dim=1)
        if self.informed:
            return queries, present
        nobody = ~present.any(dim=1)
        return torch.where(nobody[:, None, None], self.stand_ins, queries), present | nobody[:, None]


class LearnedQueries(nn.Module):
    """As many queries as there would be of text, the same for all patients.

    Parameters
    ----------
    count, width : int
        How many, of which width.
    """

    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(count, width) * width**-0.5)

    def forward(self, n: int) -> tuple[Tensor, Tensor]:
        """Return the queries of n patients, and that all of them are there."""
        queries = self.queries.expand(n, -1, -1)
        return queries, torch.ones(queries.shape[:2], dtype=torch.bool, device=queries.device)


def query_names(texts: TextSources, kind: str, of_lines: Sequence[str], of_knowledge: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the tokens that ask a modality of that kind."""
    known = of_knowledge if kind in texts.knowledge else ()
    return (*of_lines[: texts.lines], *known)
