"""Which columns of TCGA's molecular tables are of the genes of a set."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.catalog.loading import load_dataset
from benchmarks.types import Cohort, Matrix

Load = Callable[..., Cohort]

ROOT = Path(os.environ.get("BENCHMARKS_DATA") or "none")


@pytest.fixture
def with_families(folder: Path) -> Path:
    (folder / "tcga" / "gene_families.csv").write_text("One,Two,Three\nCCC,AAA,ZZZ\nAAA,,\nZZZ,,\n")
    return folder


def test_the_sets_of_a_file_are_columns_in_the_order_of_the_file(with_families: Path, load_drawn: Load) -> None:
    rna = load_drawn(with_families).patients.matrix("rna")
    assert rna.names == ("AAA", "BBB", "CCC")
    assert rna.column_sets == {"families": {"One": ("CCC", "AAA"), "Two": ("AAA",), "Three": ()}}


def test_copy_number_and_mutation_of_a_gene_are_both_in_its_set(with_families: Path, load_drawn: Load) -> None:
    mutations = load_drawn(with_families).patients.matrix("mutations")
    assert mutations.column_sets["families"]["One"] == ("AAA_cnv", "AAA_mut")


def test_without_the_files_there_are_no_sets(folder: Path, load_drawn: Load) -> None:
    assert load_drawn(folder).patients.matrix("rna").column_sets == {}


def test_a_choice_of_patients_keeps_the_sets(with_families: Path, load_drawn: Load) -> None:
    cohort = load_drawn(with_families)
    assert cohort[np.arange(3)].patients.matrix("rna").column_sets == cohort.patients.matrix("rna").column_sets


def test_another_list_of_genes_is_another_content(with_families: Path, load_drawn: Load) -> None:
    before = sha256_of_cohort(load_drawn(with_families))
    (with_families / "tcga" / "gene_families.csv").write_text("One,Two,Three\nCCC,AAA,ZZZ\n")
    assert sha256_of_cohort(load_drawn(with_families)) != before


def test_a_set_of_strange_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="set 'One' of 'families' has 'BBB', which is no column"):
        Matrix(np.zeros((2, 1)), ("AAA",), column_sets={"families": {"One": ("AAA", "BBB")}})


@pytest.mark.skipif(
    not (ROOT / "tcga" / "gene_families.csv").is_file(), reason="set BENCHMARKS_DATA to the folder of the TCGA tables"
)
@pytest.mark.parametrize(
    ("dataset", "modality", "columns", "in_families", "in_hallmark"),
    [("tcga-blca", "rna", 2814, 2814, 987), ("tcga-ucec", "mutations", 9072, 1589, 2139)],
)
def test_the_page_tells_how_much_of_the_sets_the_tables_hold(
    dataset: str, modality: str, columns: int, in_families: int, in_hallmark: int
) -> None:
    matrix = load_dataset(dataset).cohort.patients.matrix(modality)
    held = [len(set().union(*matrix.column_sets[which].values())) for which in ("families", "hallmark")]
    assert (len(matrix.names), *held) == (columns, in_families, in_hallmark)
