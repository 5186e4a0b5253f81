"""The wheel holds all that is needed and puts nothing where others live."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

# Of the kinds that a method or an adapter may read; they are put into the copy that the wheel is built of.
READ = [
    "methods/cox_ph/prompt.txt",
    "methods/cox_ph/knowledge/pathways.json",
    "methods/cox_ph/knowledge/deeper/levels.csv",
    "methods/cox_ph/template.jinja",
    "methods/shared/features/words.md",
    "datasets/tcga/terms.tsv",
]


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy of the tree, so that nothing is written into it."""
    source = tmp_path_factory.mktemp("source")
    for name in ("benchmarks", "datasets", "leaderboards", "methods", "metrics"):
        shutil.copytree(root / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(root / name, source / name)
    for name in [*READ, "methods/cox_ph/prompt.txt~"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("what a method reads")
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.whl"))


def test_nothing_is_put_into_hugging_faces_folder(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "benchmarks",
        "leaderboards",
        "methods",
        "metrics",
    }


def test_every_module_and_card_is_in_it(wheel: Path, root: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("benchmarks", "leaderboards", "methods", "metrics"):
        for path in (root / folder).rglob("*"):
            name = str(path.relative_to(root))
            if path.suffix in (".py", ".toml", ".typed") and name != "benchmarks/datasets/__init__.py":
                assert name in inside
    for path in (root / "datasets").rglob("*"):
        if path.suffix in (".py", ".toml"):
            assert f"benchmarks/datasets/{path.relative_to(root / 'datasets')}" in inside


def test_what_methods_and_adapters_read_is_in_it(wheel: Path, root: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    there = [path for folder in ("methods", "datasets") for path in (root / folder).rglob("*") if path.is_file()]
    names = [*READ, *(str(path.relative_to(root)) for path in there if "__pycache__" not in path.parts)]
    for name in names:
        assert (f"benchmarks/{name}" if name.startswith("datasets/") else name) in inside


def test_what_the_page_of_boards_is_made_of_is_in_it(wheel: Path, root: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    there = [path for path in (root / "leaderboards" / "pages" / "html").rglob("*") if path.is_file()]
    assert {str(path.relative_to(root)) for path in there if "__pycache__" not in path.parts} <= inside


def test_references_and_leftovers_of_editors_stay_out(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in inside if name.endswith("~")]
    assert not [name for name in inside if name.startswith("leaderboards/") and name.endswith(".json")]


def test_the_installed_wheel_runs_beside_hugging_faces_package(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)],
        check=True,
        capture_output=True,
        timeout=240,
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(target)}
    run = ["-m", "benchmarks", "run", "--method", "kaplan_meier", "--dataset", "gbsg2", "--folds", "2", "--json"]
    done = subprocess.run(
        [sys.executable, *run], cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    script = "import benchmarks, datasets; print(benchmarks.__file__); print(datasets.__version__)"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=elsewhere, env=environment, capture_output=True, text=True, check=True
    ).stdout.split()
    assert Path(found[0]).is_relative_to(target)
