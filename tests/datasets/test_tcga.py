"""The TCGA adapter on a drawn folder in its layout: no line of it is a patient's."""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.datasets.tcga import load
from benchmarks.datasets.tcga_survival import BASELINE, LEAKING

from benchmarks.errors import UsageError
from benchmarks.loading import load_dataset
from benchmarks.types import Cohort

Edit = Callable[[pd.DataFrame], pd.DataFrame]

# Drawn barcodes: letters that the source does not use for its tissue sites.
BLCA = [f"TCGA-ZZ-B{row:03d}" for row in range(12)]
GBM = [f"TCGA-ZZ-G{row:03d}" for row in range(5)]
LGG = [f"TCGA-ZZ-L{row:03d}" for row in range(6)]
EVERYONE = [*BLCA, *GBM, *LGG]


def _clinical() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = len(EVERYONE)
    frame = pd.DataFrame({"patient_id": EVERYONE, "cancer": ["BLCA"] * 12 + ["GBM"] * 5 + ["LGG"] * 6})
    frame["age_at_initial_pathologic_diagnosis"] = rng.integers(40, 80, n).astype(str)
    frame["gender"] = rng.choice(["MALE", "FEMALE"], n)
    frame["ajcc_pathologic_tumor_stage"] = [["Stage II", "Stage III", "[Not Available]"][row % 3] for row in range(n)]
    frame["clinical_stage"] = "[Not Applicable]"
    frame["histological_type"] = [["one kind", "another kind"][row % 2] for row in range(n)]
    frame["histological_grade"] = [*["High Grade", "Low Grade"] * 6, *["[Not Available]"] * 5, *["G2", "G3"] * 3]
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


def _write(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)


def _expression(ids: list[str], genes: list[str], seed: int = 1) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(len(ids), len(genes)))
    return pd.concat([pd.Series(ids, name="patient_id"), pd.DataFrame(values, columns=genes)], axis=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write twelve bladder cancers and eleven gliomas in the layout of the shared data."""
    tables: Mapping[str, pd.DataFrame] = {
        "cdr": _clinical(),
        "reports": pd.DataFrame(
            {"patient_id": EVERYONE[:-2], "text": [f"Tumor number {i}, grade 3.\nFree margins." for i in range(21)]}
        ),
        "rna_z_blca": _expression(BLCA[:10], ["AAA", "BBB", "CCC"]),
        "rna_z_gbmlgg": _expression([*GBM[:4], *LGG], ["BBB", "CCC", "DDD"], seed=2),
        "rna_log2tpm_blca": _expression(BLCA[:3], ["XXX"]),
        "cnv_mut_blca": _expression(BLCA[:4], ["AAA_cnv", "AAA_mut"]).round(),
        "llm_text": pd.DataFrame(
            [
                (BLCA[0], "report_summary", "gpt-4o-mini-2024-07-18", "A short one."),
                (BLCA[1], "report_summary", "Llama-3.1-8B-Instruct", "Another hand."),
                (BLCA[1], "report_summary_human_corrected", "Llama-3.1-8B-Instruct", "A corrected hand."),
                (BLCA[2], "prognosis_rationale", "gpt-4o-2024-08-06", "Likely to survive."),
            ],
            columns=["patient_id", "kind", "model", "text"],
        ),
        "splits_5fold": pd.DataFrame(
            [
                ("blca", fold, part, BLCA[i])
                for i in range(10)
                for fold in range(5)
                for part in [("train", "val")[i % 5 == fold]]
            ],
            columns=["cohort", "fold", "set", "patient_id"],
        ),
    }
    for name, frame in tables.items():
        _write(tmp_path / "tcga" / f"{name}.csv.gz", frame)
    _write(tmp_path / "tcga_wsi_hif" / "hif_blca.csv.gz", _expression(BLCA[5:], ["AREA_HE", "COUNT_HE"]))
    return tmp_path


def _load(root: Path, cohort: str = "BLCA", **options: Any) -> Cohort:
    defaults = {
        "endpoint": "OS",
        "expression": "z",
        "refiner": "gpt-4o-mini-2024-07-18",
        "teacher": "gpt-4o-2024-08-06",
        "redacted": "keep",
    }
    return load(root, cohort, **{**defaults, **options})


def _change(folder: Path, name: str, edit: Edit) -> Path:
    path = folder / "tcga" / f"{name}.csv.gz"
    edit(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
    return path


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


def _present(cohort: Cohort) -> dict[str, int]:
    return {name: int(modality.present.sum()) for name, modality in cohort.patients.modalities.items()}


def test_patients_who_lack_a_modality_stay_with_a_mask(folder: Path) -> None:
    cohort = _load(folder)
    assert cohort.patients.ids.tolist() == BLCA
    assert _present(cohort) == {
        "clinical": 12,
        "rna": 10,
        "mutations": 4,
        "hif": 7,
        "text": 12,
        "summary": 1,
        "rationale": 1,
        "sentences": 12,
    }
    rna = cohort.patients.matrix("rna")
    assert rna.names == ("AAA", "BBB", "CCC")
    assert np.isnan(rna.values[10:]).all()
    assert cohort.patients.matrix("hif").names == ("AREA", "COUNT")
    assert cohort.strata is None


def test_rows_are_joined_by_patient_not_by_place(folder: Path) -> None:
    before = _load(folder).patients
    for name in ("rna_z_blca", "reports", "cnv_mut_blca", "splits_5fold"):
        _change(folder, name, lambda frame: frame.iloc[::-1])
    after = _load(folder).patients
    np.testing.assert_array_equal(before.matrix("rna").values, after.matrix("rna").values)
    np.testing.assert_array_equal(before.matrix("mutations").values, after.matrix("mutations").values)
    assert before.texts().texts == after.texts().texts


def test_the_endpoint_decides_who_is_in(folder: Path) -> None:
    _change(folder, "cdr", _set(0, "DSS", ""))
    _change(folder, "cdr", _set(1, "DSS.time", "0"))
    _change(folder, "cdr", _set(2, "DSS.time", ""))
    assert _load(folder).patients.ids.tolist() == BLCA
    assert _load(folder, endpoint="DSS").patients.ids.tolist() == BLCA[3:]


def test_an_endpoint_that_nobody_has_is_an_error_that_says_so(folder: Path) -> None:
    _change(folder, "cdr", lambda frame: frame.assign(DFI=""))
    with pytest.raises(UsageError, match="nobody with BLCA has a known DFI with a time > 0; use another endpoint"):
        _load(folder, endpoint="DFI")


def test_both_gliomas_have_the_cancer_type_as_covariate_and_stratum(folder: Path) -> None:
    cohort = _load(folder, "GBMLGG")
    assert cohort.strata is not None
    assert cohort.strata.tolist() == ["GBM"] * 5 + ["LGG"] * 6
    table = cohort.patients.table().frame
    assert table["cancer"].tolist() == cohort.strata.tolist()
    assert table["grade"].tolist() == [4.0] * 5 + [2.0, 3.0] * 3
    assert _present(cohort)["rna"] == 10


def test_one_glioma_finds_its_expression_in_the_table_of_both(folder: Path) -> None:
    both, one = _load(folder, "GBMLGG").patients.matrix("rna"), _load(folder, "GBM").patients.matrix("rna")
    np.testing.assert_array_equal(one.values, both.values[:5])
    assert one.present.tolist() == [True] * 4 + [False]


def test_all_types_together_share_the_genes_that_every_table_has(folder: Path) -> None:
    cohort = _load(folder, "PANCANCER")
    assert len(cohort) == len(EVERYONE)
    assert cohort.patients.matrix("rna").names == ("BBB", "CCC")
    assert _present(cohort)["rna"] == 20
    assert "mutations" not in cohort.patients.modalities
    assert cohort.published_fold is None


def test_a_further_cohort_works_once_its_table_is_there(folder: Path) -> None:
    assert "rna" in _load(folder, "LGG").patients.modalities
    _write(folder / "tcga" / "rna_z_lgg.csv.gz", _expression(LGG[:2], ["NEW"]))
    assert _load(folder, "LGG").patients.matrix("rna").names == ("NEW",)


def test_the_table_of_expression_is_an_option(folder: Path) -> None:
    assert _load(folder, expression="log2tpm").patients.matrix("rna").names == ("XXX",)
    assert "rna" not in _load(folder, expression="xena").patients.modalities


@pytest.mark.parametrize(
    ("refiner", "patient", "text"),
    [
        ("gpt-4o-mini-2024-07-18", 0, "A short one."),
        ("Llama-3.1-8B-Instruct", 1, "Another hand."),
        ("Llama-3.1-8B-Instruct, corrected", 1, "A corrected hand."),
    ],
)
def test_summaries_are_of_one_refiner_alone(folder: Path, refiner: str, patient: int, text: str) -> None:
    summary = _load(folder, refiner=refiner).patients.texts("summary")
    assert np.flatnonzero(summary.present).tolist() == [patient]
    assert summary.texts[patient] == text


def test_the_published_fold_is_the_one_whose_validation_set_has_the_patient(folder: Path) -> None:
    fold = _load(folder).published_fold
    assert fold is not None
    assert fold.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, -1, -1]
    assert _load(folder, "LGG").published_fold is None


def test_redacted_patients_are_kept_unless_dropped(folder: Path) -> None:
    _change(folder, "cdr", _set(3, "Redaction", "Redacted"))
    assert len(_load(folder)) == 12
    assert _load(folder, redacted="drop").patients.ids.tolist() == [*BLCA[:3], *BLCA[4:]]


def test_slides_of_the_cohort_are_bags_and_others_are_left_aside(folder: Path) -> None:
    slides = folder / "tcga_wsi" / "blca"
    slides.mkdir(parents=True)
    for name in (f"{BLCA[0]}-01Z-00-DX1", f"{BLCA[0]}-01Z-00-DX2", f"{BLCA[5]}-01Z-00-DX1"):
        np.save(slides / f"{name}.npy", np.ones((3, 4), dtype=np.float16))
    _change(folder, "cdr", _set(5, "OS", ""))
    bags = _load(folder).patients.bags("wsi")
    assert np.flatnonzero(bags.present).tolist() == [0]
    assert bags[0].shape == (6, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"endpoint": "death"}, "endpoint 'death': TCGA has OS, DSS, DFI, PFI"),
        ({"expression": "raw"}, "expression 'raw': TCGA has z, log2tpm, xena"),
        ({"refiner": "me"}, "refiner 'me': TCGA has summaries by gpt-4o-mini"),
        ({"teacher": "me"}, "teacher 'me': TCGA has rationales by gpt-4o-2024-08-06"),
        ({"redacted": "no"}, "redacted 'no': either keep or drop"),
        ({"cohort": "XYZ"}, "TCGA has no cancer type 'XYZ'; it has: BLCA, GBM, LGG"),
    ],
)
def test_a_value_that_an_option_does_not_have_is_told(folder: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _load(folder, **options)


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
    ],
)
def test_bad_data_is_named_by_file_and_patient(folder: Path, table: str, edit: Edit, message: str) -> None:
    _change(folder, table, edit)
    with pytest.raises(UsageError, match=message):
        _load(folder)


def test_patients_may_share_their_mutations(folder: Path) -> None:
    _change(folder, "cnv_mut_blca", _genes_of_row(3, 2))
    assert _present(_load(folder))["mutations"] == 4


@pytest.mark.parametrize("table", ["cdr", "reports", "rna_z_blca", "llm_text", "splits_5fold"])
def test_a_cut_file_is_named(folder: Path, table: str) -> None:
    path = folder / "tcga" / f"{table}.csv.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UsageError, match=rf"{table}\.csv\.gz: damaged, get it again"):
        _load(folder)


def test_a_file_that_is_not_compressed_or_has_a_short_row_is_named(folder: Path) -> None:
    path = folder / "tcga" / "reports.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("patient_id,text\nonly one value\n")
    with pytest.raises(UsageError, match=r"reports\.csv\.gz: not a valid table"):
        _load(folder)
    path.write_text("patient_id,text\n")
    with pytest.raises(UsageError, match=r"reports\.csv\.gz: damaged"):
        _load(folder)


def test_a_slide_of_no_known_patient_and_one_of_another_width_are_named(folder: Path) -> None:
    slides = folder / "tcga_wsi" / "blca"
    slides.mkdir(parents=True)
    stranger = slides / "TCGA-ZZ-0000-01Z-00-DX1.npy"
    np.save(stranger, np.ones((3, 4), dtype=np.float16))
    with pytest.raises(UsageError, match=r"TCGA-ZZ-0000-01Z-00-DX1\.npy: a slide of no known patient"):
        _load(folder)
    stranger.unlink()
    np.save(slides / f"{BLCA[0]}-01Z-00-DX1.npy", np.ones((3, 4), dtype=np.float16))
    np.save(slides / f"{BLCA[1]}-01Z-00-DX1.npy", np.ones((3, 5), dtype=np.float16))
    with pytest.raises(UsageError, match=rf"\(patient {BLCA[1]}\): patches of width 5"):
        _load(folder)


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
    with pytest.raises(UsageError, match="tcga-blca: loaded 12 patients with 6 events, the card says 410 with 180"):
        load_dataset("tcga-blca")


def test_what_is_read_and_what_leaks_have_nothing_in_common() -> None:
    assert not set(BASELINE) & set(LEAKING)
