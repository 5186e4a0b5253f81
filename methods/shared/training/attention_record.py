"""What is kept of the attention to the instances of a bag: how even it is, and which instances have the most."""

from collections.abc import Mapping

import numpy as np

from benchmarks.types import FloatArray, IntArray

# Instances of a patient that are kept.
TOP = 8

# Names of the states.
INSTANCES, ENTROPY = "instances", "attention_entropy"
TOP_INSTANCES, TOP_WEIGHTS = "top_instances", "top_weights"


def attention_record(attention: FloatArray, owner: IntArray, patients: int) -> dict[str, FloatArray]:
    """Return the states of n patients.

    Parameters
    ----------
    attention : array, shape (R,)
        Weights that sum to 1 over the instances of each patient.
    owner : array of int, shape (R,)
        Which of the n patients each instance is of, not decreasing.
    patients : int
        n.

    Returns
    -------
    dict
        ``instances`` (n, 1), how many the patient has; ``attention_entropy`` (n, 1) in nats, log m if all m
        instances have the same weight; ``top_instances`` (n, 8), their numbers within the bag, the largest weight
        first, -1 where there are fewer; ``top_weights`` (n, 8), 0 where there are fewer.
    """
    counts = np.bincount(owner, minlength=patients)
    ends = np.cumsum(counts)
    top, weights = np.full((patients, TOP), -1.0), np.zeros((patients, TOP))
    for row in np.flatnonzero(counts):
        own = attention[ends[row] - counts[row] : ends[row]]
        order = np.argsort(-own, kind="stable")[:TOP]
        top[row, : len(order)], weights[row, : len(order)] = order, own[order]
    surprise = -attention * np.log(np.where(attention > 0, attention, 1.0))
    entropy = np.bincount(owner, weights=surprise, minlength=patients)
    return {
        INSTANCES: counts[:, None].astype(np.float64),
        ENTROPY: entropy[:, None],
        TOP_INSTANCES: top,
        TOP_WEIGHTS: weights,
    }


def attention_diagnostics(states: Mapping[str, FloatArray]) -> dict[str, float]:
    """Return the mean evenness of attention, entropy / log m, over the patients with at least two instances.

    1: all instances of a patient count the same; 0: one alone. Nothing if nobody has two instances.
    """
    if ENTROPY not in states:
        return {}
    counts = states[INSTANCES][:, 0]
    several = counts > 1
    if not several.any():
        return {}
    return {"attention_evenness": float(np.mean(states[ENTROPY][several, 0] / np.log(counts[several])))}
