"""On the pages on metrics, the name of a function in code is a link to its formula."""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

import metrics


def _link(app: Sphinx, doctree: nodes.document) -> None:
    page = app.env.docname
    if not page.startswith("metrics/"):
        return
    for code in list(doctree.findall(nodes.literal)):
        name = code.astext().removeprefix("metrics.")
        if name not in metrics.__all__ or isinstance(code.parent, nodes.title | nodes.reference | pending_xref):
            continue
        link = pending_xref(
            refdomain="py", reftype="obj", reftarget=f"metrics.{name}", refexplicit=True, refwarn=True, refdoc=page
        )
        code.replace_self(link)
        link += code


def setup(app: Sphinx) -> ExtensionMetadata:
    """Change the pages as they are read."""
    app.connect("doctree-read", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
