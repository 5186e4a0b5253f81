"""A Dask scheduler with workers, all real processes of this machine that listen on 127.0.0.1 only."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

HOST = "127.0.0.1"
PATIENCE = 240.0

# The web server, which listens on all addresses by default, pages or not.
_LOOPBACK_ONLY = ("--no-dashboard", "--dashboard-address", f"{HOST}:0")
_SETTINGS = {"DASK_DISTRIBUTED__WORKER__DAEMON": "False", "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}


@dataclass
class LoopbackCluster:
    """Starts scheduler and workers; all carry a mark in their environment, by which they and their children are found.

    Parameters
    ----------
    folder : Path
        For the scheduler's file, logs and what workers write.
    environment : dict
        Of all processes.
    mark : str
        Value of ``MARK`` in the environment.
    """

    folder: Path
    environment: dict[str, str]
    mark: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def scheduler_file(self) -> Path:
        return self.folder / "scheduler.json"

    def start_scheduler(self, port: int = 0) -> subprocess.Popen[bytes]:
        self.scheduler_file.unlink(missing_ok=True)
        asked = ("--host", HOST, "--port", str(port), "--scheduler-file", str(self.scheduler_file))
        process = self._start("scheduler", *asked)
        wait_for(self.scheduler_file.exists)
        return process

    def start_worker(self, *arguments: str, nanny: bool = False, **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread; one with a nanny is started again when it dies."""
        asked = ["--scheduler-file", str(self.scheduler_file), "--host", HOST, "--nthreads", "1"]
        asked += ["--local-directory", str(self.folder / "workers"), "--nanny" if nanny else "--no-nanny"]
        return self._start("worker", *asked, *arguments, **variables)

    def _start(self, what: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{what}-{len(self.started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, *_LOOPBACK_ONLY],
                env={**os.environ, **_SETTINGS, **self.environment, "MARK": self.mark, **variables},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.started.append(process)
        return process

    def processes(self) -> list[psutil.Process]:
        """Return all living processes that carry the mark."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("MARK") == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def addresses(self) -> set[str]:
        """Return all addresses at which some process of the cluster listens."""
        found = set()
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                connections = process.net_connections("inet")
                found |= {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
        return found

    def log_lines(self, text: str) -> int:
        """Return how many lines of the logs have a text."""
        return sum(text in line for log in self.folder.glob("*.log") for line in log.read_text().splitlines())

    def stop(self) -> None:
        for process in self.processes():
            process.kill()
        for started in self.started:
            started.wait()


@contextmanager
def loopback_cluster(folder: Path, environment: dict[str, str], mark: str) -> Iterator[LoopbackCluster]:
    """Give a cluster without processes yet; at the end none is left."""
    cluster = LoopbackCluster(folder, environment, mark)
    try:
        yield cluster
    finally:
        cluster.stop()


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited for {seconds:g} s in vain"
        time.sleep(0.05)
