"""What is kept on disk: cells, predictions, the table of scores."""
