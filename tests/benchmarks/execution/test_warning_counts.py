"""Every warning of a block is counted, whatever filters there are, but those that were dealt with."""

import logging
import warnings

import numpy as np
import pytest

from benchmarks.execution.warning_counts import LONGEST, MOST, OTHERS, WarningCounts


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    warnings.warn(message, category, stacklevel=2)


@pytest.fixture
def warned() -> WarningCounts:
    return WarningCounts()


def test_repeated_warnings_are_one_kind_with_its_count_and_are_printed_once(
    warned: WarningCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    with warned.counting():
        for _ in range(4):
            warn("the same\n  text")
        warn("another")
    assert warned.counts == {"UserWarning: the same text": 4, "UserWarning: another": 1}
    assert capsys.readouterr().err.count("UserWarning: the same") == 1


def test_filters_that_silence_for_good_lose_nothing(warned: WarningCounts) -> None:
    # Libraries may have told numpy to say nothing of it.
    with warnings.catch_warnings(), np.errstate(divide="warn"):
        warnings.simplefilter("ignore")
        with warned.counting():
            warn("before")
            warnings.simplefilter("ignore")
            warn("after")
            warnings.filterwarnings("ignore", message="after")
            warn("after")
            np.log(np.array([0.0]))
    assert warned.counts == {
        "UserWarning: before": 1,
        "UserWarning: after": 2,
        "RuntimeWarning: divide by zero encountered in log": 1,
    }


def test_what_a_method_deals_with_itself_does_not_count(warned: WarningCounts) -> None:
    with warned.counting():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warn("silenced")
        with warnings.catch_warnings(record=True) as caught:
            warn("caught")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UserWarning, match="raised"):
                warn("raised")
    assert len(caught) == 1
    assert warned.counts == {}


def test_a_filter_that_makes_errors_stands(warned: WarningCounts) -> None:
    with warned.counting():
        warnings.filterwarnings("error", message="serious")
        with pytest.raises(UserWarning):
            warn("serious matter")
        warn("other")
    assert warned.counts == {"UserWarning: other": 1}


def test_warnings_about_code_are_printed_but_say_nothing_of_a_fit(
    warned: WarningCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    with warned.counting():
        warn("will be renamed", FutureWarning)
    assert warned.counts == {}
    assert "FutureWarning: will be renamed" in capsys.readouterr().err


def test_what_is_logged_as_a_warning_counts_by_its_logger(warned: WarningCounts) -> None:
    with warned.counting():
        logging.getLogger("library.part").warning("step %d failed", 3)
        logging.getLogger("library.part").info("step 4 done")
    logging.getLogger("library.part").warning("after the block")
    assert warned.counts == {"library.part: step 3 failed": 1}


def test_endless_kinds_and_endless_texts_stay_few_and_short(warned: WarningCounts) -> None:
    with warned.counting():
        for step in range(MOST + 7):
            warn(f"step {step}: {'x' * 1000}")
    assert len(warned.counts) == MOST + 1
    assert warned.counts[f"UserWarning: {OTHERS}"] == 7
    assert max(map(len, warned.counts)) == len("UserWarning: ") + LONGEST


def test_filters_are_as_before_after_the_block(warned: WarningCounts) -> None:
    before = (list(warnings.filters), warnings.showwarning)
    with pytest.raises(RuntimeError), warned.counting():
        raise RuntimeError
    assert (list(warnings.filters), warnings.showwarning) == before
    assert type(warnings.filters) is list
