"""Where tokens of genes look: how even their attention is, and which instances three patients' tokens choose."""

from collections.abc import Mapping

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from benchmarks.types import FloatArray, IntArray, Prediction
from methods.shared.training.attention_record import INSTANCES
from methods.shared.training.token_attention_record import TokenAttention

# Tokens and instances that a figure shows; of more, those that differ most.
MOST_TOKENS, MOST_INSTANCES = 30, 15


def label_of(token: str) -> str:
    """Return the name of a token as it stands in a figure."""
    return token.replace("HALLMARK_", "").replace("_", " ")


def evenness_of(token: TokenAttention, counts: FloatArray) -> FloatArray:
    """Return entropy / log m of those of n patients who have m >= 2 instances that the token attends to."""
    several = (counts > 1) & (token.share > 0)
    evenness: FloatArray = token.entropy[several] / np.log(counts[several])
    return evenness


def least_even(tokens: Mapping[str, TokenAttention], counts: FloatArray) -> list[str]:
    """Return the names of the tokens, the least even one first; at most 30."""
    middle = {}
    for name, token in tokens.items():
        evenness = evenness_of(token, counts)
        if len(evenness):
            middle[name] = float(np.median(evenness))
    return sorted(middle, key=lambda name: middle[name])[:MOST_TOKENS]


def draw_evenness_of_tokens(axis: Axes, tokens: Mapping[str, TokenAttention], counts: FloatArray) -> None:
    """Show how even the attention of each token is within the bags, the least even one first."""
    names = least_even(tokens, counts)
    axis.boxplot([evenness_of(tokens[name], counts) for name in names], orientation="horizontal", showfliers=False)
    axis.set_yticks(range(1, len(names) + 1), [label_of(name) for name in names], fontsize=7)
    axis.invert_yaxis()
    shown = f"the {len(names)} least even of {len(tokens)}" if len(names) < len(tokens) else "all tokens"
    axis.set(title=f"How even they look at the bag\n({shown})")
    axis.set(xlabel="entropy / log instances (1: even)")
    sns.despine(ax=axis)


def draw_weights(axis: Axes, weights: FloatArray, names: list[str], title: str, xlabel: str) -> None:
    """Show the weights of tokens, shape (n, T), of the patients who have any; the largest median first."""
    of_anyone = weights[weights.sum(axis=1) > 0]
    order = np.argsort(-np.median(of_anyone, axis=0), kind="stable")[:MOST_TOKENS]
    axis.boxplot([of_anyone[:, token] for token in order], orientation="horizontal", showfliers=False)
    axis.set_yticks(range(1, len(order) + 1), [label_of(names[token]) for token in order], fontsize=7)
    axis.axvline(1 / len(names), color="0.6", linestyle="--", linewidth=1)
    axis.invert_yaxis()
    axis.set(title=title, xlabel=xlabel)
    sns.despine(ax=axis)


def examples(prediction: Prediction, counts: FloatArray) -> dict[str, int]:
    """Return three patients with a bag by what they are: of the highest, the middle and the lowest risk."""
    having = np.flatnonzero(counts > 0)
    order = having[np.argsort(-prediction.risk[having], kind="stable")]
    return {"highest risk": int(order[0]), "median risk": int(order[len(order) // 2]), "lowest risk": int(order[-1])}


def chosen_instances(tokens: Mapping[str, TokenAttention], row: int) -> tuple[IntArray, FloatArray]:
    """Return the instances of a patient that tokens give their largest weights, and these weights.

    Returns
    -------
    instances : array of int, shape (k,)
        Numbers within the bag, at most 15, those with the largest sum of weights, in their order.
    weights : array, shape (T, k)
        NaN where an instance is not among the token's three.
    """
    total: dict[int, float] = {}
    for token in tokens.values():
        for instance, weight in zip(token.instances[row].astype(int), token.weights[row], strict=True):
            if instance >= 0:
                total[instance] = total.get(instance, 0.0) + weight
    instances = np.sort(np.array(sorted(total, key=lambda one: -total[one])[:MOST_INSTANCES], dtype=np.int64))
    weights = np.full((len(tokens), len(instances)), np.nan)
    for place, token in enumerate(tokens.values()):
        for instance, weight in zip(token.instances[row].astype(int), token.weights[row], strict=True):
            weights[place, instances == instance] = weight
    return instances, weights


def draw_chosen_instances(
    axis: Axes, tokens: Mapping[str, TokenAttention], counts: FloatArray, row: int, title: str
) -> None:
    """Show which instances of a patient the tokens choose: weights as multiples of an even weight."""
    instances, weights = chosen_instances(tokens, row)
    names = [label_of(name) for name in tokens]
    sns.heatmap(
        weights * counts[row],
        cmap="viridis",
        xticklabels=instances.tolist(),
        yticklabels=names,
        cbar_kws={"label": "weight / even weight"},
        ax=axis,
    )
    axis.tick_params(labelsize=7)
    axis.set(title=f"{title}: {int(counts[row])} instances", xlabel="instance of the bag")


def instance_counts(prediction: Prediction) -> FloatArray:
    """Return the number of instances that the tokens of n patients attend to, shape (n,)."""
    return np.asarray(prediction.states[INSTANCES], dtype=np.float64)[:, 0]
