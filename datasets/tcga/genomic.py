"""Scores of the whole genome of TCGA patients: aneuploidy, microsatellite instability, mutation burden, hypoxia."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.types import Table

from .tables import PATIENT, numbers, read_strings, require_barcodes, require_unique

SCORES = "tcga/genomic_scores.csv.gz"
NUMBERS = (
    "aneuploidy",
    "fraction_genome_altered",
    "msi_mantis",
    "msi_sensor",
    "mutation_count",
    "tmb_nonsynonymous",
    "hypoxia_buffa",
    "hypoxia_ragnum",
    "hypoxia_winter",
)
SUBTYPE = "subtype"


def genomic_table(root: Path, ids: Sequence[str], *, subtype: bool) -> Table | None:
    """Return the genomic scores of patients, or None if there is no file of them.

    A column is there if at least two different values of it are known. The table has patients whom the clinical table
    does not have; they are left out.

    Parameters
    ----------
    root : Path
        Folder of the data.
    ids : sequence of str, length n
        The patients.
    subtype : bool
        Whether the molecular subtype is a column.

    Raises
    ------
    UsageError
        If the file is damaged, a column is missing, a patient stands there twice, or a score is no finite number; it
        names file and patient.
    """
    path = root / SCORES
    if not path.exists():
        return None
    everyone = read_strings(path, [PATIENT, *NUMBERS, SUBTYPE])
    require_unique(path, everyone[PATIENT].tolist())
    require_barcodes(path, everyone[PATIENT].tolist())
    found = everyone.set_index(PATIENT).reindex(list(ids), fill_value="").rename_axis(PATIENT).reset_index()
    columns = {name: pd.Series(numbers(path, found, name)) for name in NUMBERS}
    if subtype:
        columns[SUBTYPE] = found[SUBTYPE].where(found[SUBTYPE] != "")
    informative = pd.DataFrame({name: column for name, column in columns.items() if column.nunique() > 1})
    return Table(informative, informative.notna().any(axis=1).to_numpy()) if informative.size else None
