"""All that is wrong with the tables of a cohort is told at once; patients without outcome may be left out."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hospital import COHORT, Hospital

from benchmarks.errors import ReportError

MESS = """# a registry
id,months,status,age,sex,grade,stage,note
p1,12.5,dead,61,f,II,1,a
p2,,alive,[n/a],m,I,2,b
p3,0,dead,55,f,IV,T2,c
p4,-2,lost,70,m,V,T2,d
p4,soon,,50,m,I,T3,e
,3,lost,[n/a],f,I,4,f
"""


def problems_of(hospital: Hospital) -> ReportError:
    with pytest.raises(ReportError) as caught:
        hospital.load()
    return caught.value


def test_all_problems_of_a_table_are_told_at_once_the_most_frequent_first(hospital: Hospital) -> None:
    hospital.write("patients.csv", MESS)
    error = problems_of(hospital)
    assert error.title == "patients.csv: 11 problems"
    others = "mark such values as missing under [format], or declare the column categorical under types"
    exclude = "leave out patients without an outcome with exclude_without_outcome = true under [table]"
    assert set(error.problems) == {
        f"column 'stage': 3 values ('T2' 2, 'T3' 1) are not numbers, first in row 5 (patient 'p3'); 3 others are: "
        f"{others}",
        f"column 'age': 2 values ('[n/a]') are not numbers, first in row 4 (patient 'p2'); 4 others are: {others}",
        "column 'grade': 2 values ('IV' 1, 'V' 1) are none of the levels I < II < III, first in row 5 (patient 'p3')",
        "column 'status': 2 values ('lost') are neither in event_values (dead) nor in censored_values (alive), first "
        "in row 6 (patient 'p4')",
        "column 'id': 1 identifier is missing, in row 8",
        "column 'id': 1 patient stands in several rows, 'p4' in rows 6 and 7",
        f"column 'months': 1 time is missing, in row 4 (patient 'p2'); {exclude}",
        "column 'months': 1 value ('soon') is not a number, in row 7 (patient 'p4')",
        "column 'months': 1 time ('-2') is negative, in row 6 (patient 'p4')",
        f"column 'months': 1 time is 0, it must be greater, in row 5 (patient 'p3'); {exclude}",
        f"column 'status': 1 event is missing, in row 7 (patient 'p4'); {exclude}",
    }
    assert error.problems[0].startswith("column 'stage'")
    assert str(error) == f"{error.title}: {'; '.join(error.problems)}"


def test_the_command_line_prints_a_line_per_problem_and_exits_with_2(
    command_line: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    hospital = Hospital(tmp_path)
    hospital.write("patients.csv", MESS)
    done = command_line("data", "describe", str(tmp_path / "cohort.toml"))
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[0] == "error: patients.csv: 11 problems"
    assert len(lines) == 12
    assert all(line.startswith("  column ") for line in lines[1:])


def test_problems_of_several_files_name_each_file(hospital: Hospital) -> None:
    hospital.replace("patients.csv", "40,dead", "-40,dead")
    hospital.write("rna.csv", "id,TP53\n007,high\n011,1\n")
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    hospital.add('\n[modalities.text]\nkind = "text"\nfile = "none.csv"\ncolumn = "report"\n')
    error = problems_of(hospital)
    assert error.title == "patients.csv, rna.csv, none.csv: 4 problems"
    assert error.problems[:3] == (
        "patients.csv: column 'months': 1 time ('-40') is negative, in row 4 (patient '009')",
        "rna.csv: column 'id': 1 patient ('011') is not in the table of patients, in row 3",
        "rna.csv: column 'TP53': 1 value ('high') is not a number, in row 2 (patient '007')",
    )
    assert error.problems[3].startswith("none.csv: no such file in ")


def test_a_problem_of_a_file_that_is_read_twice_is_told_once(hospital: Hospital) -> None:
    hospital.write("rna.csv", "id,TP53\n011,1\n")
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    hospital.add('\n[modalities.more]\nkind = "table"\nfile = "rna.csv"\n')
    assert hospital.refused() == "rna.csv: column 'id': 1 patient ('011') is not in the table of patients, in row 2"


def test_of_many_problems_the_first_twenty_are_told(hospital: Hospital) -> None:
    genes = [f"G{k}" for k in range(25)]
    hospital.write("rna.csv", f"id,{','.join(genes)}\n007{',high' * 25}\n")
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    error = problems_of(hospital)
    assert error.title == "rna.csv: 25 problems"
    assert len(error.problems) == 21
    assert error.problems[-1] == "and 5 more"


def test_all_columns_that_the_table_lacks_are_told_at_once(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'leave_out = ["note"]', 'leave_out = ["notes"]')
    hospital.replace("cohort.toml", 'time = "months"', 'time = "month"')
    assert problems_of(hospital).problems == (
        "no column 'month'; did you mean months?",
        "no column 'notes'; did you mean note or months?",
    )


def test_the_columns_of_a_wide_table_are_not_all_listed(hospital: Hospital) -> None:
    hospital.write("rna.csv", ",".join(["sample", *(f"GENE{k}" for k in range(5000))]) + "\n007" + ",1" * 5000)
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    message = hospital.refused()
    assert message.startswith("rna.csv: no column 'id'; known are: sample, GENE0, ")
    assert message.endswith(" and 4941 more")


def test_a_number_too_large_for_a_matrix_is_told_by_its_row_in_the_file(hospital: Hospital) -> None:
    hospital.write("rna.csv", "# counts\nid,A,B\n007,1,2\n008,1,4e38\n")
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    assert "rna.csv: column 'B': 1 value ('4e+38') is beyond 3.4e+38" in hospital.refused()
    assert "in row 4 (patient '008')" in hospital.refused()


def test_a_column_without_a_name_is_refused_until_it_is_left_out(hospital: Hospital) -> None:
    text = (hospital.folder / "patients.csv").read_text().splitlines()
    hospital.write("patients.csv", "\n".join([f",{text[0]}", *(f"{k},{row}" for k, row in enumerate(text[1:]))]))
    hospital.write("rna.csv", ",id,TP53\n0,007,1\n1,009,2\n")
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    told = 'column 1 has no name in the header: name it, or leave it out with leave_out = [""]'
    assert problems_of(hospital).problems == (f"patients.csv: {told}", f"rna.csv: {told}")
    hospital.replace("cohort.toml", 'leave_out = ["note"]', 'leave_out = ["note", ""]')
    hospital.add('leave_out = [""]\n')
    patients = hospital.cohort().patients
    assert patients.matrix("rna").names == ("TP53",)
    assert list(patients.table().frame) == ["age", "sex", "grade"]


def test_row_names_may_be_the_identifiers(hospital: Hospital) -> None:
    hospital.replace("patients.csv", "id,", ",")
    hospital.replace("cohort.toml", 'patient = "id"', 'patient = ""')
    assert hospital.cohort().patients.ids.tolist() == ["007", "008", "009", "010"]


def test_a_point_in_a_number_with_a_decimal_comma_is_refused(hospital: Hospital) -> None:
    hospital.write("patients.csv", "id;months;status;age;sex;grade;note\n1;1.234;dead;61;f;I;a\n2;2,5;alive;60;m;I;b\n")
    hospital.add('\n[format]\nseparator = ";"\ndecimal = ","\n')
    assert "column 'months': 1 value ('1.234') is not a number, in row 2" in hospital.refused()


def test_control_characters_of_a_table_are_told_escaped(hospital: Hospital) -> None:
    hospital.replace("patients.csv", "40,dead", "\x1b[31m40,dead")
    assert "1 value ('\\x1b[31m40') is not a number" in hospital.refused()


WITHOUT_OUTCOME = """id,months,status,age,sex,grade,note
p1,12.5,dead,61,f,II,a
p2,,alive,unknown,m,I,b
p3,0,dead,55,f,IV,c
p4,7,,70,m,I,d
p5,-1,dead,70,m,I,e
p6,3,alive,50,m,I,f
"""


def test_patients_without_outcome_are_left_out_and_counted_where_asked(hospital: Hospital) -> None:
    hospital.write("patients.csv", WITHOUT_OUTCOME)
    hospital.write("rna.csv", "id,TP53\np1,1\np2,2\np6,3\n")
    hospital.write("cohort.toml", COHORT.replace("[table]\n", "[table]\nexclude_without_outcome = true\n"))
    hospital.add('\n[modalities.rna]\nkind = "matrix"\nfile = "rna.csv"\n')
    cohort = hospital.cohort()
    assert cohort.patients.ids.tolist() == ["p1", "p6"]
    assert cohort.excluded == 4
    assert cohort[[1]].excluded == 4
    assert cohort.patients.matrix("rna").values[:, 0].tolist() == [1.0, 3.0]


def test_leaving_patients_out_gives_the_cohort_without_them(hospital: Hospital) -> None:
    hospital.write("patients.csv", WITHOUT_OUTCOME)
    hospital.replace("cohort.toml", "[table]\n", "[table]\nexclude_without_outcome = true\n")
    left_out = hospital.load().sha256
    rows = WITHOUT_OUTCOME.splitlines()
    hospital.write("patients.csv", "\n".join([rows[0], rows[1], rows[6]]))
    assert hospital.load().sha256 == left_out
    assert hospital.cohort().excluded == 0


def test_a_word_as_a_time_is_no_missing_outcome(hospital: Hospital) -> None:
    hospital.write("patients.csv", WITHOUT_OUTCOME.replace("p6,3", "p6,soon"))
    hospital.replace("cohort.toml", "[table]\n", "[table]\nexclude_without_outcome = true\n")
    assert "column 'months': 1 value ('soon') is not a number, in row 7 (patient 'p6')" in hospital.refused()


def test_a_repeated_patient_is_told_although_one_row_has_no_outcome(hospital: Hospital) -> None:
    hospital.write("patients.csv", WITHOUT_OUTCOME.replace("p2,", "p1,"))
    hospital.replace("cohort.toml", "[table]\n", "[table]\nexclude_without_outcome = true\n")
    assert "1 patient stands in several rows, 'p1' in rows 2 and 3" in hospital.refused()


def test_a_table_in_which_nobody_has_an_outcome_is_refused(hospital: Hospital) -> None:
    hospital.write("patients.csv", WITHOUT_OUTCOME.replace("dead", "").replace("alive", ""))
    hospital.replace("cohort.toml", "[table]\n", "[table]\nexclude_without_outcome = true\n")
    assert hospital.refused() == "patients.csv: no patient has an outcome"
