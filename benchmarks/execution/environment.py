"""Where a result was made: versions and hardware."""

import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import psutil


@cache
def environment() -> dict[str, Any]:
    """Return Python, platform, processor, logical cores and memory in bytes; no host or user names."""
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
