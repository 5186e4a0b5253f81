"""Predictions that were made elsewhere: read, checked against a split, and stored as cells like any other."""
