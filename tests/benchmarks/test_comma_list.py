"""Several names in one option."""

import pytest

from benchmarks.comma_list import comma_list
from benchmarks.errors import UsageError


def test_blanks_empty_entries_and_repeats_are_dropped() -> None:
    assert comma_list(" gbsg2,, whas500 ,gbsg2,", "dataset") == ["gbsg2", "whas500"]


def test_blanks_within_a_name_stay() -> None:
    assert comma_list("tumour size, grade", "column") == ["tumour size", "grade"]


@pytest.mark.parametrize("text", ["", "  ", ",", " , "])
def test_a_list_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no dataset is named"):
        comma_list(text, "dataset")
