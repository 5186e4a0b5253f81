"""Read a table whose separator, decimal sign and encoding are not known yet."""

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.errors import UsageError

from .description import Format
from .reading import table_text
from .table import Sheet, read_words

_SEPARATORS = (",", ";", "\t", "|")


def read_for_draft(path: Path, missing: Sequence[str] = ()) -> tuple[Sheet, Format]:
    """Read a table of which nothing is known.

    Parameters
    ----------
    path : Path
        The table.
    missing : sequence of str
        Words that mean missing.

    Returns
    -------
    sheet : Sheet
        The table.
    written : Format
        How it is written, as a cohort file says it.

    Raises
    ------
    UsageError
        If there is no such file, or it is no table.
    """
    if not path.is_file():
        raise UsageError(f"no file at {path}")
    written = Format() if path.suffix.lower() == ".parquet" else _format_of(path)
    if missing:
        written = written.model_copy(update={"missing": list(missing)})
    sheet = read_words(path, written)
    if sheet.frame.shape[1] < 2:
        raise UsageError(f"{path.name}: only one column is found; columns are parted by a comma, semicolon, tab or |")
    return sheet, written


def _format_of(path: Path) -> Format:
    """Return separator, decimal sign and encoding of a text file, judged by its header and first rows."""
    found = table_text(path, "utf-8-sig", "latin-1")
    header, *rest = found.text.splitlines() or [""]
    separator = found.separator or max(_SEPARATORS, key=header.count)
    if separator != "," and re.search(r"\d,\d", "\n".join(rest)):
        return Format(separator=separator, decimal=",", encoding=found.encoding)
    return Format(separator=separator, encoding=found.encoding)
