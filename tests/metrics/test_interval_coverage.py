"""The simulation of `simulation/interval_coverage.py`, small enough to be run again and again."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "simulation" / "interval_coverage.py"


@pytest.fixture
def simulation():
    specification = importlib.util.spec_from_file_location("interval_coverage", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.long
def test_intervals_cover_and_the_paired_test_keeps_its_level(simulation, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["interval_coverage", "--datasets", "1000"])

    simulation.main()

    rows = [line.split("|") for line in capsys.readouterr().out.splitlines() if line.endswith("% |")]
    covered, rejected = ([float(row[k].strip(" %")) for row in rows] for k in (-3, -2))
    # Three standard errors of a share in 1000 data sets around 95 % and 5 %.
    assert len(rows) == 2 * len(simulation.METRICS)
    assert min(covered) > 92.9
    assert max(rejected) < 7.1


def test_the_committed_table_is_of_the_full_size():
    table = (SCRIPT.parent / "interval_coverage.md").read_text(encoding="utf-8")

    assert "4000 data sets of 300 patients" in table
