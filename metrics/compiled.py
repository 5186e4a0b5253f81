"""The one place where Python functions become machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel on its first call and keep the machine code on disk.

    The code is cached beside the module, or in the user's cache folder where the package is read-only. Sums
    are added in the order written: results do not depend on the width of the processor's registers.

    Parameters
    ----------
    function : callable
        Plain Python over numpy arrays and numbers.

    Returns
    -------
    callable
        The same function, compiled; its type is unchanged for the type checker.
    """
    return cast(Kernel, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
