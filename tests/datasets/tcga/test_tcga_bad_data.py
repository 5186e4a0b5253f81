"""The TCGA adapter on a drawn folder with faults: each is told by option, file and patient."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.errors import UsageError
from benchmarks.types import Cohort

Load = Callable[..., Cohort]
Change = Callable[..., Path]
Edit = Callable[[pd.DataFrame], pd.DataFrame]

# Drawn barcodes: letters that the source does not use for its tissue sites.
BLCA = [f"TCGA-ZZ-B{row:03d}" for row in range(12)]
GBM = [f"TCGA-ZZ-G{row:03d}" for row in range(5)]


def _set(row: int, column: str, value: str) -> Edit:
    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return edit


def _genes_of_row(row: int, source: int | None) -> Edit:
    """Give a row the values of another one, or none at all."""

    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        genes = frame.columns[1:]
        frame.loc[row, genes] = "" if source is None else frame.loc[source, genes]
        return frame

    return edit


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"endpoint": "death"}, "endpoint 'death': TCGA has OS, DSS, DFI, PFI"),
        ({"expression": "raw"}, "expression 'raw': TCGA has z, log2tpm, xena"),
        ({"refiner": "me"}, "refiner 'me': TCGA has summaries by gpt-4o-mini"),
        ({"teacher": "me"}, "teacher 'me': TCGA has rationales by gpt-4o-2024-08-06"),
        ({"redacted": "no"}, "redacted 'no': either keep or drop"),
        ({"cohort": "XYZ"}, "TCGA has no cancer type 'XYZ'; it has: BLCA, COAD, GBM, LGG, READ"),
    ],
)
def test_a_value_that_an_option_does_not_have_is_told(
    folder: Path, options: dict[str, str], message: str, load_drawn: Load
) -> None:
    with pytest.raises(UsageError, match=message):
        load_drawn(folder, **options)


@pytest.mark.parametrize(
    ("table", "edit", "message"),
    [
        ("cdr", _set(4, "OS.time", "-3"), rf"cdr\.csv\.gz: patient {BLCA[4]}: OS\.time is -3, it must not be negative"),
        ("cdr", _set(4, "OS.time", "long"), rf"patient {BLCA[4]}: OS\.time is 'long', not a number"),
        ("cdr", _set(4, "OS", "2"), rf"patient {BLCA[4]}: OS is 2, it must be 0 or 1"),
        ("cdr", _set(4, "patient_id", BLCA[3]), rf"cdr\.csv\.gz: patient {BLCA[3]} stands there 2 times"),
        ("cdr", lambda frame: frame.drop(columns="gender"), r"cdr\.csv\.gz: column 'gender' is missing"),
        ("cdr", _set(4, "ajcc_pathologic_tumor_stage", "Stage V"), rf"patient {BLCA[4]}: ajcc.* is 'Stage V', a form"),
        ("cdr", _set(4, "age_at_initial_pathologic_diagnosis", "640"), rf"patient {BLCA[4]}: age.* is '640', a form"),
        ("reports", _set(4, "patient_id", BLCA[3]), rf"reports\.csv\.gz: patient {BLCA[3]} stands there 2 times"),
        ("reports", _set(4, "patient_id", "TCGA-ZZ-0000"), r"patient TCGA-ZZ-0000 is not in the clinical table"),
        ("reports", lambda frame: frame.drop(columns="text"), "column 'text' is missing"),
        ("rna_z_blca", _set(4, "BBB", "high"), rf"rna_z_blca\.csv\.gz: patient {BLCA[4]}: BBB is 'high', not a number"),
        ("rna_z_blca", _set(4, "BBB", "inf"), rf"patient {BLCA[4]}: BBB is infinite"),
        ("rna_z_blca", _set(4, "patient_id", BLCA[3]), rf"patient {BLCA[3]} stands there 2 times"),
        ("rna_z_blca", _set(4, "patient_id", "TCGA-ZZ-0000"), "patient TCGA-ZZ-0000 is not in the clinical table"),
        ("rna_z_blca", lambda frame: frame.drop(columns="patient_id"), "column 'patient_id' is missing"),
        (
            "rna_z_blca",
            _genes_of_row(4, None),
            rf"patient {BLCA[4]}: every value is missing",
        ),
        (
            "rna_z_blca",
            _genes_of_row(4, 3),
            rf"patients {BLCA[3]} and {BLCA[4]} have the same values throughout",
        ),
        (
            "splits_5fold",
            lambda frame: pd.concat([frame, pd.DataFrame([("blca", "1", "val", BLCA[0])], columns=frame.columns)]),
            rf"splits_5fold\.csv\.gz: patient {BLCA[0]} stands there 2 times",
        ),
        (
            "splits_5fold_more",
            lambda frame: pd.concat([frame, pd.DataFrame([("blca", "1", "val", BLCA[0])], columns=frame.columns)]),
            rf"splits_5fold_more\.csv\.gz: patient {BLCA[0]} stands there 2 times",
        ),
        ("splits_5fold", _set(0, "fold", "first"), rf"patient {BLCA[0]}: fold is 'first', not a number"),
        ("genomic_scores", _set(1, "aneuploidy", "much"), rf"scores.*: patient {BLCA[1]}: aneuploidy is 'much', not"),
        ("genomic_scores", _set(1, "msi_sensor", "inf"), rf"patient {BLCA[1]}: msi_sensor is 'inf', not a number"),
        ("genomic_scores", _set(1, "patient_id", BLCA[0]), rf"scores.*: patient {BLCA[0]} stands there 2 times"),
        ("genomic_scores", _set(1, "patient_id", "17"), r"scores\.csv\.gz: patient '17' is no TCGA patient"),
        (
            "genomic_scores",
            lambda frame: frame.drop(columns="subtype"),
            r"scores\.csv\.gz: column 'subtype' is missing",
        ),
    ],
)
def test_bad_data_is_named_by_file_and_patient(
    folder: Path, table: str, edit: Edit, message: str, load_drawn: Load, change: Change
) -> None:
    change(folder, table, edit)
    with pytest.raises(UsageError, match=message):
        load_drawn(folder)


@pytest.mark.parametrize(
    ("table", "edit", "message"),
    [
        ("tcga/cna_pancancer", _set(12, "AAA", "lost"), rf"cna_.*: patient {GBM[2]}: AAA is 'lost', not a number"),
        ("tcga/cna_pancancer", _set(12, "patient_id", ""), r"cna_pancancer\.csv\.gz: patient '' is no TCGA patient"),
        ("tcga/mut_pancancer", _set(1, "patient_id", BLCA[1]), rf"mut_.*: patient {BLCA[1]} stands there 2 times"),
        (
            "tcga/mut_pancancer",
            lambda frame: frame.drop(columns="patient_id"),
            "mut_.*: column 'patient_id' is missing",
        ),
        ("tcga_mri_brats/mri_radiomics_gbmlgg", _set(1, "VOLUME", "inf"), rf"mri_.*: patient {GBM[1]}: VOLUME is inf"),
        (
            "tcga_mri_brats/mri_radiomics_gbmlgg",
            _genes_of_row(1, None),
            rf"mri_.*: patient {GBM[1]}: every value is mi",
        ),
    ],
)
def test_bad_pan_cancer_and_mri_tables_are_named_by_file_and_patient(
    folder: Path, table: str, edit: Edit, message: str, load_drawn: Load, change: Change
) -> None:
    change(folder, f"../{table}", edit)
    with pytest.raises(UsageError, match=message):
        load_drawn(folder, "GBMLGG")


def test_a_fault_in_a_row_of_another_cohort_does_not_hold_this_one_up(
    folder: Path, load_drawn: Load, change: Change
) -> None:
    change(folder, "cna_pancancer", _set(0, "AAA", "lost"))
    assert load_drawn(folder, "GBMLGG").patients.matrix("cna").present.sum() == 8


def test_patients_may_share_their_mutations(folder: Path, load_drawn: Load, change: Change) -> None:
    change(folder, "cnv_mut_blca", _genes_of_row(3, 2))
    assert load_drawn(folder).patients.matrix("mutations").present.sum() == 4


@pytest.mark.parametrize("table", ["cdr", "reports", "rna_z_blca", "llm_text", "splits_5fold", "genomic_scores"])
def test_a_cut_file_is_named(folder: Path, table: str, load_drawn: Load) -> None:
    path = folder / "tcga" / f"{table}.csv.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UsageError, match=rf"{table}\.csv\.gz: damaged, get it again"):
        load_drawn(folder)


def test_a_file_that_is_not_compressed_or_has_a_short_row_is_named(folder: Path, load_drawn: Load) -> None:
    path = folder / "tcga" / "reports.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("patient_id,text\nonly one value\n")
    with pytest.raises(UsageError, match=r"reports\.csv\.gz: not a valid table"):
        load_drawn(folder)
    path.write_text("patient_id,text\n")
    with pytest.raises(UsageError, match=r"reports\.csv\.gz: damaged"):
        load_drawn(folder)


def test_a_slide_of_no_known_patient_and_one_of_another_width_are_named(folder: Path, load_drawn: Load) -> None:
    slides = folder / "tcga_wsi" / "blca"
    slides.mkdir(parents=True)
    stranger = slides / "TCGA-ZZ-0000-01Z-00-DX1.npy"
    np.save(stranger, np.ones((3, 4), dtype=np.float16))
    with pytest.raises(UsageError, match=r"TCGA-ZZ-0000-01Z-00-DX1\.npy: a slide of no known patient"):
        load_drawn(folder, wsi="files")
    stranger.unlink()
    np.save(slides / f"{BLCA[0]}-01Z-00-DX1.npy", np.ones((3, 4), dtype=np.float16))
    np.save(slides / f"{BLCA[1]}-01Z-00-DX1.npy", np.ones((3, 5), dtype=np.float16))
    with pytest.raises(UsageError, match=rf"\(patient {BLCA[1]}\): patches of width 5"):
        load_drawn(folder, wsi="files")


@pytest.mark.parametrize("absent", ["cdr", "reports"])
def test_an_absent_file_is_named_with_the_way_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setenv("BENCHMARKS_DATA", str(folder))
    (folder / "tcga" / f"{absent}.csv.gz").unlink()
    with pytest.raises(
        UsageError,
        match=rf"tcga-blca: .*{absent}\.csv\.gz is missing; get it with: python -m benchmarks data fetch tcga",
    ):
        load_dataset("tcga-blca")


def test_other_sizes_than_the_card_tells_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHMARKS_DATA", str(folder))
    with pytest.raises(
        UsageError, match="tcga-blca: loaded 12 patients with 6 events, the card says 410 patients with 180 events"
    ):
        load_dataset("tcga-blca")
