"""Code beside the method counts wherever it can be edited without a new version: helpers, editable installs."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from benchmarks.catalog.code_checksum import code_identity
from benchmarks.catalog.installed import origin_of
from tests.conftest import child_environment

ENTRY = "newcomer.method:Method"
METHOD = "import numpy\nimport lab_helper\n\n\nclass Method:\n    value = lab_helper.SIGN\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder on the path with a method's package and a helper module beside it."""
    (tmp_path / "newcomer").mkdir()
    (tmp_path / "newcomer" / "__init__.py").write_text("")
    (tmp_path / "newcomer" / "method.py").write_text(METHOD)
    (tmp_path / "lab_helper.py").write_text("SIGN = 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("newcomer", "lab", "lab_helper")]:
        del sys.modules[name]


def identity() -> str:
    code_identity.cache_clear()
    origin_of.cache_clear()
    return code_identity(ENTRY).sha256


@pytest.mark.parametrize("edit", ["SIGN = -1.0\n", "from math import pi as SIGN\n"])
def test_an_edit_of_a_helper_module_beside_the_method_changes_its_code(folder: Path, edit: str) -> None:
    before = identity()
    (folder / "lab_helper.py").write_text("# a comment\nSIGN = 1.0\n")
    assert identity() == before
    (folder / "lab_helper.py").write_text(edit)
    assert identity() != before


def test_what_a_helper_imports_counts_too(folder: Path) -> None:
    (folder / "lab_helper.py").write_text("def late():\n    import deeper_helper\n")
    (folder / "deeper_helper.py").write_text("x = 1\n")
    (folder / "unrelated.py").write_text("x = 1\n")
    before = identity()
    (folder / "unrelated.py").write_text("x = 2\n")
    assert identity() == before
    (folder / "deeper_helper.py").write_text("x = 2\n")
    assert identity() != before


@pytest.mark.parametrize("marker", ["__init__.py", "other.py"])
def test_a_helper_package_counts_with_the_data_beside_it(folder: Path, marker: str) -> None:
    (folder / "lab").mkdir()
    (folder / "lab" / marker).write_text("")
    (folder / "lab" / "words.py").write_text("x = 1\n")
    (folder / "newcomer" / "method.py").write_text("from lab.words import x\n")
    seen = {identity()}
    (folder / "lab" / "words.py").write_text("x = 2\n")
    seen.add(identity())
    (folder / "lab" / "words.txt").write_text("one")
    seen.add(identity())
    assert len(seen) == 3


def test_a_helper_with_the_name_of_a_standard_module_is_the_one_that_is_imported(folder: Path) -> None:
    (folder / "newcomer" / "method.py").write_text("import antigravity\n")
    before = identity()
    (folder / "antigravity.py").write_text("x = 1\n")
    one = identity()
    (folder / "antigravity.py").write_text("x = 2\n")
    assert len({before, one, identity()}) == 3


def test_a_compiled_helper_counts_by_its_bytes(folder: Path) -> None:
    (folder / "lab_helper.py").unlink()
    compiled = folder / f"lab_helper{EXTENSION_SUFFIXES[0]}"
    compiled.write_bytes(b"one")
    before = identity()
    compiled.write_bytes(b"two")
    assert identity() != before


@pytest.mark.parametrize("draft", [b"def (:\n", b"x = '\x00'\n", b"\xff\xfe"])
def test_a_draft_that_is_no_python_counts_byte_by_byte(folder: Path, draft: bytes) -> None:
    path = folder / "newcomer" / "draft.py"
    path.write_bytes(draft)
    before = identity()
    path.write_bytes(draft + b"# more\n")
    assert identity() != before


def test_results_inside_the_package_change_nothing(folder: Path) -> None:
    before = identity()
    (folder / "newcomer" / "out" / "cells").mkdir(parents=True)
    (folder / "newcomer" / "out" / "results.json").write_text("{}")
    assert identity() == before


@pytest.mark.parametrize("failure", ["1 / 0", "raise SystemExit", "from os import nothing_of_that_name"])
def test_a_helper_package_that_fails_when_imported_counts_itself(folder: Path, failure: str) -> None:
    """A method may import it where it is caught, such as a faster variant that is not built."""
    (folder / "lab").mkdir()
    (folder / "lab" / "__init__.py").write_text(failure)
    (folder / "newcomer" / "method.py").write_text(
        "try:\n    from lab.words import x\nexcept ImportError:\n    x = 1\n"
    )
    before = identity()
    (folder / "lab" / "__init__.py").write_text("x = 2\n")
    assert identity() != before


def test_an_import_that_is_nowhere_is_left_out(folder: Path) -> None:
    (folder / "newcomer" / "method.py").write_text("import nowhere_to_be_found\n")
    assert identity()
    assert code_identity(ENTRY).libraries.keys() == {"python"}


@pytest.fixture
def lab_tools(folder: Path) -> Callable[..., tuple[str, str]]:
    """Put a distribution ``lab-tools`` on the path as an installer would, and return origin and identity."""
    (folder / "newcomer" / "method.py").write_text("import labtools\n")

    def install(*, at: str, metadata: str, record: str | None, sign: str = "1") -> tuple[str, str]:
        package = folder / at / "labtools"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text(f"SIGN = {sign}\n")
        info = folder / metadata
        info.mkdir(parents=True, exist_ok=True)
        for name in ("METADATA", "PKG-INFO"):
            (info / name).write_text("Metadata-Version: 2.1\nName: lab-tools\nVersion: 1.0\n")
        (info / "top_level.txt").write_text("labtools\n")
        if record is not None:
            (info / "RECORD").write_text(record)
        code = (
            "from benchmarks.catalog.code_checksum import code_identity as i; "
            "from benchmarks.catalog.installed import origin_of; "
            f"print(origin_of('labtools'), i('{ENTRY}').libraries.get('lab-tools'), i('{ENTRY}').sha256)"
        )
        path = ":".join(str(place) for place in (folder, folder / at, info.parent))
        root = Path(__file__).resolve().parents[3]
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=root, env=child_environment() | {"PYTHONPATH": path}, text=True,
            capture_output=True, check=True,
        )  # fmt: skip
        origin, version, sha256 = done.stdout.split()
        return f"{origin} {version}", sha256

    return install


@pytest.mark.parametrize(
    ("at", "metadata", "record", "origin"),
    [
        # A copy, as pip makes it: its files are listed.
        ("site", "site/lab_tools-1.0.dist-info", "labtools/__init__.py,,\n", "installed 1.0"),
        # Editable: the list of files names a pointer to the source, which lies elsewhere.
        ("checkout/src", "site/lab_tools-1.0.dist-info", "__editable__.lab_tools-1.0.pth,,\n", "source None"),
        # A checkout on PYTHONPATH, with the metadata that a build left in it.
        ("checkout", "checkout/lab_tools.egg-info", None, "source None"),
    ],
)
def test_an_edit_counts_where_the_version_does_not_tell_it(
    lab_tools: Callable[..., tuple[str, str]], at: str, metadata: str, record: str | None, origin: str
) -> None:
    before = lab_tools(at=at, metadata=metadata, record=record)
    after = lab_tools(at=at, metadata=metadata, record=record, sign="-1")
    assert before[0] == after[0] == origin
    assert (before[1] == after[1]) == origin.startswith("installed")
