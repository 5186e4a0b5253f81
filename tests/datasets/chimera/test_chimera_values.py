"""Every documented form of a value is read, everything else names file, patient and value."""

import importlib
import math
from pathlib import Path
from typing import Any

import pytest

from benchmarks.errors import UsageError

values = importlib.import_module("benchmarks.datasets.chimera.values")


def record(**held: Any) -> Any:
    return values.ClinicalRecord("9003", Path("9003.json"), held)


@pytest.mark.parametrize("missing", ["x", "-1", "-1.0", -1, -1.0, " ", ""])
def test_every_sign_of_a_missing_value_is_missing(missing: Any) -> None:
    held = record(key=missing)
    assert math.isnan(held.number("key", 0, 10))
    assert math.isnan(held.count("key", 0, 10))
    assert math.isnan(held.flag("key"))
    assert held.level("key", ("a", "b")) is None


@pytest.mark.parametrize("one", ["1", "1.0", 1, 1.0])
def test_one_is_one_in_every_form(one: Any) -> None:
    held = record(key=one)
    assert held.flag("key") == 1
    assert held.event("key") is True
    assert held.number("key", 0, 10) == 1
    assert held.count("key", 0, 10) == 1


@pytest.mark.parametrize("zero", ["0", "0.0", 0, 0.0])
def test_zero_is_no_event_in_every_form(zero: Any) -> None:
    assert record(key=zero).event("key") is False


def test_words_are_levels_or_flags() -> None:
    held = record(smoking="Yes", stage="2", therapy="unknown")
    assert held.flag("smoking", "No", "Yes") == 1
    assert held.level("stage", ("2", "2a")) == "2"
    assert held.level("therapy", ("none",), unknown="unknown") is None


@pytest.mark.parametrize(
    ("call", "held", "problem"),
    [
        (lambda r: r.number("psa", 0, 10), {"psa": "high"}, "'psa' is 'high', expected a number"),
        (lambda r: r.number("psa", 0, 10), {"psa": 11}, "'psa' is 11, which is impossible: expected 0 to 10"),
        (lambda r: r.number("psa", 0, 10), {"psa": math.nan}, "'psa' is nan, which is impossible"),
        (lambda r: r.number("psa", 0, 10), {}, "the key 'psa' is missing"),
        (lambda r: r.number("psa", 0, 10), {"psa": True}, "'psa' is true, expected a number or a text"),
        (lambda r: r.number("psa", 0, 10), {"psa": None}, "'psa' is null, expected a number or a text"),
        (lambda r: r.number("psa", 0, 10), {"psa": [1]}, "'psa' is a list, expected a number or a text"),
        (lambda r: r.count("isup", 1, 5), {"isup": 2.5}, "'isup' is 2.5, expected a whole number"),
        (lambda r: r.flag("margin"), {"margin": 2}, "'margin' is 2, expected 0 or 1"),
        (lambda r: r.level("stage", ("2", "3")), {"stage": "5"}, "'stage' is '5', expected one of 2, 3"),
        (lambda r: r.event("BCR"), {"BCR": "x"}, "'BCR' is 'x', expected 0 or 1"),
        (lambda r: r.months("t"), {"t": 0}, "'t' is 0, expected months > 0"),
        (lambda r: r.months("t"), {"t": "x"}, "'t' is 'x', expected months > 0"),
        (lambda r: r.months("t"), {"t": -3}, "'t' is -3, which is impossible"),
    ],
)
def test_an_impossible_value_is_named(call: Any, held: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=rf"9003\.json: patient 9003: {problem}"):
        call(record(**held))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"age": ', "not valid JSON"),
        (b"[1, 2]", "expected one JSON object"),
        (b'{"age": 1, "age": 2}', "the key 'age' stands twice"),
        (b"\xff\xfe\x00", "not valid JSON"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "9003.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"9003\.json: patient 9003: .*{problem}"):
        values.read_clinical("9003", path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"9003\.json: patient 9003: the file is missing"):
        values.read_clinical("9003", tmp_path / "9003.json")
