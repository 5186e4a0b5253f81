"""Survival methods, one folder each; `shared` holds what several of them use."""
