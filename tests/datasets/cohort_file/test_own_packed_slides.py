"""Slides of an own cohort in one packed file, beside the same slides in a folder."""

import numpy as np
import pytest
from benchmarks.datasets.cohort_file.slide_owners import slides_by_table
from benchmarks.datasets.readers.packing import pack
from drawn_slides import Nobody, drawn_rows, packed_arrays, write_packed
from hospital import Hospital

from benchmarks.contract.dataset import verify_dataset

FOLDER = '\n[modalities.wsi]\nkind = "bags"\nfolder = "slides"\nslides = "slides.csv"\n'
FILE = '\n[modalities.wsi]\nkind = "bags"\nfile = "slides.npz"\n'


def _write_slides(hospital: Hospital) -> None:
    (hospital.folder / "slides").mkdir()
    for seed, name in enumerate(("b", "a", "c")):
        np.save(hospital.folder / "slides" / f"{name}.npy", drawn_rows(seed, 3 + seed))
    hospital.write("slides.csv", "id,file\n009,b.npy\n007,c.npy\n009,a.npy\n")
    slides = slides_by_table(hospital.folder / "slides", hospital.folder / "slides.csv", "id", "file")
    pack(slides, hospital.folder / "slides.npz", half=True, told=Nobody())


def test_a_folder_and_the_file_packed_from_it_are_the_same_cohort(hospital: Hospital) -> None:
    _write_slides(hospital)
    hospital.add(FOLDER)
    of_folder = hospital.load()
    hospital.replace("cohort.toml", FOLDER, FILE)
    of_file = hospital.load()
    bags = of_file.cohort.patients.bags("wsi")
    assert bags.present.tolist() == [True, False, True, False]
    assert bags.slides(2).tolist() == [0, 3, 7]
    np.testing.assert_array_equal(bags[2], np.concatenate([drawn_rows(0, 3), drawn_rows(1, 4)]))
    assert of_file.sha256 == of_folder.sha256


def test_slides_of_a_patient_without_an_outcome_are_left_aside(hospital: Hospital) -> None:
    _write_slides(hospital)
    hospital.replace("patients.csv", "009,40,dead", "009,40,")
    hospital.replace("cohort.toml", 'patient = "id"', 'patient = "id"\nexclude_without_outcome = true')
    hospital.add(FILE)
    assert hospital.cohort().patients.bags("wsi").present.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            'folder = "slides"\nfile = "slides.npz"',
            "[modalities.wsi]: folder, with one file per slide, or file, a packed",
        ),
        ("", "[modalities.wsi]: folder, with one file per slide, or file, a packed .npz: one of them is needed"),
        ('file = "slides.npz"\nslides = "slides.csv"', "[modalities.wsi]: slides and patient go with folder"),
        ('file = "none.npz"', "none.npz is missing"),
        ('file = "strange.npz"', "strange.npz: slide 011_1 is of no known patient: no '011'"),
    ],
)
def test_what_cannot_be_read_is_named(hospital: Hospital, keys: str, problem: str) -> None:
    _write_slides(hospital)
    write_packed(hospital.folder / "strange.npz", packed_arrays({"007_1": 3, "011_1": 2}))
    hospital.add(f'\n[modalities.wsi]\nkind = "bags"\n{keys}\n')
    assert problem in hospital.refused()


def test_verify_names_the_slide_with_a_value_that_is_not_finite(hospital: Hospital) -> None:
    arrays = packed_arrays({"007_1": 3, "009_1": 4, "009_2": 2})
    arrays["features"][8, 2] = np.nan
    write_packed(hospital.folder / "slides.npz", arrays)
    hospital.add(FILE)
    problems = " ".join(finding.problem for finding in verify_dataset(hospital.card(), {}))
    assert "slides.npz: slide 009_2 (patient 009): patch 1 holds a value that is not finite" in problems
