"""CHIMERA task 3: drawn patients in the official layout, and the real ones where they are."""

import importlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_card
from benchmarks.catalog.settings import dataset_options
from benchmarks.errors import UsageError
from benchmarks.protocol.splits import published_splits

bladder = importlib.import_module("benchmarks.datasets.chimera.bladder")

needs_data = pytest.mark.skipif(
    not Path(os.environ.get("BENCHMARKS_DATA", ""), "chimera", "task3").is_dir() or "BENCHMARKS_DATA" not in os.environ,
    reason="BENCHMARKS_DATA names no folder with chimera/task3",
)


def drawn(number: int) -> dict[str, Any]:
    """Return one drawn patient; together the patients have every documented form of every value."""
    return {
        "age": 60 + number,
        "sex": ["Male", "Female"][number % 2],
        "smoking": ["Yes", "No", "-1"][number % 3],
        "tumor": "Primary",
        "stage": ["TaHG", "T1HG"][number % 2],
        "substage": ["-1", "T1m", "T1e"][number % 3],
        "grade": ["G2", "G3"][number % 2],
        "reTUR": ["Yes", "No"][number % 2],
        "LVI": ["Yes", "No", "-1"][number % 3],
        "variant": ["UCC", "UCC + Variant"][number % 2],
        "EORTC": ["High risk", "Highest risk"][number % 2],
        "no_instillations": [-1, -1.0, 6.0, 27][number % 4],
        "BRS": f"BRS{1 + number % 3}",
        "progression": number % 2,
        "Time_to_prog_or_FUend": 5 + number,
    }


IDS = [*(f"3A_9{number:02}" for number in range(12)), *(f"3B_9{number:02}" for number in range(6))]


@pytest.fixture(params=["chimera", "chimera/v2"], ids=["plain", "v2"])
def task(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / str(request.param) / "task3"
    for number, name in enumerate(IDS):
        (folder / "data" / name).mkdir(parents=True)
        # The official files have Windows line ends.
        text = json.dumps(drawn(number), indent=2).replace("\n", "\r\n")
        (folder / "data" / name / f"{name}_CD.json").write_bytes(text.encode())
    return folder


def load(tmp_path: Path, groups: str = "A+B", *, instillations: bool = True, skip_invalid: bool = False) -> Any:
    return bladder.load(tmp_path, groups=groups, include_instillations=instillations, skip_invalid=skip_invalid)


def clinical(task: Path, name: str) -> Path:
    return task / "data" / name / f"{name}_CD.json"


def test_every_documented_value_form_is_read(task: Path, tmp_path: Path) -> None:
    cohort = load(tmp_path)
    frame = cohort.patients.table().frame
    assert cohort.patients.ids.tolist() == IDS
    assert cohort.outcome.time.tolist() == [5.0 + number for number in range(18)]
    assert cohort.outcome.event.tolist() == [number % 2 == 1 for number in range(18)]
    assert frame["smoking"].tolist()[:2] == [1.0, 0.0]
    assert frame["smoking"].isna().tolist()[:3] == [False, False, True]
    assert frame["instillations"].isna().tolist()[:4] == [True, True, False, False]
    assert frame["substage"].isna().tolist()[:3] == [True, False, False]
    assert "tumor" not in frame


def test_ordered_levels_are_ordered(task: Path, tmp_path: Path) -> None:
    frame = load(tmp_path).patients.table().frame
    assert {
        name: frame[name].cat.categories.tolist() for name in frame if getattr(frame[name].dtype, "ordered", 0)
    } == {
        "stage": ["TaHG", "T1HG"],
        "substage": ["T1m", "T1e"],
        "grade": ["G2", "G3"],
        "eortc": ["High risk", "Highest risk"],
    }


def test_the_duplicated_patient_is_left_out(task: Path, tmp_path: Path) -> None:
    for name in ("3B_417", "3B_417_"):
        (task / "data" / name).mkdir()
        (task / "data" / name / f"{name}_CD.json").write_text(json.dumps(drawn(0)))
    assert [name for name in load(tmp_path).patients.ids if name.startswith("3B_417")] == ["3B_417"]


def test_a_folder_that_is_no_patient_is_named(task: Path, tmp_path: Path) -> None:
    (task / "data" / "3C_001").mkdir()
    with pytest.raises(UsageError, match="3C_001: its name is no patient of task 3"):
        load(tmp_path)


@pytest.mark.parametrize(("groups", "patients"), [("A", IDS[:12]), ("B", IDS[12:]), ("A+B", IDS)])
def test_groups_are_chosen(task: Path, tmp_path: Path, groups: str, patients: list[str]) -> None:
    cohort = load(tmp_path, groups)
    assert cohort.patients.ids.tolist() == patients
    assert (cohort.published_fold is None) == (groups != "A+B")


def test_an_unknown_group_is_refused(task: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"groups is 'C', it must be A\+B, A, B"):
        load(tmp_path, "C")


def test_the_published_split_trains_on_a_and_tests_on_b(task: Path, tmp_path: Path) -> None:
    cohort = load(tmp_path)
    (split,) = published_splits(cohort, seed=0)
    assert cohort.patients.ids[split.test].tolist() == IDS[12:]
    assert sorted(cohort.patients.ids[np.concatenate([split.train, split.validation])]) == IDS[:12]


def test_the_instillations_can_be_left_out(task: Path, tmp_path: Path) -> None:
    kept, left = (set(load(tmp_path, instillations=keep).patients.table().frame) for keep in (True, False))
    assert kept - left == {"instillations"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"progression": 3}, "'progression' is 3, expected 0 or 1"),
        ({"Time_to_prog_or_FUend": -1}, "'Time_to_prog_or_FUend' is -1, expected months > 0"),
        ({"age": 170}, "'age' is 170, which is impossible: expected 18 to 110"),
        ({"tumor": "Secondary"}, "'tumor' is 'Secondary', expected one of Primary"),
    ],
)
def test_a_malformed_patient_is_named_or_skipped(
    task: Path, tmp_path: Path, changes: dict[str, Any], problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    clinical(task, "3A_905").write_text(json.dumps(drawn(5) | changes))
    with pytest.raises(UsageError, match=rf"3A_905_CD\.json: patient 3A_905: {problem}"):
        load(tmp_path)
    assert len(load(tmp_path, skip_invalid=True)) == len(IDS) - 1
    assert "1 of 18 patients left out as invalid" in caplog.text


def test_a_folder_without_its_clinical_file_is_named(task: Path, tmp_path: Path) -> None:
    clinical(task, "3A_905").unlink()
    with pytest.raises(UsageError, match=r"patient 3A_905: the file is missing"):
        load(tmp_path)


def write_expression(task: Path, patients: list[str]) -> None:
    for number, name in enumerate(patients):
        # The order of the genes differs from file to file.
        values = dict(sorted({"TP53": 5.5 + number, "A1BG": 7.0}.items(), reverse=number % 2 == 0))
        (task / "data" / name / f"{name}_RNA.json").write_text(json.dumps(values))


def test_expression_is_there_for_whom_there_is_a_file(task: Path, tmp_path: Path) -> None:
    write_expression(task, IDS[2:14])
    expression = load(tmp_path).patients.matrix("rna")
    assert expression.names == ("A1BG", "TP53")
    assert np.flatnonzero(expression.present).tolist() == list(range(2, 14))
    assert expression.values[2].tolist() == [7.0, 5.5]
    assert expression.values[3].tolist() == [7.0, 6.5]
    assert np.isnan(expression.values[0]).all()


def test_expression_of_too_few_patients_is_not_offered_and_said(
    task: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert "rna" not in load(tmp_path).patients.modalities
    assert caplog.text == ""
    write_expression(task, IDS[:9])
    assert "rna" not in load(tmp_path).patients.modalities
    assert "only 9 of 18 patients have expression" in caplog.text


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"A1BG": 1.0}, "other genes than the patients before, such as 'TP53'"),
        ({"A1BG": 1.0, "TP53": "high"}, "an expression value is not a number"),
        ({"A1BG": 1.0, "TP53": float("nan")}, "an expression value is not finite"),
    ],
)
def test_bad_expression_is_named(task: Path, tmp_path: Path, values: dict[str, Any], problem: str) -> None:
    write_expression(task, IDS)
    (task / "data" / "3A_905" / "3A_905_RNA.json").write_text(json.dumps(values))
    with pytest.raises(UsageError, match=rf"3A_905_RNA\.json: patient 3A_905: {problem}"):
        load(tmp_path)
    skipped = load(tmp_path, skip_invalid=True)
    assert "3A_905" not in skipped.patients.ids
    assert skipped.patients.matrix("rna").present.all()


def test_patch_features_are_bags_with_their_coordinates(task: Path, tmp_path: Path) -> None:
    import torch

    patches = importlib.import_module("benchmarks.datasets.readers.patch_features")
    for folder in ("features", "coordinates"):
        (task / "features" / folder).mkdir(parents=True)
    torch.save(torch.ones(5, 1024), task / "features" / "features" / "3A_903_HE.pt")
    fields = [("x", "<i8"), ("y", "<i8"), ("tile_size_resized", "<i8"), ("tile_level", "<i8"), ("resize_factor", "<f8")]
    places = np.zeros(5, dtype=fields)
    places["x"], places["y"] = np.arange(5), 10
    np.save(task / "features" / "coordinates" / "3A_903_HE.npy", places)
    bags = load(tmp_path).patients.bags("wsi")
    assert bags.width == 1024
    assert [IDS[row] for row in np.flatnonzero(bags.present)] == ["3A_903"]
    assert bags[IDS.index("3A_903")].shape == (5, 1024)
    found = patches.coordinates(task / "features" / "features" / "3A_903_HE.pt")
    assert found.tolist() == [[0, 10], [1, 10], [2, 10], [3, 10], [4, 10]]


def test_broken_patch_features_are_named_or_skipped(task: Path, tmp_path: Path) -> None:
    import torch

    (task / "features" / "features").mkdir(parents=True)
    for name in ("3A_903", "3A_904"):
        torch.save(torch.ones(50, 1024), task / "features" / "features" / f"{name}_HE.pt")
    broken = task / "features" / "features" / "3A_904_HE.pt"
    broken.write_bytes(broken.read_bytes()[:-5000])
    with pytest.raises(UsageError, match=r"3A_904_HE\.pt \(patient 3A_904\): cannot be read"):
        load(tmp_path)
    cohort = load(tmp_path, skip_invalid=True)
    assert len(cohort) == len(IDS) - 1
    assert cohort.patients.bags("wsi").present.sum() == 1


@needs_data
@pytest.mark.parametrize("options", [{}, {"groups": "A"}, {"groups": "B"}, {"include_instillations": False}])
def test_the_real_cohort_has_the_sizes_of_the_card(options: dict[str, Any]) -> None:
    # Loading compares with the card, and refuses another number of patients or events.
    loaded = load_dataset("chimera-bladder", {**dataset_options(dataset_card("chimera-bladder"), {}), **options})
    assert {"clinical", "rna_projection", "slide_embedding"} <= set(loaded.cohort.patients.modalities)


@needs_data
def test_the_real_cohort_is_described_by_its_card() -> None:
    loaded = load_dataset("chimera-bladder")
    assert (len(loaded.cohort), loaded.cohort.outcome.n_events) == (176, 64)
    described = {covariate.name: covariate for covariate in loaded.card.covariates}
    table = loaded.cohort.patients.table()
    assert set(described) == set(table.frame)
    for name in table.categorical:
        for level in table.frame[name].cat.categories:
            assert level in described[name].unit
