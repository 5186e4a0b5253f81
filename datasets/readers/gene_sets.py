"""Gene families and pathways: the tokens that methods for expression make of genes."""

import csv
from pathlib import Path

from benchmarks.errors import UsageError

# MCAT's six functional families (sets of MSigDB), SurvPath's Reactome and Hallmark pathways.
FILES = {
    "families": "tcga/gene_families.csv",
    "reactome": "tcga/reactome_pathways.csv",
    "hallmark": "tcga/hallmark_pathways.csv",
}


def gene_sets(root: Path, which: str) -> dict[str, tuple[str, ...]]:
    """Return named sets of gene symbols, in the order of the file.

    Parameters
    ----------
    root : Path
        Folder of the data.
    which : {"families", "reactome", "hallmark"}
        6 functional families, 281 Reactome or 50 Hallmark pathways.

    Returns
    -------
    dict of str to tuple of str
        Genes of each set, each once, as in the file.

    Raises
    ------
    UsageError
        If there is no such collection, its file is missing, or a set is empty or stands there twice.
    """
    if which not in FILES:
        raise UsageError(f"gene sets {which!r}: there are {', '.join(FILES)}")
    path = root / FILES[which]
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing: the gene sets come with the TCGA folder") from None
    except ValueError:
        raise UsageError(f"{path}: empty, one column a gene set is expected") from None
    sets: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(header):
        genes = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        if not genes:
            raise UsageError(f"{path}: the gene set {name!r} has no gene")
        if name in sets:
            raise UsageError(f"{path}: the gene set {name!r} stands there twice")
        sets[name] = tuple(dict.fromkeys(genes))
    return sets
