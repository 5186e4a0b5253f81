"""Which column says who a row is of: a telling name or codes, never a measurement, and no row numbers in silence."""

from collections.abc import Sequence

from benchmarks.errors import UsageError

from .draft_columns import Column
from .draft_guess import Guess, listed
from .draft_names import identifier_rank, names_a_person, names_a_record, names_a_row
from .problems import quoted
from .table import ROW_NUMBER, Sheet

# So many columns are compared within patients to say in which their rows differ.
MOST_COMPARED = 200


def guess_patient(columns: Sequence[Column], sheet: Sheet) -> Guess:
    """Return the column of identifiers, or what is to be asked.

    Raises
    ------
    UsageError
        If the column that names persons repeats: the table has several rows per patient.
    """
    ranked = [(rank, column) for column in columns if (rank := identifier_rank(column.name)) is not None]
    for _, column in sorted(ranked, key=lambda pair: pair[0]):
        if column.all_differ:
            return Guess(column.name, "a known name, every row differs")
        if _repeats(column):
            raise UsageError(several_rows(column, sheet))
    codes = [column.name for column in columns if column.all_differ and column.looks == "codes"]
    if len(codes) == 1:
        return Guess(codes[0], "a code of letters and digits that differs in every row")
    if codes:
        return Guess(None, f"{listed(codes)} could be identifiers")
    numbers = [column.name for column in columns if column.numbers_rows]
    if numbers:
        holds = f"{quoted(numbers[0])} holds row numbers"
        return Guess(None, f"no identifier is found; {holds}: name it if every row is another patient")
    return Guess(
        None,
        "no column with a usual name or with codes differs in every row; name one, or "
        f"{quoted(ROW_NUMBER)} if every row is another patient",
    )


def repeated_persons(columns: Sequence[Column], patient: str) -> Column | None:
    """Return a column other than the identifier that names persons and repeats, if there is one."""
    return next(
        (column for column in columns if column.name != patient and names_a_person(column.name) and _repeats(column)),
        None,
    )


def several_rows(column: Column, sheet: Sheet) -> str:
    """Return the message that a patient has several rows, with the columns in which they differ."""
    frame = sheet.frame
    within = frame.groupby(column.name, sort=False)
    others = [str(name) for name in frame if name != column.name and not names_a_row(str(name))]
    differ = [name for name in others[:MOST_COMPARED] if (within[name].nunique() > 1).mean() > 0.1]
    where = f"; within a patient {listed(differ, 6)} differ" if differ else ""
    return (
        f"{sheet.file}: {column.name!r} repeats: several rows per patient ({column.distinct} patients in "
        f"{column.known} rows){where}. A cohort file needs one row per patient, with one time since the start: "
        "keep one row of each, or name another column with --patient"
    )


def _repeats(column: Column) -> bool:
    """Return whether a column that is called like an identifier has them, though not one per row."""
    if names_a_person(column.name):
        return column.distinct > 2 and column.distinct < column.known
    some = column.distinct > max(10, column.rows / 20) and column.distinct < column.known
    return some and names_a_record(column.name)
