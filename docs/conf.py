"""Builds the documentation: `sphinx-build -W docs build/docs`. It needs no network."""

import sys
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).parents[1]))

import recbole_fn
from docs.tables import TABLES

project = "recbole_fn"
author = copyright = "The recbole_fn developers"
version = release = recbole_fn.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
templates_path = ["templates"]
html_theme = "furo"
html_title = f"recbole_fn {release}"
html_show_sphinx = False
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["tables.css"]
html_js_files = ["screens.js"]
html_copy_source = False

default_role = "code"  # docstrings write `name` as Markdown does
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autoclass_content = "class"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
nitpicky = False


class Generated(SphinxDirective):
    """`{generated} name`: a table of `docs.tables`, made while the page is read."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The table's nodes."""
        self.env.note_reread()
        parent = nodes.container(classes=["generated"])
        lines = TABLES[self.arguments[0]]().splitlines()
        self.state.nested_parse(StringList(lines, "docs/tables.py"), 0, parent)
        for table in parent.findall(nodes.table):
            table["classes"].append("stacked")  # a narrow screen shows a row as a block
        return parent.children


def setup(app: Sphinx) -> None:
    """Adds the directive."""
    app.add_directive("generated", Generated)
