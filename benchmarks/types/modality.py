"""What is known of the patients, one class per kind of data.

Every modality knows for which patients it is present: a missing modality is a mask, never a vector of zeros.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pandas as pd

from benchmarks.errors import RowError
from benchmarks.types.arrays import BoolArray, Float32Array, IntArray

# Stand for "not given", so that the attributes themselves are always arrays.
_EVERYONE: BoolArray = np.zeros(0, dtype=np.bool_)
_EVERY_ROW: IntArray = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Described:
    """What a column means, and its unit or levels, as the dataset's card has them."""

    meaning: str
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Typed covariates: numeric columns are float64 (NaN = missing), all others categorical.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        One row per patient; the index is not used. Bool and integers become float64, strings categorical.
    present : array of bool, shape (n,), optional
        Which patients have the table at all; all of them if not given.
    described : mapping of str to Described
        Meaning and unit of columns, where they are known. Words for prompts: no part of the content's checksum.

    Raises
    ------
    ValueError
        If a column name is not a string or stands twice, or a column is neither numeric nor categorical.
    RowError
        If a numeric value is infinite.
    """

    frame: pd.DataFrame
    present: BoolArray = field(default_factory=lambda: _EVERYONE)
    described: Mapping[str, Described] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = list(self.frame.columns)
        for name in names:
            if not isinstance(name, str):
                raise ValueError(f"column name {name!r} is not a string")
            if names.count(name) > 1:
                raise ValueError(f"column {name!r} stands twice in the table")
        frame = pd.DataFrame(
            {name: _typed_column(name, self.frame[name].reset_index(drop=True)) for name in names},
            index=pd.RangeIndex(len(self.frame)),
        )
        object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "present", _mask(self.present, len(frame)))

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: IntArray) -> "Table":
        """Return some rows, with no trace of the others: levels that none of the rows has are dropped."""
        frame = self.frame.iloc[rows].copy()
        for name in self.categorical:
            frame[name] = frame[name].cat.remove_unused_categories()
        return Table(frame, self.present[rows], self.described)

    def blanked(self) -> "Table":
        """Return the table with no value of a patient who does not have it, whatever stands in the place.

        Every such value is missing, and levels that no other patient has are dropped.
        """
        if self.present.all():
            return self
        columns = {}
        for name in self.frame:
            column = self.frame[name].where(self.present)
            columns[name] = column.cat.remove_unused_categories() if name in self.categorical else column
        return Table(pd.DataFrame(columns, index=self.frame.index), self.present, self.described)

    @property
    def numeric(self) -> list[str]:
        """Names of the float64 columns."""
        return [str(name) for name in self.frame if self.frame[name].dtype == np.float64]

    @property
    def categorical(self) -> list[str]:
        """Names of the categorical columns."""
        return [str(name) for name in self.frame if self.frame[name].dtype != np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Many numeric columns of one kind, such as gene expression.

    Parameters
    ----------
    values : array, shape (n, g)
        Stored as float32; NaN = missing value.
    names : sequence of str, length g
        Column names, such as gene symbols; unique.
    present : array of bool, shape (n,), optional
        Which patients have the modality; all of them if not given.
    column_sets : mapping of str to mapping of str to sequence of str, optional
        Collections of named sets of columns, such as pathways: of each collection the sets by name, of each set its
        columns. A set may be empty: none of its genes is a column.
    """

    values: Float32Array
    names: tuple[str, ...]
    present: BoolArray = field(default_factory=lambda: _EVERYONE)
    column_sets: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32)
        names = tuple(self.names)
        if values.ndim != 2 or values.shape[1] != len(names):
            raise ValueError(f"matrix of shape {values.shape} does not fit its {len(names)} column names")
        if len(set(names)) != len(names):
            doubled = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"column {doubled!r} stands twice in the matrix")
        infinite = np.argwhere(np.isinf(values))
        if len(infinite):
            row, column = infinite[0]
            raise RowError(int(row), f"column {names[column]!r} is infinite")
        known = set(names)
        for collection, sets in self.column_sets.items():
            for name, columns in sets.items():
                if not known.issuperset(columns):
                    strange = next(column for column in columns if column not in known)
                    raise ValueError(
                        f"set {name!r} of {collection!r} has {strange!r}, which is no column of the matrix"
                    )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "present", _mask(self.present, len(values)))

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: IntArray) -> "Matrix":
        """Return some rows."""
        return replace(self, values=self.values[rows], present=self.present[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """One text per patient.

    Parameters
    ----------
    texts : sequence of str, length n
        Empty where the patient has none.
    present : array of bool, shape (n,), optional
        Which patients have a text; those with a non-empty one if not given.
    templated : bool
        True if the texts were rendered from a table: such a row is marked on the board.
    outcome_sentences : array of int, shape (n,), optional
        How many sentences were taken out of each text because they tell the outcome; 0 if not given. For the record:
        no part of the content's checksum.
    """

    texts: tuple[str, ...]
    present: BoolArray = field(default_factory=lambda: _EVERYONE)
    templated: bool = False
    outcome_sentences: IntArray = field(default_factory=lambda: _EVERY_ROW)

    def __post_init__(self) -> None:
        texts = tuple(self.texts)
        for row, text in enumerate(texts):
            if not isinstance(text, str):
                raise RowError(row, f"text is of type {type(text).__name__}, it must be a string")
        present = np.array([bool(text) for text in texts]) if self.present is _EVERYONE else self.present
        none = np.zeros(len(texts), dtype=np.int64)
        counts = none if self.outcome_sentences is _EVERY_ROW else np.asarray(self.outcome_sentences, dtype=np.int64)
        if counts.shape != (len(texts),):
            raise ValueError(f"{counts.size} numbers of removed sentences for {len(texts)} texts")
        object.__setattr__(self, "texts", texts)
        object.__setattr__(self, "present", _mask(present, len(texts)))
        object.__setattr__(self, "outcome_sentences", counts)

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: IntArray) -> "Texts":
        """Return some rows."""
        texts = tuple(self.texts[row] for row in rows)
        return Texts(texts, self.present[rows], self.templated, self.outcome_sentences[rows])


class BagSource(Protocol):
    """Where bags come from: an array of shape (m_i, d) for each position, read when asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int, /) -> Float32Array: ...


@runtime_checkable
class PlacedBagSource(BagSource, Protocol):
    """A source that may know where the instances of a bag lie on their slides."""

    def places(self, position: int, /) -> IntArray | None:
        """Return x and y of each instance of a bag, shape (m_i, 2); None if they are not known of all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Bags:
    """A bag of instance vectors a patient (patches, sentences), read lazily.

    Parameters
    ----------
    source : BagSource
        Bag i is ``source[rows[i]]``, shape (m_i, d), float32, and may be memory-mapped.
    width : int
        d, the same for every bag.
    rows : array of int, shape (n,), optional
        Positions in the source; 0..n-1 if not given.
    present : array of bool, shape (n,), optional
        Which patients have a bag; all of them if not given.
    fingerprints : sequence of str, length n, optional
        Text that stands for the content of each bag in checksums (of the file it is read from, or of what it is
        computed from), so that no bag has to be read for it. Without them every bag is read once.
    borders : sequence of array of int, length n, optional
        Where the slides of each bag begin and end: array of shape (s_i + 1,) from 0 to m_i for s_i slides.
    """

    source: BagSource
    width: int
    rows: IntArray = field(default_factory=lambda: _EVERY_ROW)
    present: BoolArray = field(default_factory=lambda: _EVERYONE)
    fingerprints: tuple[str, ...] | None = None
    borders: tuple[IntArray, ...] | None = None

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"bags must have a width of at least 1, got {self.width}")
        rows = np.arange(len(self.source)) if self.rows is _EVERY_ROW else np.asarray(self.rows)
        object.__setattr__(self, "rows", rows.astype(np.int64))
        object.__setattr__(self, "present", _mask(self.present, len(rows)))
        if self.fingerprints is not None and len(self.fingerprints) != len(rows):
            raise ValueError(f"{len(self.fingerprints)} fingerprints for {len(rows)} bags")
        if self.borders is not None:
            object.__setattr__(self, "borders", _borders(self.borders, len(rows)))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> Float32Array:
        bag = np.asarray(self.source[int(self.rows[row])], dtype=np.float32)
        if bag.ndim != 2 or bag.shape[1] != self.width:
            raise RowError(row, f"bag has shape {bag.shape}, expected (m, {self.width})")
        if self.borders is not None and self.borders[row][-1] != len(bag):
            raise RowError(row, f"bag has {len(bag)} instances, its last slide ends at {self.borders[row][-1]}")
        return bag

    def slides(self, row: int) -> IntArray:
        """Return where the slides of a bag begin and end, shape (s + 1,) for s slides.

        Slide k has the instances from ``slides(row)[k]`` to before ``slides(row)[k + 1]``.
        A bag without borders is one piece, and is read for its length. An absent bag has no slide: shape (1,).
        """
        return np.array([0, len(self[row])]) if self.borders is None else self.borders[row]

    def places(self, row: int) -> IntArray | None:
        """Return where the instances of a bag lie on their slides, shape (m, 2): x and y; None if it is not known."""
        return self.source.places(int(self.rows[row])) if isinstance(self.source, PlacedBagSource) else None

    def take(self, rows: IntArray) -> "Bags":
        """Return some rows; no bag is read."""
        fingerprints = None if self.fingerprints is None else tuple(self.fingerprints[row] for row in rows)
        borders = None if self.borders is None else tuple(self.borders[row] for row in rows)
        return Bags(self.source, self.width, self.rows[rows], self.present[rows], fingerprints, borders)


Modality: TypeAlias = Table | Matrix | Texts | Bags


def _typed_column(name: str, column: "pd.Series[Any]") -> "pd.Series[Any]":
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.rename_categories([str(level) for level in column.cat.categories])
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.astype(np.float64)
        infinite = np.flatnonzero(np.isinf(numbers.to_numpy()))
        if infinite.size:
            raise RowError(int(infinite[0]), f"column {name!r} is infinite")
        return numbers
    if pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype):
        for row, value in enumerate(column):
            if not isinstance(value, str) and not pd.isna(value):
                raise RowError(row, f"column {name!r} mixes strings with {type(value).__name__}")
        return column.astype("category")
    raise ValueError(f"column {name!r} is of type {column.dtype}, it must be numeric or categorical")


def _mask(present: BoolArray, n: int) -> BoolArray:
    mask = np.ones(n, dtype=np.bool_) if present is _EVERYONE else np.array(present)
    if mask.dtype != np.bool_ or mask.shape != (n,):
        raise ValueError(f"present must be a bool vector of length {n}, got {mask.dtype} {mask.shape}")
    mask.flags.writeable = False
    return mask


def _borders(given: tuple[IntArray, ...], n: int) -> tuple[IntArray, ...]:
    if len(given) != n:
        raise ValueError(f"borders of {len(given)} bags for {n} bags")
    checked = []
    for row, of_bag in enumerate(given):
        offsets = np.array(of_bag, dtype=np.int64)
        if offsets.ndim != 1 or not offsets.size or offsets[0] != 0 or (np.diff(offsets) < 1).any():
            raise RowError(row, f"borders of slides must rise from 0, got {offsets.tolist()}")
        offsets.flags.writeable = False
        checked.append(offsets)
    return tuple(checked)
