"""Slides of TCGA patients: packed regions of HIPT or one file per slide, on a drawn folder and on the shared data."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn_slides import packed_arrays, write_packed
from drawn_tcga import GBM, LGG, barcodes

from benchmarks.errors import UsageError
from benchmarks.types import Cohort

Load = Callable[..., Cohort]

BLCA = barcodes("B", 12)


def _pack(folder: Path, cohort: str, slides: dict[str, int]) -> Path:
    """Write a packed file of so many regions of each slide, whose name begins with the patient's barcode."""
    arrays = packed_arrays(slides)
    arrays["patient_id"] = np.array([name[:12] for name in slides])
    return write_packed(folder / "tcga_wsi_hipt" / f"bags_{cohort}.npz", arrays, compressed=True)


def test_packed_slides_of_a_patient_are_one_bag_with_their_borders(folder: Path, load_drawn: Load) -> None:
    _pack(folder, "blca", {f"{BLCA[2]}-01Z-00-DX1": 3, f"{BLCA[4]}-01Z-00-DX1": 2, f"{BLCA[2]}-01Z-00-DX2": 4})
    bags = load_drawn(folder).patients.bags("wsi")
    assert np.flatnonzero(bags.present).tolist() == [2, 4]
    assert bags[2].shape == (7, 6)
    assert bags.slides(2).tolist() == [0, 3, 7]


def test_a_packed_file_of_a_further_cohort_or_union_is_found_by_its_name(folder: Path, load_drawn: Load) -> None:
    assert "wsi" not in load_drawn(folder, "LGG").patients.modalities
    slides = {f"{GBM[0]}-01Z-00-DX1": 3, f"{LGG[1]}-01Z-00-DX1": 2}
    _pack(folder, "gbmlgg", slides)
    assert load_drawn(folder, "GBMLGG").patients.bags("wsi").present.sum() == 2
    assert np.flatnonzero(load_drawn(folder, "LGG").patients.bags("wsi").present).tolist() == [1]
    assert np.flatnonzero(load_drawn(folder, "GBM").patients.bags("wsi").present).tolist() == [0]
    assert load_drawn(folder, "PANCANCER").patients.bags("wsi").present.sum() == 2
    _pack(folder, "lgg", {f"{LGG[2]}-01Z-00-DX1": 2})
    assert np.flatnonzero(load_drawn(folder, "LGG").patients.bags("wsi").present).tolist() == [2]


def test_a_patient_in_the_packed_files_of_two_cohorts_is_named(folder: Path, load_drawn: Load) -> None:
    _pack(folder, "gbm", {f"{GBM[0]}-01Z-00-DX1": 3})
    _pack(folder, "lgg", {f"{GBM[0]}-01Z-00-DX2": 3})
    with pytest.raises(UsageError, match=rf"bags_lgg\.npz: patient {GBM[0]} is in .*bags_gbm\.npz too"):
        load_drawn(folder, "GBMLGG")


def test_one_source_of_slides_is_read_and_the_other_is_never_taken_in_its_place(folder: Path, load_drawn: Load) -> None:
    files = folder / "tcga_wsi" / "blca"
    files.mkdir(parents=True)
    np.save(files / f"{BLCA[1]}-01Z-00-DX1.npy", np.ones((3, 4), dtype=np.float16))
    with pytest.raises(UsageError, match=r"wsi=hipt: .*bags_blca\.npz is missing, but .*tcga_wsi/blca is there"):
        load_drawn(folder)
    _pack(folder, "blca", {f"{BLCA[2]}-01Z-00-DX1": 3})
    assert np.flatnonzero(load_drawn(folder).patients.bags("wsi").present).tolist() == [2]
    assert np.flatnonzero(load_drawn(folder, wsi="files").patients.bags("wsi").present).tolist() == [1]
    with pytest.raises(UsageError, match=r"wsi 'hipt,files': one of hipt and files, never both"):
        load_drawn(folder, wsi="hipt,files")


def test_a_packed_slide_of_nobody_in_the_clinical_table_is_named(folder: Path, load_drawn: Load) -> None:
    _pack(folder, "blca", {"TCGA-ZZ-0000-01Z-00-DX1": 3})
    with pytest.raises(UsageError, match=r"bags_blca\.npz: slide TCGA-ZZ-0000-01Z-00-DX1 is of no known patient"):
        load_drawn(folder)
