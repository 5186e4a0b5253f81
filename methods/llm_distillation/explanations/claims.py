"""What an explanation claims of stage, grade, age and size, and what the patient's data say of each."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["stage", "grade", "age", "size"]
# The data say the same; they say something else; they say nothing of the kind.
Verdict: TypeAlias = Literal["grounded", "contradicted", "unsupported"]

# How far two values of a kind may be apart and be the same: half a degree (a range of two), a rounded year, half a
# millimetre. A stage is a number and thirds for the letters behind it.
TOLERANCE: dict[Kind, float] = {"stage": 0.01, "grade": 0.5, "age": 1.0, "size": 0.051}

_STAGE = re.compile(r"\bstage(?: group)?[ :]{1,2}([ivx]{1,5}|\d)([abc])?\d?\b")
_NUMERALS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
_NO_STAGE = 9
_AGE = re.compile(
    r"\b(\d{1,3})[ -]?(?:years?|yrs?|y)[ -](?:old|of age)\b"
    r"|\bage[d]?(?: is| of| at diagnosis)?[ :]{1,2}(\d{1,3})\b(?!\.\d)"
)
_DEGREES = {"well": 1.0, "moderate": 2.0, "moderately": 2.0, "poor": 3.0, "poorly": 3.0}
_DEGREE = "(well|moderate(?:ly)?|poor(?:ly)?)"
_DIFFERENTIATED = re.compile(rf"\b{_DEGREE}(?:[ ,/-]+(?:to|and|or)?[ -]*{_DEGREE})?[ -]+differentiated\b")
_GRADE = re.compile(r"(?<!gleason )(?<!nuclear )\bgrade[ :]{1,2}(?:g ?)?(i{1,3}|iv|[1-4])\b(?!\.\d| ?/)")
_HIGH_LOW = re.compile(r"\b(high|low)[ -]grade\b|\bgrade[ :]{1,2}(high|low)\b")

# Numbers and units in one way of writing.
_REPAIRS = (
    (re.compile(r"(?<=\d),(?=\d{1,2} ?(?:cm|mm|x)\b)"), "."),
    (re.compile(r"(?<=\d) ?(?:cm |mm )?(?:[x\u00d7*]|by) ?(?=[\d.])"), " x "),
    (re.compile(r"(?<=\d) ?-? ?(?:cms?|centimet(?:er|re)s?)\b"), " cm"),
    (re.compile(r"(?<=\d) ?-? ?(?:mms?|millimet(?:er|re)s?)\b"), " mm"),
)
_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_MEASURE = re.compile(rf"({_NUMBER}(?: x {_NUMBER})*) (cm|mm)\b")
_UNIT_FIRST = re.compile(rf"\((?:in )?(cm|mm)\)[ .:]{{0,3}}({_NUMBER})")
# A measure is called the tumour's if its sentence speaks of it and of nothing else that is measured.
_TUMOUR = re.compile(r"tumou?r|mass\b|lesion|carcinoma|neoplasm|cancer|\bsize|melanoma|glioma")
_OTHER = re.compile(r"node|margin|distance|thick|depth|specimen|metasta|nodule|cyst|polyp|gallbladder|biops")
# "a better outlook than poorly differentiated tumors", "T2: more than 2 cm but at most 5 cm", "4 cm or less": said of
# others, or of a class, not of this tumour.
_COMPARED = re.compile(
    r"\b(?:compared (?:to|with)|than|versus|unlike|relative to|opposed to|up to|at (?:most|least)|between)\b"
    r"[^;,:]*?(?=[;,:]|\.(?:\s|$)|$)"
    rf"|{_NUMBER} (?:cm|mm) or (?:less|more|smaller|larger|greater)\b"
)
_FULL_STOP = re.compile(r"\.(?=\s)")
_SENTENCE_END = re.compile(r"(?<=[.;])\s")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement.

    Parameters
    ----------
    kind : {"stage", "grade", "age", "size"}
        Of what.
    value : float
        The stage as 1 to 4 and thirds for B and C, the grade as 1 (well differentiated, low) to 3 (poorly, high), the
        age in years, the largest dimension in cm.
    lettered : bool
        Whether a stage has a letter behind it.
    """

    kind: Kind
    value: float
    lettered: bool = False


def claims_of(text: str) -> list[Claim]:
    """Return what a text claims, each claim once.

    Stages, ages and grades ("stage IIIB", "67 years old", "grade 2", "high-grade", "poorly differentiated") are all
    that stand there; a size is the largest number of a measure ("4.5 x 3 cm") in a sentence on the tumour. What stands
    in a comparison ("compared to well-differentiated tumors", "less than 7 cm") is no claim on the patient.
    """
    plain = _COMPARED.sub("", _plain(text))
    found = [*_stages(plain), *_ages(plain), *_grades(plain)]
    for sentence in _SENTENCE_END.split(plain):
        if _TUMOUR.search(sentence) and not _OTHER.search(sentence):
            found += [Claim("size", max(measure)) for measure in _measures(sentence)]
    return list(dict.fromkeys(found))


def judged_claims(text: str, shown: Sequence[str]) -> list[tuple[Claim, Verdict]]:
    """Return the claims of an explanation, each with what the data make of it.

    Parameters
    ----------
    text : str
        The explanation.
    shown : sequence of str
        What its writer was shown of the patient, in parts that are read apart: a report, a line of covariates.

    Returns
    -------
    list of (Claim, verdict)
        "grounded" if the data state the same value of the kind anywhere, "contradicted" if they state others alone,
        "unsupported" if they state none. Of a size every measure of a report is evidence; of a stage without a letter
        any letter.
    """
    claims = claims_of(text)
    evidence = list(_evidence(shown)) if claims else []
    return [(claim, _verdict(claim, evidence)) for claim in claims]


def _plain(text: str) -> str:
    plain = " ".join(text.lower().split())
    for pattern, written in _REPAIRS:
        plain = pattern.sub(written, plain)
    return plain


def _stages(plain: str) -> Iterator[Claim]:
    """Yield the stages; one that there is not ("stage VII") agrees with none."""
    for number, letter in _STAGE.findall(plain):
        whole = int(number) if number.isdigit() else _NUMERALS.get(number, _NO_STAGE)
        yield Claim("stage", whole + "abc".index(letter or "a") / 3, lettered=bool(letter))


def _ages(plain: str) -> Iterator[Claim]:
    for old, aged in _AGE.findall(plain):
        yield Claim("age", float(old or aged))


def _grades(plain: str) -> Iterator[Claim]:
    """Yield the grades as 1 to 3; grade 4 counts as 3, and of two degrees their mean holds."""
    for one, other in _DIFFERENTIATED.findall(plain):
        yield Claim("grade", (_DEGREES[one] + _DEGREES[other or one]) / 2)
    for number in _GRADE.findall(plain):
        yield Claim("grade", float(min(3, int(number) if number.isdigit() else _NUMERALS[number])))
    for before, behind in _HIGH_LOW.findall(plain):
        yield Claim("grade", 3.0 if (before or behind) == "high" else 1.0)


def _measures(plain: str) -> Iterator[list[float]]:
    """Yield the numbers of each measure, in cm."""
    for numbers, unit in _MEASURE.findall(plain):
        yield [float(number) / (10 if unit == "mm" else 1) for number in numbers.split(" x ")]


def _evidence(shown: Iterable[str]) -> Iterator[Claim]:
    """Yield all that the data state, read generously: a claim is to be found wherever a person would find it.

    Scanning ends a sentence at the end of a line ("poorly. differentiated"), so each part is read without its full
    stops, too; a nuclear grade is a grade here, and a form may have the unit before the number.
    """
    for part in map(_plain, shown):
        for text in (part, _plain(_FULL_STOP.sub("", part))):
            yield from (*_stages(text), *_ages(text), *_grades(text.replace("nuclear grade", "grade")))
            yield from (Claim("size", number) for measure in _measures(text) for number in measure)
        for unit, number in _UNIT_FIRST.findall(part):
            yield Claim("size", float(number) / (10 if unit == "mm" else 1))


def _verdict(claim: Claim, evidence: Sequence[Claim]) -> Verdict:
    of_kind = [fact for fact in evidence if fact.kind == claim.kind]
    if not of_kind:
        return "unsupported"
    return "grounded" if any(_agree(claim, fact) for fact in of_kind) else "contradicted"


def _agree(claim: Claim, fact: Claim) -> bool:
    if claim.kind == "stage" and not (claim.lettered and fact.lettered):
        return int(claim.value + 0.01) == int(fact.value + 0.01)
    return abs(claim.value - fact.value) <= TOLERANCE[claim.kind]
