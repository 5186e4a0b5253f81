"""`data fetch chimera` against a bucket on this machine: drawn patients in the official layout."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.commandline.data.fetch import fetch_app
from benchmarks.errors import UsageError

chimera = importlib.import_module("benchmarks.datasets.chimera.fetch")

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@pytest.fixture
def bucket(host: Any) -> Any:
    for name in ("3A_901", "3B_417", "3B_417_"):
        host.files[f"v2/task3/data/{name}/{name}_CD.json"] = json.dumps({"age": 70}).encode()
        host.files[f"v2/task3/data/{name}/{name}_RNA.json"] = b"{}"
        host.files[f"v2/task3/data/{name}/{name}_HE.tif"] = b"slide"
        host.files[f"v2/task3/data/{name}/{name}_HE_mask.tif"] = b"mask"
    host.files["v2/task3/data/task3_quality_control.csv"] = b"chimera_id_t3,cohort\n"
    host.files["v2/task3/features/features/3A_901_HE.pt"] = b"features"
    host.files["v2/task3/features/coordinates/3A_901_HE.npy"] = b"coordinates"
    host.files["v2/task3/NOTES.xyz"] = b"?"
    host.files["v2/task1/clinical_data/9003.json"] = b"{}"
    host.files["v2/task1/radiology/images/9003/9003_0001_t2w.mha"] = b"volume"
    host.files["v2/task1/pathology/images/9003/9003_1.tif"] = b"slide"
    host.files["v2/task1/pathology/features/9003_1.pt"] = b"features"
    return host


def fetch(bucket: Any, root: Path, *arguments: str) -> Any:
    given = ["chimera", "--source", bucket.address, "--data-root", str(root), "--wait", "0", *arguments]
    return CliRunner().invoke(fetch_app, given)


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_clinical_data_and_expression_land_in_the_official_layout_without_the_duplicate(
    bucket: Any, tmp_path: Path
) -> None:
    result = fetch(bucket, tmp_path, "--task", "3")
    assert result.exit_code == 0, result.output
    assert files(tmp_path) == [
        "chimera/task3/data/3A_901/3A_901_CD.json",
        "chimera/task3/data/3A_901/3A_901_RNA.json",
        "chimera/task3/data/3B_417/3B_417_CD.json",
        "chimera/task3/data/3B_417/3B_417_RNA.json",
        "chimera/task3/data/task3_quality_control.csv",
    ]
    assert json.loads((tmp_path / "chimera/task3/data/3A_901/3A_901_CD.json").read_text()) == {"age": 70}
    assert "5 files, 47 bytes got" in result.output
    assert "1 files of no known part are left out, such as v2/task3/NOTES.xyz" in result.output


@pytest.mark.parametrize(
    ("task", "parts", "expected"),
    [
        ("3", "features", ["features/coordinates/3A_901_HE.npy", "features/features/3A_901_HE.pt"]),
        ("1", "clinical", ["clinical_data/9003.json"]),
        ("1", "radiology", ["radiology/images/9003/9003_0001_t2w.mha"]),
        ("1", "features, slides", ["pathology/features/9003_1.pt", "pathology/images/9003/9003_1.tif"]),
    ],
)
def test_parts_are_chosen(bucket: Any, tmp_path: Path, task: str, parts: str, expected: list[str]) -> None:
    assert fetch(bucket, tmp_path, "--task", task, "--parts", parts).exit_code == 0
    assert files(tmp_path / "chimera" / f"task{task}") == expected


def test_a_listing_of_many_pages_is_read_to_its_end(bucket: Any, tmp_path: Path) -> None:
    bucket.page_size = 2
    assert fetch(bucket, tmp_path, "--task", "3").exit_code == 0
    assert len(files(tmp_path)) == 5


def test_a_second_call_gets_nothing(bucket: Any, tmp_path: Path) -> None:
    fetch(bucket, tmp_path, "--task", "3")
    bucket.asked.clear()
    result = fetch(bucket, tmp_path, "--task", "3")
    assert "nothing to do: all 5 files are there" in result.output
    assert [path for _, path, _ in bucket.asked] == [""]


def test_a_dry_run_tells_sizes_and_gets_nothing(bucket: Any, tmp_path: Path) -> None:
    result = fetch(bucket, tmp_path, "--task", "3", "--parts", "features", "--dry-run")
    assert files(tmp_path) == []
    assert "8 bytes" in result.output
    assert "2 files, 19 bytes to get" in result.output


def test_a_file_that_differs_from_its_listing_is_refused(bucket: Any, tmp_path: Path, fault: Any) -> None:
    key = "v2/task1/clinical_data/9003.json"
    bucket.faults[key] = [fault(announce=1, cut_after=1)]
    result = fetch(bucket, tmp_path, "--task", "1", "--parts", "clinical")
    assert isinstance(result.exception, UsageError)
    assert "the host announces 1 bytes, 2 were expected" in str(result.exception)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "4"], "--task 4: CHIMERA has the tasks 1, 2 and 3"),
        (["--task", "3", "--parts", "genes"], "--parts genes: there are clinical, rna, features, radiology, slides"),
        (["--task", "2"], "nothing of clinical, rna below v2/task2/"),
    ],
)
def test_what_is_not_there_is_refused(bucket: Any, tmp_path: Path, arguments: list[str], message: str) -> None:
    assert message in str(fetch(bucket, tmp_path, *arguments).exception)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"<html>maintenance</html>", "its answer is no listing but 'html'"),
        (b"not xml", "its answer is no listing: "),
        (
            f'<ListBucketResult xmlns="{NAMESPACE}"><Contents/></ListBucketResult>'.encode(),
            "lacks Key",
        ),
    ],
)
def test_an_answer_that_is_no_listing_is_refused(bucket: Any, tmp_path: Path, answer: bytes, message: str) -> None:
    bucket.listing = answer
    assert message in str(fetch(bucket, tmp_path, "--task", "3").exception)


@pytest.mark.parametrize("key", ["v2/task3/../../x.json", "v2/task3//etc/x.json"])
def test_a_key_that_leads_out_of_the_folder_is_refused(bucket: Any, tmp_path: Path, key: str) -> None:
    bucket.files[key] = b"x"
    assert "it lists a key outside v2/task3/" in str(fetch(bucket, tmp_path, "--task", "3").exception)
    assert files(tmp_path) == []


def test_the_tag_of_an_object_stored_in_pieces_is_no_checksum() -> None:
    assert chimera.StoredObject("k", 1, "0" * 32).checksum == "md5:" + "0" * 32
    assert chimera.StoredObject("k", 1, "0" * 32 + "-12").checksum == ""
