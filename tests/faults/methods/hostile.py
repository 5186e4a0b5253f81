"""Methods that damage what is around them: files, folders, reports, and what they have returned."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
from misbehaving import Config, _Misbehaves

from benchmarks.types import Prediction

MIB = 2**20


class _Hostile(_Misbehaves):
    config_type = Config

    def act(self, context):
        """Do the damage, while fitting."""

    def fit(self, train, validation, context):
        self.act(context)
        super().fit(train, validation, context)


class RaisesEscapes(_Hostile):
    """Raise an error whose name and text clear the screen, ring and hold half a character."""

    def act(self, context):
        raise type("Red\x1b[31m", (Exception,), {})("\x1b[2J gone\a\udc80" + "!" * 10_000)


class RaisesWithoutText(_Hostile):
    def act(self, context):
        class MuteError(Exception):
            def __str__(self):
                raise RuntimeError("no text either")

        raise MuteError


class WritesReservedNames(_Hostile):
    """Put files of the suite's names, and links, where its own are or will be."""

    def act(self, context):
        folder = context.workdir.parent
        names = ("cell.json", "scores.json", "report.json", "influence.safetensors", "predictions.npz", "texts.jsonl")
        for place in (folder, folder / "kept"):
            place.mkdir(exist_ok=True)
            for name in names:
                (place / name).write_text("not mine")
        (folder / "study").mkdir()
        (folder / "study" / "trials.jsonl").symlink_to("/etc/hostname")
        os.mkfifo(folder / "study" / "study.json")


class DeletesItsFolder(_Hostile):
    def act(self, context):
        shutil.rmtree(context.workdir.parent)


class DeletesTheWorkFolder(_Hostile):
    def act(self, context):
        shutil.rmtree(context.workdir.parents[1])


class ReplacesTheWorkFolder(_Hostile):
    def act(self, context):
        shutil.rmtree(context.workdir.parents[1])
        context.workdir.parents[1].write_text("a file")


class SaysOkWithoutPredictions(_Hostile):
    def act(self, context):
        context.reporter.__self__._send({"status": "ok", "seconds": {"fit": 1.0, "predict": 1.0}})
        os._exit(0)


class ReportsAList(_Hostile):
    def act(self, context):
        context.reporter.__self__._send([1, 2])


class ReportsAnImpossibleTime(_Hostile):
    def act(self, context):
        context.reporter.__self__._send({"status": "ok", "seconds": {"fit": float("inf")}})


class ReportsWithoutEnd(_Hostile):
    def act(self, context):
        os.write(context.reporter.__self__._descriptor, b"[" * 3 * MIB)


class ClosesAllFiles(_Hostile):
    def act(self, context):
        os.closerange(3, 4096)


class ClosesItsOutput(_Hostile):
    def act(self, context):
        sys.stdout.close()
        sys.stderr = None


class MovesElsewhere(_Hostile):
    def act(self, context):
        os.chdir("/")


class PrintsMuch(_Hostile):
    def act(self, context):
        print("the beginning")
        for _ in range(40):
            print("x" * MIB)
        print("the end")


class WritesMuch(_Misbehaves):
    def predict(self, patients, times):
        prediction = super().predict(patients, times)
        texts = ["x" * MIB] * min(80, len(patients)) + [""] * (len(patients) - 80)
        return Prediction(prediction.risk, times, prediction.survival, texts=tuple(texts))


class ChangesWhatItReturned(_Misbehaves):
    returned = None

    def predict(self, patients, times):
        if self.returned is not None:
            self.returned.risk[:] = np.nan
            object.__setattr__(self.returned, "survival", "gone")
        self.returned = super().predict(patients, times)
        return self.returned


class _OfItsOwn(Prediction):
    def rows(self):
        raise RuntimeError("not asked for")

    def __len__(self):
        return 1


class ReturnsASubclass(_Misbehaves):
    def predict(self, patients, times):
        prediction = super().predict(patients, times)
        return _OfItsOwn(prediction.risk, times, prediction.survival)


class ReturnsObjects(_Misbehaves):
    def predict(self, patients, times):
        prediction = super().predict(patients, times)
        return Prediction(prediction.risk, times, texts=tuple(object() for _ in patients.ids))


class RisksTooMuch(_Misbehaves):
    def predict(self, patients, times):
        return Prediction(np.full(len(patients), 1e308), times)


class ReportsTooMuch(_Misbehaves):
    def predict(self, patients, times):
        return Prediction(np.zeros(len(patients)), times, diagnostics={"share": 1e308})


class HoldsTooMuch(_Misbehaves):
    """Keep 600 MiB of states."""

    def predict(self, patients, times):
        width = 600 * MIB // 4 // len(patients)
        return Prediction(np.zeros(len(patients)), times, states={"all": np.zeros((len(patients), width), np.float32)})


class NamesThingsLikeFiles(_Misbehaves):
    """Take names that the file of predictions has, too."""

    def predict(self, patients, times):
        prediction = super().predict(patients, times)
        own = {"risk": 1.0, "x.risk": 2.0, "times": 3.0}
        return Prediction(prediction.risk, times, prediction.survival, diagnostics=own)


class NamesThingsBadly(_Misbehaves):
    def predict(self, patients, times):
        return Prediction(np.zeros(len(patients)), times, diagnostics={"\x1b[2J": 1.0})


def damage_stored_cells(results):
    """Overwrite the predictions of all cells that are stored."""
    for path in Path(results).glob("cells/*/predictions.npz"):
        path.write_bytes(b"gone")


class DamagesStoredCells(_Hostile):
    def act(self, context):
        damage_stored_cells(context.workdir.parents[2])
