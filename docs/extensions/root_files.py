"""Files of the repository's root that are pages of the site, and links to them from other pages.

A link that reads right in the repository, ``../LEADERBOARD.md``, leaves the folder of the site.
"""

import re

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

# The file, and the page that includes it.
PAGES = {"LEADERBOARD.md": "/repository/published_board.md", "CONTRIBUTING.md": "/repository/contributing.md"}
_LINK = re.compile(r"\]\((?:\.\./)+(" + "|".join(map(re.escape, PAGES)) + r")(#[^)]*)?\)")


def _link(_app: Sphinx, _name: str, content: list[str]) -> None:
    content[0] = _LINK.sub(lambda found: f"]({PAGES[found[1]]}{found[2] or ''})", content[0])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Change the links of each page as it is read."""
    app.connect("source-read", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
