"""Which columns of a molecular table are of the genes of a family or pathway."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.types import Matrix

from ..readers.gene_sets import FILES, gene_sets

# In a table that has copy numbers and mutations side by side a column is a gene's symbol with one of these.
_ASSAYS = ("_cnv", "_mut")


def with_gene_sets(molecular: Mapping[str, Matrix | None], root: Path) -> dict[str, Matrix | None]:
    """Return the matrices with those collections of gene sets whose file is there.

    Parameters
    ----------
    molecular : mapping of str to Matrix or None
        By modality; the columns are named by gene, or by gene and assay.
    root : Path
        Folder of the data.
    """
    collections = {which: gene_sets(root, which) for which, file in FILES.items() if (root / file).exists()}
    return {name: None if matrix is None else _with_sets(matrix, collections) for name, matrix in molecular.items()}


def symbol_of(column: str) -> str:
    """Return the gene of a column."""
    for assay in _ASSAYS:
        column = column.removesuffix(assay)
    return column


def _with_sets(matrix: Matrix, collections: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Matrix:
    columns_of: dict[str, list[str]] = {}
    for column in matrix.names:
        columns_of.setdefault(symbol_of(column), []).append(column)
    found = {
        which: {
            name: tuple(column for gene in genes for column in columns_of.get(gene, ())) for name, genes in sets.items()
        }
        for which, sets in collections.items()
    }
    return replace(matrix, column_sets=found)
