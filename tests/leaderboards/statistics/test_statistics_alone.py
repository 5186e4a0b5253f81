"""The statistics stand alone."""

import subprocess
import sys
from pathlib import Path


def test_they_import_numpy_and_scipy_only(root: Path) -> None:
    code = (
        "import sys, leaderboards.statistics\n"
        "heavy = {'pandas', 'numba', 'torch', 'sklearn', 'matplotlib', 'metrics', 'benchmarks'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)

    assert result.stdout.strip() == "[]", result.stderr
