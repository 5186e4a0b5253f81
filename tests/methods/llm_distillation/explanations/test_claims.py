"""What an explanation claims, and what the data make of it: hand-made cases."""

import pytest

from methods.llm_distillation.explanations import Claim, claims_of, judged_claims

REPORT = "Bladder, cystectomy: high grade urothelial carcinoma, 4,5 x 3 CM. Margin 0.2 cm away. Pathologic stage III."
COVARIATES = "age 67, sex male, stage IIIB, grade 3"


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("The stage is favourable.", []),
        ("", []),
        ("Stage IV disease.", [Claim("stage", 4.0)]),
        ("stage: 2", [Claim("stage", 2.0)]),
        ("Stage IIIC2", [Claim("stage", pytest.approx(3 + 2 / 3), lettered=True)]),
        ("Stage VII", [Claim("stage", 9.0)]),
        ("A 67-year-old man, aged 67.", [Claim("age", 67.0)]),
        ("At 67 years of age she may live beyond 5 years.", [Claim("age", 67.0)]),
        ("Average risk over 60 months.", []),
        ("Grade 2.", [Claim("grade", 2.0)]),
        ("A high-grade tumor of grade IV.", [Claim("grade", 3.0)]),
        ("moderately to poorly differentiated", [Claim("grade", 2.5)]),
        ("Gleason grade 4 and nuclear grade 2.", []),
        ("The tumor measures 4.5 x 3.0 x 2 cm.", [Claim("size", 4.5)]),
        ("A 45 mm tumour.", [Claim("size", 4.5)]),
        ("The tumor is 4 centimeters; a lymph node is 1 cm.", [Claim("size", 4.0)]),
        ("The margin is 2 mm from the tumor.", []),
        ("A grade 2 tumor has a better outlook than poorly differentiated tumors of stage IV.", [Claim("grade", 2.0)]),
        ("Compared to well-differentiated tumors, the outlook is poor.", []),
        ("The tumor is larger than 7.5 cm but confined. Grade 1.", [Claim("grade", 1.0)]),
        ("pT1b: a tumor of 7 cm or less, more than 4 cm.", []),
    ],
)
def test_claims_are_read(text: str, claims: list[Claim]) -> None:
    assert claims_of(text) == claims


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("Stage III, grade 3 tumor of 4.5 cm in a 67-year-old.", ["grounded"] * 4),
        ("A 3 cm tumor.", ["grounded"]),
        ("Stage IIIA.", ["grounded"]),
        ("Stage II.", ["contradicted"]),
        ("Low grade.", ["contradicted"]),
        ("A tumor of 5.4 cm.", ["contradicted"]),
        ("Aged 80, stage III.", ["grounded", "contradicted"]),
        ("Aged 68.", ["grounded"]),
        ("The outlook is good.", []),
    ],
)
def test_claims_are_set_against_report_and_covariates(text: str, verdicts: list[str]) -> None:
    assert [verdict for _, verdict in judged_claims(text, (COVARIATES, REPORT))] == verdicts


def test_a_letter_counts_where_both_have_one() -> None:
    assert judged_claims("stage IIIC", ("stage IIIB",))[0][1] == "contradicted"
    assert judged_claims("stage III", ("stage IIIB",))[0][1] == "grounded"


def test_of_what_the_data_do_not_speak_nothing_is_supported() -> None:
    judged = judged_claims("A 67-year-old with a 4.5 cm tumor, stage III, grade 3.", ("sex male", "No report."))
    assert [verdict for _, verdict in judged] == ["unsupported"] * 4


def test_an_invented_size_is_unsupported_and_a_wrong_one_contradicted() -> None:
    assert judged_claims("The tumor is 7 cm.", ("Grade 3.",)) == [(Claim("size", 7.0), "unsupported")]
    assert judged_claims("The tumor is 7 cm.", ("Mass of 2 cm.",)) == [(Claim("size", 7.0), "contradicted")]


@pytest.mark.parametrize(
    ("claim", "scanned"),
    [
        ("poorly differentiated", "POORLY. DIFFERENTIATED carcinoma."),
        ("a tumor of 6.5 cm", "a solitary 6.5. X 5.0 x 3.0. cm mass"),
        ("a 4.3 cm tumor", "Tumour Size (cm). 4.2999. Histology"),
        ("grade 3", "Nuclear grade: 3. Tubules: 1."),
    ],
)
def test_evidence_is_found_in_a_scanned_form(claim: str, scanned: str) -> None:
    assert [verdict for _, verdict in judged_claims(claim, (scanned,))] == ["grounded"]
