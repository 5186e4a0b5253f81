"""A folder with a cohort file and its data, as a hospital would write them; the patients are drawn."""

from pathlib import Path

import pytest

from benchmarks.catalog import registry
from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.loading import LoadedDataset, load_dataset
from benchmarks.errors import UsageError
from benchmarks.types import Cohort

PATIENTS = """id,months,status,age,sex,grade,note
007,12.5,dead,61,f,II,a
008,3,alive,,m,I,b
009,40,dead,55,f,III,c
010,7.25,alive,70,m,,d
"""

COHORT = """
name = "ward-7"
title = "Ward 7"
endpoint = "death"
time_unit = "months"

[table]
file = "patients.csv"
patient = "id"
time = "months"
event = "status"
event_values = ["dead"]
censored_values = ["alive"]

[clinical]
leave_out = ["note"]
types = { grade = ["I", "II", "III"] }
"""


class Hospital:
    """A folder with a cohort file and its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("patients.csv", PATIENTS)
        self.write("cohort.toml", COHORT)

    def write(self, name: str, text: str, encoding: str = "utf-8") -> None:
        (self.folder / name).write_text(text, encoding=encoding)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def add(self, text: str) -> None:
        self.write("cohort.toml", (self.folder / "cohort.toml").read_text() + text)

    def register(self) -> str:
        return registry.register_cohort_file(self.folder / "cohort.toml")

    def load(self) -> LoadedDataset:
        return load_dataset(self.register())

    def cohort(self) -> Cohort:
        return self.load().cohort

    def card(self) -> DatasetCard:
        return registry.dataset_card(self.register())

    def refused(self) -> str:
        with pytest.raises(UsageError) as caught:
            self.load()
        message = str(caught.value)
        assert "\n" not in message
        return message
