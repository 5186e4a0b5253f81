"""Drawings that several methods have; apart from the methods, so that drawing otherwise makes no cell stale."""
