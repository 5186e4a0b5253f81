"""Whether a value of a card is of the kind its key is for; what is not is one line that names file and key."""

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from benchmarks.errors import UsageError

_NAME = re.compile(r"\w[\w.+-]*")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

Built = TypeVar("Built")


def build(kind: type[Built], values: Mapping[str, Any], path: Path, within: str = "") -> Built:
    """Make a class of a card from the values of a file.

    Parameters
    ----------
    kind : type
        A dataclass.
    values : mapping
        Its fields, as TOML has them: lists stand for tuples, tables for dataclasses.
    path : Path
        Named in errors.
    within : str
        Stands before the names of keys in errors, such as ``"modalities."``.

    Raises
    ------
    UsageError
        If a key is unknown or missing, or a value is of another kind than its field.
    """
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # 2026-11-21: TypeVar cannot be bound to dataclasses
    for key in values:
        if key not in known:
            raise UsageError(f"{path}: unknown key {within + key!r}; known are: {', '.join(known)}")
    for name, f in known.items():
        if name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise UsageError(f"{path}: the key {within + name!r} is missing")
    return kind(**{key: _converted(known[key].type, value, path, within + key) for key, value in values.items()})


def require(fits: bool, path: Path, key: str, expected: str, value: object) -> None:
    """Raise the error of a value that is not what its key is for."""
    if not fits:
        raise UsageError(f"{path}: the key {key!r} must be {expected}, not {_described(value)}")


def list_of_tables(value: object, path: Path, key: str) -> list[dict[str, Any]]:
    """Return the tables that a key holds (``[[key]]``)."""
    fits = isinstance(value, list | tuple) and all(isinstance(table, Mapping) for table in value)
    require(fits, path, key, f"a list of tables ([[{key}]])", value)
    return [dict(table) for table in value]  # type: ignore[attr-defined]  # 2026-11-26: required above


def list_of_texts(value: object, path: Path, key: str) -> list[str]:
    """Return the texts that a key holds."""
    expected, fits = _KINDS[tuple[str, ...]]
    require(fits(value), path, key, expected, value)
    return [*value]  # type: ignore[misc]  # 2026-11-26: required above


def is_name(text: object) -> bool:
    """Return whether a text can be a name on the command line; one that ends in ``.toml`` is a file there."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None and not text.endswith(".toml")


def is_module(text: str) -> bool:
    """Return whether a text can be the name of a module."""
    return _MODULE.fullmatch(text) is not None


def is_entry(text: str) -> bool:
    """Return whether a text has the form ``module:attribute``."""
    module, _, attribute = text.partition(":")
    return is_module(module) and attribute.isidentifier()


def is_label(text: str) -> bool:
    """Return whether braces in a text stand around names alone, as in ``"Qwen2, {backbone}"``."""
    try:
        parts = [part for part in string.Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return False
    return all(
        name.isidentifier() and not form and not conversion for _, name, form, conversion in parts if name is not None
    )


def _converted(kind: Any, value: Any, path: Path, key: str) -> Any:
    """Return a value as its field has it, lists as tuples and tables as dataclasses, after a check of its kind."""
    if is_dataclass(kind) and isinstance(kind, type):
        require(isinstance(value, Mapping), path, key, f"a table ([{key}])", value)
        return build(kind, value, path, f"{key}.")
    if get_origin(kind) is tuple and is_dataclass(get_args(kind)[0]):
        tables = list_of_tables(value, path, key)
        return tuple(_converted(get_args(kind)[0], table, path, key) for table in tables)
    expected, fits = _KINDS[kind]
    require(fits(value), path, key, expected, value)
    if kind == float | None:
        return float(value)
    return tuple(value) if isinstance(value, list) else value


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    # A whole number too large for a float is no number to compute with either.
    return (_is_whole(value) and abs(value) < 1e300) or (isinstance(value, float) and isfinite(value))  # type: ignore[arg-type]  # 2026-11-26: a number here


def _is_plain(value: object) -> bool:
    """Return whether a value can be part of a key: JSON has no dates, no infinity and no NaN."""
    if isinstance(value, Mapping):
        return _is_table_of(_is_plain)(value)
    return isinstance(value, str | bool) or _is_number(value) or _is_list_of(_is_plain)(value)


def _is_list_of(fits: Callable[[object], bool], length: int | None = None) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, list | tuple) and all(map(fits, value)) and (length is None or len(value) == length)
    )


def _is_table_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, Mapping) and all(isinstance(k, str) and fits(v) for k, v in value.items())


# What the fields of cards may hold, in the words of the message.
_KINDS: dict[Any, tuple[str, Callable[[object], bool]]] = {
    str: ("a text", _is_text),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int | None: ("a whole number", _is_whole),
    float | None: ("a finite number", _is_number),
    tuple[str, ...]: ("a list of texts", _is_list_of(_is_text)),
    Mapping[str, Any]: ("a table of texts, finite numbers, true and false, and lists of them", _is_table_of(_is_plain)),
    Mapping[str, str]: ("a table of texts", _is_table_of(_is_text)),
    Mapping[str, Mapping[str, Any]]: (
        "a table of tables, such as { option = 'value' }",
        lambda value: _is_table_of(lambda part: isinstance(part, Mapping) and _is_plain(part))(value),
    ),
    Mapping[str, Sequence[int]]: (
        "a table of pairs of whole numbers, [patients, events]",
        _is_table_of(_is_list_of(_is_whole, length=2)),
    ),
}


def _described(value: object) -> str:
    """Return what a value is: one with its content, of a list the kinds of what is in it."""
    if isinstance(value, list | tuple):
        kinds = dict.fromkeys(_kind(part) for part in value)
        return f"a list of {' and '.join(f'{kind}s' for kind in kinds)}" if kinds else "an empty list"
    if not isinstance(value, str | int | float):
        return f"a {_kind(value)}"
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "truth value",
        str: "text",
        int: "number",
        float: "number",
        dict: "table",
        list: "list",
    }
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "date")
