"""A marked run: every process it starts carries the mark in its environment and can be found by it."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def hear_interrupts() -> None:
    """Undo what tests that are started in the background inherit: there a shell has ^C ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class MarkedRun:
    """Run the command line with the misbehaving methods on the path."""

    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def results(self) -> Path:
        return self.folder / "results"

    @property
    def diary(self) -> Path:
        return self.folder / "diary"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(HERE / "methods"), "MARK": self.mark, "DIARY": str(self.diary)}
        command = [sys.executable, "-m", "benchmarks", *arguments, "--results", str(self.results)]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_interrupts,
        )

    def run(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        """Return exit code, the JSON printed, and standard error."""
        process = self.start(*arguments, "--json")
        out, err = process.communicate(timeout=240)
        return process.returncode, json.loads(out) if out.startswith("{") else {}, err

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

    def wait_until_nothing_is_left(self, seconds: float = 10.0) -> list[psutil.Process]:
        return wait_for(lambda: not self.processes(), seconds) or self.processes()

    def diary_lines(self) -> list[list[str]]:
        return [line.split() for line in self.diary.read_text().splitlines()] if self.diary.exists() else []


def wait_for(condition: Callable[[], Any], seconds: float) -> Any:
    """Wait until a condition holds; return [] if it does, None if the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return []
        time.sleep(0.05)
    return None


@pytest.fixture
def marked_run(tmp_path: Path) -> Iterator[MarkedRun]:
    run = MarkedRun(tmp_path)
    yield run
    for process in run.processes():
        process.kill()


@pytest.fixture
def patiently() -> Callable[..., Any]:
    return wait_for
