"""Kernels keep their machine code on disk, where they may, and never hold stale code of another module."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import metrics

PACKAGE = Path(metrics.__file__).parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", MODULES)
def test_kernels_call_kernels_of_their_own_module_only(name):
    module = importlib.import_module(f"metrics.{name}")
    foreign = {
        local
        for local, value in vars(module).items()
        if hasattr(value, "py_func") and value.py_func.__module__ != module.__name__
    }
    functions = (
        node for node in ast.parse((PACKAGE / f"{name}.py").read_text()).body if isinstance(node, ast.FunctionDef)
    )
    kernels = [f for f in functions if any("compiled" in ast.unparse(d) for d in f.decorator_list)]

    called = {node.id for kernel in kernels for node in ast.walk(kernel) if isinstance(node, ast.Name)}

    assert not called & foreign


def test_without_any_folder_for_the_machine_code_the_metrics_still_work():
    # 2026-11-26: numba has no public way to leave it without a folder; root may write into any.
    code = """
import numba.core.caching as caching
caching.CompileResultCacheImpl._locator_classes = []
import metrics as module
print(module.kaplan_meier([1, 2], [1, 1]).survival[0])
"""
    variables = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    finished = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "0.5"
