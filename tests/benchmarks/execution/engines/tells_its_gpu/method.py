"""A method that writes down which GPU it was given, at its beginning and its end."""

import os
import time
from pathlib import Path

from methods.kaplan_meier import KaplanMeier


class TellsItsGpu(KaplanMeier):
    def fit(self, train, validation, context):
        self._tell("begins")
        time.sleep(0.3)
        super().fit(train, validation, context)
        self._tell("ends")

    def _tell(self, what):
        with Path(os.environ["DIARY"]).open("a") as diary:
            diary.write(f"{what} {os.environ['CUDA_VISIBLE_DEVICES']}\n")
