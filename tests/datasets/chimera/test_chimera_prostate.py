"""CHIMERA task 1: drawn patients in the official layout, and the real ones where they are."""

import importlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_card
from benchmarks.errors import UsageError

prostate = importlib.import_module("benchmarks.datasets.chimera.prostate")
mri = importlib.import_module("benchmarks.datasets.chimera.mri")

STAGES = ["2", "2a", "2b", "2c", "3", "3a", "3b", "4", "4a", "4b", "x"]

needs_data = pytest.mark.skipif(
    not Path(os.environ.get("BENCHMARKS_DATA", ""), "chimera", "task1").is_dir() or "BENCHMARKS_DATA" not in os.environ,
    reason="BENCHMARKS_DATA names no folder with chimera/task1",
)


def drawn(number: int) -> dict[str, Any]:
    """Return one drawn patient; together the patients have every documented form of every value."""
    event = number % 3 == 0
    values: dict[str, Any] = {
        "age_at_prostatectomy": 50 + number,
        "primary_gleason": 3 + number % 3,
        "secondary_gleason": 2 + number % 4,
        "ISUP": 1 + number % 5,
        "pre_operative_PSA": 0.5 + number,
        "BCR": "1.0" if event else "0.0",
        "time_to_follow-up/BCR": 2.5 + number,
        "pT_stage": STAGES[number % len(STAGES)],
        "positive_lymph_nodes": ["0", "1", "x"][number % 3],
        "capsular_penetration": ["0", "1", "x"][number % 3],
        "positive_surgical_margins": number % 2,
        "invasion_seminal_vesicles": str(number % 2),
        "lymphovascular_invasion": f"{number % 2}.0",
        "earlier_therapy": ["none", "unknown", "radiotherapy + hormones", "radiotherapy + cryotherapy"][number % 4],
    }
    if number % 4 == 0:
        values["tertiary_gleason"] = 5
    if event:
        values["BCR_PSA"] = 0.2
    elif number == 1:
        values["BCR_PSA"] = " "
    return values


@pytest.fixture(params=["chimera", "chimera/v2"], ids=["plain", "v2"])
def task(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / str(request.param) / "task1"
    (folder / "clinical_data").mkdir(parents=True)
    for number in range(22):
        (folder / "clinical_data" / f"{9100 + number}.json").write_text(json.dumps(drawn(number), indent=2))
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def load(tmp_path: Path, *, skip_invalid: bool = False) -> Any:
    return prostate.load(tmp_path, skip_invalid=skip_invalid)


def rewrite(task: Path, patient: int, **changes: Any) -> None:
    path = task / "clinical_data" / f"{patient}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_every_documented_value_form_is_read(task: Path, tmp_path: Path) -> None:
    cohort = load(tmp_path)
    frame = cohort.patients.table().frame
    assert list(cohort.patients.ids) == [str(9100 + number) for number in range(22)]
    assert cohort.time_unit == "months"
    assert cohort.outcome.time[:2].tolist() == [2.5, 3.5]
    assert cohort.outcome.event.tolist() == [number % 3 == 0 for number in range(22)]
    assert frame.loc[:3, "positive_lymph_nodes"].tolist()[:2] == [0.0, 1.0]
    assert np.isnan(frame.loc[2, "positive_lymph_nodes"])
    assert np.isnan(frame.loc[1, "tertiary_gleason"])
    assert frame.loc[4, "tertiary_gleason"] == 5
    assert frame.loc[:3, "lymphovascular_invasion"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert frame["earlier_therapy"].isna().tolist()[:4] == [False, True, False, False]


def test_the_order_of_the_stages_is_kept_and_x_is_missing(task: Path, tmp_path: Path) -> None:
    stage = load(tmp_path).patients.table().frame["pt_stage"]
    assert stage.cat.ordered
    assert stage.cat.categories.tolist() == STAGES[:-1]
    assert stage.isna().tolist()[:11] == [False] * 10 + [True]


def test_the_psa_at_recurrence_reaches_no_method(task: Path, tmp_path: Path) -> None:
    before = load(tmp_path).patients.table().frame
    rewrite(task, 9100, BCR_PSA=99.0)
    rewrite(task, 9101, BCR_PSA=99.0)
    after = load(tmp_path).patients.table().frame
    assert before.equals(after)
    assert not [name for name in after if "bcr" in name.lower()]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"BCR": "2.0"}, "'BCR' is '2.0', expected 0 or 1"),
        ({"time_to_follow-up/BCR": -4}, "'time_to_follow-up/BCR' is -4, which is impossible"),
        ({"ISUP": 7}, "'ISUP' is 7, which is impossible: expected 1 to 5"),
        ({"pT_stage": "1"}, "'pT_stage' is '1', expected one of 2, 2a"),
    ],
)
def test_a_malformed_patient_is_named(task: Path, tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    rewrite(task, 9105, **changes)
    with pytest.raises(UsageError, match=rf"chimera-prostate: \S+9105\.json: patient 9105: {problem}.*--skip-invalid"):
        load(tmp_path)


def test_skipped_patients_are_left_out_and_counted(
    task: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rewrite(task, 9105, ISUP=7)
    (task / "clinical_data" / "9106.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        cohort = load(tmp_path, skip_invalid=True)
    assert len(cohort) == 20
    assert "2 of 22 patients left out as invalid" in caplog.text
    assert "patient 9105: 'ISUP' is 7" in caplog.text
    assert "patient 9106: not valid JSON" in caplog.text


def test_no_readable_patient_is_an_error_even_when_skipping(tmp_path: Path) -> None:
    (tmp_path / "chimera" / "task1" / "clinical_data").mkdir(parents=True)
    with pytest.raises(UsageError, match="no patient could be read"):
        load(tmp_path, skip_invalid=True)


def test_a_missing_task_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"task1 is missing.*data fetch chimera --task 1 gets it"):
        load(tmp_path)


def test_two_copies_of_the_task_are_refused(tmp_path: Path) -> None:
    for folder in ("chimera/task1", "chimera/v2/task1"):
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(UsageError, match="both there: which is meant is unclear"):
        load(tmp_path)


def test_published_folds_are_those_of_the_file(task: Path, tmp_path: Path) -> None:
    (task / "derived").mkdir()
    rows = [f"{9100 + number},{number % 5}" for number in range(21)]
    (task / "derived" / "folds_5.csv").write_text("\n".join(["patient_id,fold", *rows]))
    assert load(tmp_path).published_fold.tolist() == [*(number % 5 for number in range(21)), -1]


def test_derived_features_are_masked_where_absent(task: Path, tmp_path: Path) -> None:
    (task / "derived").mkdir()
    (task / "derived" / "mri_cnn_features.csv.gz").write_bytes(gzipped("patient_id,t2w_000\n9103,0.5\n"))
    features = load(tmp_path).patients.matrix("mri_cnn")
    assert np.flatnonzero(features.present).tolist() == [3]
    assert features.values[3].tolist() == [0.5]
    assert np.isnan(features.values[0]).all()


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("patient_id,a\n9103,1\n9103,2\n", "patient 9103 stands there twice"),
        ("patient_id,a\n9103,\n", "patient 9103: a value is not finite"),
        ("patient_id,a\n9103,x\n", "the column a holds something that is not a number"),
        ("id,a\n9103,1\n", "there is no column patient_id"),
        ("patient_id,a\n9999,1\n", "none of its patients is in the cohort"),
    ],
)
def test_bad_derived_features_are_named(task: Path, tmp_path: Path, table: str, problem: str) -> None:
    (task / "derived").mkdir()
    (task / "derived" / "mri_cnn_features.csv.gz").write_bytes(gzipped(table))
    with pytest.raises(UsageError, match=rf"mri_cnn_features\.csv\.gz: {problem}"):
        load(tmp_path)


def test_a_truncated_table_is_named(task: Path, tmp_path: Path) -> None:
    (task / "derived").mkdir()
    whole = gzipped("patient_id,t2w_000\n" + "".join(f"{9100 + i},{i}.5\n" for i in range(22)))
    (task / "derived" / "mri_cnn_features.csv.gz").write_bytes(whole[:-20])
    with pytest.raises(UsageError, match=r"mri_cnn_features\.csv\.gz: cannot be read as a table"):
        load(tmp_path)


def gzipped(text: str) -> bytes:
    import gzip

    return gzip.compress(text.encode())


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


def test_slides_of_a_patient_are_one_bag(task: Path, tmp_path: Path) -> None:
    import torch

    folder = task / "pathology" / "features" / "features"
    folder.mkdir(parents=True)
    for slide, rows in (("9101_1", 3), ("9101_2", 2), ("9103_1", 4)):
        torch.save(torch.full((rows, 8), float(rows)), folder / f"{slide}.pt")
    bags = load(tmp_path).patients.bags("wsi")
    assert bags.width == 8
    assert np.flatnonzero(bags.present).tolist() == [1, 3]
    assert bags[1][:, 0].tolist() == [3, 3, 3, 2, 2]


def test_a_slide_of_no_known_patient_is_named(task: Path, tmp_path: Path) -> None:
    folder = task / "pathology" / "features"
    folder.mkdir(parents=True)
    (folder / "9999_1.pt").write_bytes(b"")
    with pytest.raises(UsageError, match=r"9999_1\.pt: a slide of no known patient"):
        load(tmp_path)


@needs_data
def test_the_real_cohort_has_the_size_of_the_card() -> None:
    loaded = load_dataset("chimera-prostate")
    assert (len(loaded.cohort), loaded.cohort.outcome.n_events) == (95, 27)
    assert loaded.cohort.patients.matrix("mri_cnn").values.shape == (95, 3 * 576)
    assert np.unique(loaded.cohort.published_fold, return_counts=True)[1].tolist() == [19] * 5
    described = {covariate.name: covariate for covariate in loaded.card.covariates}
    table = loaded.cohort.patients.table()
    assert set(described) == set(table.frame)
    for name in table.categorical:
        for level in table.frame[name].cat.categories:
            assert level in described[name].unit


def test_the_card_forbids_to_publish_results() -> None:
    card = dataset_card("chimera-prostate")
    assert "forbids to publish" in card.embargo
    assert "NC" in card.licence
