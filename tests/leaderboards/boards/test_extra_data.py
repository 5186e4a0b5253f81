"""A row whose method learnt from other patients, too, is labelled, and can be left out of boards."""

import json
from pathlib import Path
from typing import Any

import pytest
from drawn_tcga import write_drawn_tcga

from benchmarks.commandline.app import main

Capture = pytest.CaptureFixture[str]


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    return int(exit_.value.code or 0)


def labels(results: Path, capsys: Capture, *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert call("leaderboard", "--json", "--results", str(results), *options) == 0
    (board,) = json.loads(capsys.readouterr().out)["boards"]
    return {row["name"]: row["labels"] for row in board["rows"]}


def test_extra_data_is_told_on_the_row_and_can_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    # --data-root sets it for the whole process: so it is what it was before, after the test.
    monkeypatch.setenv("BENCHMARKS_DATA", str(tmp_path))
    write_drawn_tcga(tmp_path, bladder=60)
    results = tmp_path / "results"
    where = ("--dataset", "tcga-blca", "--set", "tcga-blca.redacted=drop", "--folds", "2", "--modalities", "clinical")
    for prior in ("none", "leave_cancer_out"):
        chosen = ("--set", f"evidence_cox.prior={prior}", "--data-root", str(tmp_path), "--results", str(results))
        assert call("run", "--method", "evidence_cox", *where, *chosen) == 0
    with_prior, without = "evidence_cox [prior=leave_cancer_out]", "evidence_cox [prior=none]"
    found = labels(results, capsys)
    assert found == {with_prior: {"extra data": "TCGA, other cancers"}, without: {}}
    assert call("leaderboard", "--results", str(results)) == 0
    assert "TCGA, other cancers" in capsys.readouterr().out
    assert list(labels(results, capsys, "--without-extra-data")) == ["evidence_cox"]
