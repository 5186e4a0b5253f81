"""The attention over slides: places from files, of whom it is kept, and the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.datasets.readers.patch_features import patch_bags

from benchmarks.types import Bags, Cohort, Context, FloatArray, Outcome, Patients, Prediction
from methods.abmil import ABMIL, Config
from methods.shared.figures.attention_on_slides import draw_slides
from methods.shared.training.attention_on_slides import MOST, attention_on_slides

N = 40
STATES = {"instances": np.ones((N, 1))}


def grid(columns: int, rows: int) -> FloatArray:
    x, y = np.meshgrid(np.arange(columns) * 256, np.arange(rows) * 256)
    return np.column_stack([x.ravel(), y.ravel()])


def write_slide(path: Path, places: FloatArray | None, seed: int) -> Path:
    patches = 30 if places is None else len(places)
    np.save(path, np.random.default_rng(seed).normal(size=(patches, 4)).astype(np.float32))
    if places is not None:
        np.save(path.with_name(f"{path.stem}_coords.npy"), places)
    return path


@pytest.fixture
def patients(tmp_path: Path) -> Patients:
    """Return 40 patients: the last has two slides, number 38 one without coordinates, number 0 no slide."""
    files = {f"p{row}": [write_slide(tmp_path / f"p{row}.npy", grid(6, 5), row)] for row in range(1, 38)}
    files["p38"] = [write_slide(tmp_path / "p38.npy", None, 38)]
    files["p39"] = [write_slide(tmp_path / f"p39_{k}.npy", grid(4, 3 + k), 39 + k) for k in range(2)]
    ids = [f"p{row}" for row in range(N)]
    return Patients(np.array(ids), {"wsi": patch_bags(files, ids)})


def weights(patients: Patients) -> list[FloatArray]:
    """Return the more attention the further down the bag an instance stands."""
    sizes = [len(patients.bags("wsi")[row]) for row in range(len(patients))]
    return [np.arange(1.0, m + 1) / np.arange(1.0, m + 1).sum() for m in sizes]


def test_the_extremes_are_kept_whose_places_are_known(patients: Patients) -> None:
    states = attention_on_slides(patients, "wsi", np.arange(N, dtype=float), weights, STATES)
    # Number 38 has no coordinates and number 0 no slide: the next ones stand in.
    assert np.flatnonzero(states["slide"][:, 0]).tolist() == [1, 2, 37, 39]
    assert (states["slide_attention"][3] == -1).all()
    assert states["slide_x"].shape == (N, 30)


def test_the_slide_with_most_attention_is_shown_with_percentiles_of_all_instances(patients: Patients) -> None:
    states = attention_on_slides(patients, "wsi", np.arange(N, dtype=float), weights, STATES)
    number, slides, share = states["slide"][39]
    # 12 and 16 instances: the second slide has the weights 13 to 28 of 1 to 28.
    assert (number, slides) == (2, 2)
    assert share == pytest.approx(sum(range(13, 29)) / sum(range(1, 29)))
    there = states["slide_attention"][39] >= 0
    np.testing.assert_allclose(states["slide_attention"][39][there], np.arange(13, 29) / 28)
    shown = np.column_stack([states["slide_x"][39], states["slide_y"][39]])[there]
    np.testing.assert_array_equal(shown, grid(4, 4))


def test_of_a_large_slide_every_so_manyth_instance_is_kept(tmp_path: Path) -> None:
    places = grid(100, 90)
    files = {"p0": [write_slide(tmp_path / "p0.npy", places, 0)]}
    patients = Patients(np.array(["p0"]), {"wsi": patch_bags(files, ["p0"])})
    states = attention_on_slides(patients, "wsi", np.zeros(1), weights, STATES)
    assert states["slide_x"].shape == (1, MOST)
    assert states["slide_y"].max() == places[:, 1].max()
    assert (np.diff(states["slide_attention"][0]) > 0).all()


def test_without_coordinates_or_without_a_bag_nothing_is_kept() -> None:
    bags = Bags([np.ones((3, 2), dtype=np.float32)] * N, 2)
    patients = Patients(np.array([f"p{row}" for row in range(N)]), {"wsi": bags})
    assert attention_on_slides(patients, "wsi", np.zeros(N), weights, STATES) == {}
    assert attention_on_slides(patients, "patches", np.zeros(N), weights, {}) == {}
    assert draw_slides(Prediction(np.zeros(N), np.array([1.0])), "", Path("never.png")) == []


def test_a_method_keeps_them_and_the_figure_is_drawn(patients: Patients, context: Context, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    outcome = Outcome(generator.exponential(size=N) + 0.1, generator.random(N) < 0.7)
    cohort = Cohort(patients, outcome, "months")
    method = ABMIL(Config(epochs=2, members=2, width=8, attention_width=4))
    method.fit(cohort[np.arange(30)], cohort[np.arange(30, 34)], context)
    prediction = method.predict(cohort[np.arange(30, 40)].patients, np.linspace(0, 2, 5))
    (row, *_) = np.flatnonzero(prediction.states["slide"][:, 0])
    (attention,) = method.network.attention(patients[np.array([30 + row])])
    if prediction.states["slide"][row, 1] == 1:
        order = np.argsort(prediction.states["slide_attention"][row][: len(attention)], kind="stable")
        assert (np.diff(attention[order]) >= 0).all()
    (path,) = draw_slides(prediction, "ABMIL", tmp_path / "attention_on_slides.png")
    assert path.stat().st_size
