"""New patients: a table of their covariates, a cohort file, or a registered dataset. Nobody needs an outcome."""

import importlib
from collections.abc import Mapping
from pathlib import Path

from benchmarks.catalog.loading import load_dataset
from benchmarks.errors import UsageError
from benchmarks.models.reads import Numbers, ReadModality, ReadTable
from benchmarks.types import Patients

TABLES = (".csv", ".tsv", ".txt", ".parquet", ".gz")


def read_patients(source: str, reads: Mapping[str, ReadModality], identifier: str) -> Patients:
    """Return patients without their outcome.

    Parameters
    ----------
    source : str
        A table with a row per patient, for methods that read the clinical table alone; a cohort file (``.toml``), whose
        columns of time and event need not be there; or the name of a registered dataset.
    reads : mapping of str to ReadModality
        What the method reads.
    identifier : str
        Column of the table that has the patients' identifiers.

    Raises
    ------
    UsageError
        If it cannot be read, or a value is wrong; it names file, row, column and patient.
    """
    path = Path(source)
    own = importlib.import_module("benchmarks.datasets.cohort_file.new_patients")
    patients: Patients
    if path.suffix == ".toml":
        patients = own.patients_of_cohort_file(path)
        return patients
    if path.suffix not in TABLES:
        return load_dataset(source).cohort.patients
    table = reads.get("clinical")
    if set(reads) - {"clinical"} or not (table is None or isinstance(table, ReadTable)):
        raise UsageError(
            f"--input {source}: the model reads {', '.join(reads)}: describe them in a cohort file (docs/own_cohort.md)"
        )
    kinds = {column.name: isinstance(column, Numbers) for column in table.columns} if table is not None else {}
    patients = own.patients_of_table(path, identifier, kinds)
    return patients
