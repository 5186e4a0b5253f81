"""Statistics, tables and pages on stored scores."""
