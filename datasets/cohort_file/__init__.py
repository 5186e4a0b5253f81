"""A cohort of the user: a table, and a text file that says what its columns are."""
