"""Files of slides that somebody else made: what is not a plain array of numbers is refused in one line, unread."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from benchmarks.datasets.readers.packed_slides import packed_bags
from benchmarks.datasets.readers.patch_features import coordinates, patch_bags
from drawn_slides import packed_arrays, write_packed

from benchmarks.errors import UsageError


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        patch_bags({"ada": [path]}, ["ada"])[0]
    told = str(caught.value)
    assert path.name in told
    assert "ada" in told
    assert "\n" not in told
    return told


@pytest.mark.parametrize(
    ("write", "problem"),
    [
        (lambda file: file.create_group("features"), "'features' is a group"),
        (lambda file: file.__setitem__("features", h5py.SoftLink("/nowhere")), "is a link, which is not followed"),
        (lambda file: file.__setitem__("features", h5py.SoftLink("/features")), "is a link, which is not followed"),
        (
            lambda file: file.__setitem__("features", h5py.ExternalLink("../other.h5", "/features")),
            "is a link, which is not followed",
        ),
        (lambda file: file.__setitem__("features", h5py.Empty("f4")), "'features' is empty"),
        (lambda file: file.__setitem__("features", "some words"), "of shape ()"),
        (lambda file: file.__setitem__("features", np.zeros((3, 2), dtype=[("x", "f4")])), "of type [('x', '<f4')]"),
        (lambda file: file.__setitem__("features", np.array([[b"a"]], dtype=object)), "of type object"),
        (lambda file: file.create_dataset("features", (10**15, 1024), "f4", chunks=(64, 1024)), "declares more than"),
        (lambda file: file.create_dataset("other", (3, 2), "f4"), "no dataset 'features'"),
    ],
)
def test_what_is_no_dataset_of_its_own(tmp_path: Path, write: Callable[[Any], object], problem: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write(file)
    assert problem in refused(tmp_path / "a.h5")


def test_numbers_that_stand_in_other_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(24))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("features", (3, 2), "f4", external=[(str(tmp_path / "secret"), 0, 24)])
    assert "stand in other files, which are not read" in refused(tmp_path / "a.h5")
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource(tmp_path / "a.h5", "features", (3, 2))
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_virtual_dataset("features", layout)
    assert "stand in other files, which are not read" in refused(tmp_path / "b.h5")


def test_a_chunk_that_cannot_be_unpacked_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        found = file.create_dataset("features", data=np.ones((64, 8), "f4"), compression="gzip")
        start, size = found.id.get_chunk_info(0).byte_offset, found.id.get_chunk_info(0).size
    content = bytearray(path.read_bytes())
    content[start : start + size] = bytes(size)
    path.write_bytes(content)
    assert "cannot be read" in refused(path)


@pytest.mark.parametrize(
    ("tensor", "problem"),
    [
        (lambda: torch.zeros(3, 2).to_sparse(), "expected a dense one"),
        (lambda: torch.zeros(3, 2).to_sparse_csr(), "expected a dense one"),
        (lambda: torch.zeros(3, 2, device="meta"), "expected a dense one"),
        (lambda: torch.zeros(1, 2).expand(10**9, 2), "is larger than the file"),
        (lambda: torch.zeros(3, 2, dtype=torch.complex64), "torch.complex64"),
        (lambda: {"features": torch.zeros(3, 2)}, "it holds a dict"),
        (lambda: torch.zeros(()), "of shape ()"),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_what_is_no_dense_tensor(tmp_path: Path, tensor: Callable[[], Any], problem: str) -> None:
    torch.save(tensor(), tmp_path / "a.pt")
    assert problem in refused(tmp_path / "a.pt")


def test_a_tensor_that_is_described_at_length_is_not_read(tmp_path: Path) -> None:
    torch.save([torch.zeros(2, 2)] * 10_000, tmp_path / "a.pt")
    start = time.monotonic()
    assert "holds more than plain tensors" in refused(tmp_path / "a.pt")
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.array([[{}]], dtype=object), "objects"),
        (np.zeros((3, 2), dtype=[("x", "f4")]), "objects or records"),
        (np.zeros((3, 2), dtype=">f4"), "of type >f4"),
        (np.zeros((3, 0), dtype="f4"), "of shape (3, 0)"),
        (np.zeros((3, 2), dtype="U3"), "of type <U3"),
    ],
)
def test_what_is_no_array_of_numbers(tmp_path: Path, array: np.ndarray, problem: str) -> None:
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    assert problem in refused(tmp_path / "a.npy")


def test_an_archive_under_the_name_of_an_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 2), "f4"))
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")
    assert "cannot be read" in refused(tmp_path / "a.npy")


@pytest.mark.parametrize("ending", ["h5", "pt", "npy"])
def test_pipes_folders_devices_and_dangling_links_are_answered_at_once(tmp_path: Path, ending: str) -> None:
    start = time.monotonic()
    os.mkfifo(tmp_path / f"pipe.{ending}")
    (tmp_path / f"folder.{ending}").mkdir()
    (tmp_path / f"zeros.{ending}").symlink_to("/dev/zero")
    (tmp_path / f"dangling.{ending}").symlink_to("nowhere")
    (tmp_path / f"self.{ending}").symlink_to(f"self.{ending}")
    for path in list(tmp_path.iterdir()):
        refused(path)
    with pytest.raises(UsageError, match="named pipe"):
        packed_bags(tmp_path / f"pipe.{ending}", ["ada"])
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "places",
    [
        np.full((5, 2), np.nan),
        np.full((5, 2), 1e300),
        np.full((5, 2), "x"),
        np.zeros((4, 2)),
        np.zeros(5, dtype=[("x", "U3"), ("y", "U3")]),
        np.zeros(5, dtype=[("row", "i4")]),
    ],
)
def test_coordinates_that_are_no_pair_of_numbers_a_patch(tmp_path: Path, places: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", np.zeros((5, 3), "f4"))
    np.save(tmp_path / "a_coords.npy", places)
    with pytest.raises(UsageError, match=r"a\.npy: coordinates of"):
        coordinates(tmp_path / "a.npy")


def test_a_packed_file_that_unfolds_beyond_what_it_can_hold(tmp_path: Path) -> None:
    arrays = packed_arrays({"007_1": 3})
    path = write_packed(tmp_path / "a.npz", arrays, compressed=True)
    content = path.read_bytes()
    size = (3 * 6 * 2 + 128).to_bytes(4, "little")
    assert content.count(size) >= 2, "header and directory tell the size of the features"
    path.write_bytes(content.replace(size, (2**31).to_bytes(4, "little")))
    with pytest.raises(UsageError, match="2147483648 bytes"):
        packed_bags(path, ["007"])
