"""What is registered is found by name, by group, from other packages, and without importing it."""

import sys
from pathlib import Path

import pytest

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
        registry.method_cards()


def test_an_entry_point_that_disagrees_with_its_card_is_an_error(other_package) -> None:
    other_package(announced="other_package.method:Another")
    with pytest.raises(UsageError, match="disagrees with its card"):
        registry.method_cards()


def test_a_method_that_lacks_a_library_is_listed_with_the_extra(other_package) -> None:
    other_package(requires='["a_library_nobody_has"]', extra="minilm")
    card = registry.method_card("other")
    assert registry.unavailable(card) == (
        "needs a_library_nobody_has: pip install 'multimodal-survival-benchmarks[minilm]'"
    )
    with pytest.raises(UsageError, match="other is not available: needs a_library_nobody_has"):
        registry.load_entry(card)


def test_a_broken_card_is_named(other_package, tmp_path: Path) -> None:
    other_package()
    path = tmp_path / "other_package" / "method" / "card.toml"
    path.write_text(path.read_text().replace("licence", "license"))
    with pytest.raises(UsageError, match=r"card.toml: unknown key 'license'; known are: name, entry"):
        registry.method_cards()
    path.write_text('name = "x"')
    with pytest.raises(UsageError, match=r"card.toml: the key 'entry' is missing"):
        registry.method_cards()
    path.write_text("name =")
    with pytest.raises(UsageError, match=r"card.toml: not valid TOML"):
        registry.method_cards()


def test_groups_and_names_are_expanded_once_each() -> None:
    expanded = registry.expand("cox_ph,baselines,cox_ph")
    assert expanded[0] == "cox_ph"
    assert set(expanded) == set(registry.groups()["baselines"])
    assert len(expanded) == len(set(expanded))


@pytest.mark.parametrize(
    ("name", "message"),
    [("baseline", "did you mean baselines"), ("gradient", "unknown method"), ("zzz", "known are: cox_concat")],
)
def test_unknown_names_get_a_hint(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        registry.expand(name)


def test_every_entry_names_something_that_exists() -> None:
    for card in [*registry.method_cards().values(), *registry.dataset_cards().values()]:
        assert callable(registry.load_entry(card))
