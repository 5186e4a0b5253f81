"""Two methods are compared on the same patients, or the comparison is refused with the reason."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import metrics
from benchmarks.commandline.app import main
from benchmarks.scoring.design import read_design
from benchmarks.storage.predictions import read_predictions
from benchmarks.storage.store import Store
from benchmarks.types import MAIN
from benchmarks.types.score import Score
from leaderboards.boards.candidates import candidates
from leaderboards.boards.pairs import PairedComparison, compare_across, compare_pair, find_row
from leaderboards.boards.stored import by_dataset, scored, stored_records

RUN = ["run", "--dataset", "whas500", "--folds", "4", "--jobs", "2", "--json"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a results folder with two complete methods on whas500."""
    folder = tmp_path_factory.mktemp("results")
    with pytest.raises(SystemExit) as exit_:
        main([*RUN, "--method", "cox_ph,kaplan_meier", "--results", str(folder)])
    assert exit_.value.code == 0
    return folder


def compared(results: Path, first: str, second: str) -> list[PairedComparison]:
    store = Store.open(results)
    records = by_dataset(stored_records(store, pytest.fail))["whas500"]
    rows = candidates(scored(store, records))
    return compare_pair(read_design(store, records), 4, find_row(rows, first), find_row(rows, second))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(["compare", *arguments])
    assert exit_.value.code == 2
    return capsys.readouterr().err


def test_the_pooled_difference_is_that_of_all_pairs_within_folds(results: Path) -> None:
    store = Store.open(results)
    concordance = next(c for c in compared(results, "cox_ph", "kaplan_meier") if c.measure == "harrell_c")

    time, event, risk, fold = [], [], [], []
    for record in stored_records(store, pytest.fail):
        if record.cell.method == "cox_ph":
            part = read_predictions(store.folder(record.cell.key)).parts["test"]
            time.append(part.outcome.time)
            event.append(part.outcome.event)
            risk.append(part.predictions[""].risk)
            fold.append(np.full(len(part.ids), record.cell.fold))
    horizon = part.predictions[""].times[-1]
    pooled = metrics.concordance_index(
        np.concatenate(time), np.concatenate(event), np.concatenate(risk), tau=horizon, strata=np.concatenate(fold)
    )
    # Kaplan-Meier's C is exactly 0.5 in every fold.
    assert concordance.fitted.value == pytest.approx(pooled.value - 0.5, abs=1e-12)
    assert concordance.fitted.p_value < 1e-6
    assert len(concordance.fold_differences) == 4
    assert concordance.methods is not None
    assert concordance.methods.value == pytest.approx(np.mean(concordance.fold_differences))
    assert concordance.to_decide is not None
    assert concordance.to_decide.repeats == 1


def test_the_order_of_the_two_turns_the_sign(results: Path) -> None:
    one, other = compared(results, "cox_ph", "kaplan_meier"), compared(results, "kaplan_meier", "cox_ph")
    for first, second in zip(one, other, strict=True):
        assert first.fitted.value == pytest.approx(-second.fitted.value, abs=1e-15)
        assert first.fitted.p_value == pytest.approx(second.fitted.p_value)


def test_fold_differences_that_vary_by_rounding_alone_are_not_tested(results: Path) -> None:
    store = Store.open(results)
    records = by_dataset(stored_records(store, pytest.fail))["whas500"]
    first, second = (find_row(candidates(scored(store, records)), name) for name in ("cox_ph", "kaplan_meier"))
    cells = []
    for place, (cell, other) in enumerate(zip(second.entry.cells, first.entry.cells, strict=True)):
        rounding = place * 2.0**-53
        value = other.scores.variants[MAIN]["test"]["harrell_c"].value - 0.1 - rounding
        scores = {MAIN: {"test": {**cell.scores.variants[MAIN]["test"], "harrell_c": Score.of(value)}}}
        cells.append(replace(cell, scores=replace(cell.scores, variants=scores)))
    shifted = replace(second, entry=replace(second.entry, cells=cells))

    concordance = compare_pair(read_design(store, records), 4, first, shifted)[0]
    assert concordance.fold_differences == pytest.approx([0.1] * 4)
    assert len(set(concordance.fold_differences)) > 1
    assert (concordance.methods, concordance.to_decide) == (None, None)


def test_the_command_shows_all_measures(results: Path, capsys) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["compare", "cox_ph", "kaplan_meier", "--results", str(results)])
    assert exit_.value.code == 0
    out = capsys.readouterr().out
    assert "cox_ph less kaplan_meier" in out
    assert "4 of 4 folds" in out
    with pytest.raises(SystemExit):
        main(["compare", "cox_ph", "kaplan_meier", "--results", str(results), "--json"])
    rows = json.loads(capsys.readouterr().out)["datasets"]["whas500"]
    assert [row["measure"] for row in rows] == ["harrell_c", "uno_c", "c_td", "ibs", "scaled_ibs"]


def test_what_is_not_there_is_refused(results: Path, capsys) -> None:
    there = ("--results", str(results))
    assert "no dataset on which both" in refused(capsys, "cox_ph", "random_survival_forest", *there)
    assert "random_survival_forest has no row on whas500" in refused(
        capsys, "cox_ph", "random_survival_forest", "--dataset", "whas500", *there
    )
    assert "cox_ph/greedy has no row on whas500; there are: cox_ph" in refused(
        capsys, "cox_ph/greedy", "kaplan_meier", "--dataset", "whas500", *there
    )


def difference(value: float) -> PairedComparison:
    return PairedComparison(
        measure="harrell_c", fold_differences=(value,), fitted=None, pooled=value, methods=None, to_decide=None
    )


def test_over_datasets_two_methods_are_compared_from_five_on() -> None:
    assert compare_across({str(n): [difference(0.05)] for n in range(4)}) == []
    (across,) = compare_across({str(n): [difference(0.05 + n / 100)] for n in range(6)})
    assert across.signed_rank.p_value == pytest.approx(2 / 2**6)
    assert across.posterior.right > 0.99


def test_a_row_is_not_compared_with_itself(results: Path, capsys) -> None:
    assert "the same row" in refused(capsys, "cox_ph", "cox_ph", "--results", str(results))


def test_cells_of_another_seed_are_not_mixed_in(results: Path, capsys) -> None:
    with pytest.raises(SystemExit):
        main([*RUN, "--method", "kaplan_meier", "--seed", "1", "--results", str(results)])
    capsys.readouterr()
    message = refused(capsys, "cox_ph", "kaplan_meier", "--results", str(results))
    assert "differ in the seed of the splits: 0 in 8 cells" in message or "1 in 4 cells" in message
    assert "cannot stand in one table" in message
