"""Cards: one file for several datasets, files below the data root, sizes for options."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.catalog import loading
from benchmarks.catalog.cards import DatasetCard, Modalities, read_dataset_cards
from benchmarks.errors import UsageError

COMMON = """
source = "drawn"
citation = "none"
licence = "CC0"
endpoint = "death"
time_unit = "days"
modalities = ["clinical"]
entry = "somewhere:load"
"""


def test_members_of_a_file_add_to_the_common_keys(tmp_path: Path) -> None:
    path = tmp_path / "family.toml"
    path.write_text(COMMON + '[[members]]\nname = "a"\ntitle = "A"\nn = 3\n[[members]]\nname = "b"\ntitle = "B"\n')
    first, second = read_dataset_cards(path)
    assert (first.name, first.n, first.licence) == ("a", 3, "CC0")
    assert (second.name, second.n, second.horizon) == ("b", None, None)


def test_an_unknown_key_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text(COMMON + 'name = "a"\ntitle = "A"\npatients = 3\n')
    with pytest.raises(UsageError, match=r"card.toml: unknown key 'patients'"):
        read_dataset_cards(path)


def test_a_method_reads_what_it_names_or_everything() -> None:
    offered = ["wsi", "clinical", "text"]
    assert Modalities(("clinical",), ("text", "rna")).read_from(offered, {}) == ("clinical", "text")
    assert Modalities(("clinical",), ("*",)).read_from(offered, {}) == ("clinical", "text", "wsi")
    chosen = Modalities(setting="modality")
    assert chosen.read_from(offered, {"modality": "wsi"}) == chosen.required_by({"modality": "wsi"}) == ("wsi",)


def test_a_setting_may_make_a_modality_no_requirement() -> None:
    report = Modalities(optional=("*",), setting="text", unless={"report": "off"})
    assert report.required_by({"text": "notes", "report": "raw"}) == ("notes",)
    assert report.required_by({"text": "notes", "report": "off"}) == ()
    assert report.read_from(["clinical", "rna"], {"text": "notes", "report": "off"}) == ("clinical", "rna")


@pytest.fixture
def card(tmp_path: Path) -> DatasetCard:
    path = tmp_path / "card.toml"
    path.write_text(COMMON + 'name = "a"\ntitle = "A"\nfiles = ["a/b.csv"]\nobtain = "ask the owner"\n')
    return read_dataset_cards(path)[0]


def test_the_data_root_must_be_set_and_hold_the_files(card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(loading.DATA_ROOT, raising=False)
    with pytest.raises(UsageError, match=r"a: reads patient data: give its folder with --data-root .* ask the owner"):
        loading.data_root(card)
    monkeypatch.setenv(loading.DATA_ROOT, str(tmp_path))
    with pytest.raises(UsageError, match=r"a/b.csv is missing; ask the owner"):
        loading.data_root(card)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.csv").touch()
    assert loading.data_root(card) == tmp_path


def test_sizes_are_those_of_the_options(monkeypatch: pytest.MonkeyPatch) -> None:
    card = replace(loading.dataset_card("whas500"), checksums={}, sizes={"include_los=false": [500, 214]})
    monkeypatch.setattr(loading, "dataset_card", lambda name: card)
    assert len(loading.load_dataset("whas500").cohort) == 500
    with pytest.raises(UsageError, match="loaded 500 patients with 215 events, the card says 500 patients with 214"):
        loading.load_dataset("whas500", {"include_los": False})
