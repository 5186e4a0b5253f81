"""Settings from the command line: ``--set key=value`` to typed configs and dataset options."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from benchmarks.catalog.cards import HORIZON, DatasetCard
from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.errors import UsageError, hint
from benchmarks.types import Cell, Method

_Time = Annotated[float, Field(gt=0)]


def assign_settings(
    settings: Sequence[str], methods: Mapping[str, type[Any]], datasets: Mapping[str, DatasetCard]
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Sort ``key=value`` texts by the method or dataset they belong to.

    ``name.key=value`` belongs to that method or dataset; ``key=value`` to every method of the run, all of which must
    know the key.

    Parameters
    ----------
    settings : sequence of str
        What was given with ``--set``.
    methods : mapping
        Name to config class.
    datasets : mapping
        Name to card.

    Returns
    -------
    tuple of two dicts
        Texts by method and key, and by dataset and key.
    """
    of_methods: dict[str, dict[str, str]] = {name: {} for name in methods}
    of_datasets: dict[str, dict[str, str]] = {name: {} for name in datasets}
    for setting in settings:
        name_and_key, equals, value = setting.partition("=")
        if not equals or not name_and_key:
            raise UsageError(f"--set {setting}: expected key=value")
        name, dot, key = name_and_key.rpartition(".")
        if dot and name in of_methods:
            _require_key(key, config_keys(methods[name]), name)
            of_methods[name][key] = value
        elif dot and name in of_datasets:
            _require_key(key, [*datasets[name].options, HORIZON], name)
            of_datasets[name][key] = value
        elif dot:
            known = hint(name, [*methods, *datasets])
            raise UsageError(f"--set {setting}: {name!r} is no method or dataset of this run; {known}")
        else:
            for method, config_type in methods.items():
                _require_key(key, config_keys(config_type), method)
                of_methods[method][key] = value
    return of_methods, of_datasets


def config_keys(config_type: type[Any]) -> list[str]:
    """Return the names of a config's settings."""
    return [f.name for f in fields(config_type)]


def config_type_of(method: str, loaded: Any) -> type[Any]:
    """Return the config class of a loaded method.

    Raises
    ------
    UsageError
        If what was named is no method.
    """
    config_type: type[Any] | None = getattr(loaded, "config_type", None)
    if config_type is None:
        raise UsageError(f"{method} is no method: it has no config_type (see docs/add_a_method.md)")
    if not isinstance(config_type, type) or not is_dataclass(config_type):
        raise UsageError(f"{method}: its config_type is no dataclass (see docs/add_a_method.md)")
    return config_type


def build_config(method: str, config_type: type[Any], values: Mapping[str, Any]) -> Any:
    """Make a config of typed, checked values; texts are converted to the declared types.

    Raises
    ------
    UsageError
        If a value is of another type, out of range, or no plain value that a key can be made of.
    """
    try:
        config = TypeAdapter(config_type).validate_python(dict(values))
    except ValidationError as error:
        raise UsageError(f"{method}: {_first_problem(error)}") from None
    for key, value in asdict(config).items():
        _require_plain(value, f"{method}: {key}")
    return config


def build_method(cell: Cell) -> Method:
    """Return the cell's method with its config."""
    method_class: Any = load_entry(method_card(cell.entry if ":" in cell.method else cell.method))
    method: Method = method_class(build_config(cell.method, method_class.config_type, cell.config))
    return method


def plain_config(config: Any) -> dict[str, Any]:
    """Return a config as plain values for the key and the record."""
    return asdict(config)


def dataset_options(card: DatasetCard, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return all options of a dataset, the given texts converted to the types of the defaults.

    ``HORIZON`` is among them only if it is given.
    """
    options = dict(card.options)
    for key, text in texts.items():
        kind: Any = _Time if key == HORIZON else type(card.options[key])
        try:
            options[key] = TypeAdapter(kind).validate_python(text)
        except ValidationError as error:
            raise UsageError(f"{card.name}: {key}: {_first_problem(error)}") from None
        _require_plain(options[key], f"{card.name}: {key}")
    return options


def _require_plain(value: Any, where: str) -> None:
    """Refuse what JSON or a table has no place for, in a list or mapping too: no key or file can be made of it."""
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{where}: a finite number is needed, got {value}")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise UsageError(f"{where}: a whole number of at most 64 bits is needed")
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for part in value:
            _require_plain(part, where)
    elif not isinstance(value, str | int | float | None):
        kind = type(value).__name__
        raise UsageError(f"{where}: a text, number, truth value or a list or table of them is needed, got {kind}")


def _require_key(key: str, known: Sequence[str], owner: str) -> None:
    if key not in known:
        raise UsageError(f"{owner} has no setting {key!r}; {hint(key, known) if known else 'it has none'}")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    # Of a setting of several types pydantic names the one that it tried last, as constrained-float: no place.
    loc = [part for place, part in enumerate(problem["loc"]) if not place or "-" not in str(part)]
    where = ".".join(str(part) for part in loc)
    given = problem["input"]
    return f"{where + ': ' if where else ''}{problem['msg'].lower()}, got {given!r}"
