"""Below a board each thing is said once, with all rows it is true of."""

from made_boards import board, board_row

from leaderboards.pages.columns import notes_of

RISES = "C rises by {} from validation to test (95 % interval {} to {}, chance is not excluded)"


def test_flags_that_differ_in_numbers_alone_are_one_line() -> None:
    made = board(
        "one",
        board_row("x", 0.7, rank=1, flags=("C varies by 0.09 (sd) between folds", RISES.format(0.13, -0.17, 0.43))),
        board_row("y", 0.6, rank=2, flags=("C varies by 0.12 (sd) between folds", RISES.format(0.16, -0.26, 0.59))),
    )
    assert notes_of(made) == [
        "C varies by ... (sd) between folds: x 0.09, y 0.12",
        f"{RISES.format('...', '...', '...')}: x 0.13 [-0.17, 0.43]; y 0.16 [-0.26, 0.59]",
    ]


def test_a_flag_of_the_same_numbers_keeps_them() -> None:
    flags = ("C varies by 0.09 (sd) between folds",)
    made = board("one", board_row("x", 0.7, rank=1, flags=flags), board_row("y", 0.6, rank=2, flags=flags))
    assert notes_of(made) == ["C varies by 0.09 (sd) between folds: x, y"]


def test_rows_with_the_same_problem_share_a_line() -> None:
    rows = [board_row(name, None, state="failed", problem="5 of 5 cells failed") for name in ("x", "y")]
    assert notes_of(board("one", *rows)) == ["x, y: 5 of 5 cells failed"]
