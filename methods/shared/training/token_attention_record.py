"""What is kept of the attention of tokens, such as gene families, to the instances of a bag: a few numbers a token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.types import Float32Array, FloatArray, IntArray
from methods.shared.training.attention_record import ENTROPY, TOP_INSTANCES, TOP_WEIGHTS, attention_record

# Instances of a patient that are kept for each token.
TOP = 3

PREFIX = "token "


@dataclass(frozen=True, slots=True, eq=False)
class TokenAttention:
    """The attention of one token in n patients.

    Parameters
    ----------
    share : array, shape (n,)
        Of its attention that goes to the bag: 1 where it attends to nothing else, 0 without a bag.
    entropy : array, shape (n,)
        Within the bag, in nats: log m if all m instances have the same weight.
    instances : array, shape (n, 3)
        Numbers of the instances with the largest weights, -1 where there are fewer.
    weights : array, shape (n, 3)
        Their weights within the bag.
    """

    share: FloatArray
    entropy: FloatArray
    instances: FloatArray
    weights: FloatArray


def token_attention_record(
    attention: FloatArray, owner: IntArray, patients: int, names: Sequence[str]
) -> dict[str, FloatArray]:
    """Return the states of n patients.

    Parameters
    ----------
    attention : array, shape (R, T)
        Weights of R instances for T tokens; over the instances of a patient they sum to what the token gives the bag.
    owner : array of int, shape (R,)
        Which of the n patients each instance is of, not decreasing.
    patients : int
        n.
    names : sequence of str, length T
        Of the tokens.

    Returns
    -------
    dict
        Those of ``attention_record`` for the mean of the tokens that attend to the bag (a patient without any is as
        one without a bag); and, for each token, ``token <name>`` (n, 8): the fields of ``TokenAttention`` side by
        side.
    """
    shares = np.zeros((patients, len(names)))
    np.add.at(shares, owner, attention)
    within = attention / np.where(shares > 0, shares, 1.0)[owner]
    attending = (shares > 0).sum(axis=1)
    attended = attending[owner] > 0
    mean = within[attended].sum(axis=1) / attending[owner[attended]]
    states = attention_record(mean, owner[attended], patients)
    for token, name in enumerate(names):
        attended = shares[owner, token] > 0
        of_token = attention_record(within[attended, token], owner[attended], patients)
        columns = (
            shares[:, [token]],
            of_token[ENTROPY],
            of_token[TOP_INSTANCES][:, :TOP],
            of_token[TOP_WEIGHTS][:, :TOP],
        )
        states[PREFIX + name] = np.concatenate(columns, axis=1)
    return states


def attention_of_tokens(states: Mapping[str, Float32Array]) -> dict[str, TokenAttention]:
    """Return what was kept of each token by name, in their order."""
    kept = {name.removeprefix(PREFIX): state for name, state in states.items() if name.startswith(PREFIX)}
    found = {}
    for name, state in kept.items():
        values = np.asarray(state, dtype=np.float64)
        found[name] = TokenAttention(values[:, 0], values[:, 1], values[:, 2 : 2 + TOP], values[:, 2 + TOP :])
    return found
