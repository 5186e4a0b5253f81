"""Markdown of plain values, and files of it that are written only if they differ."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

# What would be read as markup. Code between backticks stays as it is.
_MARKUP = re.compile(r"([\\*_\[\]<>$|{}#])")
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)


def plain(text: str) -> str:
    """Return text, such as that of a docstring or a card, so that it reads in Markdown as it stands."""
    parts = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_MARKUP.sub(r"\\\1", text[end : code.start()]), f"`{code[2]}`"]
        end = code.end()
    return "".join([*parts, _MARKUP.sub(r"\\\1", text[end:])])


def cell(text: str) -> str:
    """Return Markdown on one line, as a cell of a table holds it."""
    return " ".join(text.split()) or " "


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[str] = ()) -> str:
    """Return a table; every cell is Markdown already, the columns of numbers end alike. Nothing for no rows."""
    lines = ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(
        [
            "| " + " | ".join(head) + " |",
            "| " + " | ".join("--:" if name in numbers else "---" for name in head) + " |",
            *lines,
        ]
    )


def page(*blocks: str) -> str:
    """Return blocks as a page, an empty line between them; empty blocks are left out."""
    return "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"


def toctree(names: Iterable[str]) -> str:
    """Return the table of contents that puts pages below this one; it is seen at the side alone."""
    entries = [name.removesuffix(".md") for name in names]
    return "\n".join(["```{toctree}", ":hidden:", "", *entries, "```"]) if entries else ""


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write pages by name into a folder and remove others there; a page that is the same keeps its time."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()
