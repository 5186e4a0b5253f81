"""No cohort file is known but the one that a test drafts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from drafted_tables import Capture, Init

from benchmarks.catalog import registry


@pytest.fixture(autouse=True)
def no_cohort_files_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    yield
    registry.dataset_cards.cache_clear()


@pytest.fixture
def init(tmp_path: Path, capsys: Capture) -> Init:
    return Init(tmp_path, capsys)
