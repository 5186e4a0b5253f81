"""What tests of a page in a browser do again and again."""

from typing import Any


def go_to(page: Any, view: str) -> None:
    """Go to a view of an opened page, and wait for its figures; those below the window are drawn when it is high."""
    page.evaluate("(view) => { location.hash = view; }", view)
    page.locator(f"#view-{view.partition('/')[0]}").wait_for(state="visible")
    expect_count(page.locator("section:not([hidden]) .waiting"), 0)


def expect_count(locator: Any, count: int) -> None:
    """Wait until so many elements fit a locator; the page's policy forbids the driver to wait for an expression."""
    from playwright.sync_api import expect

    expect(locator).to_have_count(count, timeout=10_000)
