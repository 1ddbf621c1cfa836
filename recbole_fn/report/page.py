"""Puts the figures of a comparison together as a page that needs no network."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from recbole_fn.report import curves, extraction
from recbole_fn.report.coverage import coverage_pictures
from recbole_fn.report.examples import example_table, examples, reason_table
from recbole_fn.report.group_lift import lift_pictures
from recbole_fn.report.html import figure_html, render, table
from recbole_fn.report.kinds import kind_pictures
from recbole_fn.report.paired_differences import difference_pictures
from recbole_fn.report.rank_moves import move_pictures
from recbole_fn.report.reading import ByVariant, Group
from recbole_fn.report.style import Picture
from recbole_fn.results import tables

_REASONS = (
    "Why: for a few test users of the first seed, the item that comes first of those they had not "
    "had before the test target, and the items of the history without which it scores least; in "
    "brackets, what the score loses without that item. Bold: the test target. Scores of variants "
    "may differ in scale."
)
_EXAMPLES = (
    "Users are spread evenly over those who have an extracted item, in the first seed; the "
    "extracted items are those remembered most often. A marked item is one that the user took "
    "later."
)


class Box(NamedTuple):
    """A framed part of the page.

    Attributes:
        title: Text above; may be empty.
        inner: A figure or a table.
        caption: How to read it.
        kind: `wide` for the whole width of the page.

    Example:
        >>> Box("Loss", Markup("<p>No data.</p>"), "Lower is better.").kind
        ''
    """

    title: str
    inner: Markup
    caption: str
    kind: str = ""


class Section(NamedTuple):
    """The section of a data set and a model.

    Attributes:
        name: Its title.
        parts: (title, boxes) of its parts.

    Example:
        >>> Section("SASRec, ml-100k", parts=[("Results", [])]).name
        'SASRec, ml-100k'
    """

    name: str
    parts: list[tuple[str, list[Box]]]


def page(groups: Sequence[Group], notes: Sequence[str]) -> str:
    """The page of a comparison.

    Args:
        groups: The jobs of each data set and model.
        notes: Sentences on how the jobs were run.

    Example:
        >>> from recbole_fn.report.reading import read_summary
        >>> summary = read_summary(comparison)
        >>> "Comparison under equal conditions" in page(summary.groups, summary.notes)
        True
    """
    sections = [section(group, number) for number, group in enumerate(groups)]
    title = "Comparison under equal conditions"
    return render("comparison.html", title, notes, sections=sections)


def section(group: Group, number: int) -> Section:
    """The section of a data set and a model.

    Args:
        group: Its jobs.
        number: A number that no other section of the page has.

    Example:
        >>> from recbole_fn.report.reading import read_summary
        >>> [title for title, _ in section(read_summary(comparison).groups[0], 0).parts]
        ['Results', 'Training', 'Extraction', 'Who gains', 'Recommendations', 'Examples']
    """
    variants, baseline = group.variants, group.baseline
    others = [variant for variant in variants if variant != baseline]
    training = [curves.losses(variants), *curves.validations(variants)]
    pairs = difference_pictures(variants, baseline, group.rows)
    gains = [*lift_pictures(variants, baseline), *move_pictures(variants, baseline)]
    lists = coverage_pictures(variants)
    results = [result_table(group), *_boxes(pairs, others, f"f{number}d")]
    parts = [
        ("Results", results),
        ("Training", _boxes(training, variants, f"f{number}t")),
        ("Extraction", _boxes(_extraction(variants), variants, f"f{number}e")),
        ("Who gains", _boxes(gains, others, f"f{number}g")),
        ("Recommendations", _boxes(lists, variants, f"f{number}b")),
        ("Examples", [_example_box(variants), _reasons_box(variants)]),
    ]
    kinds = kind_pictures(variants)
    if kinds:
        typed = [name for name, jobs in variants.items() if any(job.kinds for job in jobs)]
        parts.insert(-1, ("Kinds of feedback", _boxes(kinds, typed, f"f{number}k")))
    return Section(f"{group.model}, {group.dataset}", parts)


def result_table(group: Group) -> Box:
    """The rows of the CSV file as a table, rounded as in the Markdown file.

    Example:
        >>> from recbole_fn.report.reading import read_summary
        >>> result_table(read_summary(comparison).groups[0]).inner.count("<tr>")
        5
    """
    cells = tables.cell_table(group.rows)
    inner = table("results", ["metric", *cells.columns], list(cells.itertuples(name=None)))
    legend = tables.legend(group.rows, group.baseline)
    return Box("", inner, f"Of the test, or of validation if a row says so. {legend}", "wide")


def _extraction(variants: ByVariant) -> list[Picture]:
    at_the_end = (extraction.visits, extraction.popularity, extraction.held_out)
    return [*curves.extraction(variants), *(picture(variants) for picture in at_the_end)]


def _boxes(
    pictures: Sequence[Picture], variants: Sequence[str] | ByVariant, name: str
) -> list[Box]:
    """Figures; `variants` are those that are missed if they have no data there."""
    return [_box(picture, list(variants), f"{name}{n}") for n, picture in enumerate(pictures)]


def _box(picture: Picture, variants: Sequence[str], name: str) -> Box:
    shown = {trace.name for trace in picture.figure.data}
    missing = [variant for variant in variants if variant not in shown]
    inner = _empty("No variant has data here.")
    if len(missing) < len(variants):
        inner = figure_html(picture.figure, name)
    return Box(picture.title, inner, picture.reading + _missing(missing))


def _example_box(variants: ByVariant) -> Box:
    inner = example_table(variants) or _empty("No variant has extracted an item.")
    missing = [variant for variant, jobs in variants.items() if not examples(jobs)]
    return Box("", inner, _EXAMPLES + _missing(missing), "wide")


def _reasons_box(variants: ByVariant) -> Box:
    inner = reason_table(variants) or _empty("No job has explained an item.")
    return Box("", inner, _REASONS, "wide")


def _empty(sentence: str) -> Markup:
    return Markup('<p class="empty">{}</p>').format(sentence)


def _missing(variants: Sequence[str]) -> str:
    return f" No data: {', '.join(variants)}." if variants else ""
