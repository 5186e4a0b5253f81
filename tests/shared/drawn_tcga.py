"""A drawn folder in the layout of the TCGA data: no line of it is a patient's."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.datasets.tcga.genomic import NUMBERS
from benchmarks.datasets.tcga.survival import LEAKING


def barcodes(letter: str, patients: int) -> list[str]:
    """Return drawn barcodes: of a tissue site that the source does not use."""
    return [f"TCGA-ZZ-{letter}{row:03d}" for row in range(patients)]


GBM = barcodes("G", 5)
LGG = barcodes("L", 6)
COAD = barcodes("C", 4)
READ = barcodes("R", 4)
# Whom the clinical table does not have: tables made of all samples have some.
STRANGER = "TCGA-ZZ-S000"


def write_drawn_tcga(root: Path, bladder: int = 12) -> Path:
    """Write so many bladder (12 at least) and eight bowel cancers and eleven gliomas as the adapter reads them."""
    blca = barcodes("B", bladder)
    everyone = [*blca, *COAD, *READ, *GBM, *LGG]
    in_pancancer = [*blca[:6], *COAD, *GBM, *LGG[:3], STRANGER]
    tables: Mapping[str, pd.DataFrame] = {
        "cdr": clinical(everyone, ["BLCA"] * bladder + ["COAD"] * 4 + ["READ"] * 4 + ["GBM"] * 5 + ["LGG"] * 6),
        "reports": pd.DataFrame(
            {
                "patient_id": everyone[:-2],
                "text": [f"Tumor number {i}, grade 3.\nFree margins." for i in range(len(everyone) - 2)],
            }
        ),
        "rna_z_blca": expression(blca[:10], ["AAA", "BBB", "CCC"]),
        "rna_z_gbmlgg": expression([*GBM[:4], *LGG], ["BBB", "CCC", "DDD"], seed=2),
        "rna_z_coadread": expression([*COAD, *READ[:2]], ["BBB", "CCC", "EEE"], seed=3),
        "rna_log2tpm_blca": expression(blca[:3], ["XXX"]),
        "cnv_mut_blca": expression(blca[:4], ["AAA_cnv", "AAA_mut"]).round(),
        "cna_pancancer": calls(in_pancancer, ["AAA", "BBB"], lowest=-2, highest=2),
        "mut_pancancer": calls(in_pancancer[1:], ["AAA", "CCC"], lowest=0, highest=1),
        "genomic_scores": genomic_scores(in_pancancer),
        "llm_text": pd.DataFrame(
            [
                (blca[0], "report_summary", "gpt-4o-mini-2024-07-18", "A short one."),
                (blca[1], "report_summary", "Llama-3.1-8B-Instruct", "Another hand."),
                (blca[1], "report_summary_human_corrected", "Llama-3.1-8B-Instruct", "A corrected hand."),
                (blca[2], "prognosis_rationale", "gpt-4o-2024-08-06", "Likely to survive."),
            ],
            columns=["patient_id", "kind", "model", "text"],
        ),
        "splits_5fold": pd.DataFrame(
            [
                ("blca", fold, part, blca[i])
                for i in range(10)
                for fold in range(5)
                for part in [("train", "val")[i % 5 == fold]]
            ],
            columns=["cohort", "fold", "set", "patient_id"],
        ),
        "splits_5fold_more": pd.DataFrame(
            [("coadread", i % 2, "val", patient) for i, patient in enumerate([*COAD, *READ[:2]])],
            columns=["cohort", "fold", "set", "patient_id"],
        ),
    }
    for name, frame in tables.items():
        write_table(root / "tcga" / f"{name}.csv.gz", frame)
    write_table(
        root / "tcga_mri_brats" / "mri_radiomics_gbmlgg.csv.gz",
        expression([*GBM[:2], *LGG[1:3], STRANGER], ["VOLUME", "TEXTURE"], seed=4),
    )
    write_table(root / "tcga_wsi_hif" / "hif_blca.csv.gz", expression(blca[5:], ["AREA_HE", "COUNT_HE"]))
    return root


def clinical(ids: list[str], cancers: list[str]) -> pd.DataFrame:
    """Draw the clinical table."""
    rng = np.random.default_rng(0)
    n = len(ids)
    no_grade = ("[Not Available]",) * 2
    grades = {"BLCA": ("High Grade", "Low Grade"), "LGG": ("G3", "G2")}
    frame = pd.DataFrame({"patient_id": ids, "cancer": cancers})
    frame["age_at_initial_pathologic_diagnosis"] = rng.integers(40, 80, n).astype(str)
    frame["gender"] = rng.choice(["MALE", "FEMALE"], n)
    frame["ajcc_pathologic_tumor_stage"] = [["Stage II", "Stage III", "[Not Available]"][row % 3] for row in range(n)]
    frame["clinical_stage"] = "[Not Applicable]"
    frame["histological_type"] = [["one kind", "another kind"][row % 2] for row in range(n)]
    frame["histological_grade"] = [grades.get(cancer, no_grade)[row % 2] for row, cancer in enumerate(cancers)]
    frame["menopause_status"] = "[Not Available]"
    frame["margin_status"] = ""
    frame["residual_tumor"] = ""
    for column in LEAKING:
        frame[column] = ""
    for endpoint in ("OS", "DSS", "DFI", "PFI"):
        frame[endpoint] = [str(row % 2) for row in range(n)]
        frame[f"{endpoint}.time"] = rng.integers(30, 3000, n).astype(str)
    frame["Redaction"] = ""
    return frame


def expression(ids: list[str], genes: list[str], seed: int = 1) -> pd.DataFrame:
    """Draw a table of patients and genes."""
    values = np.random.default_rng(seed).normal(size=(len(ids), len(genes)))
    return pd.concat([pd.Series(ids, name="patient_id"), pd.DataFrame(values, columns=genes)], axis=1)


def calls(ids: list[str], genes: list[str], *, lowest: int, highest: int) -> pd.DataFrame:
    """Draw whole numbers of patients and genes."""
    values = np.random.default_rng(5).integers(lowest, highest + 1, size=(len(ids), len(genes)))
    return pd.concat([pd.Series(ids, name="patient_id"), pd.DataFrame(values, columns=genes)], axis=1)


def genomic_scores(ids: list[str]) -> pd.DataFrame:
    """Draw the table of genomic scores; nobody has a hypoxia score."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"patient_id": ids, "subtype": [("one", "", "another")[row % 3] for row in range(len(ids))]})
    for name in NUMBERS:
        frame[name] = "" if name.startswith("hypoxia") else rng.integers(1, 40, len(ids)).astype(str)
    return frame


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as the adapter reads it, compressed if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        frame.to_csv(path, index=False, compression={"method": "gzip", "compresslevel": 1})
    else:
        frame.to_csv(path, index=False)


def change_table(folder: Path, name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """Edit a table of a folder, all values strings."""
    path = folder / "tcga" / f"{name}.csv.gz"
    write_table(path, edit(pd.read_csv(path, dtype=str, keep_default_na=False)))
    return path
