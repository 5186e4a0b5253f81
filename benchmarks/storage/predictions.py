"""The files of one finished cell: arrays without pickles, texts as lines of JSON."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.types import (
    BoolArray,
    Cohort,
    FloatArray,
    Outcome,
    PredictedPart,
    Prediction,
    Split,
    StoredPredictions,
)

PREDICTIONS = "predictions.npz"
TEXTS = "texts.jsonl"


def write_predictions(folder: Path, cohort: Cohort, split: Split, predictions: Mapping[str, Prediction]) -> None:
    """Write the predictions of the parts of a split with their patients and outcomes."""
    train = cohort.outcome.take(split.train)
    arrays: dict[str, np.ndarray] = {"train.time": train.time, "train.event": train.event}
    arrays["train.ids"] = cohort.patients.ids[split.train]
    texts = []
    for part, prediction in predictions.items():
        members = cohort[getattr(split, part)]
        arrays[f"{part}.ids"] = members.patients.ids
        arrays[f"{part}.time"], arrays[f"{part}.event"] = members.outcome.time, members.outcome.event
        if members.strata is not None:
            arrays[f"{part}.strata"] = members.strata
        modalities = members.patients.modalities
        arrays[f"{part}.modalities"] = np.array(list(modalities), dtype=np.str_)
        arrays[f"{part}.present"] = np.array([modality.present for modality in modalities.values()], dtype=np.bool_)
        for variant, row in prediction.rows().items():
            arrays[f"{part}@{variant}.risk"] = row.risk
            arrays[f"{part}@{variant}.times"] = row.times
            if row.survival is not None:
                arrays[f"{part}@{variant}.survival"] = row.survival
            if row.parseable is not None:
                arrays[f"{part}@{variant}.parseable"] = row.parseable
            arrays |= {f"{part}@{variant}.state.{name}": state for name, state in row.states.items()}
            for name, value in row.diagnostics.items():
                arrays[f"{part}@{variant}.diagnostic.{name}"] = np.array(value)
            for patient, text in zip(members.patients.ids, row.texts or (), strict=bool(row.texts)):
                texts.append({"part": part, "variant": variant, "patient": str(patient), "text": text})
    with (folder / PREDICTIONS).open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # 2026-11-21: numpy's stub takes the names for allow_pickle
    if texts:
        lines = "".join(json.dumps(line, sort_keys=True, ensure_ascii=False) + "\n" for line in texts)
        (folder / TEXTS).write_text(lines, encoding="utf-8")


def read_predictions(folder: Path) -> StoredPredictions:
    """Read what ``write_predictions`` wrote; texts are left in their file."""
    with np.load(folder / PREDICTIONS, allow_pickle=False) as arrays:
        names = list(arrays)
        train_ids, train = arrays["train.ids"], Outcome(arrays["train.time"], arrays["train.event"])
        parts = {}
        for part in dict.fromkeys(name.partition("@")[0] for name in names if "@" in name):
            of_part = [name.removeprefix(f"{part}@") for name in names if name.startswith(f"{part}@")]
            variants = [name.removesuffix(".risk") for name in of_part if name.endswith(".risk")]
            parts[part] = PredictedPart(
                arrays[f"{part}.ids"],
                Outcome(arrays[f"{part}.time"], arrays[f"{part}.event"]),
                arrays[f"{part}.strata"] if f"{part}.strata" in names else None,
                {variant: _read_prediction(arrays, names, f"{part}@{variant}") for variant in variants},
                _read_presence(arrays, part) if f"{part}.present" in names else None,
            )
    return StoredPredictions(train_ids, train, parts)


def _read_presence(arrays: Mapping[str, np.ndarray], part: str) -> dict[str, BoolArray]:
    """Return who has which modality; a row of the stored array for each."""
    named = zip(arrays[f"{part}.modalities"], arrays[f"{part}.present"], strict=True)
    return {str(name): present for name, present in named}


def _read_prediction(arrays: Mapping[str, FloatArray], names: list[str], prefix: str) -> Prediction:
    def named(kind: str) -> dict[str, FloatArray]:
        start = f"{prefix}.{kind}."
        return {name.removeprefix(start): arrays[name] for name in names if name.startswith(start)}

    return Prediction(
        arrays[f"{prefix}.risk"],
        arrays[f"{prefix}.times"],
        arrays[f"{prefix}.survival"] if f"{prefix}.survival" in names else None,
        parseable=arrays[f"{prefix}.parseable"].astype(bool) if f"{prefix}.parseable" in names else None,
        states={name: state.astype(np.float32) for name, state in named("state").items()},
        diagnostics={name: float(value) for name, value in named("diagnostic").items()},
    )
