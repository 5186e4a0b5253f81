"""Slides of TCGA patients: packed regions of HIPT or one file per slide, on a drawn folder and on the shared data."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benchmarks.datasets.cohort_file.slide_owners import slides_by_name
from benchmarks.datasets.readers.packing import pack
from benchmarks.datasets.tcga.slides import HIPT_WIDTH
from drawn_slides import Nobody, drawn_rows, packed_arrays, write_packed
from drawn_tcga import GBM, LGG, barcodes

from benchmarks.catalog.content_checksum import sha256_of_cohort
from benchmarks.errors import UsageError
from benchmarks.types import Cohort

Load = Callable[..., Cohort]

BLCA = barcodes("B", 12)


def _pack(path: Path, slides: dict[str, int], width: int = HIPT_WIDTH) -> Path:
    """Write a packed file of so many regions of each slide, whose name begins with the patient's barcode."""
    arrays = packed_arrays(slides, width=width)
    arrays["patient_id"] = np.array([name[:12] for name in slides])
    return write_packed(path, arrays, compressed=True)


def test_packed_slides_of_a_patient_are_one_bag_with_their_borders(folder: Path, load_drawn: Load) -> None:
    _pack(
        folder / "tcga_wsi_hipt" / "bags_blca.npz",
        {f"{BLCA[2]}-01Z-00-DX1": 3, f"{BLCA[4]}-01Z-00-DX1": 2, f"{BLCA[2]}-01Z-00-DX2": 4},
    )
    bags = load_drawn(folder).patients.bags("wsi")
    assert np.flatnonzero(bags.present).tolist() == [2, 4]
    assert bags[2].shape == (7, HIPT_WIDTH)
    assert bags.slides(2).tolist() == [0, 3, 7]


def test_a_packed_file_of_a_further_cohort_or_union_is_found_by_its_name(folder: Path, load_drawn: Load) -> None:
    assert "wsi" not in load_drawn(folder, "LGG").patients.modalities
    slides = {f"{GBM[0]}-01Z-00-DX1": 3, f"{LGG[1]}-01Z-00-DX1": 2}
    _pack(folder / "tcga_wsi_hipt" / "bags_gbmlgg.npz", slides)
    assert load_drawn(folder, "GBMLGG").patients.bags("wsi").present.sum() == 2
    assert np.flatnonzero(load_drawn(folder, "LGG").patients.bags("wsi").present).tolist() == [1]
    assert np.flatnonzero(load_drawn(folder, "GBM").patients.bags("wsi").present).tolist() == [0]
    assert load_drawn(folder, "PANCANCER").patients.bags("wsi").present.sum() == 2
    _pack(folder / "tcga_wsi_hipt" / "bags_lgg.npz", {f"{LGG[2]}-01Z-00-DX1": 2})
    assert np.flatnonzero(load_drawn(folder, "LGG").patients.bags("wsi").present).tolist() == [2]


def test_a_patient_in_the_packed_files_of_two_cohorts_is_named(folder: Path, load_drawn: Load) -> None:
    _pack(folder / "tcga_wsi_hipt" / "bags_gbm.npz", {f"{GBM[0]}-01Z-00-DX1": 3})
    _pack(folder / "tcga_wsi_hipt" / "bags_lgg.npz", {f"{GBM[0]}-01Z-00-DX2": 3})
    with pytest.raises(UsageError, match=rf"bags_lgg\.npz: patient {GBM[0]} has slides in .*bags_gbm\.npz too"):
        load_drawn(folder, "GBMLGG")


def test_one_source_of_slides_is_read_and_the_other_is_never_taken_in_its_place(folder: Path, load_drawn: Load) -> None:
    files = folder / "tcga_wsi" / "blca"
    files.mkdir(parents=True)
    np.save(files / f"{BLCA[1]}-01Z-00-DX1.npy", np.ones((3, 4), dtype=np.float16))
    with pytest.raises(UsageError, match=r"wsi=hipt reads .*bags_blca\.npz, which is missing; .*wsi/blca is there"):
        load_drawn(folder)
    _pack(folder / "tcga_wsi_hipt" / "bags_blca.npz", {f"{BLCA[2]}-01Z-00-DX1": 3})
    assert np.flatnonzero(load_drawn(folder).patients.bags("wsi").present).tolist() == [2]
    assert np.flatnonzero(load_drawn(folder, wsi="files").patients.bags("wsi").present).tolist() == [1]
    with pytest.raises(UsageError, match=r"wsi 'hipt,files': one of hipt and files, never both"):
        load_drawn(folder, wsi="hipt,files")


def test_a_packed_slide_of_nobody_in_the_clinical_table_is_named(folder: Path, load_drawn: Load) -> None:
    _pack(folder / "tcga_wsi_hipt" / "bags_blca.npz", {"TCGA-ZZ-0000-01Z-00-DX1": 3})
    with pytest.raises(UsageError, match=r"bags_blca\.npz: slide TCGA-ZZ-0000-01Z-00-DX1 is of no known patient"):
        load_drawn(folder)


def test_features_of_another_encoder_are_not_taken_for_those_of_hipt(folder: Path, load_drawn: Load) -> None:
    slides = {f"{BLCA[2]}-01Z-00-DX1": 3}
    path = _pack(folder / "tcga_wsi_hipt" / "bags_blca.npz", slides, width=8)
    with pytest.raises(UsageError, match=r"bags_blca\.npz: features of width 8, those of HIPT have 192"):
        load_drawn(folder)
    path.unlink()
    _pack(folder / "tcga_wsi" / "bags_blca.npz", slides, width=8)
    assert load_drawn(folder, wsi="files").patients.bags("wsi").width == 8


def test_a_patient_with_a_folder_and_a_packed_file_is_named(folder: Path, load_drawn: Load) -> None:
    _pack(folder / "tcga_wsi" / "bags_blca.npz", {f"{BLCA[1]}-01Z-00-DX1": 3}, width=4)
    (folder / "tcga_wsi" / "blca").mkdir()
    np.save(folder / "tcga_wsi" / "blca" / f"{BLCA[1]}-01Z-00-DX1.npy", np.ones((3, 4), dtype=np.float16))
    with pytest.raises(UsageError, match=rf"bags_blca\.npz: patient {BLCA[1]} has slides in .*tcga_wsi/blca too"):
        load_drawn(folder, wsi="files")


def test_a_folder_and_the_file_packed_from_it_are_the_same_cohort(folder: Path, load_drawn: Load) -> None:
    slides = folder / "tcga_wsi" / "blca"
    slides.mkdir(parents=True)
    for seed, name in enumerate((f"{BLCA[1]}-01Z-00-DX1", f"{BLCA[3]}-01Z-00-DX1", f"{BLCA[1]}-01Z-00-DX2")):
        np.save(slides / f"{name}.npy", drawn_rows(seed, 3))
    apart = sha256_of_cohort(load_drawn(folder, wsi="files"))
    pack(slides_by_name(slides, 12, None), folder / "tcga_wsi" / "bags_blca.npz", half=True, told=Nobody())
    shutil.rmtree(slides)
    assert sha256_of_cohort(load_drawn(folder, wsi="files")) == apart
