"""CHIMERA task 1: drawn patients in the official layout, and the real ones where they are."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_chimera import STAGES, load, write_task

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_card
from benchmarks.errors import UsageError

needs_data = pytest.mark.skipif(
    not Path(os.environ.get("BENCHMARKS_DATA", ""), "chimera", "task1").is_dir() or "BENCHMARKS_DATA" not in os.environ,
    reason="BENCHMARKS_DATA names no folder with chimera/task1",
)


@pytest.fixture(params=["chimera", "chimera/v2"], ids=["plain", "v2"])
def task(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return write_task(tmp_path / str(request.param))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


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
