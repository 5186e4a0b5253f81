"""Twenty-five facts of a pathology report, a pure function of its text."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.encoders.cache import cached_array
from benchmarks.types import Float32Array, Table, Texts

from .findings import FINDINGS, findings
from .grades import differentiation
from .nodes import NodeCount, node_counts
from .ocr import repaired
from .parts import parts, words
from .sizes import tumour_size
from .tnm import tnm

STYLE_FACTS = ("words", "parts")
"""Facts that tell how a hospital writes, not what the pathologist saw."""
FINDING_FACTS = tuple(FINDINGS)
FACTS = (
    "pt", "pn", "pm", "nodes_positive", "nodes_share", "nodes_examined", "size", "differentiation", *STYLE_FACTS,
    *FINDING_FACTS,
)  # fmt: skip


def facts_of(text: str) -> dict[str, float]:
    """Return the facts of a report.

    Parameters
    ----------
    text : str
        The report as it was scanned.

    Returns
    -------
    dict
        ``pt``, ``pn``, ``pm``: categories with substages as thirds. ``nodes_positive``, ``nodes_share``,
        ``nodes_examined``: log(1 + n), a share, log(1 + n), of the statement with the most positive nodes; the most
        examined in one statement. ``size``: log of the largest dimension of the tumour in cm. ``differentiation``: 1-3.
        ``words``: log(1 + number of words), ``parts``: lettered parts. Findings: 1 stated present, -1 stated absent, 0
        not mentioned. What is not stated is NaN.
    """
    found = repaired(text)
    pt, pn, pm = tnm(found)
    positive, share, examined = _nodes(node_counts(found))
    size = tumour_size(found)
    values = {
        "pt": pt,
        "pn": pn,
        "pm": pm,
        "nodes_positive": None if positive is None else np.log1p(positive),
        "nodes_share": share,
        "nodes_examined": None if examined is None else np.log1p(examined),
        "size": None if size is None else np.log(size),
        "differentiation": differentiation(found),
        "words": np.log1p(words(text)),
        "parts": parts(text),
        **findings(found),
    }
    return {name: np.nan if (value := values[name]) is None else float(value) for name in FACTS}


def facts_table(texts: Texts) -> Table:
    """Return the facts of every patient's report as a table; whoever has no report does not have the table.

    A report's facts depend on it alone, so no train-only rule is touched. They are kept in the cache folder under the
    checksum of the texts and of these rules.
    """
    read = [text if there else "" for text, there in zip(texts.texts, texts.present, strict=True)]
    key = hashlib.sha256(
        "\0".join([str(len(text)) + ":" + text for text in read]).encode(errors="surrogatepass")
    ).hexdigest()
    values = cached_array("report_facts", _rules(), key, len(FACTS), lambda: _all_facts(read))
    frame = pd.DataFrame(values.astype(np.float64), columns=list(FACTS))
    frame.loc[~texts.present] = np.nan
    return Table(frame, texts.present)


def _all_facts(texts: Sequence[str]) -> Float32Array:
    rows = [list(facts_of(text).values()) if text else [np.nan] * len(FACTS) for text in texts]
    return np.array(rows, dtype=np.float32).reshape(len(texts), len(FACTS))


def _rules() -> str:
    """Return the checksum of the rules, so that no fact is kept that older rules have read."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _nodes(counts: Sequence[NodeCount]) -> tuple[float | None, float | None, float | None]:
    """Return positive nodes, their share and examined nodes of all statements."""
    complete = [(one.positive, one.examined) for one in counts if one.positive is not None and one.examined is not None]
    positive = max((one.positive for one in counts if one.positive is not None), default=None)
    examined = max((one.examined for one in counts if one.examined is not None), default=None)
    if positive is None or examined is None:
        return positive, None, examined
    # Totals of a form ("positive: 1, examined: 18") say more than one part's count.
    total = max((one.positive for one in counts if one.positive is not None and one.examined is None), default=-1)
    totals = [one.examined for one in counts if one.positive is None and one.examined is not None]
    if total == positive and totals and positive <= max(totals):
        return positive, positive / max(totals), examined
    most = max(complete, default=None)
    if most is None or most[0] < positive:
        return positive, positive / examined if positive <= examined else None, examined
    return positive, most[0] / most[1], examined
