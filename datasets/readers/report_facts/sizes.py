"""The largest dimension of the tumour, in centimetres."""

import re

LARGEST = 60.0

_NUMBER = r"(?<![\d.])(\d{1,2}(?:\.\d{1,2})?|\d{3}(?= mm)|\.\d{1,2})"
_SIZE = rf"{_NUMBER}(?: x {_NUMBER})?(?: x {_NUMBER})? (cm|mm)\b"
_TUMOUR = r"(?:tumou?rs?|mass|carcinomas?|adenocarcinoma|neoplasms?|lesion|sarcoma|melanoma|glioma|nodule|malignancy)"
_ANY = (
    r"(?:(?:greatest|maximum|maximal|largest|max|at least|is|was|approximately|about|up to|estimated|invasive|"
    r"component|dimensions?|diameter|"
    r"size|the|in|of|gross|focus|foci|tumou?r|mass|single|measures?|by|examination|cm|mm)[ :.,]{1,3}){0,8}"
)
# What the report itself calls the size of the tumour.
_LABEL = re.compile(
    r"(?:tumou?r ?(?:\([^)]{0,20}\) ?)?sizes?|size of (?:the )?(?:invasive |primary |largest )?(?:tumou?r|carcinoma|"
    r"lesion|mass|neoplasm|component)|"
    r"tumou?r(?: findings:)? (?:maximum |max\.? |greatest |largest )?(?:dimensions?|diameter)|max(?:imum|imal|"
    r"\.)? tumou?r (?:dimension|diameter)|tumou?r'?s (?:greatest|largest) (?:diameter|dimension)|"
    r"(?:greatest|largest|maximum) (?:tumou?r )?(?:dimension|diameter) of (?:the )?(?:invasive )?(?:tumou?r|mass|"
    r"lesion|carcinoma))"
    rf"(?: ?\([^)]{{0,40}}\))?[ :=.,-]{{1,4}}{_ANY}{_SIZE}"
)
_LABEL_UNIT_FIRST = re.compile(
    rf"(?:tumou?r size|size of tumou?r|tumou?r dimensions?) ?\((?:in )?(cm|"
    rf"mm)\)[ :=.]{{0,3}}{_NUMBER}(?: x {_NUMBER})?(?: x {_NUMBER})?(?![\d.])"
)
# A size in the clause of the tumour.
_MEASURES = re.compile(
    rf"\b{_TUMOUR}\b[^.;:]{{0,45}}?(?:measur(?:es|ing|ed|ement)|\(|,|is|of|:|-|diameter|dimensions?|size|up to|"
    rf"approximately)[ :,]{{0,2}}"
    rf"(?:up to |approximately |about |is |at least |= ?|a |an )*{_SIZE}"
)
_SIZED = re.compile(
    rf"{_SIZE}(?: in (?:greatest|maximum|largest|maximal) (?:dimension|diameter|"
    rf"extent))?(?:[ ,-]+[a-z-]+){{0,7}}?[ ,-]{{1,2}}{_TUMOUR}\b(?! ?\(?\d| findings| border| bank| thick)"
)
# Other things that are measured.
_OTHER = re.compile(
    r"lymph node|margin|distance|from the|specimen|polyp|fibroid|leiomyoma|cyst|uninvolved|thick|depth|away|distal|"
    r"proximal|adenoma|block|cassette|"
    r"scar|incision|ellipse|\bcore|fragment|aggregate|deposit|satellite|metasta|adenosis|within|\bno\b|\bnot\b|"
    r"free of|invasion|involved|cavity|canal|"
    r"length|portion|tissue|wall|section|hemangioma|benign|pigmented|nevus|nodal|extension"
)
_BEFORE = re.compile(
    r"node|depth|metasta|deposit|uter|biops|length|thick|cavity|canal|margin|specimen|distance|wall|myometri|polyp|leiomyom"
)

_AWAY = re.compile(r",? ?(?:from|away|above|below|deep|distal|proximal|to the|aggregate|portion|specimen|fragment)\b")
# "Tongue, glossectomy. Size: 2 cm": of the tumour, if nothing else is measured in its clause.
_BARE = re.compile(rf"\b(?:size|dimensions?)(?: \([a-z ]{{2,20}}\))? ?: ?(?:approximately )?{_SIZE}")


def tumour_size(text: str) -> float | None:
    """Return the largest dimension of the tumour in a repaired text, in cm; None if none is stated.

    What is labelled as its size comes first. Without a label it is the largest size that stands in the clause of a word
    for the tumour and of no other thing that is measured.
    """
    if not any(unit in text for unit in (" cm", " mm", "(cm)", "(mm)", "(in cm)", "(in mm)")):
        return None
    labelled = [_centimetres(found.groups()[:-1], found.groups()[-1]) for found in _LABEL.finditer(text)]
    labelled += [_centimetres(found.groups()[1:], found[1]) for found in _LABEL_UNIT_FIRST.finditer(text)]
    size = _largest(labelled)
    if size is not None:
        return size
    near = [
        found for pattern in (_MEASURES, _SIZED, _BARE) for found in pattern.finditer(text) if _of_tumour(text, found)
    ]
    return _largest([_centimetres(found.groups()[:-1], found.groups()[-1]) for found in near])


def _of_tumour(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 25) : found.start()].rpartition(". ")[2]
    distance = _AWAY.match(text, found.end())
    return not distance and not _OTHER.search(found[0]) and not _BEFORE.search(before)


def _centimetres(numbers: tuple[str | None, ...], unit: str | None) -> float:
    size = max(float(number) for number in numbers if number)
    return size / 10 if unit == "mm" else size


def _largest(sizes: list[float]) -> float | None:
    return max((size for size in sizes if 0 < size <= LARGEST), default=None)
