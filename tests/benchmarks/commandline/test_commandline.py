"""What a user types and what comes back: one line and exit code 2 for bad input, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.commandline.app import main
from benchmarks.commandline.options import parse_bytes
from benchmarks.errors import UsageError

KM = ["run", "--method", "kaplan_meier", "--dataset", "gbsg2", "--folds", "2"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused and return its one line."""
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    captured = capsys.readouterr()
    assert exit_.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "cox_hp", "--dataset", "gbsg2"], "unknown method 'cox_hp'; did you mean cox_ph"),
        (["--method", "cox_ph", "--dataset", "gbsg"], "unknown dataset 'gbsg'; did you mean gbsg2?"),
        (["--method", ",", "--dataset", "gbsg2"], "no method is named"),
        (
            ["--method", "methods.cox_ph.method:Config", "--dataset", "gbsg2"],
            "methods.cox_ph.method:Config is no method: it has no config_type",
        ),
        (["--method", "nowhere.at_all:Method", "--dataset", "gbsg2"], "cannot find the module 'nowhere.at_all'"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--set", "penalti=1"],
            "cox_ph has no setting 'penalti'; did you mean penalty?",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--set", "penalty=much"],
            "cox_ph: penalty: input should be a valid number, unable to parse string as a number, got 'much'",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--set", "penalty=-1"],
            "cox_ph: penalty: input should be greater than or equal to 0, got '-1'",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--set", "penalty"], "--set penalty: expected key=value"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--set", "whas500.include_los=false"],
            "'whas500' is no method or dataset of this run",
        ),
        (
            ["--method", "cox_ph", "--dataset", "whas500", "--set", "whas500.include_los=perhaps"],
            "whas500: include_los: input should be a valid boolean",
        ),
        (
            ["--method", "cox_ph,kaplan_meier", "--dataset", "gbsg2", "--set", "penalty=1"],
            "kaplan_meier has no setting 'penalty'; it has none",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--folds", "1"], "--folds 1: at least 2 folds are needed"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--folds", "x"],
            "Invalid value for '--folds': Input should be a valid integer",
        ),
        (
            ["--method", "cox_ph", "--dataset", "actg320-death", "--folds", "27"],
            "actg320-death: --folds 27: more folds than events (26); with 26 events, --folds 26 leaves some in every",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--set", "penalty=1e400"],
            "cox_ph: penalty: a finite number is needed, got inf",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--set", "penalty=nan"],
            "cox_ph: penalty: ",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--repeats", "0"], "--repeats 0: at least 1 repeat"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--repeats", "²"],
            "--repeats ²: expected a number, at most 1,000, or auto",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--repeats", "9999999999"], "expected a number, at most 1,000"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--repeats", "many"],
            "--repeats many: expected a number, at most 1,000, or auto",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--jobs", "0"], "--jobs 0: at least 1"),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--threads", "0"], "--threads 0: at least 1"),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--timeout", "0"], "--timeout 0: it must be > 0"),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--memory", "lots"], "--memory lots: expected a size"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--modalities", "rna"],
            "--modalities rna: no dataset of this run has it; they have: clinical",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--complete-cases"],
            "--complete-cases: it is called --patients-with seen",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--patients-with", "seen"],
            "--patients-with seen: name with --modalities what methods may see",
        ),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--patients-with", "clinical,rna"],
            "--patients-with rna: no dataset of this run has it",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--split", "published"], "no folds are published"),
        (
            ["--method", "cox_ph", "--dataset", "gbsg2", "--split", "published", "--repeats", "2"],
            "--repeats 2: published folds are not repeated",
        ),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--data-root", "/nowhere"], "--data-root /nowhere: no such"),
        (["--method", "cox_ph"], "Missing option '--dataset'"),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--fold", "5"], "--fold 5: the folds of gbsg2 are 0 to 4"),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--fold", "-1"], "--fold -1: expected numbers such as 0,2"),
        (["--method", "cox_ph", "--dataset", "gbsg2", "--fold", ","], "no fold is named"),
    ],
)
def test_bad_input_of_run(capsys, tmp_path, arguments: list[str], message: str) -> None:
    assert message in refused(capsys, "run", *arguments, "--results", str(tmp_path / "results"))
    assert not (tmp_path / "results").exists()


def test_a_results_folder_that_cannot_be_written(capsys, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = refused(capsys, *KM, "--results", str(tmp_path / "file" / "results"))
    assert f"cannot write results to {tmp_path / 'file' / 'results'}: Not a directory" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_results_folder_without_permission(capsys, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    assert "Permission denied" in refused(capsys, *KM, "--results", str(tmp_path / "results"))


def test_a_results_folder_of_another_version(capsys, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"layout": 99}')
    assert "holds results of layout 99, this version writes layout 3" in refused(
        capsys, *KM, "--results", str(tmp_path)
    )


def test_a_folder_that_holds_no_results(capsys, tmp_path: Path) -> None:
    assert "is no results folder" in refused(capsys, "status", "--results", str(tmp_path))
    assert "is no results folder" in refused(capsys, "show", "abc", "--results", str(tmp_path))


def test_list_imports_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['benchmarks', 'list', 'methods']\n"
        "import runpy\n"
        "try: runpy.run_module('benchmarks', run_name='__main__')\n"
        "except SystemExit as e: assert e.code == 0\n"
        "loaded = {'torch', 'pandas', 'numpy', 'sklearn', 'sksurv', 'scipy', 'transformers'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("methods", {"cox_ph", "kaplan_meier", "random_survival_forest"}),
        ("datasets", {"gbsg2", "whas500", "actg320", "actg320-death"}),
        ("metrics", {"harrell_c", "uno_c", "c_td", "ibs", "ici", "d_calibration_p"}),
    ],
)
def test_list(capsys, what: str, names: set[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["list", what, "--json"])
    assert exit_.value.code == 0
    rows = json.loads(capsys.readouterr().out)
    assert names <= {row[what[:-1]] for row in rows}


def test_a_run_its_status_and_a_cell_are_shown(command_line, tmp_path: Path) -> None:
    results = ("--results", str(tmp_path / "results"))
    run = ("run", "--method", "cox_ph,kaplan_meier", "--dataset", "gbsg2,whas500", "--folds", "3", "--jobs", "2")
    dry = command_line(*run, *results, "--dry-run")
    assert "12 cells, 12 to run; time: unknown, never run here: cox_ph, kaplan_meier" in dry.stdout
    assert not (tmp_path / "results").exists()

    done = command_line(*run, *results)
    assert done.returncode == 0, done.stderr
    assert "German Breast Cancer Study Group 2: 686 patients, 299 events" in done.stdout
    assert "Worcester Heart Attack Study" in done.stdout
    assert "[12/12] ok" in done.stderr
    assert " left" in done.stderr

    again = command_line(*run, *results)
    assert again.returncode == 0
    assert again.stderr == "", "nothing is run again"
    assert again.stdout == done.stdout

    status = json.loads(command_line("status", *results, "--json").stdout)
    assert {(row["dataset"], row["method"], row["ok"]) for row in status["cells"]} == {
        (dataset, method, 3) for dataset in ("gbsg2", "whas500") for method in ("cox_ph", "kaplan_meier")
    }
    key = next((tmp_path / "results" / "cells").iterdir()).name
    shown = command_line("show", key[:10], *results)
    assert shown.returncode == 0
    assert "scores on test, protocol" in shown.stdout
    assert "harrell_c" in shown.stdout
    assert "peak memory" in shown.stdout


def test_a_method_without_its_modality_is_skipped_with_the_reason(command_line, tmp_path: Path) -> None:
    done = command_line(
        "run",
        "--method",
        "cox_ph,kaplan_meier",
        "--dataset",
        "gbsg2",
        "--folds",
        "2",
        "--modalities",
        "clinical",
        "--results",
        str(tmp_path / "r"),
        "--json",
    )
    assert done.returncode == 0
    folder = Path(__file__).parent / "needs_rna"
    done = command_line(
        "run",
        "--method",
        "needs_rna.method:NeedsRna,kaplan_meier",
        "--dataset",
        "gbsg2",
        "--folds",
        "2",
        "--results",
        str(tmp_path / "r"),
        path=folder.parent,
    )
    assert done.returncode == 0, done.stderr
    assert "skipped" in done.stdout
    assert "needs rna, gbsg2 has only clinical" in done.stdout


def test_one_fold_alone_is_the_same_cell_as_among_all(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def cells(*arguments: str) -> list[str]:
        with pytest.raises(SystemExit):
            main([*KM, "--folds", "4", *arguments, "--dry-run", "--json", "--results", str(tmp_path / "r")])
        return [cell["key"] for cell in json.loads(capsys.readouterr().out)["cells"]]

    every = cells("--repeats", "2")
    assert len(every) == 8
    assert cells("--fold", "2") == [every[2]]
    assert cells("--fold", "3,0", "--repeats", "2") == [every[0], every[3], every[4], every[7]]


def test_patients_with_seen_are_those_of_the_modalities(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = ["run", "--method", "kaplan_meier", "--dataset", "simulated-missing", "--set", "simulated-missing.n=120"]
    run += ["--dry-run", "--json"]

    def keys(*arguments: str) -> list[str]:
        with pytest.raises(SystemExit):
            main([*run, "--results", str(tmp_path / "r"), *arguments])
        return [cell["key"] for cell in json.loads(capsys.readouterr().out)["cells"]]

    seen = keys("--modalities", "text,rna", "--patients-with", "seen")
    assert seen == keys("--modalities", "text,rna", "--patients-with", "rna,text")
    assert seen == keys("--modalities", "rna", "--patients-with", "seen,text"), "who is kept is the same"
    assert seen != keys("--modalities", "text,rna")


@pytest.mark.parametrize("columns", [80, 100])
def test_the_table_of_a_run_fits_the_width(command_line, tmp_path: Path, columns: int) -> None:
    run = ("run", "--method", "kaplan_meier,cox_ph", "--dataset", "gbsg2", "--folds", "3")
    done = command_line(*run, "--results", str(tmp_path / "r"), environment={"COLUMNS": str(columns)})
    lines = done.stdout.splitlines()
    (heading,) = (place for place, line in enumerate(lines) if line.startswith("method  "))
    rows = lines[heading : heading + 3]
    assert [row.split()[0] for row in rows] == ["method", "kaplan_meier", "cox_ph"]
    assert max(map(len, rows)) <= columns
    assert all(row.count(" ± ") == rows[1].count(" ± ") >= 3 for row in rows[1:])
    assert "--wide shows also: " in done.stdout
    wide = command_line(*run, "--results", str(tmp_path / "r"), "--wide", environment={"COLUMNS": str(columns)})
    assert "Uno C ↑" in wide.stdout
    assert "scaled IBS ↑" in wide.stdout


@pytest.mark.parametrize(("text", "size"), [("800M", 800 * 2**20), ("2.5G", int(2.5 * 2**30)), ("1 gib", 2**30)])
def test_sizes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "G", "0", "-1G", "1X"])
def test_bad_sizes(text: str) -> None:
    with pytest.raises(UsageError, match="expected a size"):
        parse_bytes(text)
