"""Structured facts of pathology reports, read by rules."""

from .facts import FACTS, FINDING_FACTS, STYLE_FACTS, facts_of, facts_table

__all__ = ["FACTS", "FINDING_FACTS", "STYLE_FACTS", "facts_of", "facts_table"]
