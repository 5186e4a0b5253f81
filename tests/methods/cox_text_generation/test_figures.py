"""Numbers and figures of the hidden states, with their control."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Outcome, Prediction
from methods.cox_text_generation.figures import draw_calibration, draw_latent_map, latent_geometry
from methods.cox_text_generation.figures.geometry import neighbour_r2, probe_r2
from methods.cox_text_generation.teachers import CoxTeacher

N = 120


@pytest.fixture
def states() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States that hold the risk in one direction, states that know nothing of it, and the risk."""
    rng = np.random.default_rng(0)
    risk = rng.normal(size=N)
    knowing = rng.normal(size=(N, 24)) * 0.2
    knowing[:, 3] += 2 * risk
    return knowing.astype(np.float32), rng.normal(size=(N, 24)).astype(np.float32), risk


def test_the_numbers_tell_states_with_the_risk_from_those_without(
    states: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    knowing, ignorant, risk = states

    trained, control = latent_geometry(knowing, risk), latent_geometry(ignorant, risk)

    assert min(trained.neighbour_r2, trained.probe_r2) > 0.8
    assert max(control.neighbour_r2, control.probe_r2) < 0.2
    assert trained.points.shape == (N, 2)
    assert 0.5 < trained.trustworthiness <= 1


def test_neighbours_do_not_count_the_patient_itself() -> None:
    """Twelve pairs of twins of opposite risk, far from each other: each one's other neighbours average out."""
    states = np.repeat(np.arange(12.0), 2)[:, None]
    risk = np.tile([1.0, -1.0], 12)

    assert neighbour_r2(states, risk) < 0


def test_the_probe_is_scored_on_rows_it_was_not_fitted_on() -> None:
    rng = np.random.default_rng(0)

    assert probe_r2(rng.normal(size=(60, 50)), rng.normal(size=60)) < 0.2


def test_the_same_states_give_the_same_map(states: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    knowing, _, risk = states

    first, second = latent_geometry(knowing, risk), latent_geometry(knowing, risk)

    np.testing.assert_array_equal(first.points, second.points)


def test_too_few_patients_have_no_map(states: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    knowing, _, risk = states
    with pytest.raises(UsageError, match="too few"):
        latent_geometry(knowing[:50], risk[:50])


def test_the_map_is_drawn_beside_its_control(states: tuple[np.ndarray, np.ndarray, np.ndarray], tmp_path: Path) -> None:
    knowing, ignorant, risk = states

    trained, control = draw_latent_map(knowing, ignorant, risk, tmp_path / "map.png", title="a title")

    assert trained.probe_r2 > control.probe_r2
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_calibration_is_drawn(parts: Callable[..., tuple[Cohort, Cohort, Cohort]], tmp_path: Path) -> None:
    train, _, test = parts("gbsg2")
    teacher = CoxTeacher(train, penalty=0.1)
    times = np.linspace(0, 2000, 101)
    table = test.patients.table()
    prediction = Prediction(teacher.linear_predictor(table), times, teacher.survival(table, times))

    draw_calibration(test.outcome, {"student": prediction, "teacher": prediction}, tmp_path / "calibration.png")

    assert (tmp_path / "calibration.png").stat().st_size > 10_000


def test_a_calibration_that_is_undefined_is_a_panel_that_says_so(tmp_path: Path) -> None:
    """Predictions that order all patients by their time of death have no finite smoothed curve."""
    outcome = Outcome(np.arange(1.0, N + 1), np.ones(N, dtype=bool))
    hazards = np.exp(np.linspace(3, -3, N))[:, None]
    times = np.linspace(0, N / 2, 101)
    prediction = Prediction(hazards[:, 0], times, np.exp(-hazards * times / N))
    with pytest.raises(metrics.UndefinedError):
        metrics.integrated_calibration_index(outcome.time, outcome.event, times, prediction.survival, at=times[-1])

    draw_calibration(outcome, {"student": prediction}, tmp_path / "calibration.png")

    assert (tmp_path / "calibration.png").stat().st_size > 5_000


@pytest.mark.timeout(240)
def test_show_draws_the_figures_of_the_method(
    command_line: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    results = tmp_path / "results"
    tiny = {"teacher": "rsf", "hidden": 16, "layers": 1, "heads": 2, "steps": 4, "evaluate_every": 2, "aug_rows": 0}
    settings = [part for name, value in tiny.items() for part in ("--set", f"{name}={value}")]
    run = ["run", "--method", "cox_text_generation", "--dataset", "whas500", "--folds", "2", "--jobs", "2", *settings]
    done = command_line(*run, "--results", str(results))
    assert done.returncode == 0, done.stderr
    key = sorted(path.name for path in (results / "cells").iterdir())[0]

    shown = command_line("show", key, "--plots", "--results", str(results))

    assert shown.returncode == 0, shown.stderr
    for figure in ("figures", "latent", "teacher_calibration"):
        path = results / "figures" / key / f"{figure}.png"
        assert f"drew {path}" in shown.stderr
        assert path.stat().st_size > 10_000
