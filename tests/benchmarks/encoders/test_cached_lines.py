"""Lines that a language model wrote are there again, whole, whoever else writes the same file."""

import json
from pathlib import Path

import pytest

from benchmarks.encoders.cached_lines import CachedLines

ONE = {"texts": ["12m 80%"], "seconds": 0.5}
TWO = {"texts": ["a\nb", "c"], "seconds": 1.5}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path))
    return tmp_path / "said"


def test_what_is_saved_is_there_again_and_nothing_else(folder: Path) -> None:
    lines = CachedLines("said", "tiny")
    lines.add("b", ONE)
    lines.add("a", TWO)
    assert CachedLines("said", "tiny").get("a") is None
    lines.save()
    again = CachedLines("said", "tiny")
    assert (again.get("a"), again.get("b"), again.get("c")) == (TWO, ONE, None)
    assert [json.loads(line)["key"] for line in (folder / "tiny.jsonl").read_text().splitlines()] == ["a", "b"]
    assert [path.name for path in folder.iterdir()] == ["tiny.jsonl"]


def test_two_that_have_read_the_same_file_lose_nothing() -> None:
    one, other = CachedLines("said", "tiny"), CachedLines("said", "tiny")
    one.add("a", ONE)
    other.add("b", TWO)
    one.save()
    other.save()
    both = CachedLines("said", "tiny")
    assert (both.get("a"), both.get("b")) == (ONE, TWO)


@pytest.mark.parametrize("damage", ['{"key": "b", "val', '{"key": "b"}', "[]", "5", '{"key": "b", "values": 3}'])
def test_a_damaged_line_is_as_if_it_were_not_there(folder: Path, damage: str) -> None:
    lines = CachedLines("said", "tiny")
    lines.add("a", ONE)
    lines.save()
    with (folder / "tiny.jsonl").open("a") as file:
        file.write(damage)
    assert CachedLines("said", "tiny").get("a") == ONE
    assert CachedLines("said", "tiny").get("b") is None
