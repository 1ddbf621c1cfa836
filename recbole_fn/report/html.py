"""Pages and their parts from the templates next to this file; text is escaped by itself."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.graph_objects import Figure
from plotly.io import to_html
from plotly.offline import get_plotlyjs

# The buttons of plotly would lie over the legend, and a touch screen never hides them.
_CONFIG = {"responsive": True, "displayModeBar": False}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(
    template: str, title: str, notes: Sequence[str], figures: bool = True, **values: Any
) -> str:
    """A whole page that needs no network.

    Args:
        template: A template that extends `page.html`, or `page.html` itself.
        title: Text above all.
        notes: Sentences below the title.
        figures: Whether it has figures, whose script is 4 MB.
        **values: What the template asks for.

    Example:
        >>> page = render("page.html", "Search", ["A note."], content="No trial.")
        >>> "<h1>Search</h1>" in page
        True
    """
    plotly = Markup(get_plotlyjs()) if figures else ""
    page = _TEMPLATES.get_template(template)
    return page.render(title=title, notes=notes, plotly=plotly, **values)


def document(title: str, notes: Sequence[str], content: str, figures: bool = True) -> str:
    """A page with any content.

    Args:
        title: Text above all.
        notes: Sentences below the title.
        content: HTML.
        figures: See `render`.

    Example:
        >>> "<p>No trial.</p>" in document("Search", [], "<p>No trial.</p>")
        True
    """
    return render("page.html", title, notes, figures, content=Markup(content))


def macro(name: str, *values: Any) -> Markup:
    """The HTML of a macro of `macros.html`.

    Example:
        >>> macro("items", ["a", "<b>"], ["<b>"])
        Markup('a, <mark>&lt;b&gt;</mark>')
    """
    html: Markup = getattr(_TEMPLATES.get_template("macros.html").module, name)(*values)
    return html


def table(kind: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> Markup:
    """A table that scrolls by itself if it is too wide; the first cell of a line names it.

    Args:
        kind: A class of `page.html`.
        header: Names of the columns.
        lines: Cells: text, or HTML as `Markup`.

    Example:
        >>> table("results", ["metric", "off"], [["ndcg@10", "0.1"]]).count("<td>")
        1
    """
    return macro("table", kind, header, lines)


def box(kind: str, title: str, inner: str, caption: str) -> Markup:
    """A framed part of a page with a title (if any) above, and a caption below.

    Args:
        kind: `wide`, or empty.
        title: Text.
        inner: HTML.
        caption: Text.

    Example:
        >>> box("", "Loss", "<p>No data.</p>", "Lower is better.")
        Markup('<figure class=""><h4>Loss</h4><p>No data.</p>...')
    """
    return macro("box", kind, title, Markup(inner), caption)


def figure_html(figure: Figure, name: str) -> Markup:
    """A figure as HTML, for a page.

    Args:
        figure: The figure.
        name: Its id, unique within the page.

    Example:
        >>> 'id="curves"' in figure_html(Figure(), "curves")
        True
    """
    html = to_html(
        figure,
        config=_CONFIG,
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        div_id=name,
    )
    return Markup(html)
