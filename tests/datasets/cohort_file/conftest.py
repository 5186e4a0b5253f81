"""The folder of a hospital."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hospital import Hospital

from benchmarks.catalog import registry


@pytest.fixture
def hospital(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hospital]:
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    yield Hospital(tmp_path)
    registry.dataset_cards.cache_clear()
