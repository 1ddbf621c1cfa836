"""Puts the figures of a comparison together as a page that needs no network."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from plotly.graph_objects import Figure
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from recbole_fn.report import curves, extraction
from recbole_fn.report.coverage import breadth
from recbole_fn.report.examples import examples, variants_without_examples
from recbole_fn.report.group_lift import gains
from recbole_fn.report.html import box, table
from recbole_fn.report.paired_differences import differences
from recbole_fn.report.reading import ByVariant, Group
from recbole_fn.report.style import Picture
from recbole_fn.results import tables

_HERE = Path(__file__).parent
# Its buttons would lie over the legend, and a touch screen never hides them.
_CONFIG = {"responsive": True, "displayModeBar": False}
_EXAMPLES = (
    "Users are spread evenly over those who have a flipped item, in the first seed; the flipped "
    "items are those remembered most often. A marked item is one that the user took later."
)


def page(groups: Sequence[Group], notes: Sequence[str]) -> str:
    """The page of a comparison.

    Args:
        groups: Its groups.
        notes: What a reader must know of how jobs were run, in sentences.
    """
    sections = [section(group, number) for number, group in enumerate(groups)]
    links = [f'<a href="#s{n}">{_name(group)}</a>' for n, group in enumerate(groups)]
    return document(
        "Comparison under equal conditions",
        " · ".join(links),
        notes,
        "\n".join(sections) or "<p>No job has finished.</p>",
    )


def document(title: str, links: str, notes: Sequence[str], sections: str) -> str:
    """A page that needs no network.

    Args:
        title: Text above all.
        links: HTML below it.
        notes: Sentences.
        sections: HTML.
    """
    return Template((_HERE / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        plotly=get_plotlyjs(),
        links=links,
        notes="".join(f"<p>{escape(note)}</p>" for note in notes),
        sections=sections,
    )


def section(group: Group, number: int) -> str:
    """The section of a data set and a model.

    Args:
        group: Its findings.
        number: A number that no other section of the page has.
    """
    variants, baseline = group.variants, group.baseline
    differing = _drawn(differences(variants, baseline), variants, number, "d", baseline)
    parts = [
        ("Results", [result_table(group), *differing]),
        (
            "Training",
            _drawn([curves.losses(variants), curves.validation(variants)], variants, number, "t"),
        ),
        ("Extraction", _drawn(_extraction(variants), variants, number, "e")),
        ("Who gains", _drawn(gains(variants, baseline), variants, number, "g", baseline)),
        ("Recommendations", _drawn(breadth(variants), variants, number, "b")),
        ("Examples", [_example_table(variants)]),
    ]
    drawn = "\n".join(
        f'<h3>{title}</h3>\n<div class="grid">{"".join(figures)}</div>' for title, figures in parts
    )
    return f'<section id="s{number}">\n<h2>{_name(group)}</h2>\n{drawn}\n</section>'


def result_table(group: Group) -> str:
    """The rows of the CSV file as an HTML table, rounded as in the Markdown file."""
    cells = tables.cell_table(group.rows)
    lines = [[escape(cell).replace("\n", "<br>") for cell in line] for line in cells.itertuples()]
    legend = tables.legend(group.rows, group.baseline)
    words = f"Of the test, or of validation if a row says so. {legend}"
    return box("wide", "", table("results", ["metric", *cells.columns], lines), words)


def _extraction(variants: ByVariant) -> list[Picture]:
    found = [
        extraction.visits(variants),
        extraction.popularity(variants),
        extraction.held_out(variants),
    ]
    return [*curves.extraction(variants), *found]


def _drawn(
    pictures: Sequence[Picture], variants: ByVariant, number: int, letter: str, baseline: str = ""
) -> list[str]:
    """Figures as HTML; `baseline` is a variant that is not to be missed there."""
    return [
        _one(
            picture,
            [variant for variant in variants if variant != baseline],
            f"f{number}{letter}{place}",
        )
        for place, picture in enumerate(pictures)
    ]


def _one(picture: Picture, variants: Sequence[str], name: str) -> str:
    shown = {trace.name for trace in picture.figure.data}
    missing = [variant for variant in variants if variant not in shown]
    inner = '<p class="empty">No variant has data here.</p>'
    if len(missing) < len(variants):
        inner = figure_html(picture.figure, name)
    return box("", picture.title, inner, picture.reading + _missing(missing))


def figure_html(figure: Figure, name: str) -> str:
    """A figure as HTML, for a `document`.

    Args:
        figure: The figure.
        name: A name that nothing else on the page has.
    """
    drawn: str = to_html(
        figure,
        config=_CONFIG,
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        div_id=name,
    )
    return drawn


def _example_table(variants: ByVariant) -> str:
    inner = examples(variants) or '<p class="empty">No variant has flipped an item.</p>'
    return box("wide", "", inner, _EXAMPLES + _missing(variants_without_examples(variants)))


def _missing(variants: Sequence[str]) -> str:
    return f" No data: {', '.join(variants)}." if variants else ""


def _name(group: Group) -> str:
    return escape(f"{group.model}, {group.dataset}")
