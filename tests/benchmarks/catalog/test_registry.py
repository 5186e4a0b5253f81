"""What is registered is found by name, by group, from other packages, and without importing it."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import benchmarks.datasets
from benchmarks.catalog import registry
from benchmarks.errors import UsageError

CARD = """
name = "{name}"
entry = "other_package.{module}:Other"
title = "A method of another package"
citation = "none"
licence = "MIT"
from_source = "nothing"
our_choice = "everything"
requires = {requires}
extra = "{extra}"
groups = ["others"]

[modalities]
required = ["clinical"]
"""


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a package that announces a method by an entry point."""

    def install(name: str = "other", requires: str = "[]", extra: str = "", announced: str | None = None) -> None:
        folder = tmp_path / "other_package" / "method"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").write_text("raise RuntimeError('imported too early')")
        (folder / "card.toml").write_text(CARD.format(name=name, module="method", requires=requires, extra=extra))
        info = tmp_path / "other_package-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-package\nVersion: 1.0\n")
        entry = announced or "other_package.method:Other"
        (info / "entry_points.txt").write_text(f"[{registry.METHOD_ENTRY_POINTS}]\n{name} = {entry}\n")
        monkeypatch.syspath_prepend(tmp_path)
        registry.method_cards.cache_clear()

    yield install
    registry.method_cards.cache_clear()
    sys.modules.pop("other_package", None)


def test_a_method_of_another_package_is_registered_without_being_imported(other_package) -> None:
    other_package()
    assert registry.method_card("other").title == "A method of another package"
    assert registry.groups()["others"] == ["other"]
    assert "other" in registry.groups()["all"]
    assert "other_package" not in sys.modules


def test_two_methods_of_one_name_are_an_error_that_names_both(other_package) -> None:
    other_package(name="cox_ph")
    with pytest.raises(
        UsageError, match=r"called 'cox_ph': methods.cox_ph.method:CoxPH and other_package.method:Other"
    ):
        registry.method_card("cox_ph")


def test_an_entry_point_that_disagrees_with_its_card_is_an_error(other_package) -> None:
    other_package(announced="other_package.method:Another")
    with pytest.raises(UsageError, match="disagrees with its card"):
        registry.method_card("other")


def test_a_method_that_lacks_a_library_is_listed_with_the_extra(other_package) -> None:
    other_package(requires='["a_library_nobody_has"]', extra="lora")
    card = registry.method_card("other")
    assert registry.unavailable(card) == (
        "needs a_library_nobody_has: pip install 'multimodal-survival-benchmarks[lora]'"
    )
    with pytest.raises(UsageError, match="other is not available: needs a_library_nobody_has"):
        registry.load_entry(card)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("licence", "license", "unknown key 'license'; known are: name, entry"),
        ('licence = "MIT"', "", "the key 'licence' is missing"),
        ('name = "other"', "name =", "not valid TOML"),
        ('name = "other"', f"name = {'9' * 5000}", "not valid TOML"),
        ("[modalities]", "[modalities", "not valid TOML"),
    ],
)
def test_a_broken_card_is_named_and_breaks_nothing_else(other_package, tmp_path: Path, old, new, problem) -> None:
    other_package()
    path = tmp_path / "other_package" / "method" / "card.toml"
    path.write_text(path.read_text().replace(old, new))
    assert registry.method_card("cox_ph").name == "cox_ph"
    assert "other" not in registry.groups()["all"]
    for use in (registry.method_card, registry.expand):
        with pytest.raises(UsageError) as raised:
            use("other")
        assert str(raised.value).startswith(f"{path}: {problem}")


def test_an_entry_point_to_nowhere_breaks_nothing_else(other_package) -> None:
    other_package(announced="nowhere_to_be_found.method:Other")
    assert registry.method_card("cox_ph").name == "cox_ph"
    with pytest.raises(UsageError, match=r"cannot find the module 'nowhere_to_be_found.method'"):
        registry.method_card("other")


@pytest.mark.parametrize("name", [":X", "a.:X", "json.decoder.inner:X", "os:", ".relative:X", "two words:X"])
def test_a_class_that_cannot_be_named_so_is_refused(name: str) -> None:
    with pytest.raises(
        UsageError, match=r"expected a name of the list, or module:Class|cannot find the module|no card"
    ):
        registry.method_card(name)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("from json import nothing_of_that_name", r"ImportError: cannot import name .*failing_entry.py:1\)"),
        ("1 / 0", r"ZeroDivisionError: division by zero \(.*failing_entry.py:1\)"),
        ("def (:", r"SyntaxError: invalid syntax \(failing_entry.py, line 1\)"),
        ("raise SystemExit", "SystemExit"),
        ("Other = 3", "has no class or function 'Other'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_line(tmp_path: Path, monkeypatch, content: str, problem: str) -> None:
    (tmp_path / "failing_entry.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    card = replace(registry.method_card("cox_ph"), name="other", entry="failing_entry:Other")
    with pytest.raises(UsageError, match=rf"^other: .*failing_entry.*{problem}"):
        registry.load_entry(card)
    sys.modules.pop("failing_entry", None)


@pytest.fixture
def datasets_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Path]:
    """Return a copy of the folder of datasets, which is the one that is looked into."""
    folder = tmp_path / "datasets"
    shutil.copytree(root / "datasets", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(benchmarks.datasets, "__path__", [str(folder)])
    registry.dataset_cards.cache_clear()
    yield folder
    registry.dataset_cards.cache_clear()


def test_a_broken_dataset_breaks_nothing_else(datasets_folder: Path) -> None:
    (datasets_folder / "bundled" / "mine.toml").write_text("name = 3")
    (datasets_folder / "bundled" / "gbsg2.toml").write_text("name = [")
    registry.dataset_cards.cache_clear()
    assert registry.dataset_card("whas500").n == 500
    for name, problem in (("gbsg2", "not valid TOML"), ("3", "the key 'entry' is missing")):
        with pytest.raises(UsageError, match=f"bundled/.*toml: {problem}"):
            registry.dataset_card(name)


def test_a_broken_member_leaves_the_others_of_its_file(datasets_folder: Path) -> None:
    path = datasets_folder / "tcga" / "tcga.toml"
    path.write_text(path.read_text().replace('name = "tcga-blca"', 'name = "tcga-blca"\nhorizon = "5 years"'))
    registry.dataset_cards.cache_clear()
    assert registry.dataset_card("tcga-luad").name == "tcga-luad"
    with pytest.raises(UsageError, match=r"tcga.toml: the key 'horizon' must be a finite number, not '5 years'"):
        registry.dataset_card("tcga-blca")


def test_groups_and_names_are_expanded_once_each() -> None:
    expanded = registry.expand("cox_ph,baselines,cox_ph")
    assert expanded[0] == "cox_ph"
    assert set(expanded) == set(registry.groups()["baselines"])
    assert len(expanded) == len(set(expanded))


@pytest.mark.parametrize(
    ("name", "message"),
    [("baseline", "did you mean baselines"), ("gradient", "unknown method"), ("zzz", "known are: .*cox_concat")],
)
def test_unknown_names_get_a_hint(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        registry.expand(name)


def test_every_entry_names_something_that_exists() -> None:
    for card in [*registry.method_cards().values(), *registry.dataset_cards().values()]:
        assert callable(registry.load_entry(card))


def test_defaults_were_chosen_on_datasets_that_are_there() -> None:
    for card in registry.method_cards().values():
        assert {*card.chosen_on} <= {*registry.dataset_cards()}, card.name
