"""Drawn patients with expression in gene sets and bags, some of whom lack one or the other."""

from dataclasses import replace

import numpy as np
import torch
from benchmarks.datasets.simulated.adapter import load

from benchmarks.types import Bags, Cohort, FloatArray, Matrix, Outcome, Patients
from methods.shared.layers.packed_bags import PackedBags

SETS = {f"P{p}": tuple(f"P{p}_GENE{g + 1:02d}" for g in range(20)) for p in range(1, 5)}


def with_sets(matrix: Matrix) -> Matrix:
    """Return simulated expression with its four pathways as families and as Hallmark sets."""
    return replace(matrix, column_sets={"families": SETS, "hallmark": SETS})


def incomplete_cohort(n: int = 160) -> Cohort:
    """Return patients with clinical covariates, of whom about a third have no expression and a third no bag."""
    drawn = load("missing", n=n, seed=0, effect=1.0, missing_share=0.3).only("clinical", "rna", "wsi")
    bags = drawn.patients.bags("wsi")
    there = np.random.default_rng(0).random(n) < 0.7
    modalities = {
        **drawn.patients.modalities,
        "rna": with_sets(drawn.patients.matrix("rna")),
        "wsi": Bags(bags.source, bags.width, present=there),
    }
    return Cohort(Patients(drawn.patients.ids, modalities), drawn.outcome, "months")


def planted(n: int, instances: int, marked: int, seed: int) -> tuple[Cohort, FloatArray, FloatArray]:
    """Return patients whose hazard hangs on a few marked instances, the true score, and which instances are marked.

    Column 0 is 4 higher in the marked instances, the mean of their column 1 is the score. Genes tell nothing.
    """
    generator = np.random.default_rng(seed)
    score = generator.normal(size=n)
    bags, marks = [], np.zeros((n, instances))
    for row, value in enumerate(score):
        bag = generator.normal(size=(instances, 8)).astype(np.float32)
        chosen = generator.choice(instances, marked, replace=False)
        bag[chosen, 0] += 4
        bag[chosen, 1] += value - bag[chosen, 1].mean()
        marks[row, chosen] = 1
        bags.append(bag)
    event_time = generator.exponential(size=n) * 20 * np.exp(-1.5 * score)
    censoring = generator.uniform(5, 100, n)
    outcome = Outcome(np.minimum(event_time, censoring) + 0.01, event_time <= censoring)
    names = tuple(gene for genes in SETS.values() for gene in genes[:2])
    sets = {name: genes[:2] for name, genes in SETS.items()}
    genes = Matrix(generator.normal(size=(n, len(names))), names, column_sets={"families": sets, "hallmark": sets})
    modalities = {"rna": genes, "wsi": Bags(bags, 8)}
    return Cohort(Patients(np.array([f"p{row}" for row in range(n)]), modalities), outcome, "months"), score, marks


def packed(sizes: list[int], width: int, seed: int = 0) -> PackedBags:
    """Return drawn bags of some sizes."""
    generator = torch.Generator().manual_seed(seed)
    owner = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    return PackedBags(torch.randn(sum(sizes), width, generator=generator), owner, len(sizes))


def rows_of(bags: PackedBags, patient: int) -> PackedBags:
    """Return the bag of one patient alone."""
    own = bags.instances[bags.owner == patient]
    return PackedBags(own, torch.zeros(len(own), dtype=torch.int64), 1)
