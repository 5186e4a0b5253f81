"""Options of ``run`` that say where cells are computed: on a Dask cluster, or over the GPUs of this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.execution.claims import Claims
    from benchmarks.execution.engine import Engine
    from benchmarks.execution.engines.gpus import Gpus
    from benchmarks.storage.store import Store

CLUSTER = "More than one machine or GPU"

DEFAULT_RETRIES = 2
DEFAULT_WAIT = 600.0

Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run the cells on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786.",
        rich_help_panel=CLUSTER,
    ),
]
SchedulerFile = Annotated[
    Path | None,
    typer.Option(
        "--scheduler-file",
        help="The same; the file that `dask scheduler --scheduler-file` writes has the address.",
        rich_help_panel=CLUSTER,
    ),
]
Retries = Annotated[
    int | None,
    typer.Option(
        "--retries",
        help=f"How often a cell is run again whose worker was lost; {DEFAULT_RETRIES} if absent.",
        rich_help_panel=CLUSTER,
    ),
]
WorkerWait = Annotated[
    float | None,
    typer.Option(
        "--worker-wait",
        metavar="SECONDS",
        help=f"How long to go on while the cluster has no worker; {DEFAULT_WAIT:g} if absent.",
        rich_help_panel=CLUSTER,
    ),
]
CellsPerGpu = Annotated[
    int,
    typer.Option("--cells-per-gpu", help="Cells that share a GPU, with --device cuda.", rich_help_panel=CLUSTER),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="K/N",
        help="Run one of N equal parts of the plan, such as 3/10, each on a machine and in a results folder of its "
        "own; `results merge` puts the folders together.",
        rich_help_panel=CLUSTER,
    ),
]


def check_where(
    scheduler: str | None, scheduler_file: Path | None, retries: int | None, wait: float | None, cells_per_gpu: int
) -> bool:
    """Return whether cells are computed on a cluster; options that contradict each other are refused.

    Raises
    ------
    UsageError
        If a value is none, or an option needs another one.
    """
    if not 1 <= cells_per_gpu <= 100:
        raise UsageError(f"--cells-per-gpu {cells_per_gpu}: 1 to 100 cells share a GPU")
    if scheduler is None and scheduler_file is None:
        if retries is not None or wait is not None:
            raise UsageError("--retries and --worker-wait go with --scheduler or --scheduler-file")
        return False
    if scheduler is not None and scheduler_file is not None:
        raise UsageError("--scheduler and --scheduler-file: give one of them")
    if scheduler is not None and not scheduler.strip():
        raise UsageError("--scheduler '': the address of a scheduler is needed, such as tcp://10.0.0.1:8786")
    if retries is not None and not 0 <= retries <= 1000:
        raise UsageError(f"--retries {retries}: 0 to 1,000")
    if wait is not None and not 0 <= wait < float("inf"):
        raise UsageError(f"--worker-wait {wait:g}: it must be at least 0 seconds")
    return True


def cluster_engine(
    store: "Store",
    scheduler: str | None,
    scheduler_file: Path | None,
    *,
    jobs: int | None,
    seconds: float,
    memory: int | None,
    retries: int | None,
    wait: float | None,
    cells_per_gpu: int,
    claims: "Claims",
) -> "Engine":
    """Return the engine of a cluster."""
    from benchmarks.execution.engines.cluster import DaskEngine

    return DaskEngine(
        address=scheduler or "",
        scheduler_file=scheduler_file,
        jobs=jobs,
        seconds=seconds,
        memory=memory,
        work_folder=store.work_folder,
        retries=DEFAULT_RETRIES if retries is None else retries,
        wait_seconds=DEFAULT_WAIT if wait is None else wait,
        cells_per_gpu=cells_per_gpu,
        may_start=claims.take,
    )


def local_gpus(device: str, jobs: int, cells_per_gpu: int) -> "Gpus | None":
    """Return the GPUs of this machine over which cells are spread; None where there is nothing to choose.

    Raises
    ------
    UsageError
        If so many cells would share a GPU without being told to.
    """
    from benchmarks.execution.engines.gpus import ANY_GPU, gpus_for, visible_gpus

    return gpus_for(device, jobs, cells_per_gpu, visible_gpus() if device == ANY_GPU else [])
