"""What was finished when a run was killed stays; the same command finishes the rest."""

import os
import signal
import threading
import time

import psutil
import pytest

from benchmarks.execution.interrupts import interrupt_held_back

RUN = ("run", "--method", "misbehaving:Sleeps", "--dataset", "gbsg2", "--folds", "4")


def stored(marked_run) -> set[str]:
    cells = marked_run.results / "cells"
    return {path.name for path in cells.iterdir() if not path.name.startswith(".")} if cells.exists() else set()


def test_kill_9_of_the_runner(marked_run, patiently) -> None:
    runner = marked_run.start(*RUN)
    assert patiently(lambda: len(stored(marked_run)) >= 2, 60) == []
    runner.kill()
    runner.communicate()
    assert marked_run.wait_until_nothing_is_left() == []
    finished = stored(marked_run)
    assert len(finished) < 4
    computed = [seed for _, seed in marked_run.diary_lines()]

    code, summary, _ = marked_run.run(*RUN)

    assert code == 0
    assert finished < stored(marked_run) == set(summary["cells"])
    seeds = [seed for _, seed in marked_run.diary_lines()]
    assert len(set(seeds)) == 4
    # Only the cell that was running when the runner died has been started twice.
    assert all(seeds.count(seed) == 1 for seed in computed[: len(finished)])
    assert len(seeds) <= 5
    assert list((marked_run.results / "work").iterdir()) == []


def test_kill_9_of_a_worker_is_a_failed_row(marked_run, patiently) -> None:
    runner = marked_run.start(*RUN, "--json")
    assert patiently(lambda: len(marked_run.diary_lines()) >= 1, 60) == []
    os.kill(int(marked_run.diary_lines()[0][0]), signal.SIGKILL)
    runner.communicate(timeout=120)
    assert runner.returncode == 1
    code, summary, _ = marked_run.run(*RUN)
    assert code == 1
    assert sorted(cell["status"] for cell in summary["cells"].values()) == ["failed", "ok", "ok", "ok"]
    assert any("killed by SIGKILL" in cell["cause"] for cell in summary["cells"].values())
    assert len(marked_run.diary_lines()) == 4, "a failed cell is not run again unasked"

    code, summary, _ = marked_run.run(*RUN, "--retry-failed")
    assert code == 0
    assert len(marked_run.diary_lines()) == 5


def test_kill_9_of_the_process_around_the_worker_is_a_failed_row_too(marked_run, patiently) -> None:
    runner = marked_run.start(*RUN)
    assert patiently(lambda: len(marked_run.diary_lines()) >= 1, 60) == []
    worker = psutil.Process(int(marked_run.diary_lines()[0][0]))
    worker.parent().kill()
    out, _ = runner.communicate(timeout=120)
    assert runner.returncode == 1
    assert "Failed cells: 1; they are run again if --retry-failed is added" in out
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
    assert marked_run.wait_until_nothing_is_left() == []
    _, summary, _ = marked_run.run(*RUN)
    causes = [cell["cause"] for cell in summary["cells"].values() if cell["status"] == "failed"]
    assert causes == ["the cell's process was killed (SIGKILL) from outside"]


def test_an_interrupt_keeps_what_is_finished(marked_run, patiently) -> None:
    runner = marked_run.start(*RUN)
    assert patiently(lambda: len(stored(marked_run)) >= 1, 60) == []
    runner.send_signal(signal.SIGINT)
    _, err = runner.communicate(timeout=60)
    assert runner.returncode == 130
    assert "finished cells are kept" in err
    assert "Traceback" not in err
    assert marked_run.wait_until_nothing_is_left() == []
    code, summary, _ = marked_run.run(*RUN)
    assert code == 0
    assert len(summary["cells"]) == 4


def test_the_terminals_interrupt_is_the_runners_business(marked_run, patiently) -> None:
    runner = marked_run.start(*RUN)
    assert patiently(lambda: len(marked_run.diary_lines()) >= 1, 60) == []
    others = psutil.Process(runner.pid).children(recursive=True)
    assert int(marked_run.diary_lines()[0][0]) in {process.pid for process in others}
    for process in others:
        process.send_signal(signal.SIGINT)
    _, err = runner.communicate(timeout=120)
    assert runner.returncode == 0
    assert "Traceback" not in err
    assert len(stored(marked_run)) == 4


@pytest.fixture
def heard_interrupts():
    """Hear ^C, also where the tests were started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_interrupts")
def test_an_interrupt_is_held_back_whichever_thread_gets_it() -> None:
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    reached = False

    def interrupted_within() -> None:
        nonlocal reached
        with interrupt_held_back():
            os.kill(os.getpid(), signal.SIGINT)  # to the process: any thread that does not block it may get it
            time.sleep(0.05)
            reached = True

    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted_within()
    finally:
        over.set()
        other.join()
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
