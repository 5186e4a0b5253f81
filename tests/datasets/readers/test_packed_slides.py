"""Features of many slides in one packed file, read as bags. All files are drawn by the tests."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.datasets.readers.packed_slides import packed_bags
from drawn_slides import WIDTH, drawn_rows, packed_arrays, write_packed

from benchmarks.errors import UsageError

SLIDES = {"ada_1": 3, "ben_1": 4, "ada_2": 2}
IDS = ["ada", "ben", "cai"]

Arrays = dict[str, Any]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_all_slides_of_a_patient_are_one_bag_with_the_borders_of_the_slides(
    tmp_path: Path, dtype: str, compressed: bool
) -> None:
    bags = packed_bags(write_packed(tmp_path / "b.npz", packed_arrays(SLIDES, dtype), compressed=compressed), IDS)
    np.testing.assert_array_equal(bags[0], np.concatenate([drawn_rows(0, 3), drawn_rows(2, 2)]))
    np.testing.assert_array_equal(bags[1], drawn_rows(1, 4))
    assert bags[0].dtype == np.float32
    assert [bags.slides(row).tolist() for row in range(3)] == [[0, 3, 5], [0, 4], [0]]


def test_a_patient_without_a_slide_is_a_mask(tmp_path: Path) -> None:
    bags = packed_bags(write_packed(tmp_path / "b.npz", packed_arrays(SLIDES)), IDS)
    assert bags.present.tolist() == [True, True, False]
    assert bags[2].shape == (0, WIDTH)


def test_fingerprints_tell_the_numbers_not_how_they_are_stored(tmp_path: Path) -> None:
    stored = [
        packed_bags(
            write_packed(tmp_path / f"{compressed}.npz", packed_arrays(SLIDES, dtype), compressed=compressed), IDS
        )
        for dtype, compressed in (("float16", True), ("float32", False))
    ]
    assert stored[0].fingerprints == stored[1].fingerprints
    changed = packed_arrays(SLIDES)
    changed["features"][-1, -1] += 1
    other = packed_bags(write_packed(tmp_path / "changed.npz", changed), IDS).fingerprints
    assert other is not None
    assert stored[0].fingerprints is not None
    assert [one == two for one, two in zip(other, stored[0].fingerprints, strict=True)] == [False, True, True]


def _set(name: str, value: Any) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {**arrays, name: value}


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (_set("offsets", [0, 3, 7, 8]), "the offsets end at 8, but there are 9 rows of features"),
        (_set("offsets", [0, 3, 9]), "3 offsets for 3 slides, expected 4"),
        (_set("offsets", [1, 3, 7, 9]), "the offsets begin at 1, expected 0"),
        (_set("offsets", [0, 7, 3, 9]), "the offsets of slide ben_1 are 7 and 3: no rows"),
        (_set("offsets", [0, 3, 3, 9]), "the offsets of slide ben_1 are 3 and 3: no rows"),
        (_set("offsets", [0.0, 3.0, 7.0, 9.0]), "offsets of type float64 .* expected a vector of integers"),
        (_set("features", np.zeros((9, 0), np.float16)), r"features of shape \(9, 0\): their width is 0"),
        (_set("features", np.zeros(9, np.float16)), r"features of shape \(9,\), expected \(regions, width\)"),
        (_set("features", np.zeros((9, 2))), "features of type float64, expected float16 or float32"),
        (_set("features", np.zeros((2, 9), np.float16).T), "features is stored column by column"),
        (_set("features", np.array([[None]] * 9)), "features is an array of objects, which is never unpickled"),
        (_set("slide_id", np.array(["ada_1", "ben_1", None])), "slide_id is an array of objects, which is never"),
        (_set("slide_id", ["ada_1", "ben_1", "ada_1"]), r"slide ada_1 stands there twice \(patient ada\)"),
        (_set("slide_id", ["ada_1", "ben_1", " "]), "slide_id of slide 2 is empty"),
        (_set("slide_id", [1, 2, 3]), "slide_id of type int64 .* expected a vector of texts"),
        (_set("patient_id", ["ada", "ben"]), "3 slides in slide_id, but 2 in patient_id"),
        (_set("patient_id", ["ada", "zoe", "ada"]), "slide ben_1 is of no known patient: no 'zoe'"),
        (lambda arrays: {name: arrays[name] for name in arrays if name != "offsets"}, "no array 'offsets' in it"),
        (lambda arrays: {name: arrays[name] for name in arrays if name != "features"}, "no array 'features' in it"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named_with_what_is_wrong(
    tmp_path: Path, edit: Callable[[Arrays], Arrays], problem: str
) -> None:
    path = write_packed(tmp_path / "bags_x.npz", edit(packed_arrays(SLIDES)))
    with pytest.raises(UsageError, match=rf"bags_x\.npz: {problem}") as raised:
        packed_bags(path, IDS)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("compressed", [True, False])
def test_a_value_that_is_not_finite_is_named_when_its_bag_is_read(tmp_path: Path, compressed: bool) -> None:
    arrays = packed_arrays(SLIDES)
    arrays["features"][8, 1] = np.nan
    bags = packed_bags(write_packed(tmp_path / "b.npz", arrays, compressed=compressed), IDS)
    assert np.isfinite(bags[1]).all()
    with pytest.raises(UsageError, match=r"b\.npz: slide ada_2 \(patient ada\): patch 1 holds a value that is not fin"):
        bags[0]


def test_a_missing_file_and_one_of_another_kind_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.npz is missing"):
        packed_bags(tmp_path / "none.npz", IDS)
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(UsageError, match=r"a\.npy: damaged, get it again: File is not a zip file"):
        packed_bags(tmp_path / "a.npy", IDS)
    with pytest.raises(UsageError, match="cannot be read: it is a folder"):
        packed_bags(tmp_path, IDS)


@pytest.mark.parametrize("compressed", [True, False])
def test_a_cut_file_is_named(tmp_path: Path, compressed: bool) -> None:
    whole = write_packed(tmp_path / "whole.npz", packed_arrays(SLIDES), compressed=compressed).read_bytes()
    path = tmp_path / "cut.npz"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(UsageError, match=r"cut\.npz: damaged, get it again"):
            packed_bags(path, IDS)


def test_a_file_that_is_cut_after_it_was_opened_is_named(tmp_path: Path) -> None:
    path = write_packed(tmp_path / "b.npz", packed_arrays(SLIDES))
    bags = packed_bags(path, IDS)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UsageError, match=r"b\.npz: cannot be read"):
        bags[1]


def test_a_size_that_only_the_header_tells_is_not_allocated(tmp_path: Path) -> None:
    path = tmp_path / "b.npz"
    arrays = packed_arrays(SLIDES)
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            held = io.BytesIO()
            np.save(held, array)
            content = held.getvalue().replace(b"(9, 6), }" + b" " * 10, b"(99999999999, 6), }")
            archive.writestr(f"{name}.npy", content)
    with pytest.raises(UsageError, match=r"b\.npz: damaged, get it again: features of shape \(99999999999, 6\)"):
        packed_bags(path, IDS)


@pytest.mark.parametrize("compressed", [True, False])
def test_whatever_bytes_are_changed_the_file_is_read_or_named(tmp_path: Path, compressed: bool) -> None:
    whole = write_packed(tmp_path / "whole.npz", packed_arrays(SLIDES), compressed=compressed).read_bytes()
    path = tmp_path / "fuzzed.npz"
    rng = np.random.default_rng(7)
    named = 0
    for _ in range(700):
        content = bytearray(whole)
        for place in rng.integers(0, len(whole), rng.integers(1, 4)):
            content[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, content[place] ^ (1 << int(rng.integers(8)))])
        path.write_bytes(content)
        try:
            bags = packed_bags(path, IDS)
            for row in range(len(IDS)):
                assert bags[row].shape == (bags.slides(row)[-1], bags.width)
        except UsageError as error:
            assert "fuzzed.npz" in str(error)  # noqa: PT017  # 2026-11-26: only some of the files are refused
            assert "\n" not in str(error)  # noqa: PT017  # 2026-11-26: the same
            named += 1
    assert named > 250


MEASURE = """
import sys, psutil
from pathlib import Path
from benchmarks.datasets.readers.packed_slides import packed_bags
ids = [f"p{i}" for i in range(16)]
small = packed_bags(Path(sys.argv[1]), ids[:1])
small[0]
def resident():
    return psutil.Process().memory_info().rss
before = resident()
bags = packed_bags(Path(sys.argv[2]), ids)
opened = resident() - before
most = 0
for row in range(len(ids)):
    bag = bags[row]
    most = max(most, resident() - before)
    del bag
print(opened, most)
"""


def test_memory_is_that_of_one_bag_when_the_file_is_far_larger(tmp_path: Path) -> None:
    regions, width, patients = 4000, 512, 16
    small = write_packed(tmp_path / "small.npz", packed_arrays({"p0_1": 3}))
    features = np.ones((patients * regions, width), dtype=np.float16)
    large = write_packed(
        tmp_path / "large.npz",
        {
            "features": features,
            "offsets": np.arange(patients + 1) * regions,
            "slide_id": [f"p{i}_1" for i in range(patients)],
            "patient_id": [f"p{i}" for i in range(patients)],
        },
    )
    command = [sys.executable, "-c", MEASURE, str(small), str(large)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=environment)
    opened, most = map(int, answer.stdout.split())
    # 62.5 MiB on disk; a bag is 3.9 MiB in the file, and 7.8 MiB as float32.
    assert large.stat().st_size > 60 * 2**20
    assert opened < 5 * 2**20
    assert most < 25 * 2**20
