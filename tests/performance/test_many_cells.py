"""Very many cells: of one run, in which the runner must not grow, and in a results folder, which verbs must still read.

The short form is a run of some cells, and a folder of 300. The long form is 3,000 cells in one run, and folders of 300,
3,000 and 30,000; ``SOAK_CELLS`` and ``SOAK_STORED`` (300,3000) set other numbers.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from stored_cells import store_plan

from benchmarks.execution.plan import Request, make_plan
from benchmarks.storage.store import Store

INSTANT = '''
"""A method that takes no time."""
import numpy as np
from methods.kaplan_meier import KaplanMeier

class Instant(KaplanMeier):
    pass
'''
CARD = """
name = "instant"
entry = "instant:Instant"
title = "Takes no time"
citation = "none"
licence = "Apache-2.0"
from_source = "nothing"
our_choice = "everything"

[modalities]
required = []
"""

# What may come to a runner in the second half of a run: progress bars and records of its cells take some.
MOST_BYTES_A_CELL = 64 * 1024

MEASURED = """
import json, resource, sys, time
start = time.perf_counter()
from benchmarks.commandline.app import main
try:
    main(sys.argv[1:])
except SystemExit as exit_:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    told = {"code": exit_.code, "seconds": time.perf_counter() - start, "cpu": time.process_time(), "bytes": peak}
    print(json.dumps(told), file=sys.stderr)
"""

METHODS = "kaplan_meier,cox_ph,coxnet,random_survival_forest,weibull_aft,gradient_boosting"


def soak(folder: Path, root: Path, cells: int) -> dict[str, float]:
    """Run so many cells in one run; return how fast it was, and how much larger the runner was at its end."""
    (folder / "instant.py").write_text(INSTANT)
    (folder / "card.toml").write_text(CARD)
    command = ["run", "--method", "instant:Instant", "--dataset", "gbsg2", "--folds", "5", "--repeats", str(cells // 5)]
    start = time.monotonic()
    runner = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *command, "--json", "--results", str(folder / "results")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{root}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    process = psutil.Process(runner.pid)
    seen: list[tuple[int, int, int]] = []
    began = 0.0
    stored = folder / "results" / "cells"
    while runner.poll() is None:
        try:
            done = len(list(stored.iterdir())) if stored.exists() else 0
            if done:
                began = began or time.monotonic()
                seen.append((done, process.memory_info().rss, process.num_fds()))
        except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
            break
        time.sleep(0.2)
    assert runner.wait(600) == 0
    ended = time.monotonic()
    running = [one for one in seen if cells // 10 <= one[0] < cells]
    middle, last = running[len(running) // 2], running[-1]
    # While a cell starts the runner holds some more: what it never gives back shows in the fewest.
    third = max(1, len(running) // 3)
    return {
        "cells": cells,
        "cells per second": cells / (ended - began),
        "seconds": ended - start,
        "bytes at the middle": middle[1],
        "bytes at the end": last[1],
        "fewest descriptors at the beginning": min(one[2] for one in running[:third]),
        "fewest descriptors at the end": min(one[2] for one in running[-third:]),
        "most descriptors": max(one[2] for one in running),
        "bytes a cell": (last[1] - middle[1]) / max(1, last[0] - middle[0]),
    }


def verbs(folder: Path, root: Path, cells: int) -> dict[str, float]:
    """Fill a folder with so many cells; return the processor's seconds that each verb takes on it."""
    repeats = cells // 30
    plan = make_plan(Request(methods=METHODS, datasets="gbsg2", folds=5, repeats=repeats))
    assert len(plan.cells) == cells
    results = folder / "results"
    store_plan(Store.create(results), plan)
    run = ["run", "--method", METHODS, "--dataset", "gbsg2", "--folds", "5", "--repeats", str(repeats)]
    commands = {
        "planning": [*run, "--dry-run"],
        "run": run,
        "status": ["status"],
        "score": ["score"],
        "leaderboard": ["leaderboard"],
    }
    found = {}
    for name, command in commands.items():
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *command, "--results", str(results)],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=1800,
        )
        told = json.loads(done.stderr.splitlines()[-1])
        assert told["code"] == 0, done.stderr
        found[name] = told["cpu"]
    return found


def test_a_runner_of_many_cells_holds_no_more_descriptors_at_its_end(tmp_path: Path, root: Path) -> None:
    found = soak(tmp_path, root, 20)
    assert found["fewest descriptors at the end"] <= found["fewest descriptors at the beginning"] + 2


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_runner_of_3_000_cells_stays_as_it_is(tmp_path: Path, root: Path) -> None:
    found = soak(tmp_path, root, int(os.environ.get("SOAK_CELLS", "3000")))
    print(json.dumps(found, indent=1))
    assert found["fewest descriptors at the end"] <= found["fewest descriptors at the beginning"] + 2
    assert found["bytes a cell"] < MOST_BYTES_A_CELL


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_verbs_take_time_in_proportion_to_the_stored_cells(tmp_path: Path, root: Path) -> None:
    numbers = [int(number) for number in os.environ.get("SOAK_STORED", "300,3000,30000").split(",")]
    found = {}
    for number in numbers:
        (tmp_path / str(number)).mkdir()
        found[number] = verbs(tmp_path / str(number), root, number)
        print(number, json.dumps(found[number]))
    for fewer, more in itertools.pairwise(numbers):
        for verb, seconds in found[more].items():
            # Twice the proportion: an order of magnitude more cells at twenty times the seconds is no square.
            assert seconds < 2 * (more / fewer) * found[fewer][verb], verb
