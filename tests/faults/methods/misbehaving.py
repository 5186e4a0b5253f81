"""Methods that loop, allocate, fork, exit and crash: each must end as a row and leave nothing behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.types import Prediction
from methods.kaplan_meier import KaplanMeier


@dataclass(frozen=True)
class Config:
    seconds: float = 1.0


class _Misbehaves(KaplanMeier):
    config_type = Config

    @staticmethod
    def search_space(trial, config):
        return config


class Sleeps(_Misbehaves):
    """Behave, but take a while; tell the diary which process computed which fit."""

    def fit(self, train, validation, context):
        with Path(os.environ["DIARY"]).open("a") as diary:
            diary.write(f"{os.getpid()} {context.seed}\n")
        time.sleep(self.config.seconds)
        super().fit(train, validation, context)


class Loops(_Misbehaves):
    def fit(self, train, validation, context):
        while True:
            pass


class Allocates(_Misbehaves):
    def fit(self, train, validation, context):
        held = []
        while True:
            held.append(np.ones(2**22))  # 32 MiB, touched
            time.sleep(0.01)


class FillsAGpu(_Misbehaves):
    def fit(self, train, validation, context):
        import torch

        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total of 8 GiB.")


class AllocatesInChildren(_Misbehaves):
    def fit(self, train, validation, context):
        code = "import time; x = bytearray(2**28); x[::4096] = b'1' * len(x[::4096]); time.sleep(600)"
        for _ in range(8):
            subprocess.Popen([sys.executable, "-c", code])
        time.sleep(600)


class ForksAndForgets(_Misbehaves):
    """Leave children behind, one of them detached into a session of its own with its parent gone."""

    def fit(self, train, validation, context):
        for _ in range(3):
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(600)
            os._exit(0)
        super().fit(train, validation, context)


class Exits(_Misbehaves):
    def fit(self, train, validation, context):
        os._exit(3)


class ExitsWithSuccess(_Misbehaves):
    def fit(self, train, validation, context):
        os._exit(0)


class Segfaults(_Misbehaves):
    def fit(self, train, validation, context):
        ctypes.string_at(0)


class Raises(_Misbehaves):
    def fit(self, train, validation, context):
        raise RuntimeError("the matrix is\nsingular")


class Warns(_Misbehaves):
    """Silence all warnings for good, as some libraries do, then warn: through Python, NumPy and logging."""

    def fit(self, train, validation, context):
        warnings.simplefilter("ignore")
        for _ in range(3):
            warnings.warn("no convergence\nafter 7 steps", RuntimeWarning, stacklevel=1)
        np.log(np.array([-1.0]))
        context.logger.warning("took the second optimiser")
        super().fit(train, validation, context)


class WarnsAndRaises(Warns):
    def fit(self, train, validation, context):
        super().fit(train, validation, context)
        raise RuntimeError("gave up")


class PredictsNan(_Misbehaves):
    def predict(self, patients, times):
        prediction = super().predict(patients, times)
        prediction.survival[3, -1] = np.nan
        return type(prediction)(prediction.risk, times, prediction.survival)


class StartsLow(_Misbehaves):
    def predict(self, patients, times):
        prediction = super().predict(patients, times)
        return type(prediction)(prediction.risk, times, 0.9 * prediction.survival)


class TurnsTheSignRound(_Misbehaves):
    """Survive the longer the higher the risk is."""

    def predict(self, patients, times):
        risk = np.linspace(-1, 1, len(patients))
        return Prediction(risk, times, np.exp(-np.outer(np.exp(-risk), times / times[-1])))


class TellsItsThreads(_Misbehaves):
    """Write down how many threads the libraries of its process may use."""

    def fit(self, train, validation, context):
        from threadpoolctl import threadpool_info

        pools = sorted({pool["num_threads"] for pool in threadpool_info()})
        with Path(os.environ["DIARY"]).open("a") as diary:
            diary.write(f"{os.environ['OMP_NUM_THREADS']} {context.threads} {pools}\n")
            waiting = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OPENBLAS_THREAD_TIMEOUT")
            diary.write(" ".join(os.environ[name] for name in waiting) + "\n")
        super().fit(train, validation, context)
