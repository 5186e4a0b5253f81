"""The TCGA adapter lets no column and no sentence through that tells the outcome, on drawn tables and on the real ones.

The checks bite: an adapter that leaks on purpose fails each of them.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.datasets.tcga import adapter, survival, texts
from benchmarks.datasets.tcga.survival import ENDPOINTS, LEAKING
from drawn_tcga import change_table, write_drawn_tcga, write_table

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.types import Cohort

REAL = Path(os.environ.get("BENCHMARKS_DATA") or "none")
REFINER = "gpt-4o-mini-2024-07-18"

PLANTED = [
    "The patient died of disease 14 months after surgery.",
    "Vital status: deceased.",
    "Date of death: 2010-03-04.",
    "She passed away at home.",
    "He expired in the hospital due to sepsis.",
    "At autopsy the tumor filled the chest.",
    "The patient is alive and well.",
    "The patient is currently alive.",
    "Alive with disease at 20 months.",
    "Date of last contact: 2012-01-01.",
    "At last follow-up she was well.",
    "The patient was lost to follow-up.",
    "Follow-up: 36 months.",
    "He survived 9 months.",
    "Overall survival: 300 days.",
    "The tumor recurred 8 months after resection.",
    "She subsequently developed distant metastases.",
    "Six months later a recurrence was found.",
    "The patient remains disease-free for 3 years.",
    "NED at 4 years.",
    "Days to progression: 120.",
    "New tumor event: distant.",
    "The patient was transferred to hospice.",
]


@dataclass(frozen=True)
class Tables:
    """A folder whose tables can be tampered with, and the cancer type to load from it."""

    folder: Path
    cancer: str

    def load(self) -> Cohort:
        return adapter.load(
            self.folder,
            self.cancer,
            endpoint="OS",
            expression="z",
            refiner=REFINER,
            teacher="gpt-4o-2024-08-06",
            redacted="keep",
            genomic_subtype=False,
            wsi="hipt",
        )

    def plant_column(self, column: str, value: str = "") -> None:
        """Put the outcome, or one value, into a column of the clinical table."""

        def told(frame: pd.DataFrame) -> pd.DataFrame:
            frame[column] = value or frame["OS"] + " " + frame["OS.time"]
            return frame

        change_table(self.folder, "cdr", told)

    def plant_sentences(self, table: str) -> None:
        """Put a sentence, each in turn, at the end of every text of the cancer type."""

        def told(frame: pd.DataFrame) -> pd.DataFrame:
            ours = frame["patient_id"].isin(self.patients())
            assert ours.sum() > len(PLANTED)
            sentences = pd.Series([f" \n\n{PLANTED[row % len(PLANTED)]}" for row in range(ours.sum())])
            frame.loc[ours, "text"] = frame.loc[ours, "text"] + sentences.to_numpy()
            return frame

        change_table(self.folder, table, told)

    def patients(self) -> set[str]:
        frame = pd.read_csv(self.folder / "tcga" / "cdr.csv.gz", usecols=["patient_id", "cancer"])
        return set(frame.loc[frame["cancer"] == self.cancer, "patient_id"])


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tables:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    tables = Tables(write_drawn_tcga(tmp_path, bladder=30), "BLCA")
    _summaries_from_reports(tables.folder)
    return tables


@pytest.fixture(scope="module")
def real_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the rows of the real clinical table and reports that are of one cancer type."""
    if not (REAL / "tcga").is_dir():
        pytest.skip("set BENCHMARKS_DATA to the folder of the TCGA tables")
    folder = tmp_path_factory.mktemp("real")
    for name in ("cdr", "reports"):
        frame = pd.read_csv(REAL / "tcga" / f"{name}.csv.gz", dtype=str, keep_default_na=False)
        write_table(folder / "tcga" / f"{name}.csv.gz", frame[frame["cancer"] == "MESO"])
    change_table(folder, "reports", lambda frame: frame.assign(text=frame["text"].str.rstrip()))
    _summaries_from_reports(folder)
    return folder


@pytest.fixture
def real(real_rows: Path, tmp_path: Path) -> Tables:
    shutil.copytree(real_rows, tmp_path, dirs_exist_ok=True)
    return Tables(tmp_path, "MESO")


@pytest.fixture(params=["drawn", "real"])
def tables(request: pytest.FixtureRequest) -> Tables:
    return request.getfixturevalue(request.param)


def _summaries_from_reports(folder: Path) -> None:
    """Let every report stand as a summary too, so that every patient has one."""
    reports = pd.read_csv(folder / "tcga" / "reports.csv.gz", dtype=str, keep_default_na=False)
    summaries = reports[["patient_id", "text"]].assign(kind="report_summary", model=REFINER)
    write_table(folder / "tcga" / "llm_text.csv.gz", summaries)


def check_column(tables: Tables, column: str) -> None:
    before = tables.load()
    tables.plant_column(column)
    after = tables.load()
    assert after.patients.table().frame.equals(before.patients.table().frame)
    assert sha256_of_cohort(after) == sha256_of_cohort(before)


def check_endpoint(tables: Tables, endpoint: str) -> None:
    before = tables.load()
    tables.plant_column(endpoint, "1")
    tables.plant_column(f"{endpoint}.time", "77")
    assert sha256_of_cohort(tables.load()) == sha256_of_cohort(before)


def check_sentences(tables: Tables, table: str, modality: str) -> None:
    before = tables.load()
    tables.plant_sentences(table)
    after = tables.load()
    assert after.patients.texts(modality).texts == before.patients.texts(modality).texts
    # The content holds every modality, the bags of sentence vectors too.
    assert sha256_of_cohort(after) == sha256_of_cohort(before)


@pytest.mark.parametrize("column", LEAKING)
def test_a_copy_of_the_outcome_in_a_leaking_column_changes_nothing(tables: Tables, column: str) -> None:
    check_column(tables, column)


@pytest.mark.parametrize("endpoint", [name for name in ENDPOINTS if name != "OS"])
def test_what_another_endpoint_says_changes_nothing(tables: Tables, endpoint: str) -> None:
    check_endpoint(tables, endpoint)


def test_no_covariate_is_one_that_is_known_only_later(tables: Tables) -> None:
    names = set(tables.load().patients.table().frame)
    assert names <= {"age", "sex", "stage", "grade", "histology", "margin", "residual_tumor", "menopause", "cancer"}


@pytest.mark.parametrize(("table", "modality"), [("reports", "text"), ("llm_text", "summary")])
def test_sentences_that_reveal_the_outcome_never_reach_a_text_or_a_sentence_vector(
    tables: Tables, table: str, modality: str
) -> None:
    check_sentences(tables, table, modality)


@pytest.mark.parametrize("column", LEAKING)
def test_a_leaking_column_among_the_covariates_is_found(drawn: Tables, column: str, monkeypatch) -> None:
    _let_through(column, monkeypatch)
    with pytest.raises(AssertionError):
        check_column(drawn, column)


def test_another_endpoint_among_the_covariates_is_found(drawn: Tables, monkeypatch) -> None:
    _let_through("DSS", monkeypatch)
    with pytest.raises(AssertionError):
        check_endpoint(drawn, "DSS")


@pytest.mark.parametrize(("table", "modality"), [("reports", "text"), ("llm_text", "summary")])
@pytest.mark.parametrize("sentence", PLANTED[::6])
def test_a_filter_that_misses_one_sentence_is_found(
    drawn: Tables, table: str, modality: str, sentence: str, monkeypatch
) -> None:
    filtered = texts.without_outcome

    def misses(reports: list[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        kept, removed = filtered(reports)
        left = tuple(report if sentence in report else text for report, text in zip(reports, kept, strict=True))
        return left, removed

    monkeypatch.setattr(texts, "without_outcome", misses)
    with pytest.raises(AssertionError):
        check_sentences(drawn, table, modality)


def _let_through(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the adapter read a column that it must not, and put it among the covariates."""
    read, clinical_table = survival.read_strings, adapter.clinical_table

    def read_too(path: Path, columns: list[str]) -> pd.DataFrame:
        return read(path, [*columns, column] if path.name == "cdr.csv.gz" else columns)

    monkeypatch.setattr(survival, "read_strings", read_too)
    monkeypatch.setattr(
        adapter,
        "clinical_table",
        lambda patients, root: clinical_table(patients, root).assign(leak=patients[column].astype("category")),
    )


def test_a_copy_of_the_outcome_beside_the_genomic_scores_changes_nothing(drawn: Tables) -> None:
    before = drawn.load()
    clinical = pd.read_csv(drawn.folder / "tcga" / "cdr.csv.gz", dtype=str).set_index("patient_id")
    change_table(
        drawn.folder, "genomic_scores", lambda frame: frame.assign(died=frame["patient_id"].map(clinical["OS"]))
    )
    assert sha256_of_cohort(drawn.load()) == sha256_of_cohort(before)
