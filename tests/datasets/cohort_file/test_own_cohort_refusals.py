"""What does not fit in a cohort file or its table is told by file, row and column."""

from pathlib import Path

import pytest
from hospital import PATIENTS, Hospital

from benchmarks.catalog import registry
from benchmarks.errors import ReportError, UsageError


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("008,", "007,", "patients.csv: column 'id': 1 patient stands in several rows, '007' in rows 2 and 3"),
        ("008,3", ",3", "patients.csv: column 'id': 1 identifier is missing, in row 3"),
        (
            "40,dead",
            ",dead",
            "patients.csv: column 'months': 1 time is missing, in row 4 (patient '009'); leave out patients without",
        ),
        ("61,f,II,a", "61,f,II,a,b", "patients.csv: row 2: 8 cells, the header has 7"),
        ("55,f,III,c", "55,f,III,c,d", "patients.csv: row 4: 8 cells, the header has 7"),
        (PATIENTS, "", "patients.csv: cannot be read as a table: it is empty"),
        (PATIENTS[PATIENTS.index("007") :], "", "patients.csv: holds no patient"),
        ("40,dead", "-4,dead", "patients.csv: column 'months': 1 time ('-4') is negative, in row 4 (patient '009')"),
        ("40,dead", "0,dead", "column 'months': 1 time is 0, it must be greater, in row 4 (patient '009'); leave out"),
        ("40,dead", "forty,dead", "column 'months': 1 value ('forty') is not a number, in row 4 (patient '009')"),
        ("40,dead", "inf,dead", "column 'months': 1 value ('inf') is not a number, in row 4"),
        (
            "40,dead",
            "40,lost",
            "column 'status': 1 value ('lost') is neither in event_values (dead) nor in censored_values (alive), in",
        ),
        (
            "55,f",
            "unknown,f",
            "column 'age': 1 value ('unknown') is not a number, in row 4 (patient '009'); 2 others are: mark such",
        ),
        (
            "f,III",
            "f,IV",
            "column 'grade': 1 value ('IV') is none of the levels I < II < III, in row 4 (patient '009')",
        ),
        ("age,sex", "age,age", "patients.csv: row 1: the column name 'age' stands twice"),
        ("id,months", "id,month", "patients.csv: no column 'months'; did you mean month?"),
        ("\n008,3,alive", "\n\n008,-1,alive", "column 'months': 1 time ('-1') is negative, in row 4 (patient '008')"),
    ],
)
def test_a_wrong_value_is_told_by_file_row_and_column(hospital: Hospital, old: str, new: str, message: str) -> None:
    hospital.replace("patients.csv", old, new)
    assert message in hospital.refused()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Ward 7"', "", "the key 'title' is missing"),
        ('title = "Ward 7"', 'titel = "Ward 7"', "unknown key 'titel'; did you mean title"),
        (
            'time_unit = "months"',
            'time_unit = "months"\nhorizont = 60',
            "unknown key 'horizont'; did you mean horizon",
        ),
        ('time = "months"', 'tme = "months"', "[table]: unknown key 'tme'; did you mean time"),
        ('event = "status"', 'event = "status"\nstratum = "x"', "[table]: unknown key 'stratum'; did you mean strata"),
        ('time_unit = "months"', 'time_unit = "weeks"', "time_unit = 'weeks': input should be 'days', 'months' or 'y"),
        ('name = "ward-7"', 'name = "ward 7"', "name = 'ward 7': letters, digits, - and _ only"),
        ('name = "ward-7"', 'name = "gbsg2"', "two datasets are called 'gbsg2'"),
        ('file = "patients.csv"', 'file = "patient.csv"', "patient.csv: no such file in"),
        ('file = "patients.csv"', 'file = "patients.xlsx"', "patients.xlsx: tables are .csv"),
        ('leave_out = ["note"]', 'leave_out = ["notes"]', "patients.csv: no column 'notes'; did you mean note"),
        ('leave_out = ["note"]', 'columns = ["months"]', "'months' cannot be a covariate"),
        ('types = { grade = ["I", "II", "III"] }', 'types = { stage = "numeric" }', "a type is given for 'stage'"),
        ('censored_values = ["alive"]', 'censored_values = ["dead", "alive"]', "'dead' is in event_values and in"),
        ("[table]", "[table", "not valid TOML"),
        ('time_unit = "months"', 'time_unit = "months"\nhorizon = inf', "horizon = inf: it must be a finite number"),
        (
            'event_values = ["dead"]',
            "event_values = [true]",
            "[table]: event_values holds True: it must be",
        ),
        ('grade = ["I", "II", "III"]', "grade = 5", '[clinical]: types of \'grade\': "numeric", "categorical", or the'),
        ("[clinical]", '[format]\nseparator = "ab"\n[clinical]', "[format]: separator = 'ab': it must be one sign"),
        ("[clinical]", '[format]\ndecimal = ","\n[clinical]', "patients.csv: separator and decimal are both ','"),
        ("[clinical]", '[format]\nencoding = "klingon"\n[clinical]', "encoding = 'klingon': unknown encoding"),
        ("[clinical]", '[modalities]\n"a b" = 5\n[clinical]', "[modalities]: 'a b': letters, digits, - and _ only"),
    ],
)
def test_a_wrong_key_is_told_with_a_hint(hospital: Hospital, old: str, new: str, message: str) -> None:
    hospital.replace("cohort.toml", old, new)
    assert message in hospital.refused()


def test_a_long_word_of_the_description_is_cut_off(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", '["dead"]', f'["dea{"9" * 10_000}"]')
    refused = hospital.refused()
    assert "2 values ('dead') are neither in event_values (dea999999" in refused
    assert "first in row 2 (patient '007')" in refused
    assert len(refused) < 500


@pytest.mark.parametrize("name", ["patients.csv", "months", "status"])
def test_a_name_of_ten_thousand_characters_is_refused_in_short(hospital: Hospital, name: str) -> None:
    hospital.replace("cohort.toml", f'"{name}"', f'"{name}{"9" * 10_000}"')
    refused = hospital.refused()
    assert "it is too long; 1,000 characters at most" in refused
    assert len(refused) < 500


def test_a_long_list_of_the_description_is_cut_off(hospital: Hospital) -> None:
    words = ", ".join(f'"dea{number:097d}"' for number in range(60))
    hospital.replace("cohort.toml", '["dead"]', f"[{words}]")
    refused = hospital.refused()
    assert "40 more) nor in censored_values (alive), first in row 2" in refused
    assert len(refused) < 1500


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            'kind = "matrix"\nfile = "rna.csv"',
            "rna.csv: column 'TP53': 1 value ('high') is not a number, in row 3 (patient '008')",
        ),
        (
            'kind = "matrix"\nfile = "doubled.csv"',
            "doubled.csv: column 'id': 1 patient stands in several rows, '007' in rows 2 and 3",
        ),
        (
            'kind = "matrix"\nfile = "strange.csv"',
            "strange.csv: column 'id': 1 patient ('99') is not in the table of patients, in row 2",
        ),
        ('kind = "matrix"\nfile = "none.csv"', "none.csv: no such file"),
        ('kind = "matrix"\nfile = "rna.csv"\npatient = "case"', "rna.csv: no column 'case'"),
        ('kind = "text"\nfile = "rna.csv"', "[modalities.x]: the key 'column' is missing"),
        ('kind = "video"\nfile = "rna.csv"', "[modalities.x]: kind = 'video': it must be table, matrix, text, bags or"),
        (
            'kind = "facts"\nof = "reports"',
            "[modalities.x]: of = 'reports' is no modality of kind \"text\" of this file",
        ),
        ('kind = "facts"\nof = "x"', "[modalities.x]: of = 'x' is no modality of kind \"text\" of this file"),
        ('file = "rna.csv"', "[modalities.x]: the key 'kind' is missing: table, matrix, text, bags or facts"),
        ('kind = "bags"\nfolder = "slides"', "slides: no such folder"),
        (
            'kind = "bags"\nfolder = "s"\ncolour = 1',
            "[modalities.x]: unknown key 'colour'; did you mean column or folder?",
        ),
    ],
)
def test_a_wrong_modality_is_told(hospital: Hospital, part: str, message: str) -> None:
    hospital.write("rna.csv", "id,TP53\n007,1\n008,high\n")
    hospital.write("doubled.csv", "id,TP53\n007,1\n007,2\n")
    hospital.write("strange.csv", "id,TP53\n99,1\n")
    hospital.add(f"\n[modalities.x]\n{part}\n")
    assert message in hospital.refused()


def test_a_column_of_names_is_not_taken_for_a_covariate(hospital: Hospital) -> None:
    rows = [f"{k:03d},{k + 1},{'dead' if k % 2 else 'alive'},60,f,I,patient {k}" for k in range(30)]
    hospital.write("patients.csv", "\n".join([PATIENTS.splitlines()[0], *rows]))
    hospital.replace("cohort.toml", 'leave_out = ["note"]\n', "")
    assert "column 'note' has 30 different words, which looks like a name" in hospital.refused()


def test_the_stated_size_is_checked(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'time_unit = "months"', 'time_unit = "months"\nn = 5\nevents = 2')
    assert "loaded 4 patients with 2 events, the card says 5 patients with 2 events" in hospital.refused()


def test_of_a_size_only_the_stated_part_is_checked(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'time_unit = "months"', 'time_unit = "months"\nevents = 3')
    assert "loaded 4 patients with 2 events, the card says 3 events" in hospital.refused()


def test_all_wrong_keys_are_told_at_once_a_misspelt_one_not_as_a_missing_one_again(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'time = "months"', 'tme = "months"\ncolour = 1')
    hospital.replace("cohort.toml", 'title = "Ward 7"', "title = 7")
    with pytest.raises(ReportError) as caught:
        hospital.load()
    assert caught.value.title == f"{hospital.folder / 'cohort.toml'}: 3 problems"
    misspelt, unknown, wrong = caught.value.problems
    assert misspelt == "[table]: unknown key 'tme'; did you mean time?"
    assert unknown.startswith("[table]: unknown key 'colour'; ")
    assert wrong == "title = 7: it must be a text in quotes"


def test_a_cohort_file_in_another_encoding_is_told(hospital: Hospital) -> None:
    hospital.write("cohort.toml", 'name = "größe"', encoding="latin-1")
    assert "is not written in UTF-8, as TOML must be: see byte 10" in hospital.refused()


def test_a_missing_cohort_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"`python -m benchmarks data init FILE.csv` drafts one"):
        registry.register_cohort_file(tmp_path / "cohort.toml")
