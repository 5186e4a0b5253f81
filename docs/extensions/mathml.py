"""Formulas as MathML, which browsers set by themselves: no script, nothing loaded from elsewhere."""

import re

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

# TeX takes one digit or letter as an argument that stands without braces, docutils a whole number: of \tfrac12
# it would make 12 over what follows.
_NUMERATOR = re.compile(r"(\\[td]?frac)\s*(\d)")
_DENOMINATOR = re.compile(r"(\\[td]?frac\{\d\})\s*(\w)")


def mathml(formula: str, *, block: bool) -> str:
    """Return a formula of TeX as MathML."""
    braced = _DENOMINATOR.sub(r"\1{\2}", _NUMERATOR.sub(r"\1{\2}", formula))
    text: str = tex2mathml(braced, as_block=block)
    return text


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Make this the way that HTML pages show formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
