"""Gene families and pathways: the tokens that methods for expression make of genes."""

import csv
import io
from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.plain_file import read_plain

from .damaged_files import told_in_one_line

# MCAT's six functional families (sets of MSigDB), SurvPath's Reactome and Hallmark pathways.
FILES = {
    "families": "tcga/gene_families.csv",
    "reactome": "tcga/reactome_pathways.csv",
    "hallmark": "tcga/hallmark_pathways.csv",
}

# The largest collection of MSigDB has some ten thousand sets.
MOST_SETS = 20_000
MOST_BYTES = 2**28


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
    if not path.exists():
        raise UsageError(f"{path} is missing: the gene sets come with the TCGA folder")
    with told_in_one_line(str(path)):
        table = list(csv.reader(io.StringIO(read_plain(path, MOST_BYTES).decode(), newline="")))
    if not table:
        raise UsageError(f"{path}: empty, one column a gene set is expected")
    header, *rows = table
    if len(header) > MOST_SETS:
        raise UsageError(f"{path}: {len(header)} columns, there are no more than {MOST_SETS} gene sets in a file")
    sets: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(header):
        genes = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        if not genes:
            raise UsageError(f"{path}: the gene set {name[:100]!r} has no gene")
        if name in sets:
            raise UsageError(f"{path}: the gene set {name[:100]!r} stands there twice")
        sets[name] = tuple(dict.fromkeys(genes))
    return sets
