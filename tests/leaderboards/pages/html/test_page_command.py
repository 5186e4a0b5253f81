"""``leaderboard --format html``: of a results folder, or of published boards."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.commandline.app import main


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    run("run", "--method", "cox_ph,kaplan_meier", "--dataset", "gbsg2", "--folds", "3", "--json", "--results", folder)
    return folder


def run(*arguments: object) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    assert exit_.value.code == 0


def content_of(file: Path) -> dict[str, Any]:
    text = file.read_text("utf-8")
    found = re.search(r'<script type="application/json" id="page-content">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_a_results_folder_becomes_a_page_with_its_dataset_described(results: Path, tmp_path: Path) -> None:
    page = tmp_path / "boards.html"
    run("leaderboard", "--results", results, "--format", "html", "--output", page)
    (dataset,) = content_of(page)["datasets"]
    assert [row["name"] for row in dataset["rows"]] == ["cox_ph", "kaplan_meier"]
    assert dataset["rows"][0]["family"] == "baselines"
    assert dataset["facts"]["patients"] == 686
    assert len(dataset["facts"]["curve"]["survival"]) == 61
    assert "Machine: " in page.read_text("utf-8")
    assert str(results) not in page.read_text("utf-8")


def test_published_boards_know_how_their_datasets_were_loaded(tmp_path: Path) -> None:
    results, reference, page = tmp_path / "results", tmp_path / "reference", tmp_path / "boards.html"
    options = ("--dataset", "whas500", "--set", "whas500.include_los=false", "--folds", "2")
    run("run", "--method", "kaplan_meier", *options, "--results", results, "--json")
    run("leaderboard", "--results", results, "--publish", reference, "--output", tmp_path / "page.md")
    run("leaderboard", "--published", reference, "--format", "html", "--output", page)
    (dataset,) = content_of(page)["datasets"]
    assert "include_los=False" in dataset["facts"]["options"]
    assert "curve" in dataset["facts"]


def test_published_boards_become_a_page(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "boards.html"
    run("leaderboard", "--published", root / "leaderboards" / "reference", "--format", "html", "--output", page)
    content = content_of(page)
    published = json.loads((root / "leaderboards" / "reference" / "board" / "boards.json").read_text())
    assert [one["name"] for one in content["datasets"]] == [one["dataset"] for one in published["boards"]["boards"]]
    assert len(page.read_bytes()) < 3_000_000


def test_published_boards_are_read_as_they_are(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = root / "leaderboards" / "reference"
    run("leaderboard", "--published", reference)
    assert capsys.readouterr().out == (root / "LEADERBOARD.md").read_text()
    with pytest.raises(SystemExit) as exit_:
        main(["leaderboard", "--published", str(reference), "--dataset", "gbsg2"])
    assert exit_.value.code == 2
    assert "--published: its boards are shown as they are" in capsys.readouterr().err


def test_no_patient_of_a_dataset_is_named_in_its_page(results: Path, tmp_path: Path) -> None:
    # A list as long as a test part would be one of patients.
    def longest(value: object) -> int:
        if isinstance(value, dict):
            return max((longest(part) for part in value.values()), default=0)
        if isinstance(value, list):
            return max([len(value), *(longest(part) for part in value)])
        return 0

    page = tmp_path / "boards.html"
    run("leaderboard", "--results", results, "--format", "html", "--output", page)
    assert longest(content_of(page)) <= 61
