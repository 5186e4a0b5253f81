"""Read a Parquet file as a table of texts and numbers."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.errors import UsageError
from benchmarks.plain_file import size_of_plain
from benchmarks.plain_text import one_line

from ..readers.damaged_files import LONGEST_PROBLEM
from .problems import quoted
from .table_size import MOST_CELLS, require_few_columns, require_short_names

# Until all is read, a column without a name is called this and its place, counted from 0.
NAMELESS = "\0"
# What pandas calls an index without a name in a file.
_INDEX = "__index_level_"


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file; an index that pandas stored is a column, dates are texts.

    Returns
    -------
    DataFrame, shape (m, c)
        Columns of floats, integers, bools or texts; the name of a column without one is ``NAMELESS`` and its place.

    Raises
    ------
    UsageError
        If the file cannot be read, a name stands twice, or a column holds what is no single value.
    """
    try:
        size_of_plain(path)
        # Of this one file: of "year=2020/x.parquet" the folder would become a column, too.
        file = pq.ParquetFile(path)
        require_few_columns(path.name, file.metadata.num_columns, None)
        if file.metadata.num_rows * file.metadata.num_columns > MOST_CELLS:
            raise UsageError(f"{path.name}: {file.metadata.num_rows} rows are more than are read")
        require_short_names(path.name, file.schema_arrow.names)
        table = file.read()
        names = [_name(name, place) for place, name in enumerate(table.column_names)]
        if doubled := [name for name, count in Counter(names).items() if count > 1]:
            raise UsageError(f"{path.name}: the column name {quoted(doubled[0])} stands twice")
        columns = [_plain(path.name, name, table.column(place)) for place, name in enumerate(names)]
        frame: pd.DataFrame = pa.table(columns, names=[str(place) for place in range(len(names))]).to_pandas()
    except UsageError:
        raise
    except Exception as error:  # whatever a damaged file leads the library to
        told = one_line(str(error), LONGEST_PROBLEM) or type(error).__name__
        raise UsageError(f"{path.name}: cannot be read as a table: {told}") from None
    frame.columns = pd.Index(names)
    return frame


def _name(name: str, place: int) -> str:
    name = name.strip()
    return f"{NAMELESS}{place}" if not name or name.startswith(_INDEX) else name


def _plain(file: str, name: str, column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
        kind = kind.value_type
    if pa.types.is_null(kind) or pa.types.is_date(kind) or pa.types.is_time(kind) or pa.types.is_timestamp(kind):
        return pc.cast(column, pa.string())
    if pa.types.is_decimal(kind):
        return pc.cast(column, pa.float64())
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    if is_text or pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column
    raise UsageError(
        f"{file}: column {quoted(name)} holds {one_line(str(kind), 100)} values; a table holds numbers and words"
    )
