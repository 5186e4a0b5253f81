"""The figures of one stored cell, as ``show --plots`` asks for them."""

from pathlib import Path

from benchmarks.types import MAIN, TEACHER, Cell, PredictedPart
from methods.cox_text_generation.figures.calibration import draw_calibration
from methods.cox_text_generation.figures.latent_map import draw_latent_map
from methods.cox_text_generation.method import EXPECTED


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw the map of hidden states and the calibration of student and teacher.

    Parameters
    ----------
    cell : Cell
        What was run.
    test : PredictedPart
        The test patients and their predictions.
    folder : Path
        Where the PNG files go.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    UsageError
        If there are too few patients for a map.
    """
    latent, calibration = folder / "latent.png", folder / "teacher_calibration.png"
    states = test.predictions[MAIN].states
    draw_latent_map(
        states["hidden"], states["hidden_untrained"], test.predictions[TEACHER].risk, latent, title=cell.label
    )
    names = {
        MAIN: "student, as written",
        EXPECTED: "student, on average",
        TEACHER: f"teacher ({cell.config['teacher']})",
    }
    draw_calibration(
        test.outcome,
        {said: test.predictions[name] for name, said in names.items()},
        calibration,
        title=cell.label,
    )
    return [latent, calibration]
