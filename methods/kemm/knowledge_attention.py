"""Knowledge looks at the instances of a bag, or at the tokens of genes, with several heads."""

import torch
from torch import Tensor, nn

from methods.shared.layers.packed_bags import PackedBags


class KnowledgeAttention(nn.Module):
    """A = softmax(LN(Q) W_q (LN(F) W_k)' / sqrt(d / h)), Z = Q + (A F W_v) W_o, then Z + FFN(LN(Z)).

    Q are tokens of knowledge, F what is looked at. However many of these there are, as many tokens come out as ask.

    Parameters
    ----------
    width : int
        d, of queries and keys.
    heads : int
        h; divides the width.
    dropout : float
        Of the hidden nodes of FFN.
    feed_forward : int
        Hidden nodes of FFN as a multiple of the width.
    """

    def __init__(self, width: int, heads: int, dropout: float, feed_forward: int) -> None:
        super().__init__()
        self.heads = heads
        self.of_queries, self.of_keys, self.after = (nn.LayerNorm(width) for _ in range(3))
        self.query, self.key, self.value, self.output = (nn.Linear(width, width, bias=False) for _ in range(4))
        hidden = feed_forward * width
        self.feed_forward = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, width)
        )

    def forward(self, queries: Tensor, keys: PackedBags) -> tuple[Tensor, Tensor]:
        """Return what the queries found, and where they looked.

        Parameters
        ----------
        queries : Tensor, shape (n, T, d)
            Of n patients.
        keys : PackedBags
            R rows of width d of the same patients.

        Returns
        -------
        found : Tensor, shape (n, T, d)
            Of a patient without keys it is what the query becomes by itself.
        weights : Tensor, shape (R, T)
            Mean over the heads; they sum to 1 over the keys of each patient.
        """
        asking = self._by_head(self.query(self.of_queries(queries)))
        looked_at = self._by_head(self.key(self.of_keys(keys.instances))[None])[0]
        values = self._by_head(self.value(keys.instances)[None])[0]
        sizes: list[int] = torch.bincount(keys.owner, minlength=keys.patients).tolist()
        found, weights = [], []
        # Patient by patient: a softmax over the patient's own keys, without a padding to the longest bag.
        for own, key, value in zip(
            asking, torch.split(looked_at, sizes, 1), torch.split(values, sizes, 1), strict=True
        ):
            of_patient = (own @ key.transpose(1, 2) / own.shape[2] ** 0.5).softmax(dim=2)
            found.append((of_patient @ value).transpose(0, 1).flatten(1))
            weights.append(of_patient.mean(dim=0).T)
        z = queries + self.output(torch.stack(found))
        return z + self.feed_forward(self.after(z)), torch.cat(weights)

    def _by_head(self, tokens: Tensor) -> Tensor:
        """Return tokens (n, t, d) by head, (n, h, t, d / h)."""
        n, count, width = tokens.shape
        return tokens.reshape(n, count, self.heads, width // self.heads).transpose(1, 2)


def packed_tokens(tokens: Tensor, present: Tensor) -> PackedBags:
    """Return the tokens of n patients, (n, T, d), of which some are missing, (n, T), as bags."""
    owner, _ = present.nonzero(as_tuple=True)
    return PackedBags(tokens[present], owner, len(present))


def joined(one: PackedBags, other: PackedBags) -> PackedBags:
    """Return the bags of the same patients in one: of each patient the rows of the first, then those of the other."""
    owner = torch.cat([one.owner, other.owner])
    order = torch.argsort(owner, stable=True)
    return PackedBags(torch.cat([one.instances, other.instances])[order], owner[order], one.patients)
