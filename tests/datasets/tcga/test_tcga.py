"""The TCGA adapter on a drawn folder: who is in, and what is known of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.datasets.tcga.genomic import NUMBERS
from benchmarks.datasets.tcga.survival import BASELINE, LEAKING

from benchmarks.errors import UsageError
from benchmarks.types import Cohort

Load = Callable[..., Cohort]
Change = Callable[..., Path]
Edit = Callable[[pd.DataFrame], pd.DataFrame]

# Drawn barcodes: letters that the source does not use for its tissue sites.
BLCA = [f"TCGA-ZZ-B{row:03d}" for row in range(12)]
GBM = [f"TCGA-ZZ-G{row:03d}" for row in range(5)]
LGG = [f"TCGA-ZZ-L{row:03d}" for row in range(6)]
COAD = [f"TCGA-ZZ-C{row:03d}" for row in range(4)]
READ = [f"TCGA-ZZ-R{row:03d}" for row in range(4)]


def _set(row: int, column: str, value: str) -> Edit:
    def edit(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return edit


def _present(cohort: Cohort) -> dict[str, int]:
    return {name: int(modality.present.sum()) for name, modality in cohort.patients.modalities.items()}


def test_patients_who_lack_a_modality_stay_with_a_mask(folder: Path, load_drawn: Load) -> None:
    cohort = load_drawn(folder)
    assert cohort.patients.ids.tolist() == BLCA
    assert _present(cohort) == {
        "clinical": 12,
        "rna": 10,
        "mutations": 4,
        "genomic": 6,
        "hif": 7,
        "text": 12,
        "facts": 12,
        "summary": 1,
        "rationale": 1,
        "sentences": 12,
    }
    rna = cohort.patients.matrix("rna")
    assert rna.names == ("AAA", "BBB", "CCC")
    assert np.isnan(rna.values[10:]).all()
    assert cohort.patients.matrix("hif").names == ("AREA", "COUNT")
    assert cohort.strata is None


def test_rows_are_joined_by_patient_not_by_place(folder: Path, load_drawn: Load, change: Change) -> None:
    before = load_drawn(folder).patients
    for name in ("rna_z_blca", "reports", "cnv_mut_blca", "splits_5fold"):
        change(folder, name, lambda frame: frame.iloc[::-1])
    after = load_drawn(folder).patients
    np.testing.assert_array_equal(before.matrix("rna").values, after.matrix("rna").values)
    np.testing.assert_array_equal(before.matrix("mutations").values, after.matrix("mutations").values)
    assert before.texts().texts == after.texts().texts


def test_the_endpoint_decides_who_is_in(folder: Path, load_drawn: Load, change: Change) -> None:
    change(folder, "cdr", _set(0, "DSS", ""))
    change(folder, "cdr", _set(1, "DSS.time", "0"))
    change(folder, "cdr", _set(2, "DSS.time", ""))
    assert load_drawn(folder).patients.ids.tolist() == BLCA
    assert load_drawn(folder, endpoint="DSS").patients.ids.tolist() == BLCA[3:]


def test_an_endpoint_that_nobody_has_is_an_error_that_says_so(folder: Path, load_drawn: Load, change: Change) -> None:
    change(folder, "cdr", lambda frame: frame.assign(DFI=""))
    with pytest.raises(UsageError, match="nobody with BLCA has a known DFI with a time > 0; use another endpoint"):
        load_drawn(folder, endpoint="DFI")


def test_both_gliomas_have_the_cancer_type_as_covariate_and_stratum(folder: Path, load_drawn: Load) -> None:
    cohort = load_drawn(folder, "GBMLGG")
    assert cohort.strata is not None
    assert cohort.strata.tolist() == ["GBM"] * 5 + ["LGG"] * 6
    table = cohort.patients.table().frame
    assert table["cancer"].tolist() == cohort.strata.tolist()
    assert table["grade"].tolist() == [4.0] * 5 + [2.0, 3.0] * 3
    assert _present(cohort)["rna"] == 10


def test_one_glioma_finds_its_expression_in_the_table_of_both(folder: Path, load_drawn: Load) -> None:
    both, one = load_drawn(folder, "GBMLGG").patients.matrix("rna"), load_drawn(folder, "GBM").patients.matrix("rna")
    np.testing.assert_array_equal(one.values, both.values[:5])
    assert one.present.tolist() == [True] * 4 + [False]


def test_all_types_together_share_the_genes_that_every_table_has(folder: Path, load_drawn: Load) -> None:
    cohort = load_drawn(folder, "PANCANCER")
    assert len(cohort) == 31
    assert cohort.patients.matrix("rna").names == ("BBB", "CCC")
    assert _present(cohort)["rna"] == 26
    assert "mri" not in cohort.patients.modalities
    assert cohort.published_fold is None


def test_a_further_cohort_works_once_its_table_is_there(
    folder: Path, load_drawn: Load, write: Callable[..., None], expression: Callable[..., pd.DataFrame]
) -> None:
    assert "rna" in load_drawn(folder, "LGG").patients.modalities
    write(folder / "tcga" / "rna_z_lgg.csv.gz", expression(LGG[:2], ["NEW"]))
    assert load_drawn(folder, "LGG").patients.matrix("rna").names == ("NEW",)


def test_expression_of_a_cancer_that_has_none_is_found_by_its_name(
    folder: Path, load_drawn: Load, change: Change, write: Callable[..., None], expression: Callable[..., pd.DataFrame]
) -> None:
    change(folder, "cdr", lambda frame: frame.replace({"cancer": {"BLCA": "NEW"}}))
    assert "rna" not in load_drawn(folder, "NEW").patients.modalities
    write(folder / "tcga" / "rna_z_new.csv.gz", expression(BLCA[:3], ["AAA", "BBB"]))
    assert load_drawn(folder, "NEW").patients.matrix("rna").present.tolist() == [True] * 3 + [False] * 9
    assert load_drawn(folder, "PANCANCER").patients.matrix("rna").names == ("BBB",)


def test_colon_and_rectum_are_one_cohort_with_the_type_as_stratum(folder: Path, load_drawn: Load) -> None:
    cohort = load_drawn(folder, "COADREAD")
    assert cohort.patients.ids.tolist() == [*COAD, *READ]
    assert cohort.strata is not None
    assert cohort.strata.tolist() == ["COAD"] * 4 + ["READ"] * 4
    assert cohort.patients.matrix("rna").present.tolist() == [True] * 6 + [False] * 2
    assert cohort.published_fold is not None
    assert cohort.published_fold.tolist() == [0, 1, 0, 1, 0, 1, -1, -1]


def test_the_own_table_has_copy_numbers_and_mutations_and_the_pan_cancer_tables_stand_in_where_there_is_none(
    folder: Path, load_drawn: Load
) -> None:
    own = load_drawn(folder).patients
    assert own.matrix("mutations").names == ("AAA_cnv", "AAA_mut")
    assert "cna" not in own.modalities
    gliomas = load_drawn(folder, "GBMLGG").patients
    assert gliomas.matrix("cna").names == ("AAA", "BBB")
    assert gliomas.matrix("mutations").names == ("AAA", "CCC")
    assert gliomas.matrix("cna").present.tolist() == [True] * 8 + [False] * 3
    everyone = load_drawn(folder, "PANCANCER").patients
    assert everyone.matrix("cna").present.sum() == 18
    assert everyone.matrix("mutations").names == ("AAA", "CCC")
    assert everyone.matrix("mutations").present.sum() == 17


def test_one_glioma_finds_its_mri_in_the_table_of_both(folder: Path, load_drawn: Load) -> None:
    both, one = load_drawn(folder, "GBMLGG").patients.matrix("mri"), load_drawn(folder, "LGG").patients.matrix("mri")
    assert both.present.sum() == 4
    assert one.names == ("VOLUME", "TEXTURE")
    assert one.present.tolist() == [False, True, True, False, False, False]
    np.testing.assert_array_equal(one.values, both.values[5:])


def test_a_column_of_which_nobody_in_the_cohort_has_a_value_is_left_out(
    folder: Path, load_drawn: Load, change: Change
) -> None:
    def clear_volume_of_gbm(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame["patient_id"].isin(GBM), "VOLUME"] = ""
        return frame

    change(folder, "../tcga_mri_brats/mri_radiomics_gbmlgg", clear_volume_of_gbm)
    assert load_drawn(folder, "GBM").patients.matrix("mri").names == ("TEXTURE",)
    assert load_drawn(folder, "GBMLGG").patients.matrix("mri").names == ("VOLUME", "TEXTURE")


def test_genomic_scores_are_numbers_and_the_subtype_comes_when_asked_for(folder: Path, load_drawn: Load) -> None:
    scores = load_drawn(folder).patients.table("genomic")
    assert scores.categorical == []
    assert scores.numeric == [name for name in NUMBERS if not name.startswith("hypoxia")]
    assert scores.present.tolist() == [True] * 6 + [False] * 6
    subtype = load_drawn(folder, genomic_subtype=True).patients.table("genomic").frame["subtype"]
    assert subtype[:6].tolist() == ["one", np.nan, "another"] * 2


def test_the_table_of_expression_is_an_option(folder: Path, load_drawn: Load) -> None:
    assert load_drawn(folder, expression="log2tpm").patients.matrix("rna").names == ("XXX",)
    assert "rna" not in load_drawn(folder, expression="xena").patients.modalities


@pytest.mark.parametrize(
    ("refiner", "patient", "text"),
    [
        ("gpt-4o-mini-2024-07-18", 0, "A short one."),
        ("Llama-3.1-8B-Instruct", 1, "Another hand."),
        ("Llama-3.1-8B-Instruct, corrected", 1, "A corrected hand."),
    ],
)
def test_summaries_are_of_one_refiner_alone(
    folder: Path, refiner: str, patient: int, text: str, load_drawn: Load
) -> None:
    summary = load_drawn(folder, refiner=refiner).patients.texts("summary")
    assert np.flatnonzero(summary.present).tolist() == [patient]
    assert summary.texts[patient] == text


def test_the_published_fold_is_the_one_whose_validation_set_has_the_patient(folder: Path, load_drawn: Load) -> None:
    fold = load_drawn(folder).published_fold
    assert fold is not None
    assert fold.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, -1, -1]
    assert load_drawn(folder, "LGG").published_fold is None


def test_a_cohort_tells_its_disease_and_all_types_together_have_none(folder: Path, load_drawn: Load) -> None:
    assert load_drawn(folder).disease == "BLCA"
    assert load_drawn(folder, "PANCANCER").disease == ""


def test_reports_tell_how_many_outcome_sentences_they_have_lost(folder: Path, load_drawn: Load, change: Change) -> None:
    def died(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[1, "text"] = "Tumor of the bladder. The patient died of sepsis. Margins are free."
        return frame

    change(folder, "reports", died)
    text = load_drawn(folder).patients.texts("text")
    assert text.outcome_sentences.tolist()[:3] == [0, 1, 0]
    assert "died" not in text.texts[1]


def test_some_cancer_types_of_all_are_a_cohort(folder: Path, load_drawn: Load) -> None:
    every = load_drawn(folder, "PANCANCER")
    types = sorted({*every.groups["cancer"].tolist()})[:2]
    some = load_drawn(folder, "PANCANCER", cancers="+".join(reversed(types)))
    assert sorted({*some.groups["cancer"].tolist()}) == types
    kept = [row for row, cancer in enumerate(every.groups["cancer"].tolist()) if cancer in types]
    assert some.patients.ids.tolist() == every.patients.ids[kept].tolist()


@pytest.mark.parametrize(
    ("cancers", "reason"),
    [("BLCA+NOPE", "TCGA has no cancer type 'NOPE'"), ("", "no cancer type ''"), ("BLCA+BLCA", "BLCA is named twice")],
)
def test_other_cancer_types_are_refused(folder: Path, load_drawn: Load, cancers: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        load_drawn(folder, "PANCANCER", cancers=cancers)


def test_redacted_patients_are_kept_unless_dropped(folder: Path, load_drawn: Load, change: Change) -> None:
    change(folder, "cdr", _set(3, "Redaction", "Redacted"))
    assert len(load_drawn(folder)) == 12
    assert load_drawn(folder, redacted="drop").patients.ids.tolist() == [*BLCA[:3], *BLCA[4:]]


def test_slides_of_the_cohort_are_bags_and_others_are_left_aside(
    folder: Path, load_drawn: Load, change: Change
) -> None:
    slides = folder / "tcga_wsi" / "blca"
    slides.mkdir(parents=True)
    for name in (f"{BLCA[0]}-01Z-00-DX1", f"{BLCA[0]}-01Z-00-DX2", f"{BLCA[5]}-01Z-00-DX1"):
        np.save(slides / f"{name}.npy", np.ones((3, 4), dtype=np.float16))
    change(folder, "cdr", _set(5, "OS", ""))
    bags = load_drawn(folder, wsi="files").patients.bags("wsi")
    assert np.flatnonzero(bags.present).tolist() == [0]
    assert bags[0].shape == (6, 4)


def test_what_is_read_and_what_leaks_have_nothing_in_common() -> None:
    assert not set(BASELINE) & set(LEAKING)
