"""Patch features in the layouts of CLAM and TRIDENT, read as bags. All slides are drawn by the tests."""

import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from benchmarks.datasets.readers.patch_features import coordinates, patch_bags, slides_by_patient

from benchmarks.errors import UsageError
from benchmarks.types import Float32Array

WIDTH = 6


def _drawn(seed: int, patches: int, width: int = WIDTH) -> Float32Array:
    return np.random.default_rng(seed).normal(size=(patches, width)).astype(np.float16).astype(np.float32)


def _h5(path: Path, values: Float32Array, *, dtype: str = "float16", leading: bool = False) -> Path:
    held = values.astype(dtype)
    with h5py.File(path, "w") as file:
        file["features"] = held[None] if leading else held
        file["coords"] = np.stack([np.arange(len(values)) * 256, np.zeros(len(values))], axis=1).astype(np.int64)
    return path


def _npy(path: Path, values: Float32Array, *, dtype: str = "float16") -> Path:
    np.save(path, values.astype(dtype))
    return path


def _pt(path: Path, values: Float32Array) -> Path:
    torch.save(torch.from_numpy(values).half(), path)
    return path


def test_slides_of_all_three_formats_are_joined_in_order(tmp_path: Path) -> None:
    parts = [_drawn(seed, patches) for seed, patches in ((0, 3), (1, 5000), (2, 2))]
    files = [_h5(tmp_path / "a.h5", parts[0]), _npy(tmp_path / "b.npy", parts[1]), _pt(tmp_path / "c.pt", parts[2])]
    bags = patch_bags({"ada": files}, ["ada"])
    np.testing.assert_array_equal(bags[0], np.concatenate(parts))
    assert bags[0].dtype == np.float32
    assert bags.width == WIDTH


def test_a_leading_axis_of_one_and_float32_are_read_too(tmp_path: Path) -> None:
    values = _drawn(0, 4)
    one, two = _h5(tmp_path / "a.h5", values, leading=True), _npy(tmp_path / "b.npy", values[None], dtype="float32")
    bags = patch_bags({"ada": [one], "ben": [two]}, ["ada", "ben"])
    np.testing.assert_array_equal(bags[0], values)
    np.testing.assert_array_equal(bags[1], values)


def test_a_patient_without_a_slide_is_absent_and_stays(tmp_path: Path) -> None:
    bags = patch_bags({"ben": [_npy(tmp_path / "b.npy", _drawn(0, 4))]}, ["ada", "ben"])
    assert bags.present.tolist() == [False, True]
    assert bags[0].shape == (0, WIDTH)


def test_no_patch_is_read_before_its_bag(tmp_path: Path) -> None:
    path = _npy(tmp_path / "a.npy", np.full((3, WIDTH), np.nan, dtype=np.float32))
    bags = patch_bags({"ada": [path]}, ["ada"])
    with pytest.raises(UsageError, match=r"a\.npy \(patient ada\): patch 0 holds a value that is not finite"):
        bags[0]


@pytest.mark.parametrize("ending", ["h5", "npy", "pt"])
def test_a_row_that_is_not_finite_is_named(tmp_path: Path, ending: str) -> None:
    values = _drawn(0, 2100)
    values[2050, 1] = np.inf
    path = {"h5": _h5, "npy": _npy, "pt": _pt}[ending](tmp_path / f"slide.{ending}", values)
    with pytest.raises(UsageError, match=rf"slide\.{ending} \(patient ada\): patch 2050"):
        patch_bags({"ada": [path]}, ["ada"])[0]


def test_a_file_of_another_width_is_named(tmp_path: Path) -> None:
    one, two = _npy(tmp_path / "a.npy", _drawn(0, 3)), _npy(tmp_path / "b.npy", _drawn(0, 3, width=7))
    with pytest.raises(
        UsageError, match=r"b\.npy \(patient ben\): patches of width 7, but .*a\.npy \(patient ada\) has 6"
    ):
        patch_bags({"ada": [one], "ben": [two]}, ["ada", "ben"])


def test_a_slide_of_a_patient_outside_the_cohort_is_named(tmp_path: Path) -> None:
    path = _npy(tmp_path / "a.npy", _drawn(0, 3))
    with pytest.raises(UsageError, match=r"a\.npy \(patient zoe\): the patient of this slide is not in the cohort"):
        patch_bags({"zoe": [path]}, ["ada"])


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.npy", b"not an array", "cannot be read"),
        ("a.pt", b"not a tensor", "cannot be read"),
        ("a.h5", b"not a file", "cannot be read"),
        ("a.csv", b"1,2", "patch features end in .h5, .npy, .pt"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"{name} \(patient ada\): {problem}"):
        patch_bags({"ada": [path]}, ["ada"])


def test_a_cut_array_is_named(tmp_path: Path) -> None:
    path = _npy(tmp_path / "a.npy", _drawn(0, 100))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UsageError, match=r"a\.npy \(patient ada\): cannot be read"):
        patch_bags({"ada": [path]}, ["ada"])


def test_other_shapes_types_and_contents_are_refused(tmp_path: Path) -> None:
    flat, whole, lots = tmp_path / "flat.npy", tmp_path / "whole.npy", tmp_path / "lots.pt"
    np.save(flat, np.zeros(3, dtype=np.float32))
    np.save(whole, np.zeros((3, 2), dtype=np.int64))
    torch.save({"features": torch.zeros(3, 2)}, lots)
    for path, problem in ((flat, r"shape \(3,\)"), (whole, "type int64"), (lots, "it holds a dict")):
        with pytest.raises(UsageError, match=problem):
            patch_bags({"ada": [path]}, ["ada"])
    with h5py.File(tmp_path / "none.h5", "w") as file:
        file["other"] = np.zeros((3, 2))
    with pytest.raises(UsageError, match="no dataset 'features'"):
        patch_bags({"ada": [tmp_path / "none.h5"]}, ["ada"])


def test_a_pickle_that_runs_code_is_not_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save(Trap(), tmp_path / "a.pt")
    with pytest.raises(UsageError, match="more than plain tensors"):
        patch_bags({"ada": [tmp_path / "a.pt"]}, ["ada"])
    assert not (tmp_path / "sprung").exists()


def test_the_fingerprint_follows_the_content_and_no_bag_is_read_for_it(tmp_path: Path) -> None:
    values = _drawn(0, 300)
    before = patch_bags({"ada": [_npy(tmp_path / "a.npy", values)]}, ["ada"]).fingerprints
    values[-1, -1] += 1
    after = patch_bags({"ada": [_npy(tmp_path / "a.npy", values)]}, ["ada"]).fingerprints
    assert before is not None
    assert before != after


def test_slides_are_found_by_the_start_of_their_name(tmp_path: Path) -> None:
    _npy(tmp_path / "ada-2.npy", _drawn(0, 3))
    _h5(tmp_path / "ada-1.h5", _drawn(0, 3))
    _npy(tmp_path / "ada-2_coords.npy", _drawn(0, 3))
    (tmp_path / "notes.txt").write_text("not a slide")
    found = slides_by_patient(tmp_path, {"ada", "ben"}, 3)
    assert {patient: [path.name for path in paths] for patient, paths in found.items()} == {
        "ada": ["ada-1.h5", "ada-2.npy"]
    }


def test_a_slide_of_no_known_patient_and_one_that_stands_there_twice_are_named(tmp_path: Path) -> None:
    _npy(tmp_path / "zoe-1.npy", _drawn(0, 3))
    with pytest.raises(UsageError, match=r"zoe-1\.npy: a slide of no known patient: no 'zoe'"):
        slides_by_patient(tmp_path, {"ada"}, 3)
    _h5(tmp_path / "zoe-1.h5", _drawn(0, 3))
    with pytest.raises(UsageError, match=r"zoe-1\.npy: the slide stands there twice, also as zoe-1\.h5"):
        slides_by_patient(tmp_path, {"zoe"}, 3)


def test_coordinates_are_read_from_the_file_or_beside_it(tmp_path: Path) -> None:
    inside = _h5(tmp_path / "a.h5", _drawn(0, 3))
    assert coordinates(inside).tolist() == [[0, 0], [256, 0], [512, 0]]
    beside = _npy(tmp_path / "b.npy", _drawn(0, 2))
    np.save(tmp_path / "b_coords.npy", np.array([[1, 2], [3, 4]]))
    assert coordinates(beside).tolist() == [[1, 2], [3, 4]]
    (tmp_path / "features").mkdir()
    (tmp_path / "coordinates").mkdir()
    apart = _pt(tmp_path / "features" / "c.pt", _drawn(0, 1))
    np.save(
        tmp_path / "coordinates" / "c.npy", np.array([(7, 8, 256)], dtype=[("x", "<i4"), ("y", "<i4"), ("s", "<i4")])
    )
    assert coordinates(apart).tolist() == [[7, 8]]
    with pytest.raises(UsageError, match=r"d\.npy: no coordinates beside it"):
        coordinates(_npy(tmp_path / "d.npy", _drawn(0, 2)))
    np.save(tmp_path / "b_coords.npy", np.array([[1, 2]]))
    with pytest.raises(UsageError, match=r"coordinates of shape \(1, 2\) for 2 patches"):
        coordinates(beside)


def _anonymous() -> int:
    """Return the anonymous resident memory of this process in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="anonymous memory is read from Linux's /proc")
def test_anonymous_memory_is_that_of_the_batch_not_of_the_cohort(tmp_path: Path) -> None:
    patients, patches, width, batch = 40, 20_000, 1024, 2
    values = np.random.default_rng(0).normal(size=(patches, width)).astype(np.float16)
    written = [
        _npy(tmp_path / "0.npy", values, dtype="float16"),
        _h5(tmp_path / "1.h5", values),
        _pt(tmp_path / "2.pt", values.astype(np.float32)),
    ]
    del values
    files = {}
    for patient in range(patients):
        # Forty names for three files of 41 MB: the memory of reading is the same, the disk is spared.
        original = written[patient % len(written)]
        os.link(original, link := tmp_path / f"patient-{patient}{original.suffix}")
        files[f"patient-{patient}"] = [link]
    before = _anonymous()
    bags = patch_bags(files, list(files))
    after_opening = _anonymous()
    most = 0
    for start in range(0, patients, batch):
        held = [bags[row] for row in range(start, start + batch)]
        most = max(most, _anonymous() - before)
        assert all(bag.shape == (patches, width) for bag in held)
        del held
    of_batch = batch * patches * width * 4
    assert after_opening - before < 20e6
    assert most < of_batch + 120e6


def test_bags_know_where_their_patches_lie_if_all_their_slides_do(tmp_path: Path) -> None:
    known = [_h5(tmp_path / "a.h5", _drawn(0, 3)), _npy(tmp_path / "b.npy", _drawn(1, 2))]
    np.save(tmp_path / "b_coords.npy", np.array([[1, 2], [3, 4]]))
    unknown = _npy(tmp_path / "c.npy", _drawn(2, 2))
    bags = patch_bags({"ada": known, "ben": [known[0], unknown]}, ["ada", "ben", "cyd"])
    places = bags.places(0)
    assert places is not None
    assert places.tolist() == [[0, 0], [256, 0], [512, 0], [1, 2], [3, 4]]
    assert bags.take(np.array([1, 0])).places(1) is not None
    assert [bags.places(row) for row in (1, 2)] == [None, None]
    np.save(tmp_path / "c_coords.npy", np.array([[1, 2]]))
    with pytest.raises(UsageError, match=r"c\.npy: coordinates of shape \(1, 2\) for 2 patches"):
        bags.places(1)
