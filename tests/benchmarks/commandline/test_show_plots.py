"""``show --plots`` draws the figures of the suite and of the method, of one from another package, too."""

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SUITES = "calibration, Brier score, concordance, risk groups"


@pytest.mark.parametrize(
    ("method", "own"), [("draws_figures.method:DrawsFigures", ["risks.txt"]), ("methods.cox_ph.method:CoxPH", [])]
)
def test_each_drawing_is_one_line_with_what_it_shows(command_line, tmp_path: Path, method: str, own: list[str]) -> None:
    results = ("--results", str(tmp_path))
    run = ("run", "--method", method, "--dataset", "gbsg2", "--folds", "4", "--fold", "1", "--json")
    done = command_line(*run, *results, path=HERE)
    assert done.returncode == 0, done.stderr
    shown = command_line("show", method, "gbsg2", "--plots", "--json", *results, path=HERE)
    assert shown.returncode == 0, shown.stderr
    folder = tmp_path / "figures" / json.loads(shown.stdout)["key"]
    assert shown.stderr.splitlines() == [
        f"drew {folder / 'figures.png'}: {SUITES}",
        *(f"drew {folder / name}: a figure of {method}" for name in own),
    ]
    assert {path.name for path in folder.iterdir()} == {"figures.png", *own}
    for name in own:
        assert (folder / name).read_text().startswith(f"{method}: ")
