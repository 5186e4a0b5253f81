"""``data pack-bags``: a folder of slides becomes one file, and says whose slides they are."""

import re
from pathlib import Path

import numpy as np
import pytest
from drawn_slides import drawn_rows

from benchmarks.commandline.app import main
from benchmarks.commandline.data import pack_bags

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "slides"
    folder.mkdir()
    for seed, name in enumerate(("TCGA-ZZ-B001-01Z-00-DX1", "TCGA-ZZ-B001-01Z-00-DX2", "TCGA-ZZ-B002-01Z-00-DX1")):
        np.save(folder / f"{name}.npy", drawn_rows(seed, 4))
    return folder


def pack(capsys: Capture, *arguments: object, code: int = 0) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(["data", "pack-bags", *map(str, arguments)])
    captured = capsys.readouterr()
    assert exit_.value.code == code, captured.err
    return captured.out if code == 0 else captured.err


def test_slides_named_after_barcodes_are_packed(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "bags_blca.npz"
    told = pack(capsys, folder, target, "--id-length", 12, "--float16")
    assert told == f"packed 3 slides of 2 patients, 12 patches, in {target}\n"
    with np.load(target) as held:
        assert held["features"].dtype == np.float16
        assert held["patient_id"].tolist() == ["TCGA-ZZ-B001", "TCGA-ZZ-B001", "TCGA-ZZ-B002"]
    assert "exists already" in pack(capsys, folder, target, "--id-length", 12, code=2)


def test_a_slide_of_a_patient_who_is_not_in_the_table_is_refused(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "cdr.csv").write_text("patient_id\nTCGA-ZZ-B001\n")
    target = tmp_path / "bags.npz"
    problem = pack(capsys, folder, target, "--id-length", 12, "--patients", tmp_path / "cdr.csv", code=2)
    assert "TCGA-ZZ-B002-01Z-00-DX1.npy: a slide of no known patient" in problem
    assert problem.count("\n") == 1
    assert not target.exists()


def test_a_table_may_tell_whose_the_slides_are(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    names = sorted(path.name for path in folder.iterdir())
    (tmp_path / "slides.csv").write_text("case,scan\n" + "".join(f"P{k},{name}\n" for k, name in enumerate(names)))
    columns = ("--slides", tmp_path / "slides.csv", "--patient", "case", "--column", "scan")
    assert "3 slides of 3 patients" in pack(capsys, folder, tmp_path / "bags.npz", *columns)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "say whose the slides are, in one way"),
        (("--id-length", "12", "--slides", "x.csv"), "say whose the slides are, in one way"),
        (("--slides", "x.csv", "--patients", "y.csv"), "--patients goes with --id-length"),
        (("--id-length", "13"), "a slide of no patient: the name does not end or pause after 13 characters"),
    ],
)
def test_it_must_be_said_whose_the_slides_are(
    folder: Path, tmp_path: Path, capsys: Capture, arguments: tuple[str, ...], problem: str
) -> None:
    assert problem in pack(capsys, folder, tmp_path / "bags.npz", *arguments, code=2)


def test_the_name_and_the_folder_of_the_file_are_checked(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "ends in .npz" in pack(capsys, folder, tmp_path / "bags.h5", "--id-length", 12, code=2)
    assert "no such folder" in pack(capsys, folder, tmp_path / "none" / "bags.npz", "--id-length", 12, code=2)
    assert "no such folder" in pack(capsys, tmp_path / "none", tmp_path / "bags.npz", "--id-length", 12, code=2)


def test_a_run_that_goes_on_says_so(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    good = (folder / "TCGA-ZZ-B002-01Z-00-DX1.npy").read_bytes()
    np.save(folder / "TCGA-ZZ-B002-01Z-00-DX1.npy", np.full((4, 6), np.nan, np.float32))
    problem = pack(capsys, folder, tmp_path / "bags.npz", "--id-length", 12, code=2)
    assert "TCGA-ZZ-B002-01Z-00-DX1.npy (patient TCGA-ZZ-B002): patch 0 holds a value that is not finite" in problem
    (folder / "TCGA-ZZ-B002-01Z-00-DX1.npy").write_bytes(good)
    with pytest.raises(SystemExit):
        main(["data", "pack-bags", str(folder), str(tmp_path / "bags.npz"), "--id-length", "12"])
    assert "2 slides are packed already; going on" in capsys.readouterr().err


def test_where_there_is_no_terminal_lines_tell_how_far_it_is(
    folder: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_bags, "SECONDS_BETWEEN_LINES", 0.0)
    with pytest.raises(SystemExit):
        main(["data", "pack-bags", str(folder), str(tmp_path / "bags.npz"), "--id-length", "12"])
    first, *between, last = capsys.readouterr().err.splitlines()
    assert (first, last) == ("0 of 3 slides", "3 of 3 slides")
    for done, line in enumerate(between, start=1):
        assert re.fullmatch(rf"{done} of 3 slides, about \d+ s left", line)
