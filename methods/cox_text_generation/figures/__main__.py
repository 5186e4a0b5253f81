"""``python -m methods.cox_text_generation.figures RESULTS KEY OUT.png [latent|calibration]``."""

import argparse
import sys
from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.execution.files import PredictedPart, read_predictions
from benchmarks.store import CorruptedCellError, Store
from benchmarks.types import TEACHER, Record
from methods.cox_text_generation.figures.calibration import draw_calibration
from methods.cox_text_generation.figures.latent_map import draw_latent_map
from methods.cox_text_generation.method import EXPECTED

STUDENT = "cox_text_generation"


def main(arguments: list[str] | None = None) -> int:
    """Draw a figure of one stored cell's test part; return 0, or 2 if there is nothing to draw."""
    parser = argparse.ArgumentParser(prog="python -m methods.cox_text_generation.figures", description=main.__doc__)
    parser.add_argument("results", type=Path, help="results folder of the suite")
    parser.add_argument("key", help="key of a finished cell of cox_text_generation")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("figure", nargs="?", choices=["latent", "calibration"], default="latent")
    chosen = parser.parse_args(arguments)
    try:
        record, test = _read(chosen.results, chosen.key)
        if chosen.figure == "latent":
            _latent(record, test, chosen.out)
        else:
            _calibration(record, test, chosen.out)
    except (UsageError, CorruptedCellError, ValueError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(chosen.out)
    return 0


def _read(results: Path, key: str) -> tuple[Record, PredictedPart]:
    store = Store.open(results)
    record = store.read(key)
    if record.status != "ok" or record.cell.method != STUDENT:
        raise UsageError(f"{key} is not a finished cell of {STUDENT}: {record.cell.label}, {record.status}")
    return record, read_predictions(store.folder(key)).parts["test"]


def _latent(record: Record, test: PredictedPart, out: Path) -> None:
    states = test.predictions[""].states
    found = draw_latent_map(
        states["hidden"], states["hidden_untrained"], test.predictions[TEACHER].risk, out, title=_title(record)
    )
    for name, geometry in zip(("trained", "untrained"), found, strict=True):
        print(
            f"{name}: R2 of 10 neighbours {geometry.neighbour_r2:.3f}, of a ridge probe {geometry.probe_r2:.3f}, "
            f"trustworthiness {geometry.trustworthiness:.3f}"
        )


def _calibration(record: Record, test: PredictedPart, out: Path) -> None:
    names = {
        "": "student, as written",
        EXPECTED: "student, on average",
        TEACHER: f"teacher ({record.cell.config.get('teacher', 'cox')})",
    }
    draw_calibration(
        test.outcome, {said: test.predictions[name] for name, said in names.items()}, out, title=_title(record)
    )


def _title(record: Record) -> str:
    return f"{record.cell.method} on {record.cell.dataset}, repeat {record.cell.repeat}, fold {record.cell.fold}"


if __name__ == "__main__":
    sys.exit(main())
