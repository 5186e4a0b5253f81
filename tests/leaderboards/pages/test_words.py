"""A board says in sentences who cannot be told apart, and where a simple method is as good."""

from dataclasses import replace

from made_boards import board, board_row

from leaderboards.pages.words import NOT_TESTED, listed, sentences_of, sentences_over


def test_the_best_row_is_named_with_those_that_share_a_letter_and_those_that_do_not() -> None:
    said = sentences_of(
        board(
            "one",
            board_row("net", 0.74, rank=1, letters="a", modalities=("clinical", "rna")),
            board_row("cox_ph", 0.72, rank=2, letters="ab"),
            board_row("kaplan_meier", 0.5, rank=3, letters="b", modalities=()),
        )
    )
    assert said[0] == (
        "net stands first, but the tests do not separate it from 1 row: cox_ph. Separated from it: 1 row, kaplan_meier."
    )
    assert said[1] == "cox_ph, which reads clinical, cannot be told from the best."


def test_nothing_is_made_of_an_order_that_no_test_supports() -> None:
    said = sentences_of(board("one", board_row("x", 0.7, rank=1), board_row("y", 0.6, rank=2)))
    assert said[0] == (
        "x stands first, but the tests do not separate it from the other row: "
        "the order of this board is not evidence that one is better."
    )


def test_letters_beyond_z_are_read_whole() -> None:
    rows = [board_row("x", 0.7, rank=1, letters="aa,b"), board_row("y", 0.6, rank=2, letters="a")]
    assert "separate it from all 1 other rows" in sentences_of(board("one", *rows))[0]


def test_gains_are_counted_by_the_better_side_of_the_measure() -> None:
    rows = [
        board_row("up", 0.7, rank=1, gain=(0.1, 0.05, 0.15)),
        board_row("down", 0.6, rank=2, gain=(-0.1, -0.15, -0.05)),
        board_row("open", 0.6, rank=3, gain=(0.0, -0.1, 0.1)),
    ]
    told = "Of 3 rows compared with clinical Cox, 1 gain over it ({}), 1 fall below it ({})"
    assert any(said.startswith(told.format("up", "down")) for said in sentences_of(board("one", *rows)))
    by_loss = board("one", *rows, measure="ibs")
    assert any(said.startswith(told.format("down", "up")) for said in sentences_of(by_loss))


def test_a_gain_of_a_row_that_reads_no_more_than_cox_is_told_to_be_none_of_a_modality() -> None:
    clinical = board_row("forest", 0.7, rank=1, gain=(0.1, 0.05, 0.15), modalities=("clinical",))
    fused = board_row("net", 0.7, rank=2, gain=(0.1, 0.05, 0.15), modalities=("clinical", "rna"))
    told = "Shown nothing that clinical Cox was not, so that theirs is no gain of a modality: forest."
    assert any(said.endswith(told) for said in sentences_of(board("one", clinical, fused)))
    assert not any("no gain of a modality" in said for said in sentences_of(board("one", fused)))


def test_the_row_that_gains_are_over_is_named_where_several_could_be() -> None:
    made = replace(board("one", board_row("x", 0.7, rank=1)), reference="gains over Cox are over cox_ph [penalty=1.0]")
    assert "Gains over Cox are over cox_ph [penalty=1.0]." in sentences_of(made)


def test_gains_over_the_own_unimodal_form_are_counted() -> None:
    row = board_row("net", 0.7, rank=1, gain=(0.01, -0.01, 0.03))
    said = sentences_of(board("one", replace(row, own_gain=row.gain)))
    assert said[-1].startswith("None of 1 multimodal row gains over its own form")


def test_a_measure_without_tests_says_so_and_failures_are_named() -> None:
    rows = [board_row("x", 0.7, rank=1), board_row("y", None, state="failed", problem="killed")]
    assert "Pairs are not tested" in sentences_of(board("one", *rows, measure="ici"))[0]
    assert sentences_over([board("one", *rows, measure="ici")]) == [NOT_TESTED]
    assert sentences_of(board("one", *rows))[-1] == "1 row did not finish on all folds: y."


def test_several_boards_say_how_often_anything_is_told_apart() -> None:
    fused = ("clinical", "rna")
    clear = board(
        "clear",
        board_row("net", 0.8, rank=1, letters="a", modalities=fused),
        board_row("cox_ph", 0.7, rank=2, letters="b"),
    )
    tied = board(
        "tied",
        board_row("cox_ph", 0.7, rank=1, letters="a"),
        board_row("net", 0.69, rank=2, letters="a", modalities=fused),
    )
    first, second, third = sentences_over([clear, tied])
    assert first.startswith("On 1 of 2 datasets the first row shares its letter")
    assert second.endswith("cannot be told from it on 1 of 2 datasets.")
    assert third == (
        "Rows that read several modalities stand on 2 datasets; one of them is first on 1, and on 1 the tests "
        "separate it from every row that reads one modality."
    )
    assert sentences_over([clear]) == []


def test_names_with_commas_of_their_own_are_parted_by_semicolons() -> None:
    assert listed(["cox_ph", "mtlr"]) == "cox_ph, mtlr"
    assert listed(["cox_ph", "mtlr, tuned (20 trials)"]) == "cox_ph; mtlr, tuned (20 trials)"
