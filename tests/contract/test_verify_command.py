"""``verify`` runs the contract on anyone's method."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.commandline.app import main

METHODS = Path(__file__).parents[1] / "faults" / "methods"


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(["verify", *arguments])
    captured = capsys.readouterr()
    return exit_.value.code, captured.out, captured.err


def test_a_sound_method_passes_every_check(capsys) -> None:
    code, out, _ = verify(capsys, "kaplan_meier")
    assert code == 0
    assert "kaplan_meier: 20 of 20 checks passed" in out
    assert "FAILED" not in out


def test_a_method_of_another_package_is_checked_and_its_faults_are_told(capsys, monkeypatch) -> None:
    monkeypatch.syspath_prepend(METHODS)
    code, out, _ = verify(capsys, "misbehaving:Raises", "--json")
    sys.modules.pop("misbehaving", None)
    assert code == 1
    checks = {row["check"]: row for row in json.loads(out)["checks"]}
    assert checks["the config is a frozen dataclass of plain values"]["passed"]
    fit = checks["the same seed gives the same bytes"]
    assert not fit["passed"]
    assert fit["problem"].startswith("RuntimeError: the matrix is singular (")
    assert "misbehaving.py:" in fit["problem"]
    assert fit["problem"].endswith(", in fit)")


@pytest.fixture
def lacks_a_library(tmp_path: Path, monkeypatch) -> str:
    card = (METHODS / "card.toml").read_text()
    keys, modalities, rest = card.partition("[modalities]")
    (tmp_path / "card.toml").write_text(f'{keys}requires = ["a_library_nobody_has"]\n\n{modalities}{rest}')
    (tmp_path / "lacking.py").write_text("import a_library_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    return "lacking:Method"


def test_a_method_that_lacks_a_library_is_skipped_with_a_word(capsys, lacks_a_library: str) -> None:
    code, out, _ = verify(capsys, lacks_a_library)
    assert code == 0
    assert out == "lacking:Method: skipped: needs a_library_nobody_has: pip install 'a_library_nobody_has'\n"
    code, out, _ = verify(capsys, lacks_a_library, "--json")
    assert (code, json.loads(out)["skipped"].partition(":")[0]) == (0, "needs a_library_nobody_has")


def test_an_unknown_module_is_one_line(capsys) -> None:
    code, out, err = verify(capsys, "nowhere:Method")
    assert (code, out) == (2, "")
    assert err == "error: cannot find the module 'nowhere': is its folder the current one, or is it installed?\n"


def test_a_module_without_a_card_is_one_line(capsys, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "without_card.py").write_text("class Method: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    code, _, err = verify(capsys, "without_card:Method")
    assert code == 2
    assert "needs a card.toml" in err
    assert err.count("\n") == 1


def test_a_class_that_does_not_exist_is_one_line(capsys) -> None:
    code, _, err = verify(capsys, "methods.cox_ph.method:Kox")
    assert code == 2
    assert "'methods.cox_ph.method' has no class or function 'Kox'" in err
