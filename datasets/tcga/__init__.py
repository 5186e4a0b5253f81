"""The Cancer Genome Atlas: adapter, cards, and where its tables come from."""
