"""The files of one finished cell: arrays without pickles, texts as lines of JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

from benchmarks.plain_text import one_line
from benchmarks.storage.arrays_file import read_arrays
from benchmarks.storage.store import LONGEST_PROBLEM, PREDICTIONS, CorruptedCellError
from benchmarks.types import (
    MAIN,
    BoolArray,
    Cohort,
    Outcome,
    PredictedPart,
    Prediction,
    Split,
    StoredPredictions,
    StringArray,
)

__all__ = ["PREDICTIONS", "TEXTS", "read_predictions", "write_predictions"]

TEXTS = "texts.jsonl"


def write_predictions(
    file: IO[bytes], texts_file: IO[bytes], cohort: Cohort, split: Split, predictions: Mapping[str, Prediction]
) -> None:
    """Write the predictions of the parts of a split with their patients and outcomes.

    Parameters
    ----------
    file, texts_file : binary file
        Become ``PREDICTIONS`` and ``TEXTS``; nothing is written into the second where there are no texts.
    cohort : Cohort
        All patients.
    split : Split
        Rows of the parts.
    predictions : mapping of str to Prediction
        By part.
    """
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
    np.savez(file, **arrays)  # type: ignore[arg-type]  # 2026-11-21: numpy's stub takes the names for allow_pickle
    texts_file.writelines((json.dumps(line, sort_keys=True, ensure_ascii=False) + "\n").encode() for line in texts)


def read_predictions(folder: Path) -> StoredPredictions:
    """Read what ``write_predictions`` wrote; texts are left in their file.

    The file is read as one of a stranger's: what it declares is compared with its size before anything is allocated.

    Raises
    ------
    CorruptedCellError
        If it is missing, or no file of predictions.
    """
    path = folder / PREDICTIONS
    try:
        return _stored(read_arrays(path))
    except Exception as error:  # a damaged archive raises whatever the line that it misleads raises
        told = f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        raise CorruptedCellError(f"{path} holds no predictions: {one_line(told, LONGEST_PROBLEM)}") from error


def _stored(arrays: Mapping[str, np.ndarray]) -> StoredPredictions:
    parts = {}
    for part in dict.fromkeys(name.partition("@")[0] for name in arrays if "@" in name):
        of_part = [name.removeprefix(f"{part}@") for name in arrays if name.startswith(f"{part}@")]
        # Names of variants have no full stop; those of states and diagnostics may end as they like.
        variants = [name.removesuffix(".risk") for name in of_part if name.endswith(".risk") and name.count(".") == 1]
        predicted = PredictedPart(
            _names(arrays, f"{part}.ids"),
            Outcome(arrays[f"{part}.time"], arrays[f"{part}.event"]),
            _names(arrays, f"{part}.strata") if f"{part}.strata" in arrays else None,
            {variant: _read_prediction(arrays, f"{part}@{variant}") for variant in variants},
            _read_presence(arrays, part) if f"{part}.present" in arrays else None,
        )
        _check_lengths(part, predicted)
        parts[part] = predicted
    train_ids, train = _names(arrays, "train.ids"), Outcome(arrays["train.time"], arrays["train.event"])
    if len(train_ids) != len(train):
        raise ValueError(f"{len(train_ids)} identifiers for {len(train)} training patients")
    if "test" not in parts:
        raise KeyError("test part")
    return StoredPredictions(train_ids, train, parts)


def _names(arrays: Mapping[str, np.ndarray], name: str) -> StringArray:
    found = arrays[name]
    if found.dtype.kind != "U" or found.ndim != 1:
        raise ValueError(f"{name} is {found.dtype} of shape {found.shape}, not a list of texts")
    return found


def _check_lengths(part: str, predicted: PredictedPart) -> None:
    if MAIN not in predicted.predictions:
        raise KeyError(f"main prediction of the {part} part")
    n = len(predicted.ids)
    lengths = {"outcomes": len(predicted.outcome)}
    if predicted.strata is not None:
        lengths["strata"] = len(predicted.strata)
    lengths |= {f"{variant or 'main'} risks": len(row) for variant, row in predicted.predictions.items()}
    lengths |= {f"rows of {name}": len(present) for name, present in (predicted.present or {}).items()}
    for what, length in lengths.items():
        if length != n:
            raise ValueError(f"{length} {what} for {n} patients of the {part} part")


def _read_presence(arrays: Mapping[str, np.ndarray], part: str) -> dict[str, BoolArray]:
    """Return who has which modality; a row of the stored array for each."""
    names, present = arrays[f"{part}.modalities"], arrays[f"{part}.present"]
    if present.dtype != np.bool_:
        raise ValueError(f"{part}.present is {present.dtype}, not bool")
    return {str(name): row for name, row in zip(names, present, strict=True)}


def _read_prediction(arrays: Mapping[str, np.ndarray], prefix: str) -> Prediction:
    def named(kind: str) -> dict[str, np.ndarray]:
        start = f"{prefix}.{kind}."
        return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}

    parseable = arrays.get(f"{prefix}.parseable")
    return Prediction(
        arrays[f"{prefix}.risk"],
        arrays[f"{prefix}.times"],
        arrays.get(f"{prefix}.survival"),
        parseable=None if parseable is None else parseable.astype(bool),
        states={name: state.astype(np.float32) for name, state in named("state").items()},
        diagnostics={name: float(value) for name, value in named("diagnostic").items()},
    )
