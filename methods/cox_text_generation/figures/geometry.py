"""How much of the risk lies in the student's hidden states: numbers, and a map to look at.

A map of t-SNE shows groups and gradients even where there are none, so it stands beside numbers, and both beside those
of an untrained model, which already tells patients apart by what they have in common.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.errors import UsageError
from benchmarks.types import Float32Array, FloatArray

NEIGHBOURS = 10
PERPLEXITY = 30
COMPONENTS = 50
PROBE_FOLDS = 5
PENALTIES = np.logspace(-3, 4, 15)

# Fewer patients have no neighbourhoods of this size to speak of.
FEWEST_PATIENTS = 3 * PERPLEXITY + 1


@dataclass(frozen=True, slots=True, eq=False)
class LatentGeometry:
    """Where n patients lie, and how far that tells their risk.

    Parameters
    ----------
    points : array, shape (n, 2)
        Their places on the map.
    neighbour_r2 : float
        Share of the risk's variance explained by the mean risk of a patient's 10 nearest neighbours in the raw state,
        the patient excluded: 1 - sum (r_i - m_i)^2 / sum (r_i - mean r)^2.
    probe_r2 : float
        The same share by a ridge regression on the state, predicted in 5 folds for patients it was not fitted on.
    trustworthiness : float
        How far the 10 nearest neighbours on the map are neighbours in the raw state, 1 at best (Venna & Kaski 2001).
    """

    points: FloatArray
    neighbour_r2: float
    probe_r2: float
    trustworthiness: float


def latent_geometry(states: Float32Array, risk: FloatArray) -> LatentGeometry:
    """Measure and map the states of patients the model was not trained on.

    Parameters
    ----------
    states : array, shape (n, d)
        Last hidden state at the last token of the prompt.
    risk : array, shape (n,)
        The teacher's risk.

    Raises
    ------
    UsageError
        If there are too few patients, or all risks are equal.
    """
    if len(states) < FEWEST_PATIENTS:
        raise UsageError(
            f"{len(states)} patients are too few for a map of neighbourhoods; {FEWEST_PATIENTS} are needed"
        )
    if np.ptp(risk) == 0:
        raise UsageError("all risks are equal: there is nothing to find in the states")
    wide = np.asarray(states, dtype=np.float64)
    points = tsne_map(wide)
    return LatentGeometry(
        points,
        neighbour_r2(wide, risk),
        probe_r2(wide, risk),
        float(trustworthiness(wide, points, n_neighbors=NEIGHBOURS)),
    )


def tsne_map(states: FloatArray) -> FloatArray:
    """Return the map: PCA to at most 50 dimensions, then t-SNE (van der Maaten & Hinton 2008), perplexity 30."""
    components = min(COMPONENTS, *states.shape)
    reduced = PCA(components, random_state=0).fit_transform(states)
    points: FloatArray = TSNE(perplexity=PERPLEXITY, init="pca", random_state=0).fit_transform(reduced)
    return np.asarray(points, dtype=np.float64)


def neighbour_r2(states: FloatArray, risk: FloatArray) -> float:
    """Return the share of the risk's variance that a patient's neighbours explain."""
    # Asked without arguments, the neighbours of the fitted patients leave out each patient itself.
    near = KNeighborsRegressor(NEIGHBOURS).fit(states, risk).kneighbors(return_distance=False)
    return float(r2_score(risk, risk[near].mean(1)))


def probe_r2(states: FloatArray, risk: FloatArray) -> float:
    """Return the share of the risk's variance that a linear probe explains on rows it has not seen."""
    probe = make_pipeline(StandardScaler(), RidgeCV(PENALTIES))
    folds = KFold(PROBE_FOLDS, shuffle=True, random_state=0)
    return float(r2_score(risk, cross_val_predict(probe, states, risk, cv=folds)))
