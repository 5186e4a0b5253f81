"""The figures that the method was proposed with, on the published folds of real cohorts, trained on all other folds."""

import os
from pathlib import Path

import numpy as np
import pytest

import metrics
from benchmarks.catalog.loading import load_dataset
from benchmarks.protocol.splits import splits_of
from benchmarks.types import Context
from methods.evidence_cox import BlockCox, Config

REAL = Path(os.environ.get("BENCHMARKS_DATA") or "none")
TIMES = np.linspace(0.0, 1000.0, 5)

# Harrell's C within type, mean of the five published folds.
CLINICAL = {"tcga-luad": 0.671, "tcga-hnsc": 0.616}
CLINICAL_AND_GENES = {
    "tcga-blca": 0.684,
    "tcga-brca": 0.770,
    "tcga-gbmlgg": 0.822,
    "tcga-luad": 0.698,
    "tcga-kirc": 0.803,
    "tcga-lusc": 0.582,
}


def concordance(dataset: str, workdir: Path, *modalities: str) -> float:
    cohort = load_dataset(dataset).cohort.only(*modalities)
    found = []
    for split in splits_of(cohort, "published", folds=5, repeats=1, seed=0):
        merged = split.merge_validation()
        method = BlockCox(Config())
        method.fit(cohort[merged.train], cohort[merged.validation], Context(seed=0, workdir=workdir))
        test = cohort[merged.test]
        risk = method.predict(test.patients, TIMES).risk
        found.append(float(metrics.concordance_index(test.outcome.time, test.outcome.event, risk, strata=test.strata)))
    return float(np.mean(found))


@pytest.mark.long
@pytest.mark.skipif(not (REAL / "tcga").is_dir(), reason="set BENCHMARKS_DATA to the folder of the TCGA tables")
@pytest.mark.parametrize(
    ("dataset", "modalities", "published"),
    [(name, ("clinical",), value) for name, value in CLINICAL.items()]
    + [(name, ("clinical", "rna"), value) for name, value in CLINICAL_AND_GENES.items()],
)
def test_the_published_concordance_is_reached(
    dataset: str, modalities: tuple[str, ...], published: float, tmp_path: Path
) -> None:
    assert concordance(dataset, tmp_path, *modalities) == pytest.approx(published, abs=0.01)
