"""The measures of several writers side by side: a student, its teacher, the same model untrained."""

from collections.abc import Mapping

import numpy as np

from methods.llm_distillation.explanations.measures import ExplanationMeasures

COLUMNS = ("writer", "explained", "words", "claims", "grounded", "contradicted", "unsupported", "gap (points)")
UNDEFINED = "-"


def explanation_table(rows: Mapping[str, ExplanationMeasures]) -> str:
    """Return a Markdown table, one row a writer.

    ``claims`` is their mean number in an explanation; the three shares of claims sum to 100 %. What is not defined is
    a dash.
    """
    lines = [COLUMNS, ("---",) * len(COLUMNS), *(_cells(writer, measures) for writer, measures in rows.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(writer: str, measures: ExplanationMeasures) -> tuple[str, ...]:
    return (
        writer,
        f"{measures.explained} of {measures.patients}",
        _number(measures.words, "{:.0f}"),
        _number(measures.claims_per_explanation, "{:.2f}"),
        _number(measures.grounded_share, "{:.0%}"),
        _number(measures.contradicted_share, "{:.0%}"),
        _number(measures.unsupported_share, "{:.0%}"),
        _number(measures.percentage_gap, "{:.1f}"),
    )


def _number(value: float, form: str) -> str:
    return form.format(value) if np.isfinite(value) else UNDEFINED
