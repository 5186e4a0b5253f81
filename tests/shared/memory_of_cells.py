"""What a process that runs a cell holds for itself; in a module of its own, since the process imports it by name."""

from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.execution.fold import fit_and_predict, prepare_fold
from benchmarks.execution.shared_data import held_size
from benchmarks.types import Cell


def fit_and_tell(cell: Cell, channel: Connection) -> None:
    """Fit a cell, say so, wait to be asked, and send the bytes that are this process's alone and those it shares."""
    with TemporaryDirectory() as folder:
        fold = prepare_fold(cell, Path(folder))
        result = fit_and_predict(fold.method, fold.cohort, fold.split, fold.protocol.times, fold.context)
        channel.send(len(result.predictions))
        channel.recv()
        channel.send((psutil.Process().memory_full_info().uss, held_size()))
