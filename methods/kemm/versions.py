"""Checksums of what this method reads beside its code, as they stand in the settings of every result."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
DIGITS = 12


@cache
def knowledge_version() -> str:
    """Return the first digits of the SHA-256 of all knowledge texts, with their names."""
    return _checksum(sorted((FOLDER / "knowledge").glob("*.txt")))


@cache
def rules_version() -> str:
    """Return the first digits of the SHA-256 of the rules that refine a report."""
    return _checksum([FOLDER / "rule_refiner.py"])


def _checksum(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:DIGITS]
