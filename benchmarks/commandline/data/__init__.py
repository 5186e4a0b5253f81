"""The verbs of ``data``, one file a verb."""
