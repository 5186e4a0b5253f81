"""Boards: what was measured of every method, ranked, pairs tested."""
