"""The number of threads, and how they wait, is set before the libraries are loaded."""

import pytest


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_cell_has_the_threads_it_was_given_and_they_sleep_while_they_wait(marked_run, threads: str) -> None:
    code, _, _ = marked_run.run(
        "run", "--method", "misbehaving:TellsItsThreads", "--dataset", "gbsg2", "--folds", "2", "--threads", threads
    )
    assert code == 0
    asleep = ["PASSIVE", "0", "0", "4"]
    assert marked_run.diary_lines() == [[threads, threads, f"[{threads}]"], asleep] * 2
