"""The site is built without a warning; what its pages link to is there, and nothing is loaded from elsewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from benchmarks.catalog.registry import dataset_cards, method_cards
from benchmarks.commandline.app import VERBS
from tests.conftest import ROOT, child_environment

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src"}
# Told to search engines and readers' programs, not loaded.
SAID_ONLY = {"canonical", "index", "search", "next", "prev"}


class Page(HTMLParser):
    """What a page links to, loads, and can be linked at; formulas that stayed source text are in its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.text: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := given.get(name))}
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        target = given.get(LOADED.get(tag, ""))
        if target and given.get("rel") not in SAID_ONLY:
            self.loaded.append(target)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.timeout(600)
def test_the_site_is_built_and_whole(tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", tmp_path / "trees", "docs", site]
    done = subprocess.run(command, cwd=ROOT, env=child_environment(ROOT), capture_output=True, text=True, timeout=580)
    assert done.returncode == 0, done.stdout + done.stderr

    pages = {path: Page(path) for path in site.rglob("*.html")}
    broken = [
        f"{path.relative_to(site)}: {link}"
        for path, page in pages.items()
        for link in dict.fromkeys(page.links)
        if not _leads_somewhere(path, link, pages)
    ]
    assert not broken, "\n".join(broken)
    assert not [link for page in pages.values() for link in page.loaded if urlsplit(link).netloc]
    assert not [path.name for path, page in pages.items() if "\\frac" in "".join(page.text)]
    names = {path.relative_to(site).with_suffix("").as_posix() for path in pages}
    assert {f"generated/methods/{name}" for name in method_cards()} <= names
    assert {f"generated/datasets/{name}" for name in dataset_cards()} <= names
    assert {f"generated/commands/{name}" for name in VERBS} <= names
    formula = site / "generated" / "api" / "metrics" / "metrics.concordance_index.html"
    assert re.search(r"<mfrac[^>]*>\s*<mn>1</mn>\s*<mn>2</mn>", formula.read_text()), "a half reads otherwise"
    assert (
        f"../generated/api/metrics/{formula.name}#metrics.concordance_index" in pages[site / "metrics/index.html"].links
    )


def _leads_somewhere(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    """Return whether a link of a page leads to a file, and an anchor, of the site; others are not looked up."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target not in pages:
        return target.is_file()
    return not parts.fragment or unquote(parts.fragment) in pages[target].anchors
