"""Drawn patients of CHIMERA task 1 in the official layout."""

import importlib
import json
from pathlib import Path
from typing import Any

prostate = importlib.import_module("benchmarks.datasets.chimera.prostate")

STAGES = ["2", "2a", "2b", "2c", "3", "3a", "3b", "4", "4a", "4b", "x"]


def drawn(number: int) -> dict[str, Any]:
    """Return one drawn patient; together the patients have every documented form of every value."""
    event = number % 3 == 0
    values: dict[str, Any] = {
        "age_at_prostatectomy": 50 + number,
        "primary_gleason": 3 + number % 3,
        "secondary_gleason": 2 + number % 4,
        "ISUP": 1 + number % 5,
        "pre_operative_PSA": 0.5 + number,
        "BCR": "1.0" if event else "0.0",
        "time_to_follow-up/BCR": 2.5 + number,
        "pT_stage": STAGES[number % len(STAGES)],
        "positive_lymph_nodes": ["0", "1", "x"][number % 3],
        "capsular_penetration": ["0", "1", "x"][number % 3],
        "positive_surgical_margins": number % 2,
        "invasion_seminal_vesicles": str(number % 2),
        "lymphovascular_invasion": f"{number % 2}.0",
        "earlier_therapy": ["none", "unknown", "radiotherapy + hormones", "radiotherapy + cryotherapy"][number % 4],
    }
    if number % 4 == 0:
        values["tertiary_gleason"] = 5
    if event:
        values["BCR_PSA"] = 0.2
    elif number == 1:
        values["BCR_PSA"] = " "
    return values


def write_task(folder: Path) -> Path:
    """Write the clinical data of 22 drawn patients; return the folder of the task."""
    folder /= "task1"
    (folder / "clinical_data").mkdir(parents=True)
    for number in range(22):
        (folder / "clinical_data" / f"{9100 + number}.json").write_text(json.dumps(drawn(number), indent=2))
    return folder


def load(tmp_path: Path, *, skip_invalid: bool = False) -> Any:
    return prostate.load(tmp_path, skip_invalid=skip_invalid)
