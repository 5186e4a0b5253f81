"""Expression, copy number, mutations, H&E and MRI features of TCGA patients: files found by the cohort's name."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Matrix

from .survival import PANCANCER, UNIONS
from .tables import MolecularTable, read_molecular

# What stands for ``<cohort>`` in these names is the cancer type or union in lower case.
EXPRESSION = {
    "z": "tcga/rna_z_{cohort}.csv.gz",
    "log2tpm": "tcga/rna_log2tpm_{cohort}.csv.gz",
    "xena": "tcga/rna_xena_{cohort}.csv.gz",
}
GENOME = "tcga/cnv_mut_{cohort}.csv.gz"
PANCANCER_COPIES = "tcga/cna_pancancer.csv.gz"
PANCANCER_MUTATIONS = "tcga/mut_pancancer.csv.gz"
HIF = "tcga_wsi_hif/hif_{cohort}.csv.gz"
MRI = "tcga_mri_brats/mri_radiomics_{cohort}.csv.gz"

# The slide preparation ends the names of the H&E features; without it they are the same in every cohort.
_PREPARATIONS = ("_HE", "_FFPE")


def molecular_matrix(
    root: Path,
    pattern: str,
    cohort: str,
    cancers: Sequence[str],
    ids: Sequence[str],
    known: frozenset[str],
    *,
    rename: Callable[[str], str] = str,
    strangers: bool = False,
) -> Matrix | None:
    """Return the numbers of a cohort's patients, or None if no file of it is there.

    Parameters
    ----------
    root : Path
        Folder of the data.
    pattern : str
        Name of the files, with ``{cohort}``.
    cohort : str
        Name of the cohort.
    cancers : sequence of str
        Its cancer types. A type without a file of its own is looked for in the file of a union.
    ids : sequence of str, length n
        Patients of the cohort.
    known : frozenset of str
        Every TCGA patient.
    rename : callable
        Applied to the columns' names.
    strangers : bool
        Whether a file may have patients who are not known; they are left out.

    Returns
    -------
    Matrix or None
        Of several files, the columns that all have, but those of which no patient of the cohort has a value; rows of
        NaN, and not present, for patients in no file.
    """
    row_of = {patient: row for row, patient in enumerate(ids)}
    tables = [
        read_molecular(path, known, row_of, strangers=strangers)
        for path in files_of_cohort(root, pattern, cohort, cancers)
    ]
    if not tables:
        return None
    columns = [[rename(name) for name in table.names] for table in tables]
    shared = set(columns[0]).intersection(*columns[1:])
    names = tuple(name for name in columns[0] if name in shared)
    if not names:
        raise UsageError(f"{tables[-1].path}: no column in common with {tables[0].path}")
    values = np.full((len(ids), len(names)), np.nan, dtype=np.float32)
    present = np.zeros(len(ids), dtype=np.bool_)
    for table, of_table in zip(tables, columns, strict=True):
        rows = np.array([row_of[patient] for patient in table.ids], dtype=np.int64)
        _refuse_doubled(table, rows, present, ids)
        place_of = {name: place for place, name in enumerate(of_table)}
        places = [place_of[name] for name in names]
        # The usual case, one table, is spared a copy of all its values.
        values[rows] = table.values if places == [*range(len(of_table))] else table.values[:, places]
        present[rows] = True
    if not present.any():
        return None
    # In the table of a union a column may have values of the other cancer types alone.
    seen = np.flatnonzero((~np.isnan(values[present])).any(axis=0))
    if len(seen) == len(names):
        return Matrix(values, names, present)
    return Matrix(values[:, seen], tuple(names[place] for place in seen), present)


def genome(
    root: Path, cohort: str, cancers: Sequence[str], ids: Sequence[str], known: frozenset[str]
) -> dict[str, Matrix | None]:
    """Return the copy numbers (``cna``) and the mutations (``mutations``) of a cohort's patients.

    A cohort with a table of its own has both in ``mutations``, as its publication used them; the pan-cancer tables,
    which agree with it, would say the same a second time. The other cohorts have the two parts of the pan-cancer
    tables: whoever is in one need not be in the other.
    """
    if cohort != PANCANCER:
        own = molecular_matrix(root, GENOME, cohort, cancers, ids, known)
        if own is not None:
            return {"mutations": own}
    return {
        name: molecular_matrix(root, path, cohort, cancers, ids, known, strangers=True)
        for name, path in (("cna", PANCANCER_COPIES), ("mutations", PANCANCER_MUTATIONS))
    }


def hif_name(name: str) -> str:
    """Return the name of an H&E feature without the slide preparation it ends in."""
    for ending in _PREPARATIONS:
        name = name.removesuffix(ending)
    return name


def files_of_cohort(root: Path, pattern: str, cohort: str, cancers: Sequence[str]) -> list[Path]:
    """Return the files that cover a cohort: its own, else each cancer type's own, else that of a union with it."""

    def path_of(name: str) -> Path:
        return root / pattern.format(cohort=name.lower())

    if path_of(cohort).exists():
        return [path_of(cohort)]
    found: list[Path] = []
    for cancer in cancers:
        candidates = [cancer, *(union for union, members in UNIONS.items() if cancer in members)]
        found += [path for path in map(path_of, candidates) if path.exists()][:1]
    return list(dict.fromkeys(found))


def _refuse_doubled(
    table: MolecularTable, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]", present: object, ids: Sequence[str]
) -> None:
    doubled = rows[np.asarray(present)[rows]]
    if doubled.size:
        raise UsageError(f"{table.path}: patient {ids[doubled[0]]} is in another cohort's file too")
