"""``data init`` without ``--yes``: the guesses are the defaults of its questions."""

import numpy as np
import pandas as pd
import pytest
from drafted_tables import ROWS, Capture, Init, coin, drawn, times

from benchmarks.commandline.app import main


class Asked:
    """Somebody who takes every default, and answers from a list where there is none."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.questions: list[tuple[str, str | None]] = []

    def __call__(self, question: str, default: str | None = None, **_: object) -> str:
        self.questions.append((question.partition(" (")[0].partition(" [")[0], default))
        return default if default is not None else self.answers.pop(0)


def interview(init: Init, table: pd.DataFrame, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    table.to_csv(init.folder / "t.csv", index=False)
    monkeypatch.setattr("typer.prompt", asked)
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv")])
    assert ended.value.code == 0


def test_guesses_are_the_defaults_of_the_questions(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    interview(init, drawn(months=times(), status=coin("alive", "dead")), asked, monkeypatch)
    assert asked.questions == [
        ("Column of the patients' identifiers", "patient_id"),
        ("Column of the times", "months"),
        ("Column of the event", "status"),
        ("Which values mean the event", "dead"),
        ("Unit of the times", "months"),
        ("What is the event", "death from any cause"),
        ("Further columns that are no covariates", ""),
    ]


def test_values_that_nobody_gave_a_meaning_end_the_questions_with_what_helps(
    init: Init, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status = coin("alive", "dead")
    status[4] = "Not Reported"
    drawn(days=times(), status=status).to_csv(init.folder / "t.csv", index=False)
    monkeypatch.setattr("typer.prompt", Asked("dead", "alive"))
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv")])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "'Not Reported' (1 row) is in neither list; start again with --missing 'Not Reported'" in error


def test_what_is_not_told_is_asked_without_a_default(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    table = drawn(rtime=times(), recur=np.resize([0, 1, 2], ROWS), dtime=times(seed=9), cens=coin(0, 1))
    asked = Asked("no such column", "rtime", "3", "2", "0,1", "months")
    interview(init, table, asked, monkeypatch)
    assert [default for _, default in asked.questions[:6]] == ["patient_id", None, None, "recur", None, None]
    assert init.draft()["table"]["censored_values"] == ["0", "1"]
