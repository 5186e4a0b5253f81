"""Submitted rows beside the splits that they are of: everybody is there, once, in the right fold."""

from collections.abc import Mapping, Sequence

import numpy as np

import metrics
from benchmarks.errors import UsageError
from benchmarks.plain_text import one_line
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.submission.rows import PARTS, TEST, VALIDATION, Place, SubmittedRows, told
from benchmarks.types import Cohort, IntArray, Prediction, Split

# Of many patients without a row some are named.
_MOST_NAMED = 5


def predictions_by_split(
    rows: SubmittedRows, cohort: Cohort, splits: Sequence[Split], protocol: EvaluationProtocol
) -> list[dict[str, Prediction]]:
    """Return what is predicted of the parts of each split, on the protocol's grid.

    Curves at other times than the grid's are read as right-continuous steps (metric convention 7). A risk that is not
    given is the negative restricted mean survival time up to the horizon (convention 10).

    Parameters
    ----------
    rows : SubmittedRows
        m predictions.
    cohort : Cohort
        All patients of the dataset.
    splits : sequence of Split
        Those that must be predicted, the test part whole; the validation part whole or not at all.
    protocol : EvaluationProtocol
        With the grid and the horizon.

    Returns
    -------
    list of dict of str to Prediction
        By part, one for each split, of the patients in the order of the cohort.

    Raises
    ------
    UsageError
        If a row is of a patient or fold that is not there, or of another part of the fold; a patient of a test part
        has no row; curves end before the horizon; or a risk or curve is none. It names row and patient.
    """
    _check_times(rows, protocol, cohort.time_unit)
    part_of = {(split.repeat, split.fold): _parts(split, cohort) for split in splits}
    found: dict[Place, dict[str, int]] = {}
    known = set(cohort.patients.ids.tolist())
    for position, place in enumerate(rows.places()):
        _check_place(rows, position, place, part_of, known)
        found.setdefault(place, {})[str(rows.patients[position])] = position
    predictions = []
    for split in splits:
        of_split = {}
        for part in PARTS:
            place = (split.repeat, split.fold, part)
            ids = cohort.patients.ids[getattr(split, part)].tolist()
            if part == VALIDATION and place not in found:
                continue
            positions = _positions(rows, found.get(place, {}), ids, place)
            of_split[part] = _on_grid(rows.prediction(positions), protocol, has_risk=rows.risk is not None)
        predictions.append(of_split)
    return predictions


def _parts(split: Split, cohort: Cohort) -> dict[str, str]:
    """Return the part in which each patient of a split is."""
    ids = cohort.patients.ids
    return {str(patient): part for part in ("train", *PARTS) for patient in ids[getattr(split, part)]}


def _check_times(rows: SubmittedRows, protocol: EvaluationProtocol, unit: str) -> None:
    if rows.times is not None and rows.times[-1] < protocol.horizon:
        raise UsageError(
            f"{rows.source}: the curves end at {rows.times[-1]:g}, before the horizon of {protocol.horizon:g} {unit}; "
            f"are the times in {unit}? data splits --times writes those of the protocol"
        )


def _check_place(
    rows: SubmittedRows,
    position: int,
    place: Place,
    part_of: Mapping[tuple[int, int], Mapping[str, str]],
    known: set[str],
) -> None:
    """Refuse a row of a patient or fold that is not there, or of a part in which the patient is not."""
    repeat, fold, part = place
    patient = str(rows.patients[position])
    if patient not in known:
        some = ", ".join(repr(one_line(one, 60)) for one in sorted(known)[:3])
        raise rows.refuse(position, f"the dataset has no such patient; its identifiers are such as {some}")
    if (repeat, fold) not in part_of:
        there = ", ".join(f"{r}/{f}" for r, f in sorted(part_of)[:12])
        raise rows.refuse(position, f"repeat {repeat}, fold {fold} is none of those asked for (repeat/fold): {there}")
    is_in = part_of[repeat, fold].get(patient)
    if is_in == part:
        return
    where = f"is in the {is_in} part" if is_in else "is in no part"
    tested = [f for (r, f), parts in sorted(part_of.items()) if r == repeat and parts.get(patient) == TEST]
    own = f"; it is tested in fold {tested[0]}" if tested and part == TEST else ""
    raise rows.refuse(
        position,
        f"{where} of repeat {repeat}, fold {fold}, not in the {part} part{own}: was it split otherwise (--split, "
        "--folds, --seed)?",
    )


def _positions(rows: SubmittedRows, found: Mapping[str, int], ids: Sequence[str], place: Place) -> IntArray:
    """Return the row of each patient of a part."""
    missing = [patient for patient in ids if patient not in found]
    if missing:
        named = ", ".join(repr(one_line(patient, 60)) for patient in missing[:_MOST_NAMED])
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        what = "patient" if len(missing) == 1 else "patients"
        raise UsageError(f"{rows.source}: {told(place)} has {len(ids)} patients, no row is of {what} {named}{more}")
    return np.array([found[patient] for patient in ids], dtype=np.int64)


def _on_grid(prediction: Prediction, protocol: EvaluationProtocol, *, has_risk: bool) -> Prediction:
    times = protocol.times
    if prediction.survival is None:
        return Prediction(prediction.risk, times)
    # In rows: the bytes of the file are then those that a method with the same curves leaves.
    survival = np.ascontiguousarray(metrics.interpolate_steps(prediction.times, prediction.survival, times))
    return Prediction(prediction.risk, times, survival) if has_risk else Prediction.from_curves(times, survival)
