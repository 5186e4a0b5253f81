"""A fitted method as plain values and arrays, and back: its attributes are walked, whatever they hold in each other.

Values that JSON has stand for themselves; everything else is an object with a number, described once and referred to
by that number, so that what two places share they share again. What is not known is refused when it is saved.
"""

import math
import types
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from benchmarks.models import parts
from benchmarks.models.allowed import (
    HOOKS,
    NOT_NEEDED,
    NOWHERE_NEEDED,
    PUT_BACK_BY,
    NotAllowedError,
    class_name,
    function_name,
    load_class,
    load_function,
)

LONGEST_NUMBER = 100

# Of a class: names of attributes that only training needs, such as a loss; they are not saved.
TRAINING_ONLY = "training_only"
# Of a class: a method without arguments that is called once all of the model is there.
AFTER_LOADING = "after_loading"


class NotSavableError(ValueError):
    """An attribute of a fitted method is of a kind that is not saved; the message names it."""


@dataclass(slots=True)
class State:
    """What a method has learnt.

    Parameters
    ----------
    root : object
        A plain value, or a reference ``{"at": number}``.
    objects : list of dict
        Descriptions, by number.
    arrays : dict of str to array
        Numbers of numpy, by number of the object.
    weights : dict of str to Tensor
        Those of torch.
    """

    root: Any = None
    objects: list[dict[str, Any]] = field(default_factory=list)
    arrays: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)


def encode(value: Any, package: str) -> State:
    """Return the state of a fitted method.

    Parameters
    ----------
    value : object
        The method.
    package : str
        Its top-level package, whose classes it may hold.

    Raises
    ------
    NotSavableError
        If an attribute is of a kind that is not saved.
    """
    encoder = _Encoder(package)
    encoder.state.root = encoder.encoded(value, "")
    return encoder.state


def decode(state: State, package: str) -> Any:
    """Return the object of a state.

    Raises
    ------
    ValueError, KeyError, TypeError, ...
        If the state is none that ``encode`` returns; whoever reads a file of a stranger's catches whatever is raised.
    """
    decoder = _Decoder(state, package)
    found = decoder.decoded(state.root)
    for instance in decoder.instances:
        if isinstance(vars(type(instance)).get(AFTER_LOADING), types.FunctionType):
            getattr(instance, AFTER_LOADING)()
    return found


class _Encoder:
    def __init__(self, package: str) -> None:
        self.state = State()
        self._package = package
        # Each object is kept, so that no other gets its identity.
        self._known: dict[int, tuple[int, Any]] = {}

    def encoded(self, value: Any, path: str) -> Any:
        if value is None or type(value) in (bool, str) or (type(value) is int and abs(value) < 2**63):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) is int:
            return {"int": str(value)}
        if id(value) in self._known:
            return {"at": self._known[id(value)][0]}
        number = len(self.state.objects)
        self._known[id(value)] = number, value
        self.state.objects.append({})
        try:
            self.state.objects[number] = self._described(value, str(number), path)
        except NotAllowedError as error:
            raise NotSavableError(f"{path.lstrip('.') or 'the method'} cannot be saved: {error}") from None
        return {"at": number}

    def _described(self, value: Any, name: str, path: str) -> dict[str, Any]:
        def nested(part: Any) -> Any:
            return self.encoded(part, path)

        if parts.is_array(value):
            return parts.described_array(value, name, self.state.arrays, nested)
        if isinstance(value, np.generic):
            return parts.described_number(value)
        found = (
            parts.described_type(value)
            or parts.described_torch(value, name, self.state.weights)
            or parts.described_other(value, nested)
            or self._container(value, path)
            or self._code(value, path)
        )
        return found or self._instance(value, path)

    def _container(self, value: Any, path: str) -> dict[str, Any] | None:
        if type(value) in (list, tuple):
            items = [self.encoded(one, f"{path}[{place}]") for place, one in enumerate(value)]
            return {"kind": type(value).__name__, "items": items}
        if type(value) in (set, frozenset):
            # The order of a set is that of one process.
            return {"kind": type(value).__name__, "items": [self.encoded(one, path) for one in sorted(value, key=repr)]}
        kinds: dict[type[Any], str] = {
            dict: "dict",
            OrderedDict: "ordered dict",
            types.MappingProxyType: "read-only dict",
        }
        if type(value) in kinds:
            pairs = [[self.encoded(key, path), self.encoded(one, f"{path}[{key!r}]")] for key, one in value.items()]
            return {"kind": kinds[type(value)], "items": pairs}
        if type(value) is slice:
            return {
                "kind": "slice",
                "items": [self.encoded(part, path) for part in (value.start, value.stop, value.step)],
            }
        if type(value) is bytes:
            return {"kind": "bytes", "hex": value.hex()}
        return None

    def _code(self, value: Any, path: str) -> dict[str, Any] | None:
        if isinstance(value, types.FunctionType):
            return {"kind": "function", "name": function_name(value, self._package)}
        if isinstance(value, types.MethodType):
            return {"kind": "method", "of": self.encoded(value.__self__, path), "name": value.__name__}
        if type(value) is partial:
            given = [self.encoded(part, path) for part in (value.func, value.args, value.keywords)]
            return {"kind": "partial", "items": given}
        if isinstance(value, type):
            return {"kind": "class", "name": class_name(value, self._package)}
        return None

    def _instance(self, value: Any, path: str) -> dict[str, Any]:
        name = class_name(type(value), self._package)
        left_out = (*getattr(type(value), TRAINING_ONLY, ()), *NOT_NEEDED.get(name, ()), *NOWHERE_NEEDED)
        attributes = {
            key: self.encoded(_without_hooks(one) if key == HOOKS else one, f"{path}.{key}")
            for key, one in _attributes(value)
            if key not in left_out
        }
        return {"kind": "instance", "class": name, "attributes": attributes}


class _Decoder:
    def __init__(self, state: State, package: str) -> None:
        self._state = state
        self._package = package
        self._made: dict[int, Any] = {}
        self._begun: set[int] = set()
        self.instances: list[Any] = []

    def decoded(self, value: Any) -> Any:
        if not isinstance(value, dict):
            if isinstance(value, list):
                raise ValueError("a list that is no object")
            return value
        if "float" in value:
            return float(value["float"])
        if "int" in value:
            return int(value["int"][:LONGEST_NUMBER])
        number = value["at"]
        if type(number) is not int or not 0 <= number < len(self._state.objects):
            raise ValueError("a reference to nothing")
        if number not in self._made:
            if number in self._begun:
                raise ValueError("an object that holds itself")
            self._begun.add(number)
            self._made[number] = self._object(number, self._state.objects[number])
        return self._made[number]

    def _object(self, number: int, description: Mapping[str, Any]) -> Any:
        kind = description["kind"]
        if kind in ("array", "texts", "objects", "records"):
            return parts.made_array(description, str(number), self._state.arrays, self.decoded)
        if kind == "number":
            return parts.made_number(description)
        if kind in ("dtype", "numpy type"):
            return parts.made_type(description)
        if kind in ("tensor", "device", "torch type", "size", "activation"):
            return parts.made_torch(description, str(number), self._state.weights)
        if kind in ("tree", "random state", "sparse", "tokenizer", "token"):
            return parts.made_other(description, self.decoded)
        if kind == "instance":
            return self._instance(number, description)
        if kind == "function":
            return load_function(str(description["name"]), self._package)
        if kind == "class":
            return load_class(str(description["name"]), self._package)
        if kind == "method":
            return self._method(description)
        if kind == "bytes":
            return bytes.fromhex(description["hex"])
        return self._container(number, kind, description["items"])

    def _container(self, number: int, kind: str, items: list[Any]) -> Any:
        if kind == "list":
            made: list[Any] = []
            self._made[number] = made  # it may hold itself, further down
            made += [self.decoded(one) for one in items]
            return made
        if kind in ("dict", "ordered dict"):
            mapping: dict[Any, Any] = {} if kind == "dict" else OrderedDict()
            self._made[number] = mapping
            for key, one in items:
                mapping[self.decoded(key)] = self.decoded(one)
            return mapping
        if kind == "read-only dict":
            return types.MappingProxyType({self.decoded(key): self.decoded(one) for key, one in items})
        found = [self.decoded(one) for one in items]
        if kind == "partial":
            function, arguments, named = found
            return partial(function, *arguments, **named)
        makers: dict[str, Any] = {"tuple": tuple, "set": set, "frozenset": frozenset, "slice": lambda p: slice(*p)}
        return makers[kind](found)

    def _instance(self, number: int, description: Mapping[str, Any]) -> Any:
        made = object.__new__(load_class(str(description["class"]), self._package))
        self._made[number] = made
        self.instances.append(made)
        for name, value in description["attributes"].items():
            object.__setattr__(made, name, self.decoded(value))
        return made

    def _method(self, description: Mapping[str, Any]) -> Any:
        owner, name = self.decoded(description["of"]), str(description["name"])
        if not isinstance(getattr(type(owner), name, None), types.FunctionType):
            raise ValueError(f"no method {name[:60]}")
        load_class(f"{type(owner).__module__}:{type(owner).__qualname__}", self._package)
        return getattr(owner, name)


def _without_hooks(hooks: Any) -> Any:
    """Return the hooks of a layer without those that transformers puts back by itself."""
    return OrderedDict((key, hook) for key, hook in hooks.items() if hook.__module__ != PUT_BACK_BY)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of an instance, those in slots first."""
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)
    yield from getattr(value, "__dict__", {}).items()
