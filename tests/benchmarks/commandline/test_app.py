"""What stands around the verbs: help, version, completion, the console script, and imports only when needed."""

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks import __main__ as started
from benchmarks.commandline import version as version_module
from benchmarks.commandline.app import VERBS, main
from benchmarks.commandline.options import COMMAND


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert exit_.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_short_and_long_help_of_every_verb_are_the_same(capsys, verb: str) -> None:
    short = printed(capsys, verb, "-h")
    assert short == printed(capsys, verb, "--help")
    assert f"benchmarks {verb}" in short


def test_the_help_of_run_is_in_panels_and_names_the_variables(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = printed(capsys, "run", "--help")
    for panel in ("What to run", "Splits", "Data", "Limits of a cell", "What is stored already", "Output"):
        assert f"─ {panel} ─" in text
    assert "[env var: BENCHMARKS_RESULTS]" in text
    assert "[env var: BENCHMARKS_DATA]" in text


def test_the_help_of_one_verb_imports_no_other_verb() -> None:
    code = (
        "import sys\n"
        "from benchmarks.commandline.app import VERBS, main\n"
        "try: main(['status', '--help'])\n"
        "except SystemExit: pass\n"
        "others = {verb.place.partition(':')[0] for name, verb in VERBS.items() if name != 'status'}\n"
        "assert not others & set(sys.modules), others & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_version_is_that_of_the_package(capsys, root: Path, monkeypatch) -> None:
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {version_module.DISTRIBUTION: "7.8.9"}[name])
    assert printed(capsys, "--version") == "7.8.9\n"

    def not_installed(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", not_installed)
    assert printed(capsys, "--version") == f"{declared} (a checkout, not installed)\n"


def test_the_console_script_is_the_same_command_line(root: Path) -> None:
    scripts = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]
    # What python -m benchmarks starts, too: it answers a ^C while libraries are loading.
    assert scripts == {COMMAND: f"{started.__name__}:{started.main.__name__}"}


def test_completion_is_offered_for_the_console_script(capsys, command_line) -> None:
    assert f"complete -o default -F _survival_benchmarks_completion {COMMAND}" in printed(
        capsys, "--show-completion", "bash"
    )
    code = f"import sys; sys.argv = ['{COMMAND}']; from benchmarks.commandline.app import main; main()"
    words = {"COMP_WORDS": f"{COMMAND} lead", "COMP_CWORD": "1", "_SURVIVAL_BENCHMARKS_COMPLETE": "complete_bash"}
    done = subprocess.run([sys.executable, "-c", code], env=words, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["leaderboard"]


def test_results_and_data_are_found_by_variables(command_line, tmp_path: Path) -> None:
    variables = {"BENCHMARKS_RESULTS": str(tmp_path / "there")}
    done = command_line("status", environment=variables)
    assert done.stderr.startswith(f"error: {tmp_path / 'there'} is no results folder")
    run = ("run", "--method", "kaplan_meier", "--dataset", "gbsg2", "--dry-run")
    done = command_line(*run, environment=variables | {"BENCHMARKS_DATA": "/nowhere"})
    assert done.returncode == 2
    assert done.stderr == "error: --data-root /nowhere: no such folder (the variable BENCHMARKS_DATA sets it, too)\n"


def test_a_reader_that_has_enough_sees_no_traceback(root: Path) -> None:
    command = f"{sys.executable} -m benchmarks list datasets --json | head -1"
    done = subprocess.run(command, shell=True, cwd=root, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[\n"
    assert done.stderr == ""


def test_a_file_where_a_folder_of_references_should_be_is_one_line(command_line, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = command_line("check", "--against", str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {tmp_path / 'file' / 'grid.toml'} cannot be read: ")
    assert done.stderr.count("\n") == 1


def test_an_unknown_verb_is_one_line_with_a_proposal(command_line) -> None:
    done = command_line("statsu")
    assert (done.returncode, done.stderr) == (2, "error: unknown verb 'statsu'; did you mean status?\n")


def test_no_answer_to_a_question_is_one_line(tmp_path: Path, root: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "data", "init", str(tmp_path / "t.csv")],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("error: no answer came; give what was asked for as an option")
