"""A real browser without a window; the tests are skipped where there is none."""

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start a browser once for the tests of a file."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("no driver of browsers: pip install playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found)
        yield started
        started.close()


class Watched:
    """What a page asked for, and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Open a file in a window of its own; at the end, nothing but the file was asked for and no error was told."""
    with ExitStack() as stack:
        opened: list[tuple[str, Watched]] = []

        def opening(path: Path, view: str = "", *, width: int = 1280, height: int = 800, **options: Any) -> Any:
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            watched = Watched(page)
            opened.append((path.as_uri(), watched))
            page.goto(f"{path.as_uri()}#{view}")
            return page

        yield opening
        for address, watched in opened:
            assert watched.complaints == []
            assert {url.partition("#")[0] for url in watched.requests} == {address}
