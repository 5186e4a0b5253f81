"""Structured facts of pathology reports in a ridge Cox model."""

from methods.report_facts.method import Config, ReportFacts

__all__ = ["Config", "ReportFacts"]
