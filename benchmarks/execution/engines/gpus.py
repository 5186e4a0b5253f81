"""Which GPU a cell computes on: each of this machine takes one cell at a time, or as many as the user says."""

import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.errors import UsageError

# What CUDA reads: the GPUs that a process sees, which it then counts from 0.
VISIBLE = "CUDA_VISIBLE_DEVICES"

# Any of the GPUs; ``cuda:1`` is a certain one.
ANY_GPU = "cuda"


class Gpus:
    """The GPUs of a machine, and how many cells each of them has.

    Parameters
    ----------
    names : sequence of str
        As ``CUDA_VISIBLE_DEVICES`` names them; at least one.
    cells_per_gpu : int
        Cells that share a GPU.
    """

    def __init__(self, names: Sequence[str], cells_per_gpu: int = 1) -> None:
        self.names = tuple(names)
        self.cells_per_gpu = cells_per_gpu
        self._cells: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def room(self) -> int:
        """How many cells all of them take at once."""
        return len(self.names) * self.cells_per_gpu

    @contextmanager
    def taken(self) -> Iterator[dict[str, str]]:
        """Give a cell the GPU with the fewest cells, as a variable of the environment of its process.

        Raises
        ------
        RuntimeError
            If none has room: whoever starts cells counts them.
        """
        with self._lock:
            name = min(self.names, key=lambda name: self._cells[name])
            if self._cells[name] >= self.cells_per_gpu:
                raise RuntimeError(f"each of {len(self.names)} GPUs has {self.cells_per_gpu} cells already")
            self._cells[name] += 1
        try:
            yield {VISIBLE: name}
        finally:
            with self._lock:
                self._cells[name] -= 1


def visible_gpus() -> list[str]:
    """Return the names of the GPUs that PyTorch sees here; it is imported."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    named = [name.strip() for name in os.environ.get(VISIBLE, "").split(",") if name.strip()]
    # CUDA sees the named ones up to the first that is not there.
    return named[:count] if named else [str(number) for number in range(count)]


def gpus_for(device: str, jobs: int, cells_per_gpu: int, names: Sequence[str]) -> Gpus | None:
    """Return the GPUs over which cells of a device are spread; None where there is nothing to choose.

    Parameters
    ----------
    device : str
        Torch device of the cells.
    jobs : int
        Cells side by side.
    cells_per_gpu : int
        Cells that share a GPU.
    names : sequence of str
        The GPUs that there are.

    Raises
    ------
    UsageError
        If so many cells would share a GPU without being told to.
    """
    if not device.startswith(ANY_GPU):
        return None
    any_gpu = device == ANY_GPU
    gpus = Gpus(names if any_gpu else [device], cells_per_gpu)
    if jobs > gpus.room:
        found = f"the {len(gpus.names)} GPUs here take" if len(gpus.names) > 1 else "the one GPU takes"
        raise UsageError(
            f"--jobs {jobs} --device {device}: {found} {cells_per_gpu} cell{'s' if cells_per_gpu > 1 else ''} each; "
            f"give --jobs {gpus.room}, or --cells-per-gpu {-(-jobs // len(gpus.names))} to have them share"
        )
    return gpus if any_gpu else None
