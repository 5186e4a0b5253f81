"""The board ranks what is complete, puts failures last, and separates only what the tests separate."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.commandline.app import main
from benchmarks.errors import UsageError
from benchmarks.scoring.design import read_design
from benchmarks.scoring.scorer import ScoredCell
from benchmarks.storage.store import Store
from benchmarks.types import MAIN, Record
from benchmarks.types.score import Score
from leaderboards.boards.board import Board, board_of, make_board
from leaderboards.boards.entries import Entry, entries_of
from leaderboards.boards.gains import NoGain
from leaderboards.boards.overall import make_overall
from leaderboards.boards.stored import by_dataset, scored, stored_records
from leaderboards.pages.formats import Boards, as_csv, as_json, as_latex, as_markdown, as_table, from_json

RUN = ["run", "--dataset", "whas500", "--folds", "4", "--jobs", "2", "--json"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("results")
    with pytest.raises(SystemExit) as exit_:
        main([*RUN, "--method", "cox_ph,kaplan_meier,random_survival_forest", "--results", str(folder)])
    assert exit_.value.code == 0
    return Store.open(folder)


@pytest.fixture(scope="module")
def records(store: Store) -> list[Record]:
    return by_dataset(stored_records(store, pytest.fail))["whas500"]


@pytest.fixture
def cells(store: Store, records: list[Record]) -> list[ScoredCell]:
    return scored(store, records)


def board(store: Store, cells: Sequence[ScoredCell]) -> Board:
    return board_of(cells, read_design(store, [cell.record for cell in cells]), "harrell_c")


def failed(cells: list[ScoredCell], method: str) -> list[ScoredCell]:
    """Return the cells with one of a method's turned into a failure."""
    victim = next(cell for cell in cells if cell.record.cell.method == method)
    broken = ScoredCell(replace(victim.record, status="timeout", cause="time limit of 1 s passed"))
    return [broken if cell is victim else cell for cell in cells]


def unfaithful(cell: ScoredCell) -> ScoredCell:
    """Return a cell whose test patients a teacher ranks otherwise."""
    assert cell.scores is not None
    parts = cell.scores.variants[MAIN]
    test = {**parts["test"], "teacher_spearman": Score.of(0.4)}
    return replace(cell, scores=replace(cell.scores, variants={MAIN: {**parts, "test": test}}))


def with_test_c(cell: ScoredCell, c: float) -> ScoredCell:
    """Return a cell whose C on the test part is another one."""
    assert cell.scores is not None
    parts = cell.scores.variants[MAIN]
    test = {**parts["test"], "harrell_c": Score.of(c)}
    return replace(cell, scores=replace(cell.scores, variants={MAIN: {**parts, "test": test}}))


def changed(cells: list[ScoredCell], of: str, /, **fields: object) -> list[ScoredCell]:
    """Return the cells of a method with other fields."""
    return [
        replace(cell, record=replace(cell.record, cell=replace(cell.record.cell, **fields)))
        for cell in cells
        if cell.record.cell.method == of
    ]


def test_methods_are_ranked_and_equals_share_a_letter(store: Store, records: list[Record]) -> None:
    made = make_board(store, records, "harrell_c")
    assert [row.rank for row in made.rows] == [1, 2, 3]
    letters = {row.name: set(row.letters) for row in made.rows}
    assert made.rows[2].name == "kaplan_meier"
    assert letters["cox_ph"] & letters["random_survival_forest"]
    assert not letters["cox_ph"] & letters["kaplan_meier"]
    assert made.events == 215


@pytest.mark.parametrize("measure", ["harrell_c", "ibs"])
def test_who_shares_a_letter_with_cox_is_not_clearly_below_it(
    store: Store, records: list[Record], measure: str
) -> None:
    made = make_board(store, records, measure)
    (cox,) = [row for row in made.rows if row.name == "cox_ph"]
    for row in made.rows:
        clearly = "clearly below clinical-only Cox" in row.flags
        assert clearly == (row.rank > cox.rank and not {*row.letters} & {*cox.letters})


def test_it_is_said_whose_defaults_were_chosen_on_the_same_dataset(store: Store, cells: list[ScoredCell]) -> None:
    made = board(store, cells + changed(cells, "random_survival_forest", method="deepsurv"))
    told = [row.name for row in made.rows if "default settings chosen on training folds of this dataset" in row.flags]
    assert told == ["deepsurv"]


def test_a_student_that_does_not_rank_as_its_teacher_is_flagged(store: Store, cells: list[ScoredCell]) -> None:
    taught = [unfaithful(cell) if cell.record.cell.method == "cox_ph" else cell for cell in cells]
    made = board(store, taught)
    flagged = [row.name for row in made.rows if "rank correlation with its teacher of 0.40, below 0.9" in row.flags]
    assert flagged == ["cox_ph"]
    assert "rank correlation with its teacher of 0.40, below 0.9: cox_ph" in as_markdown(Boards((made,), None))


def test_a_c_that_rises_from_validation_to_test_is_flagged(store: Store, cells: list[ScoredCell]) -> None:
    risen = [with_test_c(cell, 0.97) if cell.record.cell.method == "cox_ph" else cell for cell in cells]
    made = board(store, risen)
    flags = {row.name: " ".join(row.flags) for row in made.rows}
    assert "C of 0.970 on the test parts, above 0.95 and C rises by" in flags["cox_ph"]
    assert [name for name, told in flags.items() if "does it know the test patients?" in told] == ["cox_ph"]
    assert "does it know the test patients?: cox_ph" in as_markdown(Boards((made,), None))


def test_for_the_brier_score_lower_is_better(store: Store, records: list[Record]) -> None:
    made = make_board(store, records, "ibs")
    means = [row.row.averages["ibs"].mean for row in made.rows]
    assert means == sorted(means)
    assert "clearly below clinical-only Cox" in made.rows[-1].flags


def test_the_gain_is_over_cox_and_cox_has_none(store: Store, records: list[Record]) -> None:
    gain = {row.name: row.gain for row in make_board(store, records, "harrell_c").rows}
    assert gain["cox_ph"] is None
    assert gain["kaplan_meier"].over == "cox_ph"
    assert gain["kaplan_meier"].upper < -0.2


def test_the_gain_over_its_own_unimodal_form_is_that_of_the_same_method(store: Store, cells: list[ScoredCell]) -> None:
    # The forest stands in for a method that saw two modalities, Cox's risks for the same method with one.
    unimodal = changed(cells, "cox_ph", method="both", config={}, modalities=("clinical",))
    multimodal = changed(cells, "random_survival_forest", method="both", config={}, modalities=("clinical", "text"))
    rows = {row.name: row for row in board(store, [*cells, *unimodal, *multimodal]).rows}
    own = rows["both"].own_gain
    assert own.over == "both on clinical"
    assert own.value == pytest.approx(rows["random_survival_forest"].gain.value)
    assert rows["both on clinical"].own_gain is None
    assert not any(isinstance(row.own_gain, NoGain) for row in rows.values())


def test_where_a_unimodal_form_failed_nobody_knows_the_gain_over_the_best(
    store: Store, cells: list[ScoredCell]
) -> None:
    clinical = changed(cells, "cox_ph", method="both", config={}, modalities=("clinical",))
    text = changed(failed(cells, "kaplan_meier"), "kaplan_meier", method="both", config={}, modalities=("text",))
    multimodal = changed(cells, "random_survival_forest", method="both", config={}, modalities=("clinical", "text"))
    rows = {row.name: row for row in board(store, [*cells, *clinical, *text, *multimodal]).rows}
    assert rows["both"].own_gain == NoGain(over="both on text", reason="both on text failed on 1 of 4 folds")


def test_a_failed_method_is_last_without_a_mean(store: Store, cells: list[ScoredCell]) -> None:
    made = board(store, failed(cells, "cox_ph"))
    last = made.rows[-1]
    assert (last.name, last.rank, last.row.averages) == ("cox_ph", None, {})
    assert last.gain is None
    told = NoGain(over="cox_ph", reason="cox_ph failed on 1 of 4 folds")
    assert [row.gain for row in made.rows[:-1]] == [told, told]
    assert not any("clinical-only Cox" in flag for row in made.rows for flag in row.flags)
    assert from_json(as_json(Boards((made,), None))).boards[0] == made
    text = as_markdown(Boards((made,), None))
    assert "| - | cox_ph | clinical | 3/4 ok |" in text
    assert text.count("| cox_ph failed on 1 of 4 folds |") == 2
    assert as_table(Boards((made,), None))["gain_over_cox"].isna().all()
    assert "- cox_ph: 1 of 4 cells timeout: time limit of 1 s passed" in text


def test_a_method_that_lacks_a_fold_has_no_mean_and_no_rank(store: Store, cells: list[ScoredCell]) -> None:
    made = board(store, [c for c in cells if (c.record.cell.method, c.record.cell.fold) != ("cox_ph", 2)])
    last = made.rows[-1]
    assert (last.name, last.rank, last.row.averages) == ("cox_ph", None, {})
    assert last.row.problem == "not run on 1 of 4 folds"
    assert last.row.state == "incomplete"
    assert {row.gain.reason for row in made.rows[:-1]} == {"cox_ph not run on 1 of 4 folds"}


def test_a_reference_without_the_measure_in_a_fold_makes_no_gain(store: Store, cells: list[ScoredCell]) -> None:
    victim = next(cell for cell in cells if cell.record.cell.method == "cox_ph")
    assert victim.scores is not None
    parts = victim.scores.variants[MAIN]
    test = {**parts["test"], "harrell_c": Score.undefined("no comparable pair")}
    lacking = replace(victim, scores=replace(victim.scores, variants={MAIN: {**parts, "test": test}}))
    made = board(store, [lacking if cell is victim else cell for cell in cells])
    why = "cox_ph has no harrell_c, undefined in 1 of 4 folds: no comparable pair"
    assert {row.gain.reason for row in made.rows if row.rank} == {why}


def test_of_two_settings_of_the_reference_the_one_that_did_not_fail_is_gained_over(
    store: Store, cells: list[ScoredCell]
) -> None:
    config = {**next(c.record.cell.config for c in cells if c.record.cell.method == "cox_ph"), "penalty": 5.0}
    made = board(store, [*failed(cells, "cox_ph"), *changed(cells, "cox_ph", config=config)])
    gain = {row.name: row.gain for row in made.rows}
    assert gain["kaplan_meier"].over == "cox_ph [penalty=5.0]"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_settings_of_the_reference_the_default_is_gained_over_whatever_the_order_of_the_cells(
    store: Store, cells: list[ScoredCell], order: int
) -> None:
    config = {**next(c.record.cell.config for c in cells if c.record.cell.method == "cox_ph"), "penalty": 5.0}
    made = board(store, [*cells, *changed(cells, "cox_ph", config=config)][::order])
    gain = {row.name: row.gain for row in made.rows}
    assert gain["kaplan_meier"].over == "cox_ph [penalty=chosen]"
    told = "over cox_ph [penalty=chosen], one of 2 rows of clinical-only Cox: its settings are the default"
    assert told in as_markdown(Boards((made,), None)).replace("\\", "")
    assert board(store, cells).reference == ""


@pytest.mark.parametrize("order", [1, -1])
def test_of_settings_that_are_not_the_default_the_best_is_gained_over(
    store: Store, cells: list[ScoredCell], order: int
) -> None:
    config = next(c.record.cell.config for c in cells if c.record.cell.method == "cox_ph")
    worse = changed(cells, "kaplan_meier", method="cox_ph", config={**config, "penalty": 7.0}, modalities=("clinical",))
    rest = [c for c in cells if c.record.cell.method != "cox_ph"]
    better = changed(cells, "cox_ph", config={**config, "penalty": 5.0})
    made = board(store, [*rest, *better, *worse][::order])
    gain = {row.name: row.gain for row in made.rows}
    assert gain["cox_ph [penalty=7.0]"].over == "cox_ph [penalty=5.0]"
    assert gain["cox_ph [penalty=5.0]"] is None
    assert made.reference.endswith(
        "over cox_ph [penalty=5.0], one of 2 rows of clinical-only Cox: the best by the measure"
    )


def test_what_a_row_on_the_clinical_table_alone_gains_is_no_gain_of_a_modality(
    store: Store, cells: list[ScoredCell]
) -> None:
    fusion = changed(cells, "random_survival_forest", method="both", config={}, modalities=("clinical", "text"))
    made = board(store, [*cells, *fusion])
    same = {row.name: row.same_inputs for row in made.rows}
    assert same == {"random_survival_forest": True, "kaplan_meier": True, "cox_ph": True, "both": False}
    texts = {row.name: row.gain for row in made.rows}
    assert texts["both"].value == texts["random_survival_forest"].value
    text = as_markdown(Boards((made,), None))
    marked = {line.split(" | ")[1] for line in text.splitlines() if "], same inputs |" in line}
    assert marked == {"random_survival_forest", "kaplan_meier"}
    table = as_table(Boards((made,), None)).set_index("name")["gain_over_cox_same_inputs"]
    assert (table["both"], table["kaplan_meier"], table["cox_ph"]) == (False, True, None)


def test_what_fits_warn_of_is_a_flag(store: Store, cells: list[ScoredCell]) -> None:
    victim = next(cell for cell in cells if cell.record.cell.method == "cox_ph")
    warned = replace(victim, record=replace(victim.record, warnings={"ConvergenceWarning: 7 steps": 3}))
    cells = [warned if cell is victim else cell for cell in cells]
    told = "1 of 4 folds warned: ConvergenceWarning: 7 steps"
    made = board(store, cells)
    assert [row.name for row in made.rows if told in row.flags] == ["cox_ph"]
    assert f"- {told}: cox_ph" in as_markdown(Boards((made,), None))
    made = board(store, failed(cells, "cox_ph"))
    assert made.rows[-1].name == "cox_ph"


def test_other_settings_are_another_row_named_by_what_differs(store: Store, cells: list[ScoredCell]) -> None:
    config = {**next(c.record.cell.config for c in cells if c.record.cell.method == "cox_ph"), "penalty": 5.0}
    made = board(store, [*cells, *changed(cells, "cox_ph", config=config)])
    assert {row.name for row in made.rows} >= {"cox_ph [penalty=chosen]", "cox_ph [penalty=5.0]"}


def test_labels_are_the_cards_with_the_values_of_settings() -> None:
    entry = Entry(
        method="cox_text_generation", config={"backbone": "scratch"}, settings="", modalities=("clinical",), cells=()
    )
    assert entry.labels == {"backbone": "scratch", "weights": "unknown", "teacher": "unknown"}
    assert Entry(method="somebody_elses", config={}, settings="", modalities=(), cells=()).labels == {}


def test_a_row_says_which_source_of_a_modality_it_was_shown(cells: list[ScoredCell]) -> None:
    options = {"wsi": "files", "expression": "z"}
    shown = changed(cells, "cox_ph", dataset="tcga-blca", dataset_options=options, modalities=("clinical", "wsi"))
    (entry,) = [entry for entry in entries_of(shown) if entry.method == "cox_ph"]
    assert entry.labels == {"wsi": "files"}


def test_a_row_says_which_modalities_were_made_with_all_patients(cells: list[ScoredCell]) -> None:
    def labels(dataset: str, *modalities: str, **options: str) -> dict[str, str]:
        shown = changed(cells, "cox_ph", dataset=dataset, dataset_options=options, modalities=modalities)
        (entry,) = [entry for entry in entries_of(shown) if entry.method == "cox_ph"]
        return entry.labels

    assert labels("tcga-blca", "clinical", "text", expression="z", wsi="hipt") == {}
    both = labels("tcga-blca", "clinical", "rna", "wsi", expression="z", wsi="hipt")
    assert both["transductive"] == "rna+wsi"
    assert labels("tcga-blca", "rna", "wsi", expression="log2tpm", wsi="hipt")["transductive"] == "wsi"
    # Copy numbers stand in the mutations of this cohort alone.
    assert labels("tcga-ucec", "mutations")["transductive"] == "mutations"
    assert labels("tcga-blca", "mutations") == {}


def test_the_rule_of_transductive_rows_stands_where_there_are_some(store: Store, cells: list[ScoredCell]) -> None:
    made = board(store, cells)
    assert "Transductive:" not in as_markdown(Boards((made,), None))
    first, *others = made.rows
    marked = replace(made, rows=(replace(first, labels={"transductive": "wsi"}), *others))
    # Of several boards the rules stand once, at the end: whichever board has such a row.
    assert "- Transductive: modalities that were made with all patients" in as_markdown(Boards((made, marked), None))


def test_of_cells_of_two_states_of_the_code_those_of_the_present_one_stand(cells: list[ScoredCell]) -> None:
    old = changed(cells, "cox_ph", code_sha256="0" * 64)
    (entry,) = [e for e in entries_of([*old, *cells]) if e.method == "cox_ph"]
    assert len(entry.cells) == 4
    assert all(cell.record.cell.code_sha256 != "0" * 64 for cell in entry.cells)


def test_a_fold_run_twice_is_refused_if_nothing_tells_which_stands(store: Store, cells: list[ScoredCell]) -> None:
    with pytest.raises(UsageError, match=r"is stored twice, .* which differ in the number of threads"):
        board(store, [*cells, *changed(cells, "cox_ph", threads=2)])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("data_sha256", "f" * 64, "differ in the checksum of the data: .* ffffffffffff in 4 cells"),
        ("grid_sha256", "f" * 64, "differ in the time grid of the protocol"),
        ("complete_cases", ("clinical", "text"), "every patient must have: none in 8 cells.*clinical.text in 4 cells"),
        ("split", "published", "differ in the kind of split: .*published in 4 cells"),
        ("split_sha256", "f" * 64, "were tested on other patients in repeat 0, fold"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(
    cells: list[ScoredCell], field: str, value: object, said: str
) -> None:
    others = changed(cells, "cox_ph", **{field: value})
    rest = [cell for cell in cells if cell.record.cell.method != "cox_ph"]
    with pytest.raises(UsageError, match=said):
        by_dataset(cell.record for cell in [*rest, *others])


def test_the_formats_agree(store: Store, records: list[Record]) -> None:
    made = Boards((make_board(store, records, "harrell_c"),), None)
    rows = list(csv.DictReader(io.StringIO(as_csv(made))))
    (parsed,) = json.loads(as_json(made))["boards"]
    assert [row["method"] for row in rows] == [row["row"]["method"] for row in parsed["rows"]]
    assert float(rows[0]["harrell_c"]) == parsed["rows"][0]["row"]["averages"]["harrell_c"]["mean"]
    assert f"| 1 | {rows[0]['method']} |" in as_markdown(made)
    assert rf"1 & {rows[0]['method']} &".replace("_", r"\_") in as_latex(made)
    assert as_table(made)["harrell_c"].tolist() == [float(row["harrell_c"]) for row in rows]


def test_json_holds_everything(store: Store, records: list[Record]) -> None:
    one = make_board(store, records, "harrell_c")
    made = Boards((one,), make_overall([one]))
    assert from_json(as_json(made)) == made


def test_the_latex_is_balanced_and_escaped(store: Store, cells: list[ScoredCell]) -> None:
    text = as_latex(Boards((board(store, failed(cells, "cox_ph")),), None))
    assert text.count("{") == text.count("}")
    assert r"kaplan\_meier" in text
    assert "kaplan_meier" not in text
    width = text.split(r"\begin{tabular}{")[1].split("}")[0]
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().splitlines()
    assert {line.count(" & ") for line in body} == {len(width) - 1}


def test_the_command_writes_a_file_and_refuses_what_is_not_there(store: Store, tmp_path: Path, capsys) -> None:
    out = tmp_path / "board.md"
    with pytest.raises(SystemExit) as exit_:
        main(["leaderboard", "--results", str(store.root), "--output", str(out)])
    assert exit_.value.code == 0
    assert out.read_text().startswith("## whas500\n")
    with pytest.raises(SystemExit) as exit_:
        main(["leaderboard", "--results", str(store.root), "--dataset", "gbsg2"])
    assert exit_.value.code == 2
    assert "has no results on gbsg2; it has: whas500" in capsys.readouterr().err


def test_parquet_needs_a_file_and_is_a_table(store: Store, tmp_path: Path, capsys) -> None:
    out = tmp_path / "board.parquet"
    command = ["leaderboard", "--results", str(store.root), "--format", "parquet"]
    with pytest.raises(SystemExit) as exit_:
        main(command)
    assert exit_.value.code == 2
    assert "--format parquet: name a file with --output" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*command, "--output", str(out)])
    assert pd.read_parquet(out)["rank"].tolist() == [1, 2, 3]


def test_damaged_scores_are_computed_again_and_with_damaged_predictions_the_cell_has_failed(
    store: Store, records: list[Record]
) -> None:
    folder = store.folder(records[0].cell.key)
    before = make_board(store, records, "harrell_c")
    (folder / "influence.safetensors").write_bytes(b"something else")
    assert make_board(store, records, "harrell_c") == before
    good = (folder / "predictions.npz").read_bytes()
    (folder / "scores.json").unlink()
    (folder / "predictions.npz").write_bytes(good[:-1])
    try:
        made = make_board(store, records, "harrell_c")
        (problem,) = [row.row.problem for row in made.rows if row.row.state == "failed"]
        assert "predictions.npz differs from what was written" in problem
        assert len(made.rows) == len(before.rows)
    finally:
        (folder / "predictions.npz").write_bytes(good)


def test_a_board_says_why_distribution_calibration_has_no_p_value(store: Store, cells: list[ScoredCell]) -> None:
    def few(cell: ScoredCell) -> ScoredCell:
        assert cell.scores is not None
        parts = cell.scores.variants[MAIN]
        score = replace(parts["test"]["d_calibration_p"], events=9)
        test = {**parts["test"], "d_calibration_p": score}
        return replace(cell, scores=replace(cell.scores, variants={MAIN: {**parts, "test": test}}))

    told = "36 events in the test parts, 3.6 a bin: too few for D-calibration to reject"
    text = as_markdown(Boards((board(store, [few(cell) for cell in cells]),), None))
    assert text.count(f"- {told}") == 1
    assert "| D-cal ↑ |" not in text
    text = as_markdown(Boards((board(store, cells),), None))
    assert told not in text
    assert re.search(r"\| 0\.\d{3} \(\d+\.\d\) \|", text) is not None
