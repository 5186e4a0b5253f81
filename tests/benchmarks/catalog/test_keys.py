"""Same key, done: what gives another key, and what does not."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

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
        ("device", "cuda:0"),
        ("tuning", {"trials": 20, "objective": "ibs", "sampler": "tpe"}),
    ]:
        assert replace(cell, **{field: value}).key != cell.key


def test_more_repeats_keep_the_keys_of_the_first() -> None:
    few = [planned.cell.key for planned in make_plan(REQUEST).cells]
    many = [planned.cell.key for planned in make_plan(replace(REQUEST, repeats=3)).cells]
    assert many[:2] == few


@pytest.fixture
def copied_methods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Path]:
    """Put a copy of two methods, their shared blocks and the types under another name, free to be edited."""
    package = tmp_path / "copied"
    for name in ("cox_ph", "random_survival_forest", "shared"):
        shutil.copytree(root / "methods" / name, package / name, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").write_text("")
    for path in package.rglob("*.py"):
        path.write_text(path.read_text().replace("from methods.", "from copied."))
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    # Parent packages were imported; the next test has a copy of its own.
    for name in [name for name in sys.modules if name.partition(".")[0] == "copied"]:
        del sys.modules[name]


def identity(entry: str) -> str:
    code_identity.cache_clear()
    return code_identity(entry).sha256


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


ENTRY = "copied.cox_ph.method:CoxPH"


@pytest.mark.parametrize("edited", ["cox_ph/method.py", "shared/features/tabular.py", "shared/curves.py"])
def test_an_edit_of_the_method_or_a_shared_block_changes_its_code(copied_methods: Path, edited: str) -> None:
    before = identity(ENTRY)
    append(copied_methods / edited, "\nEDITED = 1\n")
    assert identity(ENTRY) != before


def test_a_new_module_of_the_method_changes_its_code(copied_methods: Path) -> None:
    before = identity(ENTRY)
    (copied_methods / "cox_ph" / "another_module.py").write_text("x = 1\n")
    assert identity(ENTRY) != before


def test_an_edit_of_an_unrelated_method_changes_nothing(copied_methods: Path) -> None:
    before = identity(ENTRY)
    append(copied_methods / "random_survival_forest" / "method.py", "\nEDITED = 1\n")
    (copied_methods / "random_survival_forest" / "prompt.txt").write_text("of another method")
    assert identity(ENTRY) == before


DOCUMENTED = '''"""A module."""


class Method:
    """A class."""

    def fit(self):
        """Fit."""
        return "a" "b"

    async def wait(self):
        """Wait."""
'''
SAME_CODE = """# No docstring.


class Method:
    '''Another text.

    And more of it.
    '''

    def fit(self):
        # A comment.

        return ("ab")

    async def wait(self):
        'Waits.'
"""


def test_an_edit_of_prose_and_layout_changes_nothing(copied_methods: Path) -> None:
    block = copied_methods / "cox_ph" / "block.py"
    block.write_text(DOCUMENTED)
    before = identity(ENTRY)
    block.write_text(SAME_CODE)
    assert identity(ENTRY) == before
    block.write_text(SAME_CODE.replace('"ab"', '"ac"'))
    assert identity(ENTRY) != before


def test_an_edit_of_a_docstring_of_the_types_makes_no_cell_stale(tmp_path: Path, monkeypatch, root: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(root / "benchmarks" / "types", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.glob("*.py"):
        path.write_text(path.read_text().replace("benchmarks.types", "elsewhere"))
    monkeypatch.syspath_prepend(tmp_path)
    entry = "elsewhere.method:Method"
    before = identity(entry)
    cohort = folder / "cohort.py"
    cohort.write_text(cohort.read_text().replace('"""Patients with their outcome.', '"""Those who are studied.'))
    assert "Those who are studied" in cohort.read_text()
    assert identity(entry) == before
    cohort.write_text(cohort.read_text().replace("have &= ", "have |= "))
    assert identity(entry) != before


def test_a_string_below_a_field_is_no_docstring(copied_methods: Path) -> None:
    path = copied_methods / "cox_ph" / "method.py"
    append(path, '\nFIELD = 1\n"""What pydantic may read."""\n')
    before = identity(ENTRY)
    path.write_text(path.read_text().replace("What pydantic may read", "Another text"))
    assert identity(ENTRY) != before


@pytest.mark.parametrize(
    "reader", ["PROMPT = __doc__", "PROMPT = CoxPH.__doc__", "import inspect\n\nPROMPT = inspect.getdoc(CoxPH)"]
)
def test_where_code_reads_docstrings_they_count(copied_methods: Path, reader: str) -> None:
    path = copied_methods / "cox_ph" / "method.py"
    append(path, f"\n{reader}\n")
    before = identity(ENTRY)
    path.write_text(path.read_text().replace("Cox model (Cox 1972)", "A model"))
    after = identity(ENTRY)
    assert after != before
    append(path, "\n# a comment never counts\n")
    assert identity(ENTRY) == after


@pytest.mark.parametrize(
    "name",
    [
        "cox_ph/prompt.txt",
        "cox_ph/knowledge/pathways.json",
        "cox_ph/knowledge/deeper/levels.csv",
        "cox_ph/model.toml",
        "cox_ph/notes.md",
        "cox_ph/template.jinja",
        "cox_ph/without_suffix",
        "shared/features/words.txt",
        "shared/features/lists/words.txt",
    ],
)
def test_a_data_file_that_the_method_may_read_counts(copied_methods: Path, name: str) -> None:
    seen = {identity(ENTRY)}
    path = copied_methods / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in ("one", "two"):
        path.write_text(content)
        seen.add(identity(ENTRY))
    path.rename(path.with_name("renamed.txt"))
    seen.add(identity(ENTRY))
    assert len(seen) == 4


@pytest.mark.parametrize(
    "name",
    [
        "cox_ph/.hidden.txt",
        "cox_ph/.cache/a.txt",
        "cox_ph/prompt.txt~",
        "cox_ph/#prompt.txt#",
        "cox_ph/__pycache__/method.pyc",
        "cox_ph/stale.pyc",
        "shared/training/words.txt",
        "results.json",
        "../results.json",
    ],
)
def test_a_file_that_it_does_not_read_counts_for_nothing(copied_methods: Path, name: str) -> None:
    before = identity(ENTRY)
    path = copied_methods / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("anything")
    assert identity(ENTRY) == before


def test_the_card_is_no_part_of_the_code(copied_methods: Path) -> None:
    before = identity(ENTRY)
    append(copied_methods / "cox_ph" / "card.toml", "\n[labels]\nbackbone = 'none'\n")
    assert identity(ENTRY) == before


def test_what_of_the_card_reaches_a_fit_stands_in_the_cell(copied_methods: Path) -> None:
    request = Request(methods="copied.cox_ph.method:CoxPH", datasets="simulated-null", folds=2)
    clinical = make_plan(request).cells[0].cell
    card = copied_methods / "cox_ph" / "card.toml"
    card.write_text(card.read_text().replace("[modalities]", '[modalities]\noptional = ["*"]'))
    everything = make_plan(request).cells[0].cell
    assert clinical.code_sha256 == everything.code_sha256
    assert set(clinical.modalities) < set(everything.modalities)
    assert clinical.key != everything.key


def test_a_package_below_the_method_counts_once_it_is_imported(copied_methods: Path) -> None:
    inner = copied_methods / "cox_ph" / "inner"
    inner.mkdir()
    (inner / "__init__.py").write_text("")
    (inner / "block.py").write_text("x = 1\n")
    before = identity(ENTRY)
    append(inner / "block.py", "y = 2\n")
    assert identity(ENTRY) == before
    append(copied_methods / "cox_ph" / "method.py", "\nfrom copied.cox_ph.inner.block import x\n")
    imported = identity(ENTRY)
    append(inner / "block.py", "z = 3\n")
    assert len({before, imported, identity(ENTRY)}) == 3


def test_the_folder_around_a_lone_module_is_not_its_own(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "lone_method.py").write_text("class Lone: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = identity("lone_method:Lone")
    (tmp_path / "results.json").write_text("{}")
    assert identity("lone_method:Lone") == before


def test_libraries_are_those_the_code_imports() -> None:
    code_identity.cache_clear()
    libraries = code_identity("methods.cox_ph.method:CoxPH").libraries
    assert {"python", "numpy", "pandas", "scikit-learn", "scipy", "pydantic"} <= set(libraries)
    assert "torch" not in libraries


def test_the_metrics_are_no_part_of_a_methods_code() -> None:
    # Or every change of a metric would fit everything again.
    code_identity.cache_clear()
    assert "numba" in code_identity("metrics.compiled:compiled").libraries
    for name in ("cox_ph.method:CoxPH", "kaplan_meier.method:KaplanMeier"):
        code_identity.cache_clear()
        assert "numba" not in code_identity(f"methods.{name}").libraries
