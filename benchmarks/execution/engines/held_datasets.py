"""Reads the datasets of a run; imported by the process that cells are forked from, and by nothing else.

An import is the one thing that multiprocessing's forkserver does before it forks.
"""

import gc
import json
import os
import signal

import threadpoolctl

from benchmarks.execution.engines.forkserver import HELD_DATASETS
from benchmarks.execution.engines.guard import die_with_parent
from benchmarks.execution.shared_data import DatasetRequest, hold

_requests = [DatasetRequest(**request) for request in json.loads(os.environ.pop(HELD_DATASETS, "[]"))]
# Nobody waits for the datasets of a run that is over. One thread: a team of threads that computed here would be
# missing, and waited for, in the processes that are forked.
with die_with_parent(signal.SIGKILL), threadpoolctl.threadpool_limits(1):
    hold(_requests)
# The garbage collector writes into every object that it looks at, and what is written to is shared no longer.
gc.freeze()
