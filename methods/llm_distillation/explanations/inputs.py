"""What the writer of an explanation was shown of each patient."""

import numpy as np

from benchmarks.types import Patients, Table, Texts
from methods.llm_distillation.teachers.reasons import covariate_lines

# What the facts of a report are in words: degrees of differentiation, and halves between two of them.
DEGREES = {1.0: "well", 1.5: "well to moderately", 2.0: "moderately", 2.5: "moderately to poorly", 3.0: "poorly"}


def shown_to(patients: Patients, text: str = "text") -> list[tuple[str, ...]]:
    """Return the evidence of n patients: a line of covariates, the report, and the facts read off it.

    An explanation is judged by what its writer read, so leave out of the patients what it did not: a stage that only
    the table has is no evidence for a writer that was shown the report alone.

    Parameters
    ----------
    patients : Patients
        Of these modalities the table ``clinical``, the reports and, where they are there, the table ``facts`` are
        evidence: size and differentiation as the rules of ``datasets/readers/report_facts`` read them, which see
        through what scanning did to a report.
    text : str
        The modality of the reports.

    Returns
    -------
    list of n tuples of str
        Empty where nothing is known.
    """
    parts: list[tuple[str, ...]] = [()] * len(patients)
    for name in ("clinical", text, "facts"):
        modality = patients.modalities.get(name)
        if isinstance(modality, Texts):
            lines = [said if there else "" for said, there in zip(modality.texts, modality.present, strict=True)]
        elif isinstance(modality, Table):
            lines = _facts(modality) if name == "facts" else covariate_lines(modality)
        else:
            continue
        parts = [(*known, line) if line else known for known, line in zip(parts, lines, strict=True)]
    return parts


def _facts(table: Table) -> list[str]:
    """Return size and differentiation in words, of what the table has of both."""
    frame = table.blanked().frame
    lines: list[list[str]] = [[] for _ in range(len(table))]
    if "size" in frame:
        for line, size in zip(lines, np.exp(frame["size"].to_numpy()), strict=True):
            line += [f"tumor size {size:.2f} cm"] if np.isfinite(size) else []
    if "differentiation" in frame:
        for line, degree in zip(lines, frame["differentiation"].to_numpy(), strict=True):
            line += [f"{DEGREES[degree]} differentiated"] if degree in DEGREES else []
    return [", ".join(line) for line in lines]
