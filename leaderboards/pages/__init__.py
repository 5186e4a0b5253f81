"""Boards as tables and pages."""
