"""The evaluation protocol of a dataset: horizon, grid, splits, measures."""
