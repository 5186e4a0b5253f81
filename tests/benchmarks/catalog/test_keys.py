"""Same key, done: what gives another key, and what does not."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.catalog import code_checksum
from benchmarks.catalog.code_checksum import code_identity
from benchmarks.execution.plan import Request, make_plan
from benchmarks.types import Cell

REQUEST = Request(methods="cox_ph", datasets="whas500", folds=2)


def first_cell(**changes: object) -> Cell:
    return make_plan(replace(REQUEST, **changes)).cells[0].cell  # type: ignore[arg-type]  # 2026-11-22: settings as a test gives them


def test_the_same_request_gives_the_same_keys() -> None:
    first, second = make_plan(REQUEST), make_plan(REQUEST)
    assert [planned.cell.key for planned in first.cells] == [planned.cell.key for planned in second.cells]
    assert len({planned.cell.key for planned in first.cells}) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"settings": ["penalty=0.2"]},
        {"settings": ["whas500.include_los=false"]},
        {"folds": 3},
        {"seed": 1},
        {"threads": 2},
        {"device": "cuda:0"},
        {"methods": "random_survival_forest"},
        {"datasets": "gbsg2"},
    ],
)
def test_another_request_gives_another_key(change: dict[str, object]) -> None:
    assert first_cell(**change).key != first_cell().key


def test_other_content_gives_another_key() -> None:
    cell = first_cell()
    for field, value in [
        ("data_sha256", "0"),
        ("split_sha256", "0"),
        ("code_sha256", "0"),
        ("libraries", {"numpy": "0"}),
        ("grid_sha256", "0"),
    ]:
        assert replace(cell, **{field: value}).key != cell.key


def test_more_repeats_keep_the_keys_of_the_first() -> None:
    few = [planned.cell.key for planned in make_plan(REQUEST).cells]
    many = [planned.cell.key for planned in make_plan(replace(REQUEST, repeats=3)).cells]
    assert many[:2] == few


@pytest.fixture
def copied_methods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    """Put a copy of two methods, their shared blocks and the types under another name, free to be edited."""
    package = tmp_path / "copied"
    for name in ("cox_ph", "random_survival_forest", "shared"):
        shutil.copytree(root / "methods" / name, package / name, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").write_text("")
    for path in package.rglob("*.py"):
        path.write_text(path.read_text().replace("from methods.", "from copied."))
    monkeypatch.syspath_prepend(tmp_path)
    return package


def identity(entry: str) -> str:
    code_identity.cache_clear()
    return code_identity(entry).sha256


def append(path: Path) -> None:
    path.write_text(path.read_text() + "\n# an edit\n")


def test_an_edit_of_the_method_or_a_shared_block_changes_its_code(copied_methods: Path) -> None:
    entry = "copied.cox_ph.method:CoxPH"
    seen = {identity(entry)}
    for edited in ("cox_ph/method.py", "shared/features/tabular.py", "shared/curves.py"):
        append(copied_methods / edited)
        seen.add(identity(entry))
    (copied_methods / "cox_ph" / "another_module.py").write_text("x = 1\n")
    seen.add(identity(entry))
    assert len(seen) == 5


def test_an_edit_of_an_unrelated_method_changes_nothing(copied_methods: Path) -> None:
    before = identity("copied.cox_ph.method:CoxPH")
    append(copied_methods / "random_survival_forest" / "method.py")
    assert identity("copied.cox_ph.method:CoxPH") == before


def test_libraries_are_those_the_code_imports() -> None:
    code_identity.cache_clear()
    libraries = code_identity("methods.cox_ph.method:CoxPH").libraries
    assert {"python", "numpy", "pandas", "scikit-learn", "scikit-survival", "pydantic"} <= set(libraries)
    assert "torch" not in libraries


def test_the_metrics_are_no_part_of_a_methods_code() -> None:
    # Or every change of a metric would fit everything again.
    assert code_checksum._source("metrics") is not None
    for name in ("cox_ph.method:CoxPH", "kaplan_meier.method:KaplanMeier"):
        code_identity.cache_clear()
        assert "numba" not in code_identity(f"methods.{name}").libraries
