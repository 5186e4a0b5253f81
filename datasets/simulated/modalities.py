"""What is shown of a simulated patient's scores: a table, a report, gene expression, patches and an image vector.

Each modality holds its score exactly, beside much that means nothing: a method that reads the modality perfectly
knows the score, so the truth of ``simulated_truth`` is a bound that can be reached.
"""

import numpy as np
import pandas as pd

from benchmarks.types import Bags, BoolArray, FloatArray, Matrix, Table, Texts

PATHWAYS, PATHWAY_GENES, BACKGROUND_GENES = 4, 20, 120
# Standard deviation of a gene around its pathway's activity.
GENE_NOISE = 1.0
# Offset and gain of the external site's platform.
EXTERNAL_PLATFORM = (1.0, 1.3)

PATCH_WIDTH = 32
FEWEST_PATCHES, MOST_PATCHES = 40, 80
PROGNOSTIC_SHARE = 0.05
# Column 0 tells the prognostic patches from the others, column 1 of these holds the score on average.
PATCH_SEPARATION = 8.0
# Column 0 stays within so much of its centre: the two kinds of patches never overlap.
PATCH_SPREAD = 3.0
EXTERNAL_STAIN = 1.5

IMAGE_WIDTH = 64
# So many columns of the image vector hold the score, in equal parts.
IMAGE_COLUMNS = 8

# Present and absent, in the words of the development and of the external site.
_FINDINGS = (
    (("High grade tumour.", "Low grade tumour."), ("Grade: poorly differentiated.", "Grade: well differentiated.")),
    (
        ("Lymphovascular invasion is seen.", "No lymphovascular invasion."),
        ("LVI: present.", "LVI: not identified."),
    ),
    (
        ("The resection margin is involved.", "The resection margin is free of tumour."),
        ("Margins: positive.", "Margins: negative."),
    ),
    (
        ("Metastasis in regional lymph nodes.", "Regional lymph nodes without metastasis."),
        ("Nodes: pN+.", "Nodes: pN0."),
    ),
    (
        ("Extensive tumour necrosis.", "No tumour necrosis."),
        ("Necrosis: extensive.", "Necrosis: none."),
    ),
)


def laboratory(score: FloatArray, site: str, rng: np.random.Generator) -> Table:
    """Return a clinical table: ``marker`` = 10 + 3 score; age, sex and centre mean nothing."""
    n = len(score)
    frame = pd.DataFrame({"age": np.round(rng.normal(65 if site == "external" else 60, 10, n), 1)})
    frame["marker"] = 10 + 3 * score
    frame["sex"] = pd.Categorical(rng.choice(["female", "male"], n), ["female", "male"])
    frame["centre"] = pd.Categorical(rng.choice(["A", "B", "C"], n), ["A", "B", "C"])
    return Table(frame)


def report(findings: BoolArray, present: BoolArray, site: str, rng: np.random.Generator) -> Texts:
    """Return pathology reports: a sentence a finding in random order, between sentences that mean nothing."""
    words = int(site == "external")
    texts = []
    for row, has_report in zip(findings, present, strict=True):
        sentences = [_FINDINGS[k][words][0 if found else 1] for k, found in enumerate(row)]
        side, weight = rng.choice(["left", "right"]), rng.integers(80, 900)
        sentences += [f"Specimen from the {side} side, {weight} g.", f"{rng.integers(3, 30)} blocks were submitted."]
        shuffled = [sentences[k] for k in rng.permutation(len(sentences))]
        texts.append(" ".join(shuffled) if has_report else "")
    return Texts(tuple(texts), present)


def expression(score: FloatArray, present: BoolArray, site: str, rng: np.random.Generator) -> Matrix:
    """Return 200 genes: four pathways of 20 that move together, the mean of the first being the score, and background.

    The external site's platform adds an offset and a gain. Patients without expression have NaN throughout.
    """
    n = len(score)
    activity = rng.normal(size=(n, PATHWAYS))
    activity[:, 0] = score
    noise = GENE_NOISE * rng.normal(size=(n, PATHWAYS, PATHWAY_GENES))
    noise[:, 0] -= noise[:, 0].mean(axis=1, keepdims=True)
    genes = np.hstack([(activity[:, :, None] + noise).reshape(n, -1), rng.normal(size=(n, BACKGROUND_GENES))])
    if site == "external":
        offset, gain = EXTERNAL_PLATFORM
        genes = offset + gain * genes
    genes[~present] = np.nan
    in_pathways = [f"P{p + 1}_GENE{g + 1:02d}" for p in range(PATHWAYS) for g in range(PATHWAY_GENES)]
    background = [f"GENE{g + 1:03d}" for g in range(BACKGROUND_GENES)]
    return Matrix(genes.astype(np.float32), (*in_pathways, *background), present)


def patches(score: FloatArray, site: str, rng: np.random.Generator) -> Bags:
    """Return bags of 40 to 80 patches, of which about 5 % (at least 2) are prognostic.

    Prognostic patches stand apart in column 0, and their mean in column 1 is the score; column 1 of all others, and
    all other columns, mean nothing. The external site's stain shifts the other columns.
    """
    bags = []
    for value in score:
        size = int(rng.integers(FEWEST_PATCHES, MOST_PATCHES + 1))
        bag = rng.normal(size=(size, PATCH_WIDTH))
        chosen = rng.choice(size, max(2, round(PROGNOSTIC_SHARE * size)), replace=False)
        bag[:, 0] = np.clip(bag[:, 0], -PATCH_SPREAD, PATCH_SPREAD)
        bag[chosen, 0] += PATCH_SEPARATION
        bag[chosen, 1] += value - bag[chosen, 1].mean()
        if site == "external":
            bag[:, 2:] += EXTERNAL_STAIN
        bags.append(bag.astype(np.float32))
    return Bags(bags, PATCH_WIDTH)


def magnetic_resonance(score: FloatArray, rng: np.random.Generator) -> Matrix:
    """Return an image vector of 64 columns, the sum of the first 8 over the square root of 8 being the score."""
    vectors = rng.normal(size=(len(score), IMAGE_WIDTH))
    held = vectors[:, :IMAGE_COLUMNS]
    held += (score / np.sqrt(IMAGE_COLUMNS) - held.mean(axis=1))[:, None]
    return Matrix(vectors.astype(np.float32), tuple(f"v{k + 1:02d}" for k in range(IMAGE_WIDTH)))
