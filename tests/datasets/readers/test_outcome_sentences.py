"""Sentences that tell what became of the patient go, everything else stays."""

import time

import pytest
from benchmarks.datasets.readers.outcome_sentences import remove_outcome_sentences, without_outcome

BEFORE = "Received fresh is a kidney of 12 x 8 x 5 cm. The tumor measures 3.2 cm."
AFTER = "The ureteral margin is free of tumor. Nine lymph nodes are negative."

REVEALING = [
    "The patient died of disease on 03/12/2009.",
    "Patient expired 14 months after surgery.",
    "She passed away at home in the spring of 2010.",
    "Unfortunately he succumbed to progressive liver failure.",
    "Vital Status: Deceased.",
    "Vital status: Alive.",
    "Date of death: 2008-11-02.",
    "Cause of death was metastatic carcinoma.",
    "Autopsy was performed and showed widespread disease.",
    "At autopsy, multiple liver deposits were found.",
    "The patient was found dead in her apartment.",
    "Patient status: dead of disease.",
    "The patient is alive and well.",
    "Alive with disease as of the last visit.",
    "Date of last contact: 2011-05-04.",
    "At last follow-up the patient had no complaints.",
    "Patient was lost to follow-up in 2007.",
    "Follow-up: 36 months, no recurrence.",
    "After 5 years of follow-up there was no sign of tumor.",
    "On follow-up she developed a recurrence in the lung.",
    "She survived 22 months.",
    "Overall survival: 640 days.",
    "Survival time was 18 months.",
    "The tumor recurred 9 months after resection.",
    "Eight months later a local recurrence was excised.",
    "He subsequently developed distant metastases.",
    "The patient later relapsed.",
    "Bone metastases were found two years after nephrectomy.",
    "Date of first recurrence: 2006.",
    "Days to recurrence: 412.",
    "New tumor event: locoregional.",
    "The patient remains disease-free for 5 years.",
    "No evidence of disease at 24 months.",
    "NED at 3 years.",
    "The patient was transferred to hospice.",
    "The patient's death was reported by the family.",
    "She has since died.",
    "Postmortem examination confirmed the diagnosis.",
    "Disease status: progressed.",
]

ORDINARY = [
    "There are dead cells and extensive necrosis in the center of the tumor.",
    "Dead tissue is removed from the surface.",
    "There is no evidence of malignancy in the margins.",
    "No evidence of lymphovascular invasion is seen.",
    "No evidence of disease in eleven lymph nodes.",
    "Clinical correlation and follow-up are recommended.",
    "Close clinical follow up is recommended.",
    "A follow-up report on the lymph nodes will be issued.",
    "Follow-up report: eleven lymph nodes are free of tumor.",
    "The follow-up resection specimen was free of tumor.",
    "History: recurrent astrocytoma.",
    "The patient has a history of recurrent bladder tumors.",
    "The specimen is from a recurrence of a known meningioma.",
    "Recurrent laryngeal nerve is identified.",
    "High expression has been associated with poor survival in the literature.",
    "1p/19q codeletion is associated with longer progression-free survival.",
    "Metastatic carcinoma in two of fourteen lymph nodes.",
    "It is doubtful whether this tiny fragment survives embedding.",
    "Staining for iron is in progress.",
    "Sections are as follows: A1 margin, A2 tumor.",
    "The reagent lot had not expired.",
    "Oncotype recurrence score: 18, average rate of distant recurrence at 10 years 11 percent.",
    "Tumor-free margins of 2 mm are measured.",
    "The tumor is 1.2 cm from the later designated deep margin.",
    "Surviving islets look normal.",
    "The prefix a marks a stage that was determined at autopsy: aTNM.",
    "Prognosis depends on grade and stage.",
    "Programmed cell death ligand 1 is expressed in 5 percent of cells.",
    "The patient underwent chemotherapy three months before surgery.",
    "A 62 year old woman with a mass found on imaging two weeks ago.",
    "Kidney from a deceased donor, explanted for rejection.",
    "The lesion progresses from the medial to the lateral side.",
    "The lesion has progressed to a higher grade.",
    "Multiple metastases are present in the liver at the time of surgery.",
    "Father deceased with colon cancer at the age of 70.",
    "Mother died of breast cancer.",
]


@pytest.mark.parametrize("sentence", REVEALING)
def test_a_sentence_that_reveals_the_outcome_is_removed(sentence: str) -> None:
    left, removed = remove_outcome_sentences(f"{BEFORE} {sentence} {AFTER}")
    assert " ".join(removed) == sentence
    assert left.split() == f"{BEFORE} {AFTER}".split()


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_stays(sentence: str) -> None:
    text = f"{BEFORE} {sentence} {AFTER}"
    assert remove_outcome_sentences(text) == (text, ())


def test_a_sentence_is_found_across_line_ends_and_in_any_case() -> None:
    left, removed = remove_outcome_sentences("Tumor of the colon.\nTHE PATIENT\nDIED OF\nSEPSIS. Margins are free.")
    assert removed == ("THE PATIENT\nDIED OF\nSEPSIS.",)
    assert left.split() == ["Tumor", "of", "the", "colon.", "Margins", "are", "free."]


def test_of_a_form_without_punctuation_only_the_line_goes() -> None:
    lines = [f"Field {number}: value" for number in range(12)]
    form = "\n".join([*lines[:6], "Vital Status: Deceased Center code:", *lines[6:]])
    left, removed = remove_outcome_sentences(form)
    assert removed == ("Vital Status: Deceased Center code:",)
    assert left.splitlines() == lines


def test_many_texts_at_once_give_what_each_gives_alone() -> None:
    texts = [f"{BEFORE} {sentence} {AFTER}" for sentence in REVEALING + ORDINARY] + ["", "Nothing here."]
    alone = [remove_outcome_sentences(text) for text in texts]
    left, removed = without_outcome(texts)
    assert left == tuple(text for text, _ in alone)
    assert removed == tuple(len(sentences) for _, sentences in alone)


def test_letters_that_grow_in_lower_case_do_not_shift_the_cut() -> None:
    left, removed = remove_outcome_sentences("İstanbul İİİ clinic. The patient died of sepsis. Margins are free.")
    assert removed == ("The patient died of sepsis.",)
    assert left.endswith("Margins are free.")


def test_a_report_full_of_cues_is_searched_in_a_second_or_two() -> None:
    text = "the patient was followed and no metastasis later " * 1000
    started = time.process_time()
    remove_outcome_sentences(text)
    assert time.process_time() - started < 5
