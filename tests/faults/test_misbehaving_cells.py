"""A cell that misbehaves is a row with its cause; its neighbours are unharmed and no process is left."""

import pytest

GBSG2 = ("--dataset", "gbsg2", "--folds", "2", "--jobs", "2")


def outcomes(summary: dict) -> dict[str, set[str]]:
    rows = {}
    for row in summary["rows"]:
        rows[row["method"].rpartition(":")[2]] = row
    return rows


@pytest.mark.parametrize(
    ("method", "options", "status", "cause"),
    [
        ("Loops", ("--timeout", "2"), "timeout", "time limit of 2 s passed"),
        ("Allocates", ("--memory", "900M"), "out of memory", "memory limit of 900 MiB passed: the process tree held"),
        ("AllocatesInChildren", ("--memory", "1200M"), "out of memory", "memory limit of 1.17 GiB passed"),
        ("FillsAGpu", (), "out of memory", "CUDA out of memory; take a smaller batch or model"),
        ("Exits", (), "failed", "the process exited with code 3 before it reported a result"),
        ("ExitsWithSuccess", (), "failed", "the process exited before it reported a result"),
        ("Segfaults", (), "failed", "crashed by SIGSEGV"),
        ("Raises", (), "failed", "RuntimeError: the matrix is singular"),
        ("PredictsNan", (), "failed", "the survival curve is nan at time"),
        ("StartsLow", (), "failed", "the survival curve is 0.9 at time 0, it must be 1"),
    ],
)
def test_it_is_a_row_with_its_cause(marked_run, method, options, status, cause) -> None:
    code, summary, _ = marked_run.run("run", "--method", f"misbehaving:{method},kaplan_meier", *GBSG2, *options)
    assert code == 1
    rows = outcomes(summary)
    assert rows[method]["ok"] == 0
    assert rows[method]["averages"] == {}
    assert f"2 of 2 cells {status}: " in rows[method]["problem"]
    assert cause in rows[method]["problem"]
    assert rows["kaplan_meier"]["ok"] == 2
    assert rows["kaplan_meier"]["averages"]["harrell_c"]["mean"] == 0.5
    assert marked_run.wait_until_nothing_is_left() == []


def test_children_left_behind_are_killed_and_the_cell_is_good(marked_run) -> None:
    code, summary, _ = marked_run.run("run", "--method", "misbehaving:ForksAndForgets", *GBSG2)
    assert code == 0
    assert outcomes(summary)["ForksAndForgets"]["ok"] == 2
    assert marked_run.wait_until_nothing_is_left() == []


def test_an_invalid_prediction_names_the_patient(marked_run) -> None:
    _, summary, _ = marked_run.run("run", "--method", "misbehaving:PredictsNan", *GBSG2)
    assert "ValueError: patient '" in outcomes(summary)["PredictsNan"]["problem"]


def test_the_log_of_a_crash_is_kept(marked_run) -> None:
    _, summary, _ = marked_run.run("run", "--method", "misbehaving:Segfaults", *GBSG2)
    for key in summary["cells"]:
        assert "Segmentation fault" in (marked_run.results / "cells" / key / "log.txt").read_text()
        assert not (marked_run.results / "cells" / key / "predictions.npz").exists()


NO_CONVERGENCE = "RuntimeWarning: no convergence after 7 steps"


@pytest.mark.parametrize(("method", "status"), [("Warns", "ok"), ("WarnsAndRaises", "failed")])
def test_what_a_fit_warns_of_is_counted_and_stands_once_in_the_log(marked_run, method, status) -> None:
    _, summary, err = marked_run.run("run", "--method", f"misbehaving:{method},kaplan_meier", *GBSG2)
    rows = outcomes(summary)
    assert rows["kaplan_meier"]["warned"] == ""
    assert rows[method]["warned"] == f"2 of 2 folds warned: {NO_CONVERGENCE} (and 2 other warnings)"
    warned = {key: cell for key, cell in summary["cells"].items() if cell["warnings"]}
    assert len(warned) == 2
    for key, cell in warned.items():
        assert cell["status"] == status
        assert cell["warnings"] == {
            NO_CONVERGENCE: 3,
            "RuntimeWarning: invalid value encountered in log": 1,
            f"methods.misbehaving:{method}: took the second optimiser": 1,
        }
        log = (marked_run.results / "cells" / key / "log.txt").read_text()
        assert log.count("RuntimeWarning: no convergence") == 1
        assert log.count("took the second optimiser") == 1
    assert err.count(", 5 warnings") == 2
    _, told, _ = marked_run.run("status")
    counted = {row["method"]: row.get("warned") for row in told["cells"]}
    assert counted == {f"misbehaving:{method}": 2, "kaplan_meier": None}
    text, _ = marked_run.start("status").communicate()
    assert f"misbehaving:{method} on gbsg2: 2 of 2 folds warned: {NO_CONVERGENCE}" in text
    every, _ = marked_run.start("status", "--cells").communicate()
    shown, _ = marked_run.start("show", min(warned)).communicate()
    assert f"  {NO_CONVERGENCE} 3" in shown
    assert every.count(f"3 x {NO_CONVERGENCE}") == 2


def test_a_risk_against_the_methods_own_curves_is_warned_of(marked_run) -> None:
    code, summary, _ = marked_run.run("run", "--method", "misbehaving:TurnsTheSignRound,kaplan_meier", *GBSG2)
    assert code == 0
    rows = outcomes(summary)
    assert rows["kaplan_meier"]["warned"] == ""
    assert rows["TurnsTheSignRound"]["warned"] == (
        "2 of 2 folds warned: UserWarning: higher risk goes with longer survival; is the sign turned round?"
    )
