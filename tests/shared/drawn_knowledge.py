"""Drawn patients whose report names the group of genes, or the kind of regions, on which their hazard hangs."""

import numpy as np

from benchmarks.types import Bags, Cohort, FloatArray, Matrix, Modality, Outcome, Patients, Texts

NAMES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")
FILLERS = ("Specimen received in formalin.", "Sections show tumour.", "Several blocks were submitted.")
GENES = 4
BAG_WIDTH = 12
# Column of an instance that holds the value of its kind; the first six tell the kind.
VALUE = 8


def naming_reports(named: FloatArray, generator: np.random.Generator) -> Texts:
    """Return reports: one sentence names the part, the others say nothing."""
    texts = []
    for part in named:
        sentences = [*FILLERS, f"The tumour is driven by {NAMES[int(part)]}."]
        texts.append(" ".join(sentences[k] for k in generator.permutation(len(sentences))))
    return Texts(tuple(texts))


def named_genes(n: int, seed: int) -> tuple[Cohort, FloatArray]:
    """Return patients whose hazard hangs on the one of six groups of genes that the report names, and the true score.

    The regions tell nothing. Neither does a group by itself: of six patients five hang on another.
    """
    generator = np.random.default_rng(seed)
    values, named = generator.normal(size=(n, len(NAMES))), generator.integers(0, len(NAMES), n)
    genes = values[:, :, None] + 0.3 * generator.normal(size=(n, len(NAMES), GENES))
    columns = tuple(f"{name}{gene}" for name in NAMES for gene in range(GENES))
    sets = {name: tuple(f"{name}{gene}" for gene in range(GENES)) for name in NAMES}
    bags = [generator.normal(size=(5, BAG_WIDTH)).astype(np.float32) for _ in range(n)]
    modalities: dict[str, Modality] = {
        "rna": Matrix(genes.reshape(n, -1), columns, column_sets={"families": sets}),
        "wsi": Bags(bags, BAG_WIDTH),
        "text": naming_reports(named, generator),
    }
    score = values[np.arange(n), named]
    return _cohort(modalities, score, generator), score


def named_regions(n: int, instances: int, seed: int) -> tuple[Cohort, FloatArray]:
    """Return patients whose hazard hangs on the value of the one of six kinds of regions that the report names."""
    generator = np.random.default_rng(seed)
    values, named = generator.normal(size=(n, len(NAMES))), generator.integers(0, len(NAMES), n)
    bags = []
    for row in range(n):
        kinds = generator.permutation(np.arange(instances) % len(NAMES))
        bag = 0.3 * generator.normal(size=(instances, BAG_WIDTH))
        bag[np.arange(instances), kinds] += 3
        bag[:, VALUE] += values[row, kinds]
        bags.append(bag.astype(np.float32))
    modalities: dict[str, Modality] = {"wsi": Bags(bags, BAG_WIDTH), "text": naming_reports(named, generator)}
    score = values[np.arange(n), named]
    return _cohort(modalities, score, generator), score


def _cohort(modalities: dict[str, Modality], score: FloatArray, generator: np.random.Generator) -> Cohort:
    n = len(score)
    event_time = generator.exponential(size=n) * 20 * np.exp(-1.5 * score)
    censoring = generator.uniform(5, 100, n)
    outcome = Outcome(np.minimum(event_time, censoring) + 0.01, event_time <= censoring)
    ids = np.array([f"p{row}" for row in range(n)])
    return Cohort(Patients(ids, modalities), outcome, "months", disease="BLCA")
