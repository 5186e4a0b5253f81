"""Fifty methods on forty datasets make a file that a browser reads at once; the times are told, not judged."""

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_boards import large_boards

from leaderboards.pages.html.page import as_html

LARGEST = 3_000_000

# From the key on a heading to the table laid out anew.
SORT = """(heading) => new Promise((resolve) => {
    const started = performance.now();
    new MutationObserver((_, observer) => {
        observer.disconnect();
        document.querySelector('#results table').getBoundingClientRect();
        resolve(performance.now() - started);
    }).observe(document.querySelector('#results tbody'), { childList: true });
    heading.click();
})"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "boards.html"
    file.write_text(as_html(large_boards(methods=50, datasets=40), {}, "Made for a test."), encoding="utf-8")
    return file


def test_the_file_is_below_three_megabytes(page_file: Path) -> None:
    assert page_file.stat().st_size < LARGEST


def test_it_opens_and_sorts(
    page_file: Path, open_page: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    page = open_page(page_file)
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    assert page.locator("#results .dt-info").inner_text() == "Rows 1 to 25 of 2,000"
    button = page.locator("#results thead th", has_text="C ↑").locator("[role=button]").element_handle()
    times = [page.evaluate(SORT, button) for _ in range(7)]
    record_property("milliseconds_to_open", opened)
    record_property("milliseconds_of_a_sort", statistics.median(times))
    print(f"opened in {opened:.0f} ms, sorted in {statistics.median(times):.0f} ms ({max(times):.0f} at most)")
    values = page.locator("#results tbody tr td .drawn > span").all_inner_texts()[::2]
    assert values == sorted(values, reverse=True)  # an odd number of sorts, the first from above


def test_all_rows_of_a_table_are_printed(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    page.get_by_role("combobox", name="Dataset").select_option("dataset-07")
    rows = page.locator("#results tbody tr")
    assert rows.count() == 25
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert rows.count() == 50
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert rows.count() == 25
