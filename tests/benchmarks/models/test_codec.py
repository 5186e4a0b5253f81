"""What a fitted method holds, as values and arrays and back; what nobody may name is refused."""

import json
import types
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.models.allowed import NotAllowedError, load_class, load_function
from benchmarks.models.codec import NotSavableError, State, decode, encode

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def through_json(value: Any) -> Any:
    state = encode(value, "methods")
    said = json.loads(json.dumps([state.root, state.objects], allow_nan=False))
    return decode(State(*said, state.arrays, state.weights), "methods")


@given(NESTED)
def test_plain_values_come_back_with_their_types(value: Any) -> None:
    assert repr(through_json(value)) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        float("inf"),
        10**60,
        {1, 2, 3},
        frozenset({"a"}),
        {(1, "a"): [None]},
        OrderedDict(a=1),
        slice(0, 4, None),
        b"\x00\xff",
        np.float32(0.1),
        np.str_("x"),
        np.float64,
        np.dtype("O"),
    ],
)
def test_other_values_come_back(value: Any) -> None:
    found = through_json(value)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3)),
        np.array(5.0),
        np.array([True, False]),
        np.array(["ab", "c"]),
        np.array([1, "b", None, [2.5]], dtype=object),
        np.array([(1, 2.5)], dtype=[("a", "<i4"), ("b", "<f8")]),
        np.array([np.nan, -0.0]),
    ],
)
def test_arrays_come_back_with_type_and_layout(array: np.ndarray) -> None:
    found = through_json(array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.flags.f_contiguous == array.flags.f_contiguous
    if array.dtype.hasobject:
        assert found.tolist() == array.tolist()
    else:
        assert found.tobytes() == array.tobytes()


def test_a_part_of_a_matrix_keeps_the_order_of_its_axes() -> None:
    """As the components of a decomposition are, of which the first are kept: products differ in the last bits else."""
    part = np.asfortranarray(np.arange(12.0).reshape(4, 3))[:2]
    found = through_json(part)
    assert (found == part).all()
    assert found.strides[0] < found.strides[1]


def test_what_two_places_share_they_share_again() -> None:
    array = np.arange(3.0)
    first, second, itself = through_json([array, {"again": array}, [1]])[:3]
    assert second["again"] is first
    assert itself == [1]


def test_a_list_may_hold_itself() -> None:
    value: list[Any] = [1]
    value.append(value)
    found = through_json(value)
    assert found[1] is found


def test_tensors_sparse_matrices_and_generators_come_back() -> None:
    import torch

    weight = torch.nn.Parameter(torch.arange(3.0, dtype=torch.bfloat16), requires_grad=False)
    found = through_json([weight, weight])
    assert found[0] is found[1]
    assert torch.equal(found[0], weight)
    assert found[0].dtype == torch.bfloat16
    assert not found[0].requires_grad
    matrix = scipy.sparse.csr_matrix(np.eye(3))
    assert (through_json(matrix) != matrix).nnz == 0
    generator = np.random.RandomState(3)
    assert through_json(generator).rand() == generator.rand()


class OfATest:
    pass


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"x": [lambda: 1]}, r"\['x'\]\[0\] cannot be saved"),
        (OfATest(), "a class that no saved model may have"),
        (Path("x"), "a class that no saved model may have"),
        (print, "cannot be saved"),
        (partial(print, 1), "cannot be saved"),
        (np.array([1 + 2j]), "an array of type complex128"),
        (types.SimpleNamespace(), "a class that no saved model may have"),
        (open, "cannot be saved"),
    ],
)
def test_what_is_not_known_is_refused_when_it_is_saved(value: Any, message: str) -> None:
    with pytest.raises(NotSavableError, match=message):
        encode(value, "methods")


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "builtins:eval",
        "builtins:object",
        "subprocess:Popen",
        "pathlib:Path",
        "methods.cox_ph.method:np.lib.npyio.NpzFile",
        "methods.cox_ph.method:CoxPH.__init__",
        "methods.nothing:Here",
        "torch.nn.modules.module:_WrappedHook",
        "transformers.models.auto.tokenization_auto:AutoTokenizer",
        "sklearn.pipeline:FeatureUnion",
        "benchmarks.storage.store:Store",
        "benchmarks.execution.engines.local:LocalEngine",
        "tests.conftest:child_environment",
        "methods.cox_ph.method:Path",
        "..os:system",
        ":",
    ],
)
def test_no_model_names_other_classes_or_functions(name: str) -> None:
    with pytest.raises(NotAllowedError):
        load_class(name, "methods")
    with pytest.raises(NotAllowedError):
        load_function(name, "methods")


def test_a_module_that_a_model_names_is_not_imported_unless_it_may_be(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "trap.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w').close()\nclass Trap: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    forged = State({"at": 0}, [{"kind": "instance", "class": "trap:Trap", "attributes": {}}])
    with pytest.raises(NotAllowedError):
        decode(forged, "methods")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "objects",
    [
        [{"kind": "instance", "class": "os:_wrap_close", "attributes": {}}],
        [{"kind": "tuple", "items": [{"at": 0}]}],
        [{"kind": "list", "items": [{"at": 7}]}],
        [{"kind": "list", "items": [{"at": "0"}]}],
        [{"kind": "method", "of": {"at": 1}, "name": "clear"}, {"kind": "list", "items": []}],
        [{"kind": "partial", "items": ["print", [], {}]}],
        [{"kind": "array", "axes": [0], "shape": [2]}],
        [{"kind": "dtype", "name": "nothing"}],
        [{"kind": "numpy type", "name": "load"}],
        [{"kind": "unheard of", "items": []}],
        [{}],
        [],
    ],
)
def test_a_forged_state_ends_in_an_error(objects: list[dict[str, Any]]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(State({"at": 0}, objects), "methods")
