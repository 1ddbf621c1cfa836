"""Tables and boxes of the page."""

from collections.abc import Iterable, Sequence
from html import escape


def table(kind: str, header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table that scrolls by itself where it is too wide; the first cell of a line names it.

    Args:
        kind: A class of `page.html`.
        header: Text of the columns.
        lines: Cells, HTML.
    """
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "\n".join(_row(line) for line in lines)
    inner = f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"
    return f'<div class="scroll"><table class="{kind}">{inner}</table></div>'


def box(kind: str, title: str, inner: str, words: str) -> str:
    """Something with a title (if any) above, and a sentence below.

    Args:
        kind: `wide`, or empty.
        title: Text.
        inner: HTML.
        words: Text.
    """
    heading = f"<h4>{escape(title)}</h4>" if title else ""
    caption = f"<figcaption>{escape(words)}</figcaption>"
    return f'<figure class="{kind}">{heading}{inner}{caption}</figure>'


def _row(line: Sequence[str]) -> str:
    name, *cells = line
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
