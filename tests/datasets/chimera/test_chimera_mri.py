"""MRI of CHIMERA task 1: features of drawn scans."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_chimera import load, write_task

from benchmarks.errors import UsageError

mri = importlib.import_module("benchmarks.datasets.chimera.mri")


@pytest.fixture(params=["chimera", "chimera/v2"], ids=["plain", "v2"])
def task(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return write_task(tmp_path / str(request.param))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_scan(task: Path, patient: str, mask: Any, volume: Any, scan: str = "0001") -> None:
    """Write a scan whose ADC and high-b volumes have voxels twice as thick as the mask's."""
    import SimpleITK as sitk  # noqa: N813  # 2026-11-22: its documented name

    folder = task / "radiology" / "images" / patient
    folder.mkdir(parents=True, exist_ok=True)
    for name, array, spacing in [
        ("mask", mask.astype(np.uint8), (0.5, 0.5, 3.0)),
        ("t2w", volume.astype(np.int16), (0.5, 0.5, 3.0)),
        ("adc", volume[::2].astype(np.float32), (0.5, 0.5, 6.0)),
        ("hbv", volume[::2].astype(np.float32), (0.5, 0.5, 6.0)),
    ]:
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(spacing)
        sitk.WriteImage(image, str(folder / f"{patient}_{scan}_{name}.mha"))


@pytest.fixture
def scan() -> tuple[Any, Any]:
    mask = np.zeros((4, 10, 10))
    mask[0:3, 2:6, 2:7] = 1
    volume = np.random.default_rng(0).integers(0, 1000, mask.shape)
    return mask, volume


def test_volume_and_first_order_features_are_those_inside_the_mask(
    task: Path, tmp_path: Path, scan: tuple[Any, Any]
) -> None:
    mask, volume = scan
    write_scan(task, "9104", mask, volume)
    features = load(tmp_path).patients.matrix("mri")
    assert np.flatnonzero(features.present).tolist() == [4]
    found = dict(zip(features.names, features.values[4].tolist(), strict=True))
    inside = volume[mask > 0]
    assert found["volume_ml"] == pytest.approx(60 * 0.5 * 0.5 * 3 / 1000)
    assert found["t2w_mean"] == pytest.approx(inside.mean(), rel=1e-6)
    assert found["t2w_p90"] == pytest.approx(np.percentile(inside, 90), rel=1e-6)
    assert found["t2w_maximum"] == inside.max()
    # Slices 0 and 2 of the mask lie at the slices of the coarser volumes.
    assert found["adc_mean"] == pytest.approx(volume[::2][mask[::2] > 0].mean(), rel=1e-6)


def test_first_order_statistics_by_hand() -> None:
    mean, sd, skewness, kurtosis, p10, median, p90, minimum, maximum, entropy = mri.first_order(
        np.array([1.0, 1.0, 3.0, 3.0])
    )
    assert (mean, sd, skewness, median, minimum, maximum, entropy) == (2, 1, 0, 2, 1, 3, 1)
    assert kurtosis == -2
    assert (p10, p90) == (1, 3)


def test_features_are_computed_once_and_again_when_a_file_changes(
    task: Path, tmp_path: Path, scan: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scan(task, "9104", *scan)
    computed = []
    real = mri.scan_features
    monkeypatch.setattr(mri, "scan_features", lambda mask, patient: computed.append(patient) or real(mask, patient))
    first = load(tmp_path).patients.matrix("mri").values
    second = load(tmp_path).patients.matrix("mri").values
    assert computed == ["9104"]
    np.testing.assert_array_equal(first, second)
    write_scan(task, "9104", scan[0], scan[1] + 1)
    assert load(tmp_path).patients.matrix("mri").values[4, 1] == pytest.approx(first[4, 1] + 1)


def test_of_several_scans_the_first_is_taken(task: Path, tmp_path: Path, scan: tuple[Any, Any]) -> None:
    write_scan(task, "9104", scan[0], scan[1] + 500, scan="0002")
    write_scan(task, "9104", *scan, scan="0001")
    assert load(tmp_path).patients.matrix("mri").values[4, 1] == pytest.approx(scan[1][scan[0] > 0].mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (
            lambda folder: (folder / "9104_0001_adc.mha").unlink(),
            "9104_0001_adc.mha: patient 9104: the file is missing",
        ),
        (lambda folder: (folder / "9104_0001_mask.mha").unlink(), r"no 9104_<scan>_mask\.mha among the images"),
        (
            lambda folder: (folder / "9104_0001_t2w.mha").write_bytes(b"no image"),
            "patient 9104: cannot be read as an image",
        ),
        (lambda folder: truncate(folder / "9104_0001_t2w.mha"), "patient 9104: cannot be read as an image"),
    ],
)
def test_a_broken_scan_is_named(task: Path, tmp_path: Path, scan: tuple[Any, Any], harm: Any, problem: str) -> None:
    write_scan(task, "9104", *scan)
    harm(task / "radiology" / "images" / "9104")
    with pytest.raises(UsageError, match=problem):
        load(tmp_path)
    assert "9104" not in load(tmp_path, skip_invalid=True).patients.ids


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def test_an_empty_mask_is_named(task: Path, tmp_path: Path, scan: tuple[Any, Any]) -> None:
    write_scan(task, "9104", scan[0] * 0, scan[1])
    with pytest.raises(UsageError, match=r"9104_0001_mask\.mha: patient 9104: the mask is empty"):
        load(tmp_path)
