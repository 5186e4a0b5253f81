"""Tables of publications: their addresses at a fixed commit, and how they become the adapter's."""

import zipfile
from pathlib import Path

import pandas as pd

from .conversion import WrongContentError, first_line, require_columns, require_unique, write_table

PORPOISE = "https://github.com/mahmoodlab/PORPOISE/raw/3390dc40e15995ba852d7a561faf0e996cf20501/datasets_csv_mutsig/"
MCAT = "https://github.com/mahmoodlab/MCAT/raw/b9cca63be83c67de7f95308d54a58f80b78b0da1/datasets_csv_sig/"
# Cohorts whose table in MCAT has more genes than that in PORPOISE.
OF_MCAT = ("BLCA", "LUAD")
SIGNATURES = "tcga_{cohort}_all_clean.csv.zip"
EXPRESSION_SUFFIX = "_rnaseq"

MRI = "https://github.com/jveenland/TM10007_ML_Project/raw/f0230abb95fdf6111270c693dcfad7ea0f1a983a/brats/"
MRI_FILES = ("TCGA_GBM_radiomicFeatures.csv", "TCGA_LGG_radiomicFeatures.csv")

_KATHER = "https://github.com/KatherLab/cancer-metadata/tree/d77b1bae2549a8a312681c7e3e41c0fd954481cd/tcga"
_ONE_ROW = "patient_id (the first 12 characters of the barcode) and one column"
# Part: the file, with {cohort} where there is one per cohort, and what to do for it.
BY_HAND = {
    "cna": (
        "tcga/cna_pancancer.csv.gz",
        f"join the files tcga-cna-part*.txt of {_KATHER} by SAMPLE_ID, leave out samples that are NP throughout, and "
        f"write {_ONE_ROW} per gene, -2 to 2",
    ),
    "mutations": (
        "tcga/mut_pancancer.csv.gz",
        f"join the files tcga-mutations-part*.txt of {_KATHER} by SAMPLE_ID, leave out samples that are not profiled, "
        f"and write {_ONE_ROW} per gene, 0 for WT and 1 for anything else",
    ),
    "genomic": (
        "tcga/genomic_scores.csv.gz",
        f"take subtype, aneuploidy, fraction of genome altered, MSI, mutation and hypoxia scores of the PanCancer "
        f"Atlas studies from {_KATHER} or https://www.cbioportal.org/datasets and write {_ONE_ROW} per score, as in "
        "docs/datasets/fetch.md",
    ),
    "folds": (
        "tcga/splits_5fold.csv.gz",
        "of splits/5foldcv/tcga_<cohort>/splits_<fold>.csv in https://github.com/mahmoodlab/PORPOISE and MCAT write "
        "cohort, fold (0-4), set (train or val), patient_id",
    ),
    "wsi": (
        "tcga_wsi_hipt/bags_{cohort}.npz",
        "get the tensors of the cohort's diagnostic slides from https://github.com/mahmoodlab/HIPT/tree/"
        "c22f0ecf40fe6bba965e7c79d48808d1cf6a66c8/3-Self-Supervised-Eval/embeddings_slide_lib/"
        "vit256mean_tcga_slide_embeddings into a folder and pack it: python -m benchmarks data pack-bags",
    ),
}


def signatures_of(cohort: str) -> str:
    """Return the address of the folder that has a cohort's table."""
    return MCAT if cohort in OF_MCAT else PORPOISE


def convert_signatures(archive: Path, made: Path) -> None:
    """Write the expression z-scores of a PORPOISE or MCAT table with one row per patient.

    The source has one row per slide, all of a patient alike: columns that end in ``_rnaseq`` are kept, without the
    ending, genes and patients sorted, 4 significant digits.

    Raises
    ------
    WrongContentError
        If the archive is damaged or another one, or two rows of a patient differ.
    """
    try:
        frame = pd.read_csv(archive, compression="zip", low_memory=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise WrongContentError(f"{archive}: cannot be read as a zipped table: {first_line(error)}") from None
    require_columns(archive, frame, ["case_id"])
    genes = sorted(name for name in map(str, frame) if name.endswith(EXPRESSION_SUFFIX))
    if not genes:
        raise WrongContentError(f"{archive}: no column ends in {EXPRESSION_SUFFIX}: it has no expression")
    values = frame[genes].rename(columns=lambda name: name.removesuffix(EXPRESSION_SUFFIX))
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in values.dtypes):
        raise WrongContentError(f"{archive}: an expression value is no number")
    values.insert(0, "patient_id", frame["case_id"].astype(str).str.slice(0, 12))
    one_each = values.drop_duplicates().sort_values("patient_id")
    require_unique(archive, one_each["patient_id"])
    rounded = one_each.set_index("patient_id").map(lambda value: float(f"{value:.4g}"))
    write_table(rounded.reset_index(), made)


def convert_mri(gbm: Path, lgg: Path, made: Path) -> None:
    """Write the radiomic features of both gliomas as one table with one row per patient, the day of the scan left out.

    Raises
    ------
    WrongContentError
        If a file is damaged or another one, or the two have other columns.
    """
    frames: list[pd.DataFrame] = []
    for path in (gbm, lgg):
        try:
            frame = pd.read_csv(path)
        except (ValueError, OSError) as error:
            raise WrongContentError(f"{path}: cannot be read as a table: {first_line(error)}") from None
        require_columns(path, frame, ["ID", "Date"])
        frame = frame.drop(columns="Date").rename(columns={"ID": "patient_id"})
        if frames and list(frame) != list(frames[0]):
            raise WrongContentError(f"{path}: other columns than {gbm.name}")
        if not all(pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes[1:]):
            raise WrongContentError(f"{path}: it holds something else than numbers")
        frames.append(frame)
    joined = pd.concat(frames, ignore_index=True).sort_values("patient_id")
    require_unique(lgg, joined["patient_id"])
    write_table(joined, made)
