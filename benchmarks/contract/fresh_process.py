"""A call in a process that has imported nothing of a method yet."""

import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

from benchmarks.execution.engines.forkserver import without_main

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Slow to import, and no part of any method.
LIBRARIES = (
    "benchmarks.contract.candidate",
    "lifelines",
    "pycox.models",
    "sksurv.ensemble",
    "sksurv.linear_model",
    "torch._dynamo",
    "transformers",
)


def call_in_fresh_process(
    function: Callable[Parameters, Result], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Result:
    """Return what a function returns in a process of its own.

    The process is forked from one that holds libraries, those that are loaded here, and nothing else: what the
    function and its arguments are made of is imported there. All processes of one server share the seed of
    Python's hashes, so that the order of a set is the same in them.

    Parameters
    ----------
    function : callable
        Of the top level of a module, as are the classes among the arguments.
    *arguments, **named
        Given to the function.

    Raises
    ------
    BaseException
        What the function raises.
    """
    multiprocessing.set_forkserver_preload([name for name in LIBRARIES if name in sys.modules])
    context = multiprocessing.get_context("forkserver")
    with without_main(), ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(function, *arguments, **named).result()
