"""Where the gain of a fusion comes from and for whom: the parts are exactly those of the gain."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import metrics
from benchmarks.commandline.app import main
from benchmarks.errors import UsageError
from benchmarks.scoring.design import Design, read_design
from benchmarks.storage.predictions import PREDICTIONS
from benchmarks.storage.store import Store
from benchmarks.types import Record
from leaderboards.boards.candidates import Candidate, candidates
from leaderboards.boards.fold_risks import read_fold_risks
from leaderboards.boards.gain_split import unimodal_rows
from leaderboards.boards.pairs import compare_pair, find_row
from leaderboards.boards.patterns import scores_by_pattern
from leaderboards.boards.stored import by_dataset, comparable_with, scored, stored_records
from leaderboards.boards.worth import Worth, worth_of

DATASET = "simulated-missing"
FUSION = "fusion_average"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a results folder with a fusion of two modalities, its parts, and clinical-only Cox; two repeats."""
    folder = tmp_path_factory.mktemp("results")
    shape = ["--dataset", DATASET, "--set", f"{DATASET}.n=240", "--folds", "3", "--repeats", "2", "--jobs", "2"]
    for method, modalities in ((f"cox_ph,{FUSION}", "clinical,rna"), ("cox_late", "clinical"), ("cox_late", "rna")):
        command = ["run", "--method", method, "--modalities", modalities, *shape]
        with pytest.raises(SystemExit) as exit_:
            main([*command, "--json", "--results", str(folder)])
        assert exit_.value.code == 0
    return folder


@pytest.fixture(scope="module")
def store(results: Path) -> Store:
    return Store.open(results)


@pytest.fixture(scope="module")
def records(store: Store) -> list[Record]:
    return by_dataset(stored_records(store, pytest.fail))[DATASET]


@pytest.fixture(scope="module")
def rows(store: Store, records: list[Record]) -> list[Candidate]:
    return candidates(scored(store, records))


@pytest.fixture(scope="module")
def design(store: Store, records: list[Record]) -> Design:
    return read_design(store, records)


def row(rows: Sequence[Candidate], name: str) -> Candidate:
    found = find_row(rows, name)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def worth(store: Store, design: Design, rows: list[Candidate]) -> Worth:
    return worth_of(store, design, rows, row(rows, FUSION), row(rows, "cox_ph"))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(["compare", *arguments])
    told = capsys.readouterr()
    return exit_.value.code, told.out, told.err


def test_the_parts_add_up_to_the_pooled_gain(worth: Worth, design: Design, rows: list[Candidate]) -> None:
    pooled = compare_pair(design, 3, row(rows, FUSION), row(rows, "cox_ph"))[0].pooled
    assert worth.split.gain == pytest.approx(pooled, abs=1e-12)
    assert sum(part.contribution for part in worth.split.classes) == pytest.approx(pooled, abs=1e-12)
    assert sum(part.share for part in worth.split.classes) == pytest.approx(1, abs=1e-12)
    for part in worth.split.classes:
        assert part.share * (part.first - part.second) == pytest.approx(part.contribution, abs=1e-12)


def test_the_reference_is_right_on_the_pairs_on_which_it_is_right(worth: Worth) -> None:
    assert worth.split.unimodal == ("cox_ph", "cox_late on rna")
    assert [part.right for part in worth.split.classes] == [
        ("cox_ph", "cox_late on rna"),
        ("cox_ph",),
        ("cox_late on rna",),
        (),
    ]
    # No two patients have the same clinical risk, so nothing of the reference is tied.
    assert [part.second for part in worth.split.classes] == pytest.approx([1, 1, 0, 0])


def test_each_pattern_is_scored_by_the_pairs_within_it(worth: Worth, store: Store, rows: list[Candidate]) -> None:
    parts = read_fold_risks(store, row(rows, FUSION))
    whole, clinical = worth.patterns
    assert (whole.modalities, clinical.modalities) == (("clinical", "rna"), ("clinical",))
    assert whole.patients + clinical.patients == 240
    of_repeats = []
    for repeat in range(2):
        own = [part for place, part in parts.items() if place[0] == repeat]
        have = np.concatenate([part.patients.present["rna"] for part in own])
        time, event, risk = (
            np.concatenate(values)[have]
            for values in zip(*((part.outcome.time, part.outcome.event, part.risk) for part in own), strict=True)
        )
        fold = np.repeat(np.arange(len(own)), [len(part.risk) for part in own])[have]
        horizon = own[0].outcome.tau
        of_repeats.append(metrics.concordance_index(time, event, risk, tau=horizon, strata=fold).value)
    assert whole.patients == have.sum()
    assert whole.events == (event & (time <= horizon)).sum()
    assert whole.first == pytest.approx(np.mean(of_repeats), abs=1e-12)
    assert whole.difference.value == pytest.approx(whole.first - whole.second, abs=1e-12)
    assert whole.difference.standard_error > 0


def test_a_pattern_with_few_events_says_so(store: Store, design: Design, rows: list[Candidate]) -> None:
    first = read_fold_risks(store, row(rows, FUSION))
    patterns = {place: [("rna",) if k < 2 else ("clinical",) for k in range(len(p.risk))] for place, p in first.items()}
    few = scores_by_pattern(design, patterns, first, first)[-1]
    assert (few.modalities, few.patients, few.first, few.difference) == (("rna",), 6, None, None)
    assert few.problem == f"{few.events} events, 10 are needed"


def test_a_folder_that_does_not_say_who_has_what_asks_to_run_the_cells_again(
    worth: Worth, store: Store, design: Design, rows: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_presence(store: Store, of: Candidate) -> dict:
        parts = read_fold_risks(store, of)
        return {place: replace(part, patients=replace(part.patients, present=None)) for place, part in parts.items()}

    monkeypatch.setattr("leaderboards.boards.worth.read_fold_risks", without_presence)
    old = worth_of(store, design, rows, row(rows, FUSION), row(rows, "cox_ph"))
    assert old.patterns == ()
    assert f"the predictions of {FUSION} do not say who has which modality: run its cells again" in old.no_patterns
    assert old.split == worth.split


def test_rows_of_one_method_are_taken_and_shuffled_ones_are_not(rows: list[Candidate]) -> None:
    fusion, cox = row(rows, FUSION), row(rows, "cox_ph")
    names = [found.name for found in unimodal_rows(rows, fusion, fusion)]
    assert names == ["cox_late on clinical", "cox_late on rna"]
    own = [
        Candidate(f"{FUSION} on {name}", replace(fusion.entry, modalities=(name,)), fusion.row)
        for name in ("clinical", "rna")
    ]
    assert unimodal_rows([*rows, *own], fusion, fusion) == own
    controls = [Candidate(r.name, replace(r.entry, shuffled=r.entry.modalities), r.row) for r in own]
    assert [found.name for found in unimodal_rows([*rows, *controls], fusion, cox)] == ["cox_ph", "cox_late on rna"]
    assert unimodal_rows([cox], fusion, cox) == []
    assert unimodal_rows(rows, cox, fusion) == []


def test_without_unimodal_rows_it_says_which_to_run(store: Store, design: Design, rows: list[Candidate]) -> None:
    fusion, cox = row(rows, FUSION), row(rows, "cox_ph")
    alone = worth_of(store, design, [fusion, cox], fusion, cox)
    assert alone.split is None
    assert "was shown rna alone; run --method cox_late with --modalities rna" in alone.not_split


def test_a_damaged_cell_is_told(store: Store, rows: list[Candidate]) -> None:
    fusion = row(rows, FUSION)
    path = store.folder(fusion.entry.cells[0].record.cell.key) / PREDICTIONS
    good = path.read_bytes()
    path.write_bytes(good[:-1])
    try:
        with pytest.raises(UsageError, match=r"predictions\.npz differs from what was written.*run the same command"):
            read_fold_risks(store, fusion)
    finally:
        path.write_bytes(good)


def test_the_command_prints_the_parts_and_the_patterns(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, FUSION, "cox_ph", "--results", str(results), "--wide")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "comparable pairs by which of these order them rightly: cox_ph; cox_late on rna" in lines
    assert f"right pairs C of {FUSION} C of cox_ph adds to the gain" in lines
    starts = ("both", "only clinical", "only rna", "neither", "sum 100.0 %")
    assert all(any(line.startswith(start) for line in lines) for start in starts)
    assert any(line.startswith("clinical+rna ") for line in lines)

    code, out, _ = run(capsys, FUSION, "cox_ph", "--results", str(results), "--json")
    parts = json.loads(out)["worth"][DATASET]
    assert [len(part["right"]) for part in parts["split"]["classes"]] == [2, 1, 1, 0]
    assert [pattern["modalities"] for pattern in parts["patterns"]] == [["clinical", "rna"], ["clinical"]]


def test_a_row_can_be_chosen_and_one_that_is_not_there_is_refused(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = (FUSION, "cox_ph", "--results", str(results))
    _, out, _ = run(capsys, *there, "--json", "--unimodal", "cox_late on rna")
    assert json.loads(out)["worth"][DATASET]["split"]["unimodal"] == ["cox_late on rna"]
    code, _, err = run(capsys, *there, "--unimodal", "cox_late on wsi")
    assert code == 2
    assert "--unimodal cox_late on wsi: there is no such row; there are: " in err
    four = [
        part for name in ("cox_ph", "cox_late on rna", "cox_late on clinical", FUSION) for part in ("--unimodal", name)
    ]
    code, _, err = run(capsys, *there, *four)
    assert code == 2
    assert "--unimodal: 4 rows are named; a gain is split by 3 at most" in err


def test_of_another_measure_no_gain_in_c_is_split(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, FUSION, "cox_ph", "--results", str(results), "--json", "--metric", "ibs")
    assert json.loads(out)["worth"] == {}


def test_rows_of_other_data_or_folds_do_not_serve(records: list[Record]) -> None:
    first = records[0]
    assert comparable_with([first], records) == [first]
    for change in ({"data_sha256": "0" * 64}, {"seed": 1}, {"split_sha256": "0" * 64}, {"dataset": "simulated-null"}):
        assert comparable_with([replace(first, cell=replace(first.cell, **change))], records) == []
