"""Where a result was made: versions and hardware."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from threadpoolctl import threadpool_info


@cache
def environment() -> dict[str, Any]:
    """Return Python, platform, processor, logical cores and memory in bytes; no host or user names.

    ``arithmetic`` says which instructions numpy and the linear algebra libraries found: sums come out the same to the
    last bit only where it is the same.
    """
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "arithmetic": _arithmetic(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
    }


@dataclass(frozen=True, slots=True)
class Machine:
    """Where results were made; scores are exactly repeatable on the like only."""

    system: str
    processor: str
    arithmetic: str
    cores: int

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> "Machine":
        """Return the machine of an environment, as records hold it."""
        system = str(known["platform"]).split()
        return cls(f"{system[0]} {system[-1]}", str(known["processor"]), str(known["arithmetic"]), int(known["cores"]))


def _arithmetic() -> str:
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    kernels = {str(pool["architecture"]) for pool in threadpool_info() if "architecture" in pool}
    return " ".join([*sorted(kernels), *found])


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
