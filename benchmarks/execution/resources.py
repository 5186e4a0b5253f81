"""What the cells of a request may ask of this machine, checked before anything runs."""

import os

from benchmarks.errors import UsageError

# The largest seed that every generator takes: numpy's legacy one and with it scikit-learn stop here.
MAXIMUM_SEED = 2**32 - 1


def check_threads(threads: int, *, here: bool = True) -> None:
    """Refuse a number of threads that this machine cannot run at once, or none where others compute.

    Raises
    ------
    UsageError
        If there is not one, or more than logical cores.
    """
    if threads < 1:
        raise UsageError(f"--threads {threads}: at least 1 is needed")
    cores = os.cpu_count() or 1
    if here and threads > cores:
        raise UsageError(f"--threads {threads}: this machine has {cores} logical cores")


def check_seed(seed: int) -> None:
    """Refuse a seed that some generator does not take.

    Raises
    ------
    UsageError
        If it is negative or beyond 32 bits.
    """
    if not 0 <= seed <= MAXIMUM_SEED:
        raise UsageError(f"--seed {seed}: it must lie in 0..{MAXIMUM_SEED}")


def check_device(device: str) -> None:
    """Refuse a device that networks could not use here; PyTorch is imported for others than ``cpu`` only.

    Raises
    ------
    UsageError
        If it is no name of a device, or this machine has no such device.
    """
    if device == "cpu":
        return
    import torch

    try:
        wanted = torch.device(device)
    except RuntimeError:
        raise UsageError(f"--device {device}: not the name of a device; expected cpu, cuda or cuda:1, say") from None
    if wanted.type == "cpu":
        raise UsageError(f"--device {device}: the processor is called cpu")
    module = getattr(torch, wanted.type, None)
    count = module.device_count() if module is not None and module.is_available() else 0
    if not count:
        raise UsageError(f"--device {device}: PyTorch finds no such device here")
    if wanted.index is not None and wanted.index >= count:
        raise UsageError(f"--device {device}: there are only {wanted.type}:0 to {wanted.type}:{count - 1}")
