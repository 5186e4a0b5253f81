"""How the attention to a bag is spread over its instances."""

import numpy as np
from matplotlib.axes import Axes

from benchmarks.types import Prediction


def draw_evenness(axis: Axes, prediction: Prediction) -> None:
    """Show entropy / log m of each patient with at least two instances against their number m, coloured by risk."""
    counts = np.asarray(prediction.states["instances"], dtype=np.float64)[:, 0]
    entropy = np.asarray(prediction.states["attention_entropy"], dtype=np.float64)[:, 0]
    several = counts > 1
    evenness = entropy[several] / np.log(counts[several])
    points = axis.scatter(counts[several], evenness, c=prediction.risk[several], cmap="viridis", s=14)
    axis.figure.colorbar(points, ax=axis, label="risk")
    axis.set(title="How even the attention is", xlabel="instances of the patient", xscale="log")
    axis.set(ylabel="entropy / log instances (1: even)", ylim=(0, 1.02))


def draw_top_shares(axis: Axes, prediction: Prediction) -> None:
    """Show which share of the attention the most attended instances have together, beside that of even attention."""
    counts = np.asarray(prediction.states["instances"], dtype=np.float64)[:, 0]
    weights = np.asarray(prediction.states["top_weights"], dtype=np.float64)[counts > 0]
    places = np.arange(1, weights.shape[1] + 1)
    even = np.minimum(places[None, :] / counts[counts > 0][:, None], 1.0)
    for name, shares, colour in (("attention", weights.cumsum(axis=1), "C0"), ("even", even, "0.5")):
        lower, middle, upper = np.percentile(shares, [25, 50, 75], axis=0)
        axis.plot(places, middle, marker="o", color=colour, label=name)
        axis.fill_between(places, lower, upper, color=colour, alpha=0.2, linewidth=0)
    axis.set(title="Share of the most attended instances", xlabel="instances, the largest weight first")
    axis.set(ylabel="share of the attention (median, quartiles)", ylim=(0, 1.02))
    axis.legend(frameon=False)


def has_attention(prediction: Prediction) -> bool:
    """Return whether a prediction holds the attention of a patient."""
    return "instances" in prediction.states and bool((prediction.states["instances"] > 0).any())
