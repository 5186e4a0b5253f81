"""Read a file of rows and columns as it comes: compressed, with a byte order mark, comment lines or ``sep=;``, Parquet.

Rows are numbered as a spreadsheet shows them: the first row of the file is 1, comment and empty rows count.
"""

import codecs
import csv
import io
import re
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.plain_file import read_plain, unpacked
from benchmarks.plain_text import one_line
from benchmarks.types import IntArray

from .description import Format
from .missing import cleaned
from .parquet import NAMELESS, read_parquet
from .problems import quoted
from .table_size import require_few_columns, require_short_cells, require_short_names

ENDINGS = ("", ".csv", ".tsv", ".txt")

# A header such as "#,id,time" names a column of numbers "#": it is no comment.
_COMMENT = re.compile(r'"?#(?![,;\t|"])')
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?\s*$', re.IGNORECASE)
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Names that Python knows for other purposes; some take hours.
_NO_ENCODINGS = ("idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf_7", "utf7", "u7")
_NO_TEXT = {
    b"PK\x03\x04": "an Excel workbook; save it as CSV",
    b"\xd0\xcf\x11\xe0": "an Excel workbook; save it as CSV",
    b"PAR1": "a Parquet file; its name must end in .parquet",
}


@dataclass(frozen=True, slots=True)
class TableText:
    """A text file from its header on.

    Parameters
    ----------
    text : str
        What follows the comment lines at the top, if there are any.
    header_row : int
        Row of the header in the file, counted from 1.
    encoding : str
        How it is written.
    separator : str or None
        What a line ``sep=;`` at the top says, which spreadsheets write.
    """

    text: str
    header_row: int
    encoding: str
    separator: str | None


def table_text(path: Path, *encodings: str) -> TableText:
    """Read a text file in the first encoding that fits; a byte order mark at its beginning decides.

    Raises
    ------
    UsageError
        If the file is missing, is no text, or fits no encoding.
    """
    raw = _bytes_of(path)
    for beginning, what in _NO_TEXT.items():
        if raw.startswith(beginning):
            raise UsageError(f"{path.name}: is {what}")
    marked = [encoding for mark, encoding in _MARKS.items() if raw.startswith(mark)]
    for encoding in marked or encodings:
        if encoding.lower().replace("-", "_").replace(" ", "_") in _NO_ENCODINGS:
            raise UsageError(f"{path.name}: encoding = {quoted(encoding)}: no table is written in it")
        try:
            text = raw.decode(encoding).removeprefix("\ufeff")
        except UnicodeError:
            continue
        except (LookupError, ValueError) as error:
            raise UsageError(f"{path.name}: encoding = {quoted(encoding)}: {one_line(str(error), 300)}") from None
        if "\0" in text:
            raise UsageError(f"{path.name}: is no text: it holds zero bytes")
        if "\r" in text and "\n" not in text:
            text = text.replace("\r", "\n")
        return _from_header(text, encoding)
    raise UsageError(
        f"{path.name}: is not written in {(marked or encodings)[0]}; say how under [format], such as "
        'encoding = "latin-1"'
    )


def read_file(path: Path, written: Format, types: Any) -> tuple[pd.DataFrame, IntArray]:
    """Read a table.

    Parameters
    ----------
    path : Path
        A text file (.csv, .tsv or .txt, perhaps .gz) or a .parquet file.
    written : Format
        How text files are written; one called .tsv is separated by tabs.
    types : type or mapping of str to type
        How cells of a text file are held: ``str`` as they are written; columns without a type become numbers where
        they can.

    Returns
    -------
    frame : DataFrame, shape (m, c)
        Rows that are not empty; missing values are NaN or None. A column without a name is called "".
    rows : array of int, shape (m,)
        Their row numbers in the file.

    Raises
    ------
    UsageError
        If the file is missing or no table.
    """
    ending = path.name.lower().removesuffix(".gz")
    suffix = Path(ending).suffix
    if suffix not in (*ENDINGS, ".parquet") or (suffix == "" and ending == path.name.lower()):
        raise UsageError(f"{path.name}: tables are .csv (also .tsv, .txt, .csv.gz) or .parquet files")
    _require_file(path)
    if suffix == ".parquet":
        frame = read_parquet(path)
        rows = np.arange(2, 2 + len(frame))
    else:
        frame, rows = _read_text(path, written, suffix, types)
    of_texts = [name for name, kind in frame.dtypes.items() if pd.api.types.is_string_dtype(kind)]
    require_short_cells(path.name, ((str(name), frame[name]) for name in of_texts), rows)
    for name in of_texts:
        frame[name] = cleaned(frame[name], written.missing)
    frame = _named(path.name, frame)
    filled = frame.notna().any(axis=1).to_numpy()
    if not filled.any():
        raise UsageError(f"{path.name}: holds no patient")
    return frame[filled].reset_index(drop=True), rows[filled]


def _named(file: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out empty columns without a name, which spreadsheets append; call the one that is left ""."""
    nameless = [name for name in frame if str(name).startswith(NAMELESS)]
    empty = [name for name in nameless if frame[name].isna().all()]
    left = [name for name in nameless if name not in empty]
    if len(left) > 1:
        places = ", ".join(str(1 + int(str(name).removeprefix(NAMELESS))) for name in left)
        raise UsageError(f"{file}: columns {places} have no name; name them in the header")
    return frame.drop(columns=empty).rename(columns=dict.fromkeys(left, ""))


def _bytes_of(path: Path) -> bytes:
    _require_file(path)
    try:
        return unpacked(read_plain(path))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UsageError(f"{path.name}: cannot be read as a table: {error}") from None


def _require_file(path: Path) -> None:
    try:
        there = path.is_file()
    except (OSError, ValueError) as error:  # a name that is too long, or holds a zero byte
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{quoted(path.name)} is no name of a file: {reason}") from None
    if not there:
        raise UsageError(f"{path.name}: no such file in {path.parent}")


def _from_header(text: str, encoding: str) -> TableText:
    """Leave out comment and empty lines above the header, and the line that names the separator."""
    separator, start, row = None, 0, 1
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        line = text[start:end]
        declared = _SEPARATOR_LINE.match(line) if separator is None else None
        if declared:
            separator = declared[1]
        elif line.strip() and not _COMMENT.match(line):
            break
        start, row = end, row + 1
    return TableText(text[start:], row, encoding, separator)


def _read_text(path: Path, written: Format, suffix: str, types: Any) -> tuple[pd.DataFrame, IntArray]:
    found = table_text(path, written.encoding)
    separator = _separator(path.name, written, suffix, found.separator)
    try:
        header = [name.strip() for name in next(_records(found.text, separator), [])]
    except (csv.Error, TypeError, ValueError) as error:
        raise UsageError(f"{path.name}: row {found.header_row}: {one_line(str(error), 300)}") from None
    require_few_columns(path.name, len(header), types)
    require_short_names(path.name, header)
    _require_names(path.name, header, found, separator)
    text, comments = _without_comments(path.name, found, separator, len(header))
    frame = _parsed(path.name, text, header, separator, written, types, found)
    rows = np.arange(1, 1 + len(frame) + len(comments))
    rows = np.setdiff1d(rows, comments)
    return frame, rows + found.header_row


def _separator(file: str, written: Format, suffix: str, declared: str | None) -> str:
    """Return what the file's ending says, or its first line, or the cohort file."""
    given = written.separator if "separator" in written.model_fields_set else None
    if suffix == ".tsv":
        return "\t"
    if declared is not None and given not in (None, declared):
        raise UsageError(f"{file}: its first line says sep={declared}, [format] says separator = {given!r}")
    separator = written.separator if declared is None else declared
    if separator == written.decimal:
        raise UsageError(f'{file}: separator and decimal are both {separator!r}; give a separator, such as ";"')
    return separator


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(_lines(text), delimiter=separator)


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        yield text[start:end]
        start = end


def _require_names(file: str, header: Sequence[str], found: TableText, separator: str) -> None:
    """Refuse a header with a name twice, or of one column that another separator would part."""
    if not header:
        raise UsageError(f"{file}: cannot be read as a table: it is empty")
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            raise UsageError(f"{file}: row {found.header_row}: the column name {quoted(name)} stands twice")
        seen.add(name)
    if len(header) == 1:
        for other in ";,\t|":
            if other in header[0] and other != separator:
                raise UsageError(
                    f"{file}: only one column is found; is it separated by {other!r}? say so under [format]"
                )


def _without_comments(file: str, found: TableText, separator: str, width: int) -> tuple[str, list[int]]:
    """Leave out comment lines below the header; return the rest, and which rows after the header they were.

    A line that begins with # and has as many cells as the header may be a patient called so: if all do, they are.
    """
    if "\n#" not in found.text:
        return found.text, []
    kept: list[str] = []
    comments: list[int] = []
    alike: list[int] = []
    lines = list(_lines(found.text))
    reader = csv.reader(iter(lines), delimiter=separator)
    others, end = 0, 0
    for row, cells in _rows_read(file, found, reader):
        record, end = lines[end : reader.line_num], reader.line_num
        if row and record[0].startswith("#") and len(cells) != width:
            comments.append(row)
            continue
        if row and record[0].startswith("#"):
            alike.append(row)
        elif row and any(cells):
            others += 1
        kept += record
    if alike and others:
        raise UsageError(
            f"{file}: row {found.header_row + alike[0]} begins with # and has all cells, others begin otherwise: is it "
            "a comment or a patient? remove the row, or the sign"
        )
    return "".join(kept), comments


def _rows_read(file: str, found: TableText, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a reader, numbered from 0; UsageError with the number of the row that cannot be read."""
    row = 0
    try:
        for row, cells in enumerate(reader):
            yield row, cells
    except csv.Error as error:
        raise UsageError(f"{file}: row {found.header_row + row + 1}: {error}") from None


def _parsed(
    file: str, text: str, header: list[str], separator: str, written: Format, types: Any, found: TableText
) -> pd.DataFrame:
    names = [name or f"{NAMELESS}{place}" for place, name in enumerate(header)]
    if "" in header and isinstance(types, Mapping) and "" in types:
        types = {names[header.index("")]: types[""]}
    try:
        with warnings.catch_warnings():
            # Of a first row that is too long pandas would drop the end, and only warn.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(text.encode("utf-8")),
                sep=separator,
                decimal=written.decimal,
                names=names,
                header=0,
                na_values=[str(mark) for mark in written.missing],
                dtype=types,
                skip_blank_lines=False,
                index_col=False,
                low_memory=False,
            )
    except (pd.errors.ParserWarning, pd.errors.ParserError) as error:
        raise UsageError(f"{file}: {_told(error, text, separator, len(header), found)}") from None
    except MemoryError:
        raise UsageError(f"{file}: does not fit into memory") from None
    except Exception as error:  # whatever a damaged file leads the library to
        told = one_line(str(error), 300) or type(error).__name__
        raise UsageError(f"{file}: cannot be read as a table: {told}") from None
    return frame


def _told(error: Exception, text: str, separator: str, width: int, found: TableText) -> str:
    """Name the first row that is too long, or else say what pandas says."""
    try:
        for row, cells in enumerate(_records(text, separator)):
            if len(cells) > width:
                return f"row {found.header_row + row}: {len(cells)} cells, the header has {width}"
    except csv.Error:
        pass  # pandas says what is wrong
    return f"cannot be read as a table: {one_line(str(error), 300)}"
