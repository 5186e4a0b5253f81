"""The file of stored answers: what is in order is read, what is broken is refused by line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.errors import UsageError
from methods.llm_distillation.teachers.statements import pinned_file, probability_of, read_statements

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(name: str, content: str) -> str:
        (tmp_path / name).write_text(content)
        return str(tmp_path / name)

    return _write


LINE = {"patient": "ada", "months": 12, "probability": 0.82, "rationale": "Small.", "model": "one"}


def test_both_forms_say_the_same(write: Write) -> None:
    table = write("a.csv", "patient,months,probability,rationale,model\nada,12,82%,Small.,one\n")
    lines = write("a.jsonl", f"{json.dumps(LINE)}\n\n")
    assert read_statements(table) == read_statements(lines)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0.82, 0.82), ("0.82", 0.82), ("82%", 0.82), ("82 %", 0.82), (1, 1.0), ("0", 0.0),
        (82, "out_of_range"), ("120%", "out_of_range"), (-0.1, "out_of_range"), ("inf", "out_of_range"),
        ("likely", "unparseable"), (True, "unparseable"), ("70% 80%", "unparseable"), ([0.8], "unparseable"),
        (None, "refused"), ("", "refused"), ("refused", "refused"), ("NaN", "refused"),
    ],
)  # fmt: skip
def test_a_probability_is_read_or_it_is_told_why_not(value: Any, read: float | str) -> None:
    assert probability_of(value) == (pytest.approx(read) if isinstance(read, float) else read)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "x", r"must end in \.jsonl or \.csv"),
        ("a.jsonl", "", "has no answer"),
        ("a.csv", "patient,months,probability\n", "has no answer"),
        ("a.jsonl", "{broken", "line 1 is no JSON$"),
        ("a.jsonl", "[1]", "line 1 is no JSON object"),
        (
            "a.jsonl",
            json.dumps(LINE) + "\n" + json.dumps({"patient": "ben", "months": 12}),
            "line 2 has no 'probability'",
        ),
        ("a.jsonl", json.dumps({**LINE, "patient": " "}), "line 1 names no patient"),
        ("a.jsonl", json.dumps({**LINE, "months": "soon"}), "line 1: months is 'soon'"),
        ("a.jsonl", json.dumps({**LINE, "months": 0}), "line 1: months is 0, it must be a number above 0"),
        ("a.csv", "patient,probability\nada,0.5\n", "line 2 has no 'months'"),
        ("a.csv", "patient,months,probability\nada,12,0.5,more\n", "line 2 has more values than columns"),
    ],
)
def test_a_broken_file_is_refused(write: Write, name: str, content: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_statements(write(name, content))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv cannot be read"):
        read_statements(str(tmp_path / "none.csv"))


def test_a_setting_holds_the_content_and_a_changed_file_is_refused(write: Write) -> None:
    path = write("a.jsonl", json.dumps(LINE))
    pinned = pinned_file(path)
    assert pinned.startswith(f"{path}@")
    assert pinned_file(pinned) == pinned
    assert read_statements(pinned) == read_statements(path)
    write("a.jsonl", json.dumps({**LINE, "probability": 0.2}))
    assert pinned_file(path) != pinned
    with pytest.raises(UsageError, match="it has changed"):
        read_statements(pinned)
