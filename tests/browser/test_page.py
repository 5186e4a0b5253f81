"""The page of boards in a browser: sorted, filtered, read by keyboard, on a phone, in the dark; nothing leaves it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsed import expect_count, go_to
from made_boards import small_boards

from leaderboards.pages.html.page import as_html

VIEWS = ("table", "gains", "ranks", "cost", "calibration", "failures", "datasets", "dataset/first", "reading")

# Levels A and AA of the Web Content Accessibility Guidelines: names of controls, headings of tables, contrast of texts.
ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

CURVE = {
    "times": [0.0, 10.0, 20.0, 30.0],
    "survival": [1.0, 0.9, 0.7, 0.6],
    "low": [1.0, 0.85, 0.6, 0.5],
    "high": [1.0, 0.94, 0.78, 0.69],
    "at_risk": [[0.0, 120], [15.0, 80], [30.0, 12]],
}
FACTS = {
    "first": {
        "title": "A trial that never was",
        "endpoint": "death from any cause",
        "time_unit": "months",
        "source": "drawn",
        "citation": "nobody, never",
        "licence": "none",
        "embargo": "",
        "traps": ["few events"],
        "covariates": [["age", "age at entry", "years"]],
        "patients": 120,
        "events": 48,
        "excluded": 2,
        "horizon": 24.0,
        "grid_points": 101,
        "events_to_horizon": 40,
        "median_follow_up": 28.0,
        "median_survival": None,
        "modalities": [["clinical", "table", 120, "3 numeric, 2 categorical columns"]],
        "curve": CURVE,
    }
}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "boards.html"
    file.write_text(as_html(small_boards(), FACTS, "Made for a test."), encoding="utf-8")
    return file


def names(page: Any, host: str = "#results") -> list[str]:
    return page.locator(f"{host} tbody th").all_inner_texts()


def column(page: Any, heading: str, host: str = "#results") -> list[str]:
    """Return the texts of a column that is shown."""
    headings = [text.split(" ↑")[0].split(" ↓")[0] for text in page.locator(f"{host} thead th").all_inner_texts()]
    place = headings.index(heading)
    return page.locator(f"{host} tbody tr > :nth-child({place + 1})").all_inner_texts()


def heading(page: Any, title: str, host: str = "#results") -> Any:
    return page.locator(f"{host} thead th", has_text=title).locator("[role=button]")


def test_rows_stand_by_dataset_and_rank_and_a_failed_one_last(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    assert names(page)[:4] == ["fusion_net", "cox_ph", "coxnet", "kaplan_meier"]
    assert names(page)[8:] == ["cox_ph", "coxnet", "kaplan_meier", "fusion_net"]
    assert column(page, "rank")[-1] == "-"
    assert column(page, "ties")[:4] == ["a", "ab", "ab", "b"]


def test_a_heading_sorts_both_ways_and_missing_values_stay_last(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    heading(page, "C ↑").click()
    page.locator("#results thead th[aria-sort=descending]", has_text="C ↑").wait_for()
    values = column(page, "C")
    assert values[:-1] == sorted(values[:-1], reverse=True)
    assert values[-1] == "-"
    heading(page, "C ↑").click()
    page.locator("#results thead th[aria-sort=ascending]", has_text="C ↑").wait_for()
    values = column(page, "C")
    assert values[:-1] == sorted(values[:-1])
    assert values[-1] == "-"


def test_filters_leave_what_they_name_in_table_and_figures(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    page.get_by_role("combobox", name="Dataset").select_option("second")
    assert names(page) == ["coxnet", "cox_ph", "fusion_net", "kaplan_meier"]
    page.get_by_role("combobox", name="Reads").select_option("rna")
    assert names(page) == ["fusion_net"]
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("combobox", name="Family").select_option("baselines")
    assert set(names(page)) == {"cox_ph", "coxnet", "kaplan_meier"}
    page.get_by_label("Name has").fill("COXN")
    expect_count(page.locator("#results tbody tr"), 3)
    assert names(page) == ["coxnet"] * 3
    page.get_by_role("link", name="Gains").click()
    expect_count(page.locator("#view-gains figure"), 3)
    page.get_by_role("combobox", name="Dataset").select_option("second")
    assert page.locator("#view-gains figcaption").all_inner_texts() == ["second"]


def test_another_measure_is_drawn_and_sorted_by_from_its_best(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    page.get_by_role("combobox", name="Measure").select_option(label="IBS")
    values = [float(text) for text in column(page, "IBS")[:-1]]
    assert values == sorted(values)
    assert "Ranks, letters and gains are by C" in page.locator("#results-words").inner_text()


def test_the_column_chooser_shows_and_hides(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="MiB").check()
    assert column(page, "MiB")[0] == "300"
    page.get_by_role("checkbox", name="reads").uncheck()
    assert "reads" not in "".join(page.locator("#results thead th").all_inner_texts())


def test_columns_are_chosen_by_keyboard(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    page.locator("#chooser summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.column") == "dataset"
    page.keyboard.press("Space")
    assert "dataset" not in "".join(page.locator("#results thead th").all_inner_texts())


def test_intervals_are_drawn_in_the_cells(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    drawn = page.locator("#results tbody tr").first.locator("svg")
    expect_count(drawn, 2)
    assert drawn.first.locator("line").count() == 1


def test_everything_is_reached_by_keyboard_alone(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    focused = "document.activeElement.id || document.activeElement.innerText"
    met = []
    for _ in range(60):
        page.keyboard.press("Tab")
        met.append(page.evaluate(focused))
        if met[-1] == "fusion_net":
            break
    assert met[:2] == ["Skip to the content", "theme"]
    for name in ("Gains", "filter-dataset", "filter-family", "Columns", "fusion_net"):
        assert name in met
    page.keyboard.press("Enter")
    told = page.locator("#row-details").inner_text()
    assert "cannot be told from\ncox_ph, coxnet\nseparated from\nkaplan_meier" in told
    assert page.evaluate("document.activeElement.id") == "row-details"
    page.get_by_role("button", name="Close").press("Enter")
    assert page.locator("#row-details").inner_text() == ""
    assert page.evaluate("document.activeElement.innerText") == "fusion_net"
    heading(page, "rank").focus()
    page.keyboard.press("Enter")
    page.locator("#results thead th[aria-sort=ascending]", has_text="rank").wait_for()
    page.keyboard.press("Enter")
    page.locator("#results thead th[aria-sort=descending]", has_text="rank").wait_for()


def test_a_phone_shows_every_view_without_scrolling_the_page_sideways(
    page_file: Path, open_page: Callable[..., Any]
) -> None:
    page = open_page(page_file, width=375, height=6000)
    widths = {}
    for view in VIEWS:
        go_to(page, view)
        widths[view] = page.evaluate("document.documentElement.scrollWidth")
    assert widths == dict.fromkeys(VIEWS, 375)


@pytest.mark.parametrize(("scheme", "rules"), [("light", ALL_RULES), ("dark", ["color-contrast"])])
def test_every_view_keeps_the_rules_of_accessibility(
    page_file: Path, open_page: Callable[..., Any], scheme: str, rules: list[str]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    page = open_page(page_file, color_scheme=scheme, height=3000)
    broken = {}
    for view in VIEWS:
        go_to(page, view)
        found = axe.Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
        broken |= {view: found.generate_report()} if found.violations_count else {}
    assert broken == {}


def test_the_dark_scheme_follows_the_system_and_the_choice(page_file: Path, open_page: Callable[..., Any]) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page = open_page(page_file, color_scheme="dark")
    assert page.evaluate(background) == "rgb(20, 23, 28)"
    page.get_by_role("combobox", name="Colours").select_option("light")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.get_by_role("combobox", name="Colours").select_option("dark")
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"


def test_a_failure_stands_with_its_cause(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file, "failures")
    first = page.locator("#failures tbody tr").first
    assert first.inner_text().split("\t") == [
        "fusion_net",
        "third",
        "failed",
        "2 of 5",
        "MemoryError: more than 2 GiB on 3 of 5 folds",
    ]


def test_ranks_have_a_matrix_and_a_diagram(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file, "ranks")
    expect_count(page.locator("#ranks-difference svg"), 1)
    assert column(page, "mean rank", "#ranks")[0] == "1.67"
    assert page.locator("#ranks tbody tr", has_text="fusion_net").inner_text().split("\t")[-1] == "4!"


def test_a_dataset_has_its_page(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file, "datasets")
    page.locator("#datasets").get_by_role("link", name="first", exact=True).click()
    text = page.locator("#view-dataset").inner_text()
    assert "A trial that never was" in text
    assert "fusion_net stands first" in text
    assert "24 months, 40 events up to it" in text
    assert "median survival\nnot reached" in text
    expect_count(page.get_by_role("img", name="Kaplan-Meier curve of first"), 1)
    page.get_by_role("button", name="Its rows in the table").click()
    assert names(page) == ["fusion_net", "cox_ph", "coxnet", "kaplan_meier"]


def test_no_script_of_others_runs_and_no_request_is_let_out(page_file: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.evaluate(
        """() => {
            window.refused = [];
            const note = (event) => window.refused.push(event.effectiveDirective);
            document.addEventListener("securitypolicyviolation", note);
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "https://example.org/x.png";
            document.body.append(image);
            fetch("https://example.org/").catch(() => {});
        }"""
    )
    for _ in range(50):
        if page.evaluate("window.refused.length") >= 3:
            break
        page.wait_for_timeout(100)
    assert set(page.evaluate("window.refused")) == {"script-src-elem", "img-src", "connect-src"}
    assert page.evaluate("window.ran") is None
    page.close()
