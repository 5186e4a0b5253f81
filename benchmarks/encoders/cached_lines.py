"""What a language model wrote, kept on disk: a file of JSON lines, each found by its key."""

import json
from pathlib import Path
from typing import Any

from benchmarks.atomic_write import write_atomically
from benchmarks.encoders.cache import cache_folder
from benchmarks.plain_file import read_plain


class CachedLines:
    """Lines of a JSONL file in the cache folder, in memory; new ones are on disk after ``save``.

    Parameters
    ----------
    kind, name : str
        Folder and name of the file.
    """

    def __init__(self, kind: str, name: str) -> None:
        self.path: Path = cache_folder() / kind / f"{name}.jsonl"
        self._held = self._read()
        self._saved = True

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the values kept under a key, None if there are none."""
        return self._held.get(key)

    def add(self, key: str, values: dict[str, Any]) -> None:
        """Keep values that JSON can hold under a key."""
        self._held[key] = values
        self._saved = False

    def save(self) -> None:
        """Write the file whole or not at all, with what other processes have added to it since it was read."""
        if self._saved:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._held = {**self._read(), **self._held}
        lines = [json.dumps({"key": key, "values": values}) for key, values in sorted(self._held.items())]
        write_atomically(self.path, "".join(f"{line}\n" for line in lines).encode())
        self._saved = True

    def _read(self) -> dict[str, dict[str, Any]]:
        """Return what the file holds; a line that cannot be read is as if it were not there."""
        held = {}
        try:
            lines = read_plain(self.path).decode().splitlines()
        except (OSError, ValueError):
            return {}
        for line in lines:
            try:
                found = json.loads(line)
                held[str(found["key"])] = dict(found["values"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
        return held
