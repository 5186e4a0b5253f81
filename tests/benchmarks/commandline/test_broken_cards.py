"""A wrong card in the folder of methods is a line of the list; every other method works."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT, child_environment

Here = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Here:
    """Run the command line in a folder whose methods are two sound ones, a wrong card and a module that fails."""
    folder = tmp_path_factory.mktemp("here")
    (folder / "methods").mkdir()
    for name in ("__init__.py", "shared", "kaplan_meier", "cox_ph"):
        copy = shutil.copytree if "." not in name else shutil.copy
        copy(ROOT / "methods" / name, folder / "methods" / name)
    card = (ROOT / "methods" / "kaplan_meier" / "card.toml").read_text()
    for name in ("wrong", "failing"):
        (folder / "methods" / name).mkdir()
        (folder / "methods" / name / "__init__.py").write_text("")
        own = card.replace("kaplan_meier", name)
        (folder / "methods" / name / "card.toml").write_text(own)
    path = folder / "methods" / "wrong" / "card.toml"
    path.write_text("groups = 'baselines'\n" + path.read_text().replace("groups = [", "# groups = ["))

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "benchmarks", *arguments]
        return subprocess.run(
            command, cwd=folder, env=child_environment(ROOT), capture_output=True, text=True, timeout=240
        )

    return run


def test_the_list_shows_it_as_broken_with_the_reason(here: Here) -> None:
    done = here("list", "methods", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["method"]: row for row in json.loads(done.stdout)}
    assert rows["cox_ph"]["available"] == "yes"
    assert rows["wrong"]["available"] == "broken"
    assert "wrong/card.toml: the key 'groups' must be a list of texts, not 'baselines'" in rows["wrong"]["title"]


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        ("wrong", "wrong/card.toml: the key 'groups' must be a list of texts, not 'baselines'"),
        ("cox_ph,wrong", "wrong/card.toml: the key 'groups' must be a list of texts, not 'baselines'"),
        ("failing", "failing: cannot import 'methods.failing.method': ModuleNotFoundError"),
    ],
)
def test_who_asks_for_it_by_name_is_told_in_one_line(here: Here, method: str, problem: str) -> None:
    done = here("run", "--method", method, "--dataset", "gbsg2")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert problem in done.stderr


def test_other_methods_run_and_of_all_the_broken_are_left_out_with_their_reason(here: Here) -> None:
    done = here("run", "--method", "all", "--dataset", "gbsg2", "--folds", "2", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert {row["method"] for row in summary["rows"]} == {"kaplan_meier", "cox_ph"}
    assert set(summary["unavailable"]) == {"wrong", "failing"}
