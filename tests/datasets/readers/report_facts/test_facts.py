"""Facts are a pure function of one text, and a table of them is kept whole."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.datasets.readers.report_facts import FACTS, FINDING_FACTS, facts, facts_of, facts_table
from benchmarks.datasets.readers.report_facts.ocr import repaired
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.types import Texts

# Pieces of reports, put together in every order.
PIECES = ["Tumor size: 3 .5 cm. ", "pT2b pN1 pMX. ", "Metastatic carcinoma in 3 of 12 lymph nodes (3/12). "]
PIECES += ["No perineural invasion. ", "Lymphovascular invasion: ", "present. ", "not identified. ", "Margins: "]
PIECES += ["free of tumor. ", "with ", "necrosis ", "Grade II. ", "A. LIVER: ", "PART 2: ", "poorly differentiated "]
PIECES += ["carcinoma in situ ", "o/5 ", "cm ", "pTl ", "n0 ", "(", "): ", ".", " 0.", "\n"]
REPORTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path))


@given(st.one_of(REPORTS, st.text(max_size=300)))
def test_any_text_has_every_fact_within_its_range(text: str) -> None:
    found = facts_of(text)
    assert tuple(found) == FACTS
    assert {found[name] for name in FINDING_FACTS} <= {-1.0, 0.0, 1.0}
    limits = {
        "pt": (0, 5),
        "pn": (0, 4),
        "pm": (0, 2),
        "nodes_share": (0, 1),
        "differentiation": (1, 3),
        "parts": (0, 100),
    }
    for name, (lowest, highest) in limits.items():
        assert np.isnan(found[name]) or lowest <= found[name] <= highest
    assert not np.isinf(list(found.values())).any()
    assert not found["nodes_positive"] > found["nodes_examined"]


@given(REPORTS, st.sampled_from(["  ", "\n", "\t ", " \n "]))
def test_blanks_and_capitals_tell_nothing_but_of_layout(text: str, blank: str) -> None:
    stretched = facts_of(text.replace(" ", blank))
    assert {name: stretched[name] for name in FINDING_FACTS} == {name: facts_of(text)[name] for name in FINDING_FACTS}
    np.testing.assert_equal(stretched["size"], facts_of(text)["size"])


@given(st.one_of(REPORTS, st.text(max_size=300)))
def test_what_is_repaired_has_no_double_blank_and_no_capital(text: str) -> None:
    once = repaired(text)
    assert "  " not in once
    assert once == once.lower()


def test_a_text_of_a_hundred_thousand_words_is_read_in_time() -> None:
    found = facts_of("The tumor is seen near the vascular margin of no lymph node 3 x 2 cm. " * 7_000)
    assert found["words"] > 11


def test_a_table_has_a_row_a_patient_and_none_for_whoever_has_no_report() -> None:
    table = facts_table(Texts(("Tumor size: 2 cm.", "", "pT3 pN0")))
    assert list(table.frame) == list(FACTS)
    assert table.present.tolist() == [True, False, True]
    assert table.frame["size"][0] == pytest.approx(np.log(2))
    assert table.frame.loc[1].isna().all()
    assert table.frame["pt"][2] == 3


def test_what_stands_in_the_place_of_a_missing_report_is_not_read() -> None:
    table = facts_table(Texts(("pT3 pN0",), np.array([False])))
    assert table.frame.loc[0].isna().all()


def test_the_facts_of_one_report_do_not_depend_on_the_others() -> None:
    texts = ("Tumor size: 2 cm.", "pT3 pN0", "No necrosis.")
    together = facts_table(Texts(texts)).frame
    for row, text in enumerate(texts):
        alone = facts_table(Texts((text,))).frame
        np.testing.assert_array_equal(together.loc[row], alone.loc[0])


def test_a_second_reading_takes_the_facts_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Texts(("Tumor size: 2 cm.", "pT3 pN0"))
    before = facts_table(texts).frame
    monkeypatch.setattr(facts, "facts_of", lambda text: pytest.fail(f"{text!r} is read again"))
    np.testing.assert_array_equal(facts_table(texts).frame, before)


def test_other_rules_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Texts(("pT3 pN0",))
    facts_table(texts)
    monkeypatch.setattr(facts, "_rules", lambda: "other rules")
    monkeypatch.setattr(facts, "facts_of", lambda _: dict.fromkeys(FACTS, 7.0))
    assert (facts_table(texts).frame == 7).all(axis=None)
