"""Prognostic background knowledge: a few sentences on image and on genomic features, the same for all patients."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.types import Context
from methods.kemm.config import PACKAGE, Config
from methods.kemm.written_texts import WrittenTexts, prompt

FOLDER = Path(__file__).parent / "knowledge"

# Parts of a cohort have its knowledge.
PARTS = {"COAD": "COADREAD", "READ": "COADREAD", "GBM": "GBMLGG", "LGG": "GBMLGG"}

SENTENCES = 4
MOST_WORDS = 100
# Room for a hundred words.
MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Background:
    """Sentences of one kind of features; the first ones tell of high risk.

    Parameters
    ----------
    kind : {"image", "genomic"}
        Which features.
    sentences : tuple of str
        At most four.
    """

    kind: str
    sentences: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each sentence, with its first words."""
        return tuple(
            f"{self.kind} {place}: {' '.join(sentence.split()[:6])}" for place, sentence in enumerate(self.sentences, 1)
        )


def background(kind: str, disease: str, config: Config, context: Context) -> Background:
    """Return what is known of one kind of features.

    Parameters
    ----------
    kind : {"image", "genomic"}
        Which features.
    disease : str
        Code of the cohort's disease, "" if it has none; ``config.cancer`` goes before it.
    config : Config
        Whose knowledge, and who wrote it.
    context : Context
        Of the fit: its log, and the device of a model that writes.

    Raises
    ------
    UsageError
        If there is none for this disease.
    """
    cancer = config.cancer or disease
    if config.pbk_source.partition("@")[0] == PACKAGE:
        return Background(kind, _packaged(kind, cancer))
    if not cancer:
        raise UsageError("the dataset does not tell its disease, so no model can be asked: name it with cancer=...")
    asked = prompt("background", features=kind, cancer=_plain_name(cancer))
    (answer,) = WrittenTexts(config.pbk_source, MOST_TOKENS, context).of([asked])
    sentences = _sentences(answer)
    if not sentences:
        raise UsageError(f"{config.pbk_source} wrote no sentence on {cancer}: take another model, or pbk=off")
    context.logger.info("%s features, by %s: %s", kind, config.pbk_source, " ".join(sentences))
    return Background(kind, sentences)


@cache
def cancers() -> tuple[str, ...]:
    """Return the codes of the cancers that the package has knowledge of."""
    return tuple(sorted(_names()))


def _packaged(kind: str, cancer: str) -> tuple[str, ...]:
    code = PARTS.get(cancer.upper(), cancer.upper())
    if code not in cancers():
        what = f"cancer {cancer!r}" if cancer else "this dataset's disease, which it does not tell"
        raise UsageError(
            f"no knowledge of {what}: take pbk=off, cancer=CODE with one of {', '.join(cancers())}, or let a model "
            "write it with pbk_source=hf:FOLDER"
        )
    return tuple((FOLDER / f"{code.lower()}_{kind}.txt").read_text(encoding="utf-8").splitlines())


def _plain_name(cancer: str) -> str:
    """Return a cancer's name for a prompt: not its code, by which a model may know published results."""
    return _names().get(PARTS.get(cancer.upper(), cancer.upper()), cancer)


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / "names.json").read_text(encoding="utf-8"))
    return found


def _sentences(answer: str) -> tuple[str, ...]:
    """Return the first four sentences of an answer, cut at a hundred words."""
    words = answer.replace("\n", " ").split()[:MOST_WORDS]
    found: list[list[str]] = [[]]
    for word in words:
        found[-1].append(word)
        if word.endswith((".", "!", "?")):
            found.append([])
    return tuple(" ".join(sentence) for sentence in found if sentence)[:SENTENCES]
