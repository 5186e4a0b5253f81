"""``data init``: files as spreadsheets and portals write them."""

import gzip

import pytest
from drafted_tables import ROWS, Capture, Init, coin, drawn, times

from benchmarks.commandline.app import main


def test_names_with_markup_and_control_characters_are_printed_literally(init: Init) -> None:
    table = drawn(**{"days": times(), "status": coin(0, 1), "[red]note[/red]": "x", "a\x1bb :smile:": "y"})
    said = init.run(table)
    assert r"left out: '[red]note[/red]', 'a\x1bb :smile:' (one value only)" in said


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("t.CSV", "{}"),
        ("t.csv", "\ufeff{}"),
        ("t.csv", "# a note\n# another one\n{}"),
        ("t.csv", "sep=,\n{}"),
    ],
)
def test_tables_as_spreadsheets_and_portals_write_them_are_drafted(init: Init, file: str, text: str) -> None:
    table = drawn(days=times(), status=coin(0, 1))
    init.run(text.format(table.to_csv(index=False)), file=file)
    assert len(init.cohort()) == ROWS


def test_tabs_semicolons_and_compressed_files_are_drafted(init: Init, capsys: Capture) -> None:
    table = drawn(days=times(), status=coin(0, 1))
    init.run(table.to_csv(index=False, sep="\t"), file="t.tsv")
    assert len(init.cohort()) == ROWS
    init.run("sep=;\n" + table.to_csv(index=False, sep=";", decimal=","))
    assert init.draft()["format"] == {"separator": ";", "decimal": ","}
    (init.folder / "t.csv.gz").write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    (init.folder / "cohort.toml").unlink()
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv.gz"), "--yes"])
    assert ended.value.code == 0
    assert len(init.cohort()) == ROWS


def test_a_file_with_one_column_is_refused(init: Init) -> None:
    assert "only one column is found" in init.asks("t status sex\n" + "35 0 1\n" * 20)


def test_a_name_that_a_dataset_of_the_suite_has_is_not_taken(init: Init) -> None:
    init.run(drawn(days=times(), status=coin(0, 1)), file="gbsg2.csv")
    assert init.draft()["name"] == "own-gbsg2"
    assert len(init.cohort()) == ROWS


def test_init_never_overwrites(init: Init, capsys: Capture) -> None:
    init.run(drawn(days=times(), status=coin(0, 1)))
    before = (init.folder / "cohort.toml").read_text()
    with pytest.raises(SystemExit) as ended:
        main(["data", "init", str(init.folder / "t.csv"), "--yes"])
    assert ended.value.code == 2
    assert "exists already" in capsys.readouterr().err
    assert (init.folder / "cohort.toml").read_text() == before
