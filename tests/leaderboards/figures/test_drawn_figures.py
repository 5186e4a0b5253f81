"""Figures of boards and comparisons show the numbers that the tables have."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

import metrics
from benchmarks.commandline.app import main
from benchmarks.storage.store import Store
from benchmarks.types import Record
from leaderboards.boards.board import Board, make_board
from leaderboards.boards.candidates import Candidate, candidates
from leaderboards.boards.gains import Gain
from leaderboards.boards.overall import OverallBoard, OverallRow
from leaderboards.boards.stored import by_dataset, scored, stored_records
from leaderboards.figures.calibration import draw_calibration
from leaderboards.figures.costs import draw_costs
from leaderboards.figures.drawing import draw_board
from leaderboards.figures.folds import curves_of
from leaderboards.figures.gains import draw_gains
from leaderboards.figures.over_time import draw_over_time
from leaderboards.figures.ranks import draw_critical_difference, draw_rank_matrix
from leaderboards.figures.style import LONGEST_NAME, named
from leaderboards.figures.subsets import draw_subsets

DATASET = "simulated-missing"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a results folder with Cox models on one and two modalities."""
    folder = tmp_path_factory.mktemp("results")
    shape = ["--dataset", DATASET, "--set", f"{DATASET}.n=240", "--folds", "3", "--jobs", "2"]
    for method, modalities in (("cox_ph,fusion_average,kaplan_meier", "clinical,rna"), ("cox_late", "clinical,rna")):
        with pytest.raises(SystemExit) as exit_:
            main(["run", "--method", method, "--modalities", modalities, *shape, "--json", "--results", str(folder)])
        assert exit_.value.code == 0
    for modality in ("clinical", "rna"):
        with pytest.raises(SystemExit) as exit_:
            main(["run", "--method", "cox_late", "--modalities", modality, *shape, "--results", str(folder)])
        assert exit_.value.code == 0
    return folder


@pytest.fixture(scope="module")
def store(results: Path) -> Store:
    return Store.open(results)


@pytest.fixture(scope="module")
def records(store: Store) -> list[Record]:
    return by_dataset(stored_records(store, pytest.fail))[DATASET]


@pytest.fixture(scope="module")
def rows(store: Store, records: list[Record]) -> dict[str, Candidate]:
    return {row.name: row for row in candidates(scored(store, records))}


@pytest.fixture(scope="module")
def board(store: Store, records: list[Record]) -> Board:
    return make_board(store, records, "harrell_c")


def overall(ranks: dict[str, tuple[float, ...]], letters: tuple[str, ...], failed: str = "") -> OverallBoard:
    """Return a board over six datasets."""
    datasets = tuple(f"d{number}" for number in range(6))
    return OverallBoard(
        measure="harrell_c",
        datasets=datasets,
        rows=tuple(
            OverallRow(
                name=name,
                mean_rank=float(np.mean(of_method)),
                ranks=of_method,
                failed=("d5",) if name == failed else (),
                letters=own,
            )
            for (name, of_method), own in zip(ranks.items(), letters, strict=True)
        ),
        p_value=0.01,
        critical_difference=1.35,
        left_out=(),
        warning="",
    )


THREE = {"good": (1, 1, 1, 1, 1, 2), "fair": (2, 2, 2, 2, 2, 1), "poor": (3, 3, 3, 3, 3, 3)}


def horizontal(axes: Axes) -> set[tuple[float, float]]:
    """Return the ends of the horizontal lines of two points that were drawn."""
    lines = [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in axes.lines]
    return {(x[0], x[1]) for x, y in lines if len(x) == 2 and y[0] == y[1]}


def test_gains_are_those_of_the_board(board: Board) -> None:
    figure = draw_gains(board)
    assert figure is not None
    over_cox, over_own = figure.axes[:2]
    assert over_cox.get_title(loc="left") == "over clinical-only Cox"
    for axes, gains in (
        (over_cox, [row.gain for row in board.rows]),
        (over_own, [row.own_gain for row in board.rows]),
    ):
        drawn = {(gain.lower, gain.upper) for gain in gains if isinstance(gain, Gain)}
        assert drawn
        assert drawn <= horizontal(axes)


def test_subsets_show_each_form_of_a_method_and_what_it_was_shown(board: Board) -> None:
    figure = draw_subsets(board)
    assert figure is not None
    matrix, gains = figure.axes
    black = [line for line in matrix.lines if line.get_color() == "black"]
    assert len(matrix.lines) == 3 * 2  # three forms of cox_late, two modalities
    assert len(black) == 1 + 1 + 2
    forms = [row for row in board.rows if row.row.method == "cox_late"]
    assert {(row.gain.lower, row.gain.upper) for row in forms if isinstance(row.gain, Gain)} <= horizontal(gains)


def test_costs_show_every_ranked_row(board: Board) -> None:
    figure = draw_costs(board)
    assert figure is not None
    left = figure.axes[0]
    assert {text.get_text() for text in left.texts} == {str(n + 1) for n in range(len(board.rows))}
    first = board.rows[0]
    assert any(line.get_ydata()[0] == first.value for line in left.lines if len(line.get_ydata()))


def test_the_brier_score_at_the_horizon_is_the_mean_of_the_folds(store: Store, rows: dict[str, Candidate]) -> None:
    row = rows["cox_ph"]
    folds = list(curves_of(store, row))
    at = folds[0].times[-1]
    expected = np.mean(
        [metrics.brier_score(f.outcome, f.prediction.times, f.prediction.survival, at=[at]).value[0] for f in folds]
    )
    brier, c_td = draw_over_time(store, [row], DATASET, "days").axes
    marginal, own = brier.lines
    assert own.get_ydata()[-1] == pytest.approx(expected, abs=1e-12)
    everybody = [
        np.full(len(f.prediction), metrics.kaplan_meier(f.train.time, f.train.event).at([at])[0]) for f in folds
    ]
    same = [
        metrics.brier_score(f.outcome, [0.0, at], np.stack([np.ones(len(km)), km], 1), at=[at]).value[0]
        for f, km in zip(folds, everybody, strict=True)
    ]
    assert marginal.get_ydata()[-1] == pytest.approx(np.mean(same), abs=1e-12)
    td = np.mean(
        [
            metrics.concordance_index_td(f.outcome, f.prediction.times, f.prediction.survival, tau=at).value
            for f in folds
        ]
    )
    assert c_td.lines[0].get_ydata()[-1] == pytest.approx(td, abs=1e-12)


def test_calibration_points_are_the_kaplan_meier_estimates_of_all_test_patients(
    store: Store, rows: dict[str, Candidate]
) -> None:
    row = rows["cox_ph"]
    folds = list(curves_of(store, row))
    at = folds[0].times[-1]
    time = np.concatenate([f.patients.outcome.time for f in folds])
    event = np.concatenate([f.patients.outcome.event for f in folds])
    survival = np.concatenate([f.prediction.survival[:, -1] for f in folds])
    prepared = metrics.PreparedOutcome(None, None, time, event, at)
    groups = metrics.km_calibration(prepared, [0.0, at], np.stack([np.ones_like(survival), survival], 1), at=at, bins=5)
    axes = draw_calibration(store, [row], DATASET, "days").axes[0]
    points = axes.containers[1].lines[0]
    np.testing.assert_allclose(points.get_xdata(), groups.predicted)
    np.testing.assert_allclose(points.get_ydata(), groups.observed)


def test_a_row_without_curves_says_so(
    store: Store, rows: dict[str, Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaderboards.figures.calibration.curves_of", lambda _store, _row: iter(()))
    axes = draw_calibration(store, [rows["cox_ph"]], DATASET, "days").axes[0]
    assert [text.get_text() for text in axes.texts] == ["no curves"]


def test_ranks_and_failures_stand_in_the_matrix() -> None:
    figure = draw_rank_matrix(overall(THREE, ("a", "a", "b"), failed="poor"))
    assert figure is not None
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[:7] == ["1", "1", "1", "1", "1", "2", "1.17"]
    assert texts[-2:] == ["3!", "3.00"]


def test_a_bar_joins_what_shares_a_letter() -> None:
    figure = draw_critical_difference(overall(THREE, ("a", "a", "b")))
    assert figure is not None
    thick = [line for line in figure.axes[0].lines if line.get_linewidth() > 3]
    assert len(thick) == 1
    np.testing.assert_allclose(thick[0].get_xdata(), [7 / 6 - 0.04, 11 / 6 + 0.04])


def test_the_numbers_of_the_axis_of_ranks_have_room() -> None:
    def numbers(methods: int) -> list[float]:
        ranks = {f"m{place}": (float(place),) * 6 for place in range(1, methods + 1)}
        figure = draw_critical_difference(overall(ranks, ("a",) * methods))
        assert figure is not None
        return [*figure.axes[0].get_xticks()]

    assert numbers(5) == [1, 2, 3, 4, 5]
    assert numbers(27) == [*range(1, 28, 2)]


def test_without_tests_there_is_no_critical_difference() -> None:
    board = overall(THREE, ("", "", ""))
    few = OverallBoard(
        measure=board.measure,
        datasets=board.datasets[:3],
        rows=board.rows,
        p_value=None,
        critical_difference=None,
        left_out=(),
        warning="",
    )
    assert draw_critical_difference(few) is None


def test_the_same_board_gives_the_same_bytes(board: Board, records: list[Record], store: Store, tmp_path: Path) -> None:
    first, second = (draw_board(board, records, store, tmp_path / name) for name in ("a", "b"))
    assert [path.name for path in first] == [path.name for path in second]
    names = {path.stem for path in first}
    assert names == {f"{DATASET}-{part}" for part in ("gains", "costs", "subsets", "calibration", "over-time")}
    assert {path.suffix for path in first} == {".pdf", ".png"}
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["$x^2$ <script>", "\u05d0\u05d1\u05d2" * 20, "n" * 10_000, "a\x1b[31mb\nc", "\ud800"])
def test_a_hostile_name_is_drawn_as_text(name: str, tmp_path: Path) -> None:
    board = overall({name: (1, 1, 1, 1, 1, 1), "other": (2, 2, 2, 2, 2, 2)}, ("a", "a"))
    for draw in (draw_rank_matrix, draw_critical_difference):
        figure = draw(board)
        assert figure is not None
        from leaderboards.figures.style import save

        for path in save(figure, tmp_path, "figure"):
            assert path.stat().st_size > 1000
    assert len(named(name)) <= LONGEST_NAME + 2


def test_compare_draws_what_it_prints(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "figures"
    with pytest.raises(SystemExit) as exit_:
        main(["compare", "fusion_average", "cox_ph", "--results", str(results), "--figures", str(folder), "--json"])
    assert exit_.value.code == 0
    drawn = {path.name for path in folder.iterdir()}
    parts = ("differences", *(f"{DATASET}-{part}" for part in ("calibration", "over-time", "patterns")))
    assert drawn == {f"{part}.{suffix}" for part in parts for suffix in ("pdf", "png")}
    told = capsys.readouterr()
    assert told.out.startswith("{")
    assert told.err.count("drawn: ") == 4


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as exit_:
        main(["compare", "fusion_average", "cox_ph", "--results", str(results), "--figures", str(tmp_path / "file")])
    assert exit_.value.code == 2
    told = capsys.readouterr().err.strip()
    assert "--figures: cannot make" in told
    assert "\n" not in told
