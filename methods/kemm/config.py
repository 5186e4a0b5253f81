"""Settings of KEMM."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from benchmarks.encoders.known_models import HF, KNOWN
from benchmarks.encoders.model_folder import pinned
from benchmarks.errors import UsageError
from methods.kemm.versions import knowledge_version, rules_version
from methods.shared.layers.fused_outputs import Fusion
from methods.shared.training.token_bag_network import TokenBagNetworkConfig

Report: TypeAlias = Literal["off", "raw", "refined"]
Background: TypeAlias = Literal["off", "pathology", "genomic", "both"]
Attention: TypeAlias = Literal["kecm", "coattn", "concat"]
Order: TypeAlias = Literal["knowledge_first", "joint"]
Switch: TypeAlias = Literal["off", "on"]

# Text encoders, refiners and sources of knowledge by name; others are models.
TFIDF, MINILM = "tfidf", "minilm"
RULE, FILE = "rule", "file"
PACKAGE = "package"

# What faithful=true sets, beside what stands in ``methods.kemm.faithful``.
AUTHORS: Mapping[str, object] = {
    "loss": "nll",
    "alpha": 0.0,
    "intervals": 4,
    "spacing": "event_quantiles",
    "censoring": "later",
    "width": 256,
    "dropout": 0.25,
    "learning_rate": 2e-4,
    "weight_decay": 1e-5,
    "batch_size": 1,
    "balanced_batches": False,
    "epochs": 30,
    "patience": 30,
    "members": 1,
    "select_by": "concordance",
    "modality_dropout": 0.0,
}


@dataclass(frozen=True, slots=True)
class Config(TokenBagNetworkConfig):
    """Settings of texts, network and loss, beside those of ``TokenBagNetworkConfig``.

    Parameters
    ----------
    report : {"off", "raw", "refined"}
        Whether the pathology report is read, sentence by sentence or as a refiner has put it.
    refiner : str
        Who refines: ``rule`` sorts the report's sentences into six lines; ``file`` reads the summaries that the dataset
        has; a causal model, ``smollm2-135m`` or ``hf:<folder>``, writes the six lines.
    report_tokens : int
        Most sentences or lines of a report; of a longer one a quarter from its beginning and the rest from its end.
    text, summary : str
        The modalities that hold reports and summaries.
    pbk : {"off", "pathology", "genomic", "both"}
        Which prognostic background knowledge is read: that on image features, on genomic features, or both.
    pbk_source : str
        Who wrote it: ``package``, the files of this method, or a causal model by the stored prompt.
    cancer : str
        Whose knowledge: the code of a cancer type, such as BLCA; "": the dataset's own. For a model also a plain name.
    kecm : {"on", "off"}
        Whether knowledge asks, or as many learned queries do.
    attention : {"kecm", "coattn", "concat"}
        Knowledge looks at slides and genes; groups of genes look at the slides; or nobody looks at anything.
    kecm_order : {"knowledge_first", "joint"}
        Knowledge looks at each modality by itself, and what it found at each other; or at both modalities at once.
    learned_queries : int
        How many there are where no text is read (kecm=off, report=off, pbk=off).
    text_encoder : str
        What makes a vector of a sentence: ``tfidf``, ``minilm``, or an encoder in Hugging Face's layout,
        ``hf:<folder>``.
    words, text_components : int
        Words and pairs of words that are counted, and components that are kept of them (tfidf).
    loss : {"nll", "cox"}
        Hazards of intervals of time, or a log hazard ratio.
    alpha : float
        Weight that is taken from the censored patients' part of the likelihood (nll).
    fusion : {"concat", "bilinear"}
        How the vectors of slides, genes and report come together: side by side, or in products of low rank of each two.
    rank : int
        Number of products (bilinear).
    heads, layers, feed_forward : int
        Of all attention; layers of each stream's transformer; hidden nodes as a multiple of the width.
    attention_width : int
        Rows of the layers of the gated attention.
    faithful : bool
        The recipe of the authors' laboratory for these cohorts instead: ``AUTHORS`` of this module, bin edges that see
        the validation part, which then also chooses the epoch. For measuring what that is worth, never for a board.
    """

    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    batch_size: Annotated[int, Field(ge=1)] = 16
    report: Report = "refined"
    refiner: str = RULE
    report_tokens: Annotated[int, Field(ge=1)] = 32
    text: str = "text"
    summary: str = "summary"
    pbk: Background = "both"
    pbk_source: str = PACKAGE
    cancer: str = ""
    kecm: Switch = "on"
    attention: Attention = "kecm"
    kecm_order: Order = "knowledge_first"
    learned_queries: Annotated[int, Field(ge=1)] = 10
    text_encoder: str = TFIDF
    words: Annotated[int, Field(ge=2)] = 2000
    text_components: Annotated[int, Field(ge=1)] = 64
    loss: Literal["nll", "cox"] = "nll"
    alpha: Annotated[float, Field(ge=0, lt=1)] = 0.0
    fusion: Fusion = "concat"
    rank: Annotated[int, Field(ge=1)] = 16
    heads: Annotated[int, Field(ge=1)] = 4
    layers: Annotated[int, Field(ge=1)] = 1
    feed_forward: Annotated[int, Field(ge=1)] = 2
    attention_width: Annotated[int, Field(ge=1)] = 64
    faithful: bool = False

    def __post_init__(self) -> None:
        if self.faithful:
            self._take_authors()
        self._check_switches()
        # The key of a cell hangs on settings: texts, rules and models whose content changes must change them, too.
        object.__setattr__(self, "refiner", _versioned("refiner", self.refiner, {RULE: rules_version, FILE: str}))
        object.__setattr__(self, "pbk_source", _versioned("pbk_source", self.pbk_source, {PACKAGE: knowledge_version}))
        if self.text_encoder != TFIDF:
            object.__setattr__(self, "text_encoder", pinned(self.text_encoder))

    def _take_authors(self) -> None:
        defaults = {field.name: field.default for field in fields(self)}
        for name, value in AUTHORS.items():
            given = getattr(self, name)
            if given not in (value, defaults[name]):
                raise UsageError(f"faithful=true sets {name}={value}: leave out {name}={given}")
            # The settings of a result are those that it was made with.
            object.__setattr__(self, name, value)

    def _check_switches(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.width}")
        if self.attention != "kecm" and (self.pbk != "off" or self.kecm == "off"):
            raise ValueError(f"attention={self.attention} has no queries of text: take pbk=off and kecm=on")
        if self.attention == "kecm" and self.kecm == "on" and self.report == "off" and self.pbk == "off":
            raise ValueError("there is no text that could ask: take kecm=off, or report or pbk")
        if self.loss == "cox" and self.batch_size < 2:
            raise ValueError("the partial likelihood of one patient says nothing: take batch_size=2 or more")


def _versioned(setting: str, given: str, own: Mapping[str, Callable[[], str]]) -> str:
    """Return a setting with the version of what it names: of this package's files, or of a model.

    ``own`` holds what this package has by name, and what tells its version; "" for what has none.
    """
    name, _, version = given.partition("@")
    if name not in own:
        if given not in KNOWN and not given.startswith(HF):
            raise UsageError(f"{setting}={given}: take {', '.join(own)}, smollm2-135m or {HF}<folder>")
        return pinned(given)
    current = own[name]()
    if version and version != current:
        raise UsageError(f"{setting}={given}: here it is {name}@{current}; leave out the version")
    return f"{name}@{current}" if current else name
