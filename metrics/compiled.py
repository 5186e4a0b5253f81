"""The one place where Python functions become machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel on its first call and keep the machine code on disk.

    The code is cached beside the module, or in the user's cache folder where the package is read-only; where
    neither can be written it is compiled anew in each process. Sums are added in the order written: results
    do not depend on the width of the processor's registers.

    A kernel may call kernels of its own module only: the machine code holds that of the kernels it calls, and
    numba sees no change in another module.

    Parameters
    ----------
    function : callable
        Plain Python over numpy arrays and numbers.

    Returns
    -------
    callable
        The same function, compiled; its type is unchanged for the type checker.
    """
    return _compile(function, set())


def compiled_reduction(function: Kernel) -> Kernel:
    """Compile a kernel whose sums may be added in any order, several terms at a time.

    The last digits of a sum may then differ between processors.

    Parameters
    ----------
    function : callable
        Plain Python over numpy arrays and numbers.

    Returns
    -------
    callable
        The same function, compiled as by :func:`compiled`.
    """
    return _compile(function, {"reassoc"})


def _compile(function: Kernel, freedom: set[str]) -> Kernel:
    try:
        kernel = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=freedom)(function)
    except RuntimeError:
        # numba found no folder that it may write to.
        kernel = numba.njit(nogil=True, error_model="numpy", fastmath=freedom)(function)
    return cast(Kernel, kernel)
