"""Whether an explanation says what the patient's data say, and whether its numbers are those of the curve."""

from methods.llm_distillation.explanations.claims import Claim, Verdict, claims_of, judged_claims
from methods.llm_distillation.explanations.inputs import shown_to
from methods.llm_distillation.explanations.measures import ExplanationMeasures, judged
from methods.llm_distillation.explanations.table import explanation_table

__all__ = [
    "Claim",
    "ExplanationMeasures",
    "Verdict",
    "claims_of",
    "explanation_table",
    "judged",
    "judged_claims",
    "shown_to",
]
