"""One file: nothing is loaded from elsewhere, texts of others stay texts, libraries are those that are named."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib import resources

import pytest
from made_boards import board, board_row, small_boards

from leaderboards.pages.formats import Boards
from leaderboards.pages.html.page import as_html, third_party


class Tags(HTMLParser):
    """Collect tags and the texts of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def page() -> str:
    return as_html(small_boards(), {}, "Made for a test.")


def test_nothing_is_loaded(page: str) -> None:
    tags = Tags(page).tags
    assert not [name for name, _ in tags if name in ("link", "img", "iframe", "object", "embed", "base")]
    assert not [values for _, values in tags if "src" in values or str(values.get("href", "#"))[0] != "#"]
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_only_the_scripts_of_the_page_may_run(page: str) -> None:
    policy = next(v["content"] for _, v in Tags(page).tags if v.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    content, *scripts = Tags(page).scripts
    assert json.loads(content)["ranked_by"] == "harrell_c"
    assert {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts} == allowed
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy


def test_a_text_cannot_end_the_element_that_it_stands_in() -> None:
    hostile = "</script><script>alert(1)</script><!-- \u2028 & {{ 7 * 7 }}"
    page = as_html(Boards((board("one", board_row(hostile, 0.7, rank=1)),), None), {"one": {"title": hostile}}, hostile)
    tags = Tags(page)
    assert len(tags.scripts) == len(third_party()) + 2
    content = json.loads(tags.scripts[0])
    assert content["datasets"][0]["facts"]["title"] == hostile
    assert "alert(1)</script>" not in page


def test_what_is_in_the_page_is_what_is_on_the_boards(page: str) -> None:
    content = json.loads(Tags(page).scripts[0])
    first = content["datasets"][0]["rows"][0]
    place = [measure["name"] for measure in content["measures"]].index("harrell_c")
    assert first["name"] == "fusion_net"
    assert first["scores"][place] == [0.74, 0.7, 0.78]
    assert first["gains"]["cox"]["value"] == [0.04, 0.01, 0.07]
    assert content["texts"][first["gains"]["cox"]["over"]] == "cox_ph"
    assert content["texts"][first["settings"]] == '{"penalty":0.1}'
    assert content["datasets"][2]["rows"][-1]["problem"] == "MemoryError: more than 2 GiB on 3 of 5 folds"
    assert content["overall"]["rows"][0]["name"] == "cox_ph"


def test_a_dataset_under_embargo_is_told_on_every_view() -> None:
    boards = small_boards()
    assert "must not be published" not in as_html(boards, {}, "")
    marked = as_html(boards, {"second": {"embargo": "results must not be published"}}, "")
    assert '<p class="warning banner">results must not be published</p>' in marked


@pytest.mark.parametrize("library", third_party(), ids=lambda library: library["name"])
def test_a_library_is_the_file_of_its_package_with_its_licence(library: dict[str, str]) -> None:
    folder = resources.files("leaderboards.pages.html") / "vendor"
    assert hashlib.sha256((folder / library["file"]).read_bytes()).hexdigest() == library["sha256"]
    assert "permission" in library["licence_text"].lower()
    assert library["licence"] in ("MIT", "ISC")
    assert library["version"] in (folder / library["file"]).read_text("utf-8")[:200]


def test_no_file_in_the_folder_of_libraries_is_unnamed() -> None:
    folder = resources.files("leaderboards.pages.html") / "vendor"
    named = {name for library in third_party() for name in (library["file"], library["licence_file"])}
    assert {file.name for file in folder.iterdir()} == {*named, "third_party.toml"}
