"""Which patients and modalities the cells of a plan have."""

import pytest

from benchmarks.execution.plan import Request, make_plan
from benchmarks.types import Cell


def cells(**changes: object) -> list[Cell]:
    request = {"methods": "cox_concat", "datasets": "simulated-missing", "folds": 2, **changes}
    return [planned.cell for planned in make_plan(Request(**request)).cells]  # type: ignore[arg-type]  # 2026-11-22: settings as a test gives them


def test_the_unimodal_form_can_be_run_on_the_patients_of_the_multimodal_one() -> None:
    both = cells(modalities=["clinical", "rna"], patients_with=["clinical", "rna"])
    one = cells(modalities=["clinical"], patients_with=["rna", "clinical"])
    assert both[0].modalities == ("clinical", "rna")
    assert one[0].modalities == ("clinical",)
    assert [cell.split_sha256 for cell in both] == [cell.split_sha256 for cell in one]
    assert both[0].data_sha256 == one[0].data_sha256 != cells(modalities=["clinical"])[0].data_sha256


def test_a_method_that_reads_one_modality_by_a_setting_is_shown_that_one() -> None:
    (first, *_) = cells(methods="cox_ph", settings=["modality=rna"])
    assert first.modalities == ("rna",)


@pytest.mark.parametrize("modalities", [None, ["clinical", "rna"]])
def test_without_a_restriction_everyone_stays(modalities: list[str] | None) -> None:
    assert cells(modalities=modalities)[0].complete_cases == ()


def test_a_covariate_that_is_left_out_leaves_folds_and_grid_as_they_are() -> None:
    every, fewer = (cells(datasets="whas500", settings=[f"whas500.include_los={kept}"]) for kept in ("true", "false"))
    assert [cell.split_sha256 for cell in every] == [cell.split_sha256 for cell in fewer]
    assert every[0].grid_sha256 == fewer[0].grid_sha256
    assert every[0].data_sha256 != fewer[0].data_sha256
