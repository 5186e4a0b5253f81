"""Values that no option can have: one line that names the option, and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.storage.store import Store

RUN = ("run", "--method", "cox_ph", "--dataset", "gbsg2", "--dry-run")
NO_PLACE = "/dev/null/place"
TOO_LONG = "x" * 5000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*RUN, "--repeats", "²"], "--repeats ²: expected a number"),
        ([*RUN, "--repeats", "٣"], "--repeats ٣: expected a number"),
        ([*RUN, "--repeats", "9" * 20], "expected a number, at most 1,000, or auto"),
        ([*RUN, "--repeats", "9" * 5000], "expected a number, at most 1,000, or auto"),
        ([*RUN, "--memory", ""], "--memory '': expected a size"),
        ([*RUN, "--memory", "9" * 400], "expected a size such as 800M"),
        ([*RUN, "--memory", "0.1"], "expected a size such as 800M"),
        ([*RUN, "--data-root", ""], "--data-root '': the name of a folder is needed"),
        ([*RUN, "--results", ""], "--results '': the name of a folder is needed"),
        ([*RUN, "--jobs", "9" * 30], "--jobs: at most 1,000 cells side by side"),
        ([*RUN, "--seed", "9" * 30], "it must lie in 0..4294967295"),
        ([*RUN, "--folds", "9" * 30], "more folds than events"),
        ([*RUN, "--set", "modality=nope"], "cox_ph: modality=nope: no dataset has such a modality"),
        ([*RUN, "--set", "gbsg2.horizon=1e400"], "a finite number is needed"),
        (
            ["run", "--method", "random_survival_forest", "--dataset", "gbsg2", "--set", f"trees={2**63}"],
            "random_survival_forest: trees: a whole number of at most 64 bits is needed",
        ),
        (["status", "--results", ""], "--results '': the name of a folder is needed"),
        (["check", "--against", NO_PLACE], f"{NO_PLACE}"),
        (["check", "--against", TOO_LONG], "cannot be read"),
    ],
)
def test_it_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    captured = capsys.readouterr()
    assert exit_.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err


def test_an_empty_list_of_datasets_is_not_all_datasets(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    Store.create(tmp_path)
    for verb in (["compare", "cox_ph", "weibull_aft"], ["status"], ["score"]):
        with pytest.raises(SystemExit) as exit_:
            main([*verb, "--dataset", "", "--results", str(tmp_path)])
        assert exit_.value.code == 2, verb
        assert "no dataset is named" in capsys.readouterr().err, verb


def test_an_interrupt_while_libraries_are_loading_is_one_line(tmp_path: Path) -> None:
    # Stands in for the library, and has the interrupt come while it is imported.
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    code = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "runpy.run_module('benchmarks', run_name='__main__')"
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
