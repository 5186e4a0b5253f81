"""Choice of settings within a cell."""
