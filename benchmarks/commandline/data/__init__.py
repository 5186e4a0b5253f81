"""The verbs of ``data``, one file per verb."""
