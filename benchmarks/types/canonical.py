"""Canonical JSON: equal values give equal bytes."""

import hashlib
import json
from typing import Any


def sha256_of_json(value: Any) -> str:
    """Return the sha256 of a value written as canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return JSON with sorted keys, no blanks and no NaN: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
