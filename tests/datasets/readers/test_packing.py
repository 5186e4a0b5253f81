"""Packing the files of many slides in one: what is in it, what is refused, and how a killed run goes on."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from benchmarks.datasets.cohort_file.slide_owners import patients_of_table, slides_by_name, slides_by_table
from benchmarks.datasets.readers.packed_slides import packed_bags
from benchmarks.datasets.readers.packing import pack
from benchmarks.datasets.readers.patch_features import SlideFile, patch_bags, slide_file
from drawn_slides import drawn_rows

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.errors import UsageError
from benchmarks.types import Bags, Cohort, Outcome, Patients

IDS = ["ada", "ben", "cai"]


class Told:
    """Keeps what it was told."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.resumed = self.packed_now = 0

    def packed(self, slides: int, *, resumed: bool = False) -> None:
        """Count, and break off where it was asked to."""
        if resumed:
            self.resumed = slides
        else:
            self.packed_now += slides
        if self.packed_now == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write five slides of two patients in all three formats, one longer than a block."""
    folder = tmp_path / "slides"
    folder.mkdir()
    with h5py.File(folder / "ada_1.h5", "w") as file:
        file["features"] = drawn_rows(0, 3)[None]
    np.save(folder / "ada_2.npy", drawn_rows(1, 3000))
    np.save(folder / "ada_2_coords.npy", np.zeros((3000, 2)))
    torch.save(torch.from_numpy(drawn_rows(2, 4)).half(), folder / "ben_1.pt")
    np.save(folder / "ben_2.npy", drawn_rows(3, 5).astype(np.float16))
    np.save(folder / "ben_3.npy", drawn_rows(4, 2))
    return folder


def _slides(folder: Path) -> list[SlideFile]:
    return slides_by_name(folder, 3, IDS)


def _content(bags: Bags) -> str:
    n = len(bags)
    patients = Patients(np.array(IDS), {"wsi": bags})
    return sha256_of_cohort(Cohort(patients, Outcome(np.ones(n), np.ones(n, bool)), "days"))


@pytest.mark.parametrize("half", [True, False])
def test_the_packed_file_and_the_files_are_the_same_cohort(folder: Path, tmp_path: Path, *, half: bool) -> None:
    pack(_slides(folder), tmp_path / "packed.npz", half=half, told=Told())
    packed = packed_bags(tmp_path / "packed.npz", IDS)
    files: dict[str, list[Path]] = {}
    for slide in _slides(folder):
        files.setdefault(slide.patient, []).append(slide.path)
    apart = patch_bags(files, IDS)
    for row in range(len(IDS)):
        np.testing.assert_array_equal(packed[row], apart[row])
        np.testing.assert_array_equal(packed.slides(row), apart.slides(row))
    assert packed.present.tolist() == apart.present.tolist() == [True, True, False]
    assert _content(packed) == _content(apart)


def test_numpy_and_the_zip_format_find_nothing_wrong_with_the_file(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "packed.npz"
    pack(_slides(folder), path, half=True, told=Told())
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    with np.load(path) as held:
        assert held["features"].dtype == np.float16
        assert held["features"].shape == (3014, 6)
        assert held["offsets"].tolist() == [0, 3, 3003, 3007, 3012, 3014]
        assert held["slide_id"].tolist() == ["ada_1", "ada_2", "ben_1", "ben_2", "ben_3"]
        assert held["patient_id"].tolist() == ["ada", "ada", "ben", "ben", "ben"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packed.npz", "slides"]


def test_numbers_are_float32_unless_all_slides_are_float16(folder: Path, tmp_path: Path) -> None:
    pack(_slides(folder), tmp_path / "mixed.npz", half=False, told=Told())
    pack([slide_file(folder / "ben_2.npy", "ben")], tmp_path / "half.npz", half=False, told=Told())
    with np.load(tmp_path / "mixed.npz") as mixed, np.load(tmp_path / "half.npz") as half:
        assert mixed["features"].dtype == np.float32
        assert half["features"].dtype == np.float16


@pytest.mark.parametrize("stop_after", [1, 2, 5])
def test_a_run_that_was_broken_off_goes_on_and_ends_with_the_same_bytes(
    folder: Path, tmp_path: Path, stop_after: int
) -> None:
    pack(_slides(folder), tmp_path / "at_once.npz", half=True, told=Told())
    with pytest.raises(KeyboardInterrupt):
        pack(_slides(folder), tmp_path / "packed.npz", half=True, told=Told(stop_after))
    assert not (tmp_path / "packed.npz").exists()
    told = Told()
    pack(_slides(folder), tmp_path / "packed.npz", half=True, told=told)
    assert (told.resumed, told.packed_now) == (stop_after, 5 - stop_after)
    assert (tmp_path / "packed.npz").read_bytes() == (tmp_path / "at_once.npz").read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from benchmarks.datasets.readers import packing
from benchmarks.datasets.cohort_file.slide_owners import slides_by_name
packing.SECONDS_BETWEEN_NOTES = 0.0
class Told:
    seen = 0
    def packed(self, slides, *, resumed=False):
        self.seen += slides
        if self.seen == 4:
            os.kill(os.getpid(), signal.SIGKILL)
packing.pack(slides_by_name(Path(sys.argv[1]), 3, None), Path(sys.argv[2]), half=True, told=Told())
"""


def test_a_killed_run_goes_on_after_the_last_slide_that_was_noted(folder: Path, tmp_path: Path) -> None:
    pack(_slides(folder), tmp_path / "at_once.npz", half=True, told=Told())
    target = tmp_path / "packed.npz"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(target)], timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL
    told = Told()
    pack(_slides(folder), target, half=True, told=told)
    assert (told.resumed, told.packed_now) == (3, 2)
    assert target.read_bytes() == (tmp_path / "at_once.npz").read_bytes()


def test_a_slide_that_changed_since_is_packed_anew(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        pack(_slides(folder), tmp_path / "packed.npz", half=True, told=Told(2))
    np.save(folder / "ada_2.npy", drawn_rows(9, 3000))
    told = Told()
    pack(_slides(folder), tmp_path / "packed.npz", half=True, told=told)
    assert (told.resumed, told.packed_now) == (0, 5)
    np.testing.assert_array_equal(packed_bags(tmp_path / "packed.npz", IDS)[0][3:], drawn_rows(9, 3000))


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"slides": 99, "crc": 0, "sha256": ""}', '{"slides": "x"}'])
def test_a_note_that_tells_nothing_means_a_new_beginning(folder: Path, tmp_path: Path, note: str) -> None:
    (tmp_path / "packed.npz.part").write_bytes(b"something else")
    (tmp_path / "packed.npz.part.json").write_text(note)
    pack(_slides(folder), tmp_path / "packed.npz", half=True, told=Told())
    assert packed_bags(tmp_path / "packed.npz", IDS)[1].shape == (11, 6)


def test_a_bad_slide_stops_the_run_and_what_is_packed_stays(folder: Path, tmp_path: Path) -> None:
    np.save(folder / "ben_2.npy", np.full((5, 6), np.nan, dtype=np.float16))
    with pytest.raises(UsageError, match=r"ben_2\.npy \(patient ben\): patch 0 holds a value that is not finite"):
        pack(_slides(folder), tmp_path / "packed.npz", half=True, told=Told())
    assert json.loads((tmp_path / "packed.npz.part.json").read_text())["slides"] == 3
    np.save(folder / "ben_2.npy", drawn_rows(3, 5).astype(np.float16))
    told = Told()
    pack(_slides(folder), tmp_path / "packed.npz", half=True, told=told)
    assert told.resumed == 3


def test_what_cannot_be_packed_together_is_named(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "packed.npz"
    np.save(folder / "ben_3.npy", np.full((2, 6), 70_000, dtype=np.float32))
    with pytest.raises(UsageError, match=r"ben_3\.npy \(patient ben\): patch 0 holds a value beyond float16"):
        pack(_slides(folder), target, half=True, told=Told())
    np.save(folder / "ben_3.npy", np.ones((2, 7), dtype=np.float32))
    with pytest.raises(UsageError, match=r"ben_3\.npy \(patient ben\): patches of width 7, but .*ada_1\.h5 .* has 6"):
        pack(_slides(folder), target, half=True, told=Told())
    (tmp_path / "more").mkdir()
    np.save(tmp_path / "more" / "ada_2.npy", drawn_rows(0, 2))
    again = [slide_file(folder / "ada_2.npy", "ada"), slide_file(tmp_path / "more" / "ada_2.npy", "ben")]
    with pytest.raises(UsageError, match=r"more/ada_2\.npy \(patient ben\): slide ada_2 stands there twice"):
        pack(again, target, half=True, told=Told())
    target.touch()
    with pytest.raises(UsageError, match=r"packed\.npz exists already"):
        pack(_slides(folder), target, half=True, told=Told())


def test_two_runs_do_not_write_the_same_file(folder: Path, tmp_path: Path) -> None:
    with (tmp_path / "packed.npz.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match=r"packed\.npz\.part: another process is writing this file"):
            pack(_slides(folder), tmp_path / "packed.npz", half=True, told=Told())


def test_a_file_of_no_patient_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ben_1\.pt: a slide of no known patient: no 'ben'"):
        slides_by_name(folder, 3, {"ada"})
    with pytest.raises(UsageError, match=r"ada_1\.h5: a slide of no patient: .* after 2 characters"):
        slides_by_name(folder, 2, None)
    assert [slide.patient for slide in slides_by_name(folder, 3, None)] == ["ada", "ada", "ben", "ben", "ben"]
    table = tmp_path / "patients.csv"
    table.write_text("patient_id,age\nada,60\nben,50\n")
    assert patients_of_table(table, "patient_id") == {"ada", "ben"}
    with pytest.raises(UsageError, match="no file of a slide in it"):
        slides_by_name(tmp_path, 3, None)
    with pytest.raises(UsageError, match=r"none: no such folder"):
        slides_by_name(tmp_path / "none", 3, None)


def test_a_table_tells_whose_a_file_is(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "slides.csv"
    rows = ["patient_id,file", "zoe,ben_3.npy", "ada,ada_1.h5", "ada,ada_2.npy", "ben,ben_1.pt", "ben,ben_2.npy"]
    table.write_text("\n".join(rows))
    slides = slides_by_table(folder, table, "patient_id", "file")
    assert [(slide.patient, slide.name) for slide in slides[:2]] == [("zoe", "ben_3"), ("ada", "ada_1")]
    table.write_text("\n".join(rows[:-1]))
    with pytest.raises(UsageError, match=r"ben_2\.npy: a slide of no patient: not in slides\.csv"):
        slides_by_table(folder, table, "patient_id", "file")
    table.write_text("\n".join([*rows, "cai,none.npy"]))
    with pytest.raises(
        UsageError, match=r"slides\.csv: column 'file': 1 file \('none\.npy'\) is not in slides, in row 7"
    ):
        slides_by_table(folder, table, "patient_id", "file")
    table.write_text("\n".join([*rows, "ada,ada_1.h5"]))
    with pytest.raises(
        UsageError, match=r"slides\.csv: column 'file': 1 file \('ada_1\.h5'\) is listed twice, in row 7"
    ):
        slides_by_table(folder, table, "patient_id", "file")


MEASURE = """
import sys, psutil
from pathlib import Path
from benchmarks.datasets.readers.packing import pack
from benchmarks.datasets.cohort_file.slide_owners import slides_by_name
most = 0
class Told:
    def packed(self, slides, *, resumed=False):
        global most
        most = max(most, psutil.Process().memory_info().rss)
slides = slides_by_name(Path(sys.argv[1]), 2, None)
before = psutil.Process().memory_info().rss
pack(slides, Path(sys.argv[2]), half=True, told=Told())
print(most - before)
"""


def test_memory_is_bounded_by_one_slide(tmp_path: Path) -> None:
    rows, width, slides = 8000, 512, 12
    folder = tmp_path / "slides"
    folder.mkdir()
    np.save(folder / "p0_0.npy", np.ones((rows, width), dtype=np.float16))
    for slide in range(1, slides):
        os.link(folder / "p0_0.npy", folder / f"p{slide % 3}_{slide}.npy")
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), str(tmp_path / "packed.npz")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    # Twelve slides are 94 MiB; one is 7.8 MiB, 16 MiB as float32.
    assert (tmp_path / "packed.npz").stat().st_size > 90 * 2**20
    assert int(answer.stdout) < 35 * 2**20
