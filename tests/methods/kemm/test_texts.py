"""Knowledge files, refiners, vectors of sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_checkpoints import make_checkpoint

import methods.kemm.background
from benchmarks.errors import UsageError
from benchmarks.types import Context, Patients, Texts
from methods.kemm import Config
from methods.kemm.background import background, cancers
from methods.kemm.line_vectors import LineVectors
from methods.kemm.queries import GENOMIC, IMAGE
from methods.kemm.refiners import ReportReader, six_lines, split_sentences
from methods.kemm.rule_refiner import LINES, refined_by_rules
from methods.kemm.versions import knowledge_version

FOLDER = Path(methods.kemm.background.__file__).parent / "knowledge"
FILES = sorted(FOLDER.glob("*.txt"))

REPORT = """GROSS DESCRIPTION:
Received is a bladder of 10 x 8 x 7 cm.
FINAL DIAGNOSIS:
Bladder, cystectomy: urothelial carcinoma, high grade, 3.5 cm, poorly differentiated.
Pathologic stage: pT3a N1 MX. All margins are free. Lymphovascular invasion is present.
Two of 14 lymph nodes are positive; wide necrosis is seen.
"""


def reader(context: Context, **changes: Any) -> ReportReader:
    return ReportReader(Config(**changes), context)


def patients(*texts: str) -> Patients:
    return Patients(np.array([f"p{row}" for row in range(len(texts))]), {"text": Texts(texts)})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_knowledge_is_four_sentences_high_risk_first_and_names_no_cohort(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert sum(len(line.split()) for line in lines) <= 100
    assert all(re.search(r"high risk\.$", line) for line in lines[:2])
    assert all(re.search(r"low(?:er)? risk\.$", line) for line in lines[2:])
    assert all(line.count(".") == 1 for line in lines)
    assert not re.search(r"TCGA|et al|\d{4}|\bGBM|\b[A-Z]{2}AD\b|study|cohort", " ".join(lines))


def test_every_cancer_has_both_files_and_no_file_is_left_over() -> None:
    assert len(cancers()) == 12
    assert {path.stem for path in FILES} == {f"{c.lower()}_{kind}" for c in cancers() for kind in (IMAGE, GENOMIC)}


def test_the_settings_hold_the_checksum_of_knowledge_and_rules() -> None:
    config = Config()
    assert config.pbk_source == f"package@{knowledge_version()}"
    assert re.fullmatch(r"rule@[0-9a-f]{12}", config.refiner)
    assert Config(pbk_source=config.pbk_source, refiner=config.refiner) == config
    with pytest.raises(UsageError, match="leave out the version"):
        Config(pbk_source="package@000000000000")


def test_an_unknown_disease_is_one_line_that_says_what_to_do(context: Context) -> None:
    for disease in ("", "UVM"):
        with pytest.raises(UsageError, match=r"take pbk=off, cancer=CODE .* pbk_source=hf:FOLDER") as caught:
            background(IMAGE, disease, Config(), context)
        assert "\n" not in str(caught.value)


def test_a_setting_goes_before_the_datasets_disease_and_parts_have_the_whole_ones(context: Context) -> None:
    own = background(IMAGE, "BLCA", Config(), context)
    assert background(IMAGE, "LUAD", Config(cancer="blca"), context) == own
    assert background(GENOMIC, "READ", Config(), context) == background(GENOMIC, "COADREAD", Config(), context)


def test_rules_sort_a_report_into_six_lines_with_its_own_words() -> None:
    lines = refined_by_rules(REPORT)
    said = dict(line.split(": ", 1) for line in lines)
    assert list(said) == list(LINES)
    assert "urothelial carcinoma" in said["diagnosis"]
    assert "high grade" in said["grade and size"]
    assert "3.5 cm" in said["grade and size"]
    assert "pT3a N1 MX" in said["stage"]
    assert "margins are free" in said["margins and invasion"]
    assert "Two of 14 lymph nodes are positive" in said["lymph nodes"]
    assert "necrosis" in said["other findings"]


@given(st.text(max_size=400) | st.lists(st.sampled_from(REPORT.split()), max_size=300).map(" ".join))
def test_rules_write_at_most_128_words_and_none_of_their_own(report: str) -> None:
    lines = refined_by_rules(report)
    assert [line.split(": ", 1)[0] for line in lines] == list(LINES)
    assert sum(len(line.split()) for line in lines) <= 128
    words = set(report.replace(";", " ").replace(".", " ").split())
    for line in lines:
        said = line.split(": ", 1)[1]
        if said != "unknown":
            assert set(said.replace(";", " ").replace(".", " ").split()) <= words


def test_a_report_without_cues_is_unknown() -> None:
    assert refined_by_rules("Nothing here.") == [f"{name}: unknown" for name in LINES]


@pytest.mark.parametrize("phrase", ["white tan soft tissue", "this is a mass", "no"])
def test_ordinary_words_are_no_stage(phrase: str) -> None:
    assert refined_by_rules(phrase)[2] == "stage: unknown"


def test_a_longer_report_keeps_a_quarter_from_its_beginning(context: Context) -> None:
    text = " ".join(f"Sentence {k}." for k in range(20))
    read = reader(context, report="raw", report_tokens=8).read(patients(text, "", "One."))
    assert read.lines[0] == tuple(f"Sentence {k}." for k in (0, 1, *range(14, 20)))
    assert read.cut.tolist() == [True, False, False]
    assert read.present.tolist() == [True, False, True]


def test_removed_outcome_sentences_are_counted_of_those_who_have_a_report(context: Context) -> None:
    texts = Texts(("A.", "B."), np.array([True, False]), outcome_sentences=np.array([2, 5]))
    read = reader(context, report="raw").read(Patients(np.array(["a", "b"]), {"text": texts}))
    assert read.outcome_sentences.tolist() == [2, 0]


def test_a_file_is_another_modality_and_never_falls_back(context: Context) -> None:
    file = reader(context, refiner="file")
    with pytest.raises(UsageError, match="no modality 'summary'"):
        file.check(patients("A."))
    both = Patients(np.array(["a", "b"]), {"text": Texts(("A.", "B.")), "summary": Texts(("", "Short. Words."))})
    file.check(both)
    assert file.read(both).lines == ((), ("Short.", "Words."))


def test_an_answer_becomes_six_lines_whatever_the_model_writes() -> None:
    answer = "1. Diagnosis: carcinoma\n- stage: pT2\nstage: again\nOutcome: died\nlymph nodes:"
    assert six_lines(answer) == [
        "diagnosis: carcinoma",
        "grade and size: unknown",
        "stage: pT2",
        "margins and invasion: unknown",
        "lymph nodes: unknown",
        "other findings: unknown",
    ]


def test_a_model_on_this_machine_writes_knowledge_and_lines_once(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))
    # Its 256 positions leave room for a short prompt beside the answer.
    model = f"hf:{make_checkpoint(tmp_path / 'model', 'causal')}"
    monkeypatch.setattr("methods.kemm.refiners.MOST_TOKENS", 12)
    read = reader(context, refiner=model)
    assert "@" in read.config.refiner
    first = read.read(patients(REPORT, "")).lines
    assert [line.split(": ")[0] for line in first[0]] == list(LINES)
    assert first[1] == ()
    monkeypatch.setattr("methods.kemm.written_texts.generated", None)
    assert reader(context, refiner=model).read(patients(REPORT, "")).lines == first


def test_sentences_without_a_letter_are_left_out() -> None:
    assert split_sentences("One.  Two;\n---\nThree") == ["One.", "Two;", "Three"]


def test_vectors_are_of_one_scale_and_the_same_alone_as_among_others(context: Context) -> None:
    groups = [["a tumour", "free margins"], [], ["a large tumour with necrosis"], ["nodes are free", "no necrosis"]]
    vectors = LineVectors(Config(text_components=3)).fit(groups, context)
    found = vectors.transform(groups)
    assert [len(one) for one in found] == [2, 0, 1, 2]
    joined = np.concatenate(found)
    np.testing.assert_allclose(joined.mean(axis=0), 0, atol=1e-6)
    assert joined.var(axis=0).mean() == pytest.approx(1.0, rel=1e-5)
    np.testing.assert_allclose(vectors.transform([groups[2]])[0], found[2], rtol=1e-6)
    assert vectors.transform([]) == []
