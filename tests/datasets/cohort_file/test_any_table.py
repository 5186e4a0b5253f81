"""Whatever stands in the files of a cohort, they are read or refused: no other error reaches the user."""

import tempfile
from pathlib import Path

import pytest
from benchmarks.datasets.cohort_file.adapter import load
from hospital import COHORT, PATIENTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.errors import UsageError

# What breaks readers of tables, among anything.
_WORDS = [
    "'",
    ",",
    ";",
    "#",
    "=",
    "{",
    "nan",
    "inf",
    "1e400",
    "-1",
    "0",
    "1_000",
    "NA",
    "007",
    "id",
    "dead",
    "[table]",
    "[1]",
    "true",
    "é",
    '"',
    "999999999999999999999999999999",
]
_SIGNS = ["", "\n", "\r", "\0", "sep=;\n", "\ufeff", "\ud800", "\x1b[31m"]
PIECES = st.sampled_from([*_WORDS, *_SIGNS]) | st.text(max_size=5)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), PIECES), min_size=1, max_size=4)
RNA = "id,TP53,EGFR\n007,1,2\n009,3.5,\n"
MODALITIES = '\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n'


def edited(text: str, edits: list[tuple[float, int, str]]) -> bytes:
    for where, cut, piece in edits:
        place = int(where * len(text))
        text = text[:place] + piece + text[place + cut :]
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", ["patients.csv", "cohort.toml", "rna.csv"])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_an_edited_file_is_read_or_refused(name: str, edits: list[tuple[float, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {"patients.csv": PATIENTS, "cohort.toml": COHORT + MODALITIES, "rna.csv": RNA}
        for file, text in files.items():
            (Path(folder) / file).write_bytes(edited(text, edits) if file == name else text.encode())
        try:
            cohort = load(str(Path(folder) / "cohort.toml"))
        except UsageError:
            return
        assert (cohort.outcome.time > 0).all()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cohort.toml").write_text(COHORT)
        (Path(folder) / "patients.csv").write_bytes(content)
        with pytest.raises(UsageError):
            load(str(Path(folder) / "cohort.toml"))
