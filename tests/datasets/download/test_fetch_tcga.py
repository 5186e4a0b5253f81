"""`data fetch tcga` against a host on this machine: small files in the sources' true formats."""

import gzip
import hashlib
import importlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks.commandline.data.fetch import fetch_app
from benchmarks.errors import UsageError

tcga = importlib.import_module("benchmarks.datasets.tcga.fetch")

CLINICAL = pd.DataFrame(
    {
        "bcr_patient_barcode": ["TCGA-AA-0001", "TCGA-AA-0002", "TCGA-BB-0003"],
        "type": ["BLCA", "BLCA", "SKCM"],
        "gender": ["MALE", "FEMALE", "[Not Available]"],
        "OS": [1, 0, 1],
        "OS.time": [100, 250, None],
    }
)


def workbook() -> bytes:
    file = io.BytesIO()
    with pd.ExcelWriter(file) as writer:
        # As in the source: row numbers in a column without a name, #N/A for a missing number.
        CLINICAL.to_excel(writer, sheet_name="TCGA-CDR", na_rep="#N/A")
        pd.DataFrame({"x": [1]}).to_excel(writer, sheet_name="ExtraEndpoints")
    return file.getvalue()


def archive() -> bytes:
    rows = [
        ("TCGA-AA-0001.AAAA-BBBB", "Short report."),
        ("TCGA-AA-0001.CCCC-DDDD", 'A longer report, with a comma and "quotes".'),
        ("TCGA-BB-0003.EEEE-FFFF", "Another."),
        ("TCGA-ZZ-9999.GGGG-HHHH", "Of a patient who is not in the clinical table."),
    ]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(
            "TCGA_Reports.csv", pd.DataFrame(rows, columns=["patient_filename", "text"]).to_csv(index=False)
        )
    return file.getvalue()


def expression() -> bytes:
    table = (
        "sample\tTCGA-AA-0002-01\tTCGA-AA-0002-11\tTCGA-AA-0001-01\tTCGA-BB-0003-06\n"
        "TP53\t1.23456\t9\t-0.5\t2\n"
        "EGFR\t0.5\t9\t0.25\t3\n"
    )
    return gzip.compress(table.encode())


def signatures(second_row: str = "TCGA-AA-0001,TCGA-AA-0001-01Z-00-DX2.svs,1.23456,-0.5,1") -> bytes:
    """One row per slide, as PORPOISE and MCAT publish it."""
    table = (
        "case_id,slide_id,TP53_rnaseq,EGFR_rnaseq,TP53_mut\n"
        "TCGA-BB-0003,TCGA-BB-0003-01Z-00-DX1.svs,12345.6,0.000123449,0\n"
        "TCGA-AA-0001,TCGA-AA-0001-01Z-00-DX1.svs,1.23456,-0.5,1\n"
        f"{second_row}\n"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("tcga_blca_all_clean.csv", table)
    return file.getvalue()


@pytest.fixture
def mirror(host: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    clinical = workbook()
    host.files["TCGA-CDR-SupplementalTableS1.xlsx"] = clinical
    host.files["TCGA_Reports.csv.zip"] = archive()
    host.files["TCGA.BLCA.HiSeqV2_PANCAN.gz"] = expression()
    host.files["tcga_blca_all_clean.csv.zip"] = signatures()
    host.files["TCGA_GBM_radiomicFeatures.csv"] = b"ID,Date,VOLUME,TEXTURE\nTCGA-AA-0009,1997.02.22,2.5,NaN\n"
    host.files["TCGA_LGG_radiomicFeatures.csv"] = b"ID,Date,VOLUME,TEXTURE\nTCGA-AA-0008,1999.06.06,1.5,\n"
    monkeypatch.setattr(tcga, "CDR_SIZE", len(clinical))
    monkeypatch.setattr(tcga, "CDR_CHECKSUM", f"md5:{hashlib.md5(clinical).hexdigest()}")
    blob = host.files["TCGA_Reports.csv.zip"]
    git = hashlib.sha1(b"blob %d" % len(blob) + bytes(1) + blob).hexdigest()
    monkeypatch.setattr(tcga, "REPORTS_CHECKSUM", f"git:{git}")
    return host


def fetch(mirror: Any, root: Path, *arguments: str) -> Any:
    given = ["tcga", "--cohort", "blca", "--source", mirror.address, "--data-root", str(root), "--wait", "0"]
    return CliRunner().invoke(fetch_app, [*given, *arguments])


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_the_sources_become_the_files_that_the_adapter_reads(mirror: Any, tmp_path: Path) -> None:
    result = fetch(mirror, tmp_path)
    assert result.exit_code == 0, result.exception
    assert files(tmp_path) == ["tcga/cdr.csv.gz", "tcga/reports.csv.gz", "tcga/rna_xena_blca.csv.gz"]


def test_clinical_data_keep_their_values_under_the_adapters_names(mirror: Any, tmp_path: Path) -> None:
    fetch(mirror, tmp_path, "--parts", "cdr")
    lines = gzip.decompress((tmp_path / "tcga" / "cdr.csv.gz").read_bytes()).decode().splitlines()
    assert lines == [
        "patient_id,cancer,gender,OS,OS.time",
        "TCGA-AA-0001,BLCA,MALE,1,100",
        "TCGA-AA-0002,BLCA,FEMALE,0,250",
        "TCGA-BB-0003,SKCM,[Not Available],1,",
    ]


def test_the_longest_report_of_each_known_patient_is_kept(mirror: Any, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    reports = pd.read_csv(tmp_path / "tcga" / "reports.csv.gz")
    assert reports.to_dict("records") == [
        {
            "patient_id": "TCGA-AA-0001",
            "cancer": "BLCA",
            "source": "tcga_reports",
            "n_words": 8,
            "text": 'A longer report, with a comma and "quotes".',
        },
        {
            "patient_id": "TCGA-BB-0003",
            "cancer": "SKCM",
            "source": "tcga_reports",
            "n_words": 1,
            "text": "Another.",
        },
    ]


def test_expression_is_turned_to_one_row_a_patient_of_tumour_samples_only(mirror: Any, tmp_path: Path) -> None:
    fetch(mirror, tmp_path, "--parts", "rna")
    lines = gzip.decompress((tmp_path / "tcga" / "rna_xena_blca.csv.gz").read_bytes()).decode().splitlines()
    assert lines == [
        "patient_id,EGFR,TP53",
        "TCGA-AA-0001,0.25,-0.5",
        "TCGA-AA-0002,0.5,1.2346",
        "TCGA-BB-0003,3.0,2.0",
    ]


def test_published_expression_has_one_row_a_patient_and_four_digits(mirror: Any, tmp_path: Path) -> None:
    fetch(mirror, tmp_path, "--parts", "rna_z")
    lines = gzip.decompress((tmp_path / "tcga" / "rna_z_blca.csv.gz").read_bytes()).decode().splitlines()
    assert lines == ["patient_id,EGFR,TP53", "TCGA-AA-0001,-0.5,1.235", "TCGA-BB-0003,0.0001234,12350.0"]


def test_both_files_of_mri_features_become_one_table_without_the_day(mirror: Any, tmp_path: Path) -> None:
    result = fetch(mirror, tmp_path, "--parts", "mri", "--cohort", "LGG")
    assert files(tmp_path) == ["tcga_mri_brats/mri_radiomics_gbmlgg.csv.gz"], result.exception
    made = tmp_path / "tcga_mri_brats" / "mri_radiomics_gbmlgg.csv.gz"
    lines = gzip.decompress(made.read_bytes()).decode().splitlines()
    assert lines == ["patient_id,VOLUME,TEXTURE", "TCGA-AA-0008,1.5,", "TCGA-AA-0009,2.5,"]


@pytest.mark.parametrize(
    ("parts", "name", "content", "message"),
    [
        ("rna_z", "tcga_blca_all_clean.csv.zip", b"no archive", "cannot be read as a zipped table"),
        ("rna_z", "tcga_blca_all_clean.csv.zip", signatures("TCGA-AA-0001,x,9,9,1"), "TCGA-AA-0001 stands there twice"),
        ("rna_z", "tcga_blca_all_clean.csv.zip", signatures("TCGA-AA-0001,x,y,9,1"), "value is no number"),
        ("mri", "TCGA_LGG_radiomicFeatures.csv", b"ID,Date,VOLUME\nTCGA-AA-0008,1999.06.06,1\n", "other columns than"),
        (
            "mri",
            "TCGA_LGG_radiomicFeatures.csv",
            b"ID,Date,VOLUME,TEXTURE\nA,1999.06.06,1,x\n",
            "something else than n",
        ),
    ],
)
def test_a_published_table_that_is_another_one_is_named(
    mirror: Any, tmp_path: Path, parts: str, name: str, content: bytes, message: str
) -> None:
    mirror.files[name] = content
    result = fetch(mirror, tmp_path, "--parts", parts, *(["--cohort", "GBMLGG"] if parts == "mri" else []))
    assert message in str(result.exception)
    assert name in str(result.exception)
    assert files(tmp_path) == []


def test_what_is_made_by_hand_is_told_file_by_file_and_counted(mirror: Any, tmp_path: Path) -> None:
    result = fetch(mirror, tmp_path, "--parts", "cna,genomic,wsi")
    lines = [line for line in result.output.splitlines() if line.startswith("by hand: ")]
    assert [line.split(": ")[1].removeprefix(f"{tmp_path}/") for line in lines] == [
        "tcga/cna_pancancer.csv.gz",
        "tcga/genomic_scores.csv.gz",
        "tcga_wsi_hipt/bags_blca.npz",
    ]
    assert all("https://github.com/" in line for line in lines)
    assert "3 files are not got by this command" in str(result.exception)
    (tmp_path / "tcga").mkdir()
    (tmp_path / "tcga" / "cna_pancancer.csv.gz").touch()
    assert fetch(mirror, tmp_path, "--parts", "cna").exit_code == 0


def test_a_second_call_does_nothing(mirror: Any, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    mirror.asked.clear()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    result = fetch(mirror, tmp_path)
    assert "nothing to do: all 3 files are there" in result.output
    assert mirror.asked == []
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


def test_a_dry_run_asks_for_the_sizes_only(mirror: Any, tmp_path: Path) -> None:
    result = fetch(mirror, tmp_path, "--dry-run")
    assert files(tmp_path) == []
    assert {method for method, _, _ in mirror.asked} == {"HEAD"}
    assert f"{len(mirror.files['TCGA.BLCA.HiSeqV2_PANCAN.gz'])} bytes" in result.output
    assert "3 files, " in result.output


def test_a_wrong_checksum_stops_before_anything_is_made(mirror: Any, tmp_path: Path) -> None:
    mirror.files["TCGA_Reports.csv.zip"] = archive() + b"x"
    result = fetch(mirror, tmp_path)
    assert "TCGA_Reports.csv.zip: its git checksum is not" in str(result.exception)
    assert files(tmp_path) == [
        "downloads/tcga/TCGA-CDR-SupplementalTableS1.xlsx",
        "downloads/tcga/TCGA.BLCA.HiSeqV2_PANCAN.gz",
    ]


@pytest.mark.parametrize(
    "content",
    [
        expression()[:-20],
        b"no gzip",
        gzip.compress(b"sample\tTCGA-AA-0002-11\nTP53\t1\n"),
        gzip.compress(b"sample\tTCGA-AA-0002-01\nTP53\tx\n"),
    ],
    ids=["truncated", "not gzip", "no tumour", "not a number"],
)
def test_a_damaged_table_is_named_and_removed(mirror: Any, tmp_path: Path, content: bytes) -> None:
    mirror.files["TCGA.BLCA.HiSeqV2_PANCAN.gz"] = content
    result = fetch(mirror, tmp_path, "--parts", "rna")
    assert isinstance(result.exception, UsageError)
    assert "TCGA.BLCA.HiSeqV2_PANCAN.gz: " in str(result.exception)
    assert "the download was removed" in str(result.exception)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--parts", "slides"],
            "--parts slides: there are cdr, reports, rna, rna_z, mri, cna, mutations, genomic, folds, wsi",
        ),
        (["--parts", "reports"], "cdr.csv.gz is missing: the reports need it; add cdr to --parts"),
        (["--parts", "mri"], "--parts mri: of gliomas only (GBMLGG, GBM, LGG), not of BLCA"),
        (["--cohort", "BL/CA"], "--cohort BL/CA: expected a TCGA cancer type"),
        (["--cohort", "XXXX"], "TCGA.XXXX.HiSeqV2_PANCAN.gz: the host answers 404"),
        (["--jobs", "9"], "--jobs 9: 1 to 4"),
    ],
)
def test_what_cannot_be_got_is_refused(mirror: Any, tmp_path: Path, arguments: list[str], message: str) -> None:
    assert message in str(fetch(mirror, tmp_path, *arguments).exception)
    assert files(tmp_path) == []


def test_the_public_addresses_are_those_of_the_hosts(tmp_path: Path) -> None:
    sources = tcga.tcga_sources(tmp_path, ["GBMLGG"], ["cdr", "reports", "rna", "rna_z", "mri"])
    assert [remote.url.split("/")[2] for source in sources for remote in source.remotes] == [
        "api.gdc.cancer.gov",
        "github.com",
        "tcga-xena-hub.s3.us-east-1.amazonaws.com",
        "github.com",
        "github.com",
        "github.com",
    ]
    assert [source.made.name for source in sources[2:]] == [
        "rna_xena_gbmlgg.csv.gz",
        "rna_z_gbmlgg.csv.gz",
        "mri_radiomics_gbmlgg.csv.gz",
    ]


def test_no_folder_is_said_in_one_line(mirror: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHMARKS_DATA", raising=False)
    result = CliRunner().invoke(fetch_app, ["tcga", "--cohort", "BLCA"])
    assert str(result.exception) == "data fetch: say where to with --data-root or BENCHMARKS_DATA"


def test_an_error_is_one_line_and_exit_code_2(mirror: Any, tmp_path: Path, command_line: Any) -> None:
    given = ["--cohort", "XXXX", "--parts", "rna", "--source", mirror.address, "--data-root", str(tmp_path)]
    result = command_line("data", "fetch", "tcga", *given)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: http://127.0.0.1:")
    assert line.endswith("TCGA.XXXX.HiSeqV2_PANCAN.gz: the host answers 404 Not Found")
