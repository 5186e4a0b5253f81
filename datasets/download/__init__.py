"""Fetch public files: whole or not at all, resumed where they were cut off."""
