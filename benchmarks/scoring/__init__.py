"""From stored predictions to scores, and to the rows of a table."""
