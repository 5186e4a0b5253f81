"""A fixed amount of work that fits are timed against."""
