"""The statistics stand alone."""

import subprocess
import sys
from pathlib import Path


def test_they_import_numpy_scipy_and_the_metrics_only(root: Path) -> None:
    code = (
        "import sys, leaderboards.statistics\n"
        "heavy = {'pandas', 'torch', 'sklearn', 'matplotlib', 'benchmarks'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)

    assert result.stdout.strip() == "[]", result.stderr
