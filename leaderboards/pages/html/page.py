"""Put the page together: template, style, scripts, libraries and content in one file."""

import base64
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import jinja2

from leaderboards.pages.formats import Boards
from leaderboards.pages.html.content import content_of

# In this order: each uses what stands before it.
SCRIPTS = ("state", "cells", "tables", "results", "charts", "gains", "ranks", "scatter", "failures", "datasets", "main")


def as_html(boards: Boards, facts: Mapping[str, Mapping[str, Any]], made: str = "") -> str:
    """Return boards as a page in one file that loads nothing.

    Parameters
    ----------
    boards : Boards
        All ranked by the same measure.
    facts : mapping of str to mapping
        Of each dataset (``dataset_facts``).
    made : str
        How and when they were made, in a sentence or two.

    Notes
    -----
    A policy in the file lets its own scripts run, by their checksums, and forbids every other one and every request:
    a text that got into the page as markup could still do nothing.
    """
    libraries = third_party()
    folder = resources.files(__package__)
    scripts = [_script((folder / "vendor" / library["file"]).read_text("utf-8")) for library in libraries]
    scripts.append(_script("\n".join((folder / "scripts" / f"{name}.js").read_text("utf-8") for name in SCRIPTS)))
    template = _environment().from_string((folder / "page.html.jinja").read_text("utf-8"))
    return template.render(
        policy=_policy(scripts),
        style=(folder / "page.css").read_text("utf-8"),
        scripts=scripts,
        content=_as_json(content_of(boards, facts)),
        libraries=libraries,
        made=made,
        embargo=next((known["embargo"] for known in facts.values() if known.get("embargo")), ""),
    )


@cache
def third_party() -> Sequence[Mapping[str, str]]:
    """Return the libraries that the page embeds: name, version, licence with its text, file and checksum."""
    folder = resources.files(__package__) / "vendor"
    listed = tomllib.loads((folder / "third_party.toml").read_text("utf-8"))["library"]
    return [{**library, "licence_text": _text(folder / library["licence_file"])} for library in listed]


def _text(file: Traversable) -> str:
    return file.read_text("utf-8").strip()


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _script(text: str) -> str:
    """Return a script of this package as it stands in the page; its end tag may not be in it."""
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script that holds '</script' or '<!--' cannot stand in a page")
    return text


def _policy(scripts: Sequence[str]) -> str:
    """Return the content security policy: these scripts by their checksums, styles of the page, nothing else."""
    allowed = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    sources = " ".join(f"'sha256-{digest}'" for digest in allowed)
    return f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _as_json(content: Mapping[str, Any]) -> str:
    """Return values as JSON in which no character can end the element that it stands in."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
