"""An epoch on 300 large bags: packed batches against a loop over the patients of each batch, in time and memory.

At the suite's widths both are measured and compared. At the authors' widths, four times as large, packed batches alone.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.types import Bags
from methods.abmil.network import AbmilNetwork
from methods.shared.heads.cox_head import partial_likelihood_loss
from methods.shared.layers.bag_encoder import BagEncoder
from methods.shared.layers.packed_bags import pack_bags

PATIENTS, WIDTH, BATCH, CAP = 300, 1024, 32, 4096
SMALLEST, LARGEST = 500, 5000
# Of an instance after its layer, and of the attention.
OURS, AUTHORS = (128, 64), (512, 256)
# Of a process that trains: Python, torch, the bags of one batch and what their gradient needs.
MOST_MEMORY = 2 * 1024**3
MOST_MEMORY_OF_AUTHORS_WIDTHS = 4 * 1024**3
SLOWEST_RATIO = 1.2
ROUNDS = 3


class Windows:
    """Bags that are windows of one drawn array, so that reading costs what a mapped file does."""

    def __init__(self) -> None:
        generator = np.random.default_rng(0)
        self._drawn = generator.normal(size=(2 * LARGEST, WIDTH)).astype(np.float32)
        self._sizes = generator.integers(SMALLEST, LARGEST + 1, PATIENTS)

    def __len__(self) -> int:
        return PATIENTS

    def __getitem__(self, position: int) -> NDArray[np.float32]:
        return self._drawn[position : position + self._sizes[position]]


def together(network: AbmilNetwork, bags: Bags, rows: NDArray[np.int64], generator: np.random.Generator) -> Tensor:
    """Return the risks of a batch, packed."""
    present = torch.ones(len(rows), 1, dtype=torch.bool)
    risk: Tensor = network(pack_bags(bags, rows, CAP, generator), [], present)[0]
    return risk


def one_by_one(network: AbmilNetwork, bags: Bags, rows: NDArray[np.int64], generator: np.random.Generator) -> Tensor:
    """Return the same by a loop over the patients."""
    return torch.cat([together(network, bags, rows[[place]], generator) for place in range(len(rows))])


def epoch(risks: Callable[..., Tensor], width: int, attention_width: int) -> float:
    """Return the seconds of all gradients of an epoch."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    bags, generator = Bags(Windows(), WIDTH), np.random.default_rng(1)
    network = AbmilNetwork(BagEncoder(WIDTH, width, "gated", attention_width, 0.25), width, [], 1)
    follow_up = torch.from_numpy(generator.exponential(size=PATIENTS))
    event = torch.from_numpy(generator.random(PATIENTS) < 0.5)
    start = time.perf_counter()
    for rows in np.array_split(generator.permutation(PATIENTS), range(BATCH, PATIENTS, BATCH)):
        loss = partial_likelihood_loss(
            risks(network, bags, rows, generator)[:, 0], follow_up[rows], event[rows], "breslow"
        )
        if loss is not None:
            loss.backward()  # type: ignore[no-untyped-call]  # 2026-11-26: torch does not annotate it
        network.zero_grad()
    return time.perf_counter() - start


def in_a_process_of_its_own(name: str, widths: tuple[int, int] = OURS) -> tuple[float, int]:
    """Return seconds of an epoch of one of the two, and the peak memory of the process in bytes."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, name, *map(str, widths)]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    seconds, memory = said.split()
    return float(seconds), int(memory)


@pytest.mark.benchmark(group="bags")
@pytest.mark.timeout(900)
def test_packed_batches_are_no_slower_than_a_loop_and_stay_below_two_gigabytes(benchmark) -> None:
    """Rounds of both alternate, so that a busy machine slows both; medians are compared."""
    loops: list[tuple[float, int]] = []
    packed: list[tuple[float, int]] = []
    benchmark.pedantic(
        lambda: packed.append(in_a_process_of_its_own("together")),
        setup=lambda: loops.append(in_a_process_of_its_own("one_by_one")),
        rounds=ROUNDS,
    )
    seconds, of_loop = (float(np.median([found[0] for found in kind])) for kind in (packed, loops))
    memory, of_loops_memory = (max(found[1] for found in kind) for kind in (packed, loops))
    benchmark.extra_info.update({"ratio of time": seconds / of_loop, "ratio of memory": memory / of_loops_memory})
    print(
        f"\npacked {seconds:.2f} s, loop {of_loop:.2f} s, ratio {seconds / of_loop:.2f}; "
        f"peak memory {memory / 2**30:.2f} GiB, loop {of_loops_memory / 2**30:.2f} GiB"
    )
    assert memory < MOST_MEMORY
    assert seconds <= SLOWEST_RATIO * of_loop


@pytest.mark.benchmark(group="bags")
@pytest.mark.timeout(900)
def test_at_the_authors_widths_a_batch_stays_below_four_gigabytes(benchmark) -> None:
    found: list[tuple[float, int]] = []
    benchmark.pedantic(lambda: found.append(in_a_process_of_its_own("together", AUTHORS)), rounds=1)
    ((seconds, memory),) = found
    print(f"\nwidths {AUTHORS}: {seconds:.2f} s, peak memory {memory / 2**30:.2f} GiB")
    assert memory < MOST_MEMORY_OF_AUTHORS_WIDTHS


if __name__ == "__main__":
    name, *widths = sys.argv[1:]
    took = epoch({"together": together, "one_by_one": one_by_one}[name], *map(int, widths))
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
