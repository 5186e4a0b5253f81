"""What stands below the table of a run."""

from benchmarks.commandline.tables import _notes
from benchmarks.scoring.scorer import DIAGNOSTIC
from benchmarks.scoring.summary import Average, Row


def test_what_only_some_folds_report_is_left_out() -> None:
    row = Row(
        dataset="own",
        method="mine",
        variant="",
        modalities=("clinical",),
        state="complete",
        cells=2,
        ok=2,
        averages={
            f"{DIAGNOSTIC}steps": Average(status="defined", mean=13.5),
            f"{DIAGNOSTIC}penalty of rna": Average(status="missing"),
        },
        fit_seconds=1.0,
        peak_memory=0,
        problem="",
    )
    assert _notes(row, [], []) == ["mine reports: steps 13.5"]
