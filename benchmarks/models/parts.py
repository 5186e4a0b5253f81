"""What of libraries is no plain object: numpy's arrays and numbers, torch's tensors, trees, tokenizers.

Each kind is written as a JSON object (its description) and, where it has many numbers, arrays beside it.
"""

import base64
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.models.allowed import NUMPY_TYPES, NotAllowedError

Description = dict[str, Any]
Nested = Callable[[Any], Any]

TREE = "sklearn.tree._tree"
# Functions of torch that are compiled, so that no module tells their names.
ACTIVATIONS = ("gelu", "silu", "relu", "tanh", "sigmoid")


def is_array(value: object) -> bool:
    """Return whether a value is a plain numpy array."""
    return type(value) is np.ndarray


def described_array(array: np.ndarray[Any, Any], name: str, arrays: dict[str, Any], nested: Nested) -> Description:
    """Describe an array; numbers go into ``arrays``, texts and objects stand in the description."""
    kind = array.dtype.kind
    if kind in "biuf" and array.dtype.itemsize <= 8:
        # The order of its axes in memory counts: a product of matrices may differ in the last bits.
        axes = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
        ordered = np.asarray(array.transpose(axes), order="C")
        arrays[name] = ordered.astype(array.dtype.newbyteorder("="))
        return {"kind": "array", "axes": axes, "shape": list(array.shape)}
    if kind == "U":
        return {"kind": "texts", "dtype": array.dtype.str, "shape": list(array.shape), "items": array.ravel().tolist()}
    if kind == "O":
        return {"kind": "objects", "shape": list(array.shape), "items": [nested(one) for one in array.ravel()]}
    if array.dtype.names is not None:
        fields = {field: nested(np.array(array[field], order="C")) for field in array.dtype.names}
        return {"kind": "records", "dtype": _described_fields(array.dtype), "shape": list(array.shape)} | {
            "fields": fields
        }
    raise NotAllowedError(f"an array of type {array.dtype}")


def made_array(description: Mapping[str, Any], name: str, arrays: Mapping[str, Any], nested: Nested) -> Any:
    """Return the array of a description."""
    shape = tuple(int(size) for size in description["shape"])
    kind = description["kind"]
    if kind == "array":
        axes = [int(axis) for axis in description["axes"]]
        array = np.array(arrays[name]).transpose(np.argsort(axes) if axes else [])
        if array.shape != shape:
            raise ValueError(f"array {name} has shape {array.shape}, expected {shape}")
        return array
    if kind == "texts":
        dtype = np.dtype(description["dtype"])
        if dtype.kind != "U":
            raise ValueError("texts of another type")
        return np.array(description["items"], dtype=dtype).reshape(shape)
    if kind == "objects":
        made = np.empty(len(description["items"]), dtype=object)
        for position, item in enumerate(description["items"]):
            made[position] = nested(item)
        return made.reshape(shape)
    records = np.zeros(shape, dtype=_made_fields(description["dtype"]))
    for field, value in description["fields"].items():
        records[field] = nested(value)
    return records


def _described_fields(dtype: np.dtype[Any]) -> list[Any]:
    assert dtype.names is not None
    assert dtype.fields is not None
    parts = [[name, dtype.fields[name][0].str, dtype.fields[name][1]] for name in dtype.names]
    return [parts, dtype.itemsize]


def _made_fields(described: Any) -> np.dtype[Any]:
    parts, size = described
    return np.dtype(
        {
            "names": [str(name) for name, _, _ in parts],
            "formats": [_plain_dtype(text) for _, text, _ in parts],
            "offsets": [int(offset) for _, _, offset in parts],
            "itemsize": int(size),
        }
    )


def _plain_dtype(text: str) -> np.dtype[Any]:
    dtype = np.dtype(str(text))
    if dtype.kind not in "biufU":
        raise ValueError(f"a record of {dtype}")
    return dtype


def described_number(number: "np.generic[Any]") -> Description:
    """Describe a number, truth value or text of numpy to the last bit."""
    if number.dtype.kind not in "biufU":
        raise NotAllowedError(f"a value of type {number.dtype}")
    return {"kind": "number", "dtype": number.dtype.str, "bytes": base64.b64encode(number.tobytes()).decode()}


def made_number(description: Mapping[str, Any]) -> Any:
    """Return the number of a description."""
    dtype = _plain_dtype(description["dtype"])
    return np.frombuffer(base64.b64decode(description["bytes"], validate=True), dtype=dtype)[0]


def described_type(found: Any) -> Description | None:
    """Describe a type of numpy that stands for itself, such as ``numpy.float64`` or ``dtype('O')``; None for others."""
    if isinstance(found, np.dtype) and found.names is None:
        return {"kind": "dtype", "name": found.str}
    if isinstance(found, type) and issubclass(found, np.generic) and found.__name__ in NUMPY_TYPES:
        return {"kind": "numpy type", "name": found.__name__}
    return None


def made_type(description: Mapping[str, Any]) -> Any:
    """Return the type of a description."""
    name = str(description["name"])
    if description["kind"] == "dtype":
        return np.dtype(name)
    if name not in NUMPY_TYPES:
        raise ValueError(f"no type of numpy: {name[:40]}")
    return getattr(np, name)


def described_torch(value: Any, name: str, weights: dict[str, Any]) -> Description | None:
    """Describe a tensor, device or number type of torch; None for anything else. Tensors are kept on the CPU."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return None
    if type(value) in (torch.Tensor, torch.nn.Parameter):
        weights[name] = value.detach().cpu().clone().contiguous()
        is_parameter = type(value) is torch.nn.Parameter
        return {"kind": "tensor", "parameter": is_parameter, "requires_grad": bool(value.requires_grad)}
    if isinstance(value, torch.device):
        return {"kind": "device"}
    if isinstance(value, torch.dtype):
        return {"kind": "torch type", "name": str(value).removeprefix("torch.")}
    if isinstance(value, torch.Size):
        return {"kind": "size", "items": list(value)}
    for function in ACTIVATIONS:
        if value is getattr(torch.nn.functional, function):
            return {"kind": "activation", "name": function}
    return None


def made_torch(description: Mapping[str, Any], name: str, weights: Mapping[str, Any]) -> Any:
    """Return the tensor, device or number type of a description."""
    import torch

    kind = description["kind"]
    if kind == "device":
        return torch.device("cpu")
    if kind == "activation":
        if description["name"] not in ACTIVATIONS:
            raise ValueError("no activation of torch")
        return getattr(torch.nn.functional, str(description["name"]))
    if kind == "size":
        return torch.Size(int(size) for size in description["items"])
    if kind == "torch type":
        found = getattr(torch, str(description["name"]), None)
        if not isinstance(found, torch.dtype):
            raise ValueError("no number type of torch")
        return found
    tensor = weights[name]
    if description["parameter"]:
        return torch.nn.Parameter(tensor, requires_grad=bool(description["requires_grad"]))
    return tensor.requires_grad_(bool(description["requires_grad"]))


def described_other(value: Any, nested: Nested) -> Description | None:
    """Describe a tree of a forest, a generator of numpy, a sparse matrix or a tokenizer; None for anything else."""
    module, name = type(value).__module__, type(value).__name__
    if (module, name) == (TREE, "Tree"):
        _, (features, classes, outputs), state = value.__reduce__()
        sizes = {"features": int(features), "classes": nested(classes), "outputs": int(outputs)}
        return {"kind": "tree", **sizes, "state": nested(state)}
    if type(value) is np.random.RandomState:
        return {"kind": "random state", "state": nested(value.get_state(legacy=True))}
    if module.startswith("scipy.sparse") and name in ("csr_matrix", "csr_array"):
        parts = [nested(part) for part in (value.data, value.indices, value.indptr)]
        return {"kind": "sparse", "name": name, "parts": parts, "shape": [int(size) for size in value.shape]}
    if (module, name) == ("tokenizers", "Tokenizer"):
        return {"kind": "tokenizer", "json": value.to_str()}
    if (module, name) == ("tokenizers", "AddedToken"):
        flags = {key: bool(getattr(value, key)) for key in ("single_word", "lstrip", "rstrip", "normalized", "special")}
        return {"kind": "token", "content": value.content, "flags": flags}
    return None


def made_other(description: Mapping[str, Any], nested: Nested) -> Any:
    """Return what ``described_other`` describes."""
    kind = description["kind"]
    if kind == "tree":
        from sklearn.tree._tree import Tree

        classes = nested(description["classes"])
        tree = Tree(int(description["features"]), classes, int(description["outputs"]))
        tree.__setstate__(nested(description["state"]))
        return tree
    if kind == "random state":
        generator = np.random.RandomState()
        generator.set_state(nested(description["state"]))
        return generator
    if kind == "sparse":
        import scipy.sparse

        make = scipy.sparse.csr_matrix if description["name"] == "csr_matrix" else scipy.sparse.csr_array
        parts = tuple(nested(part) for part in description["parts"])
        matrix = make(parts, shape=tuple(description["shape"]))
        matrix.check_format(full_check=True)
        return matrix
    import tokenizers

    if kind == "tokenizer":
        return tokenizers.Tokenizer.from_str(description["json"])
    flags = {str(key): bool(value) for key, value in description["flags"].items()}
    return tokenizers.AddedToken(str(description["content"]), **flags)
