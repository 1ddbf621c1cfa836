"""A few users: their history, their extracted items, and the items they took later."""

from markupsafe import Markup

from recbole_fn.report.html import macro, table
from recbole_fn.report.reading import ByVariant
from recbole_fn.results.extraction_result import ExtractionExample
from recbole_fn.results.job_result import JobResult
from recbole_fn.utils.digits import significant

_COLUMNS = ("variant", "user", "history, last items", "extracted", "next: validation", "next: test")
_SHOWN = 10  # targets of a user; there may be hundreds
_REASONS = ("variant", "user", "comes first", "because of", "next: test")


def example_table(variants: ByVariant) -> Markup | None:
    """The table of the first seed of each variant that has examples; None without any.

    Example:
        >>> from types import SimpleNamespace
        >>> user = ExtractionExample("u7", ["Alien"], ["Solaris"], ["Solaris"], [])
        >>> extracted = SimpleNamespace(examples=[user])
        >>> html = example_table({"flip": [SimpleNamespace(extracted=extracted)]})
        >>> "<mark>Solaris</mark>" in html  # the user took it later
        True
    """
    lines = [
        _line(variant, example) for variant, jobs in variants.items() for example in examples(jobs)
    ]
    return table("examples", _COLUMNS, lines) if lines else None


def reason_table(variants: ByVariant) -> Markup | None:
    """Why users get what the first seed of each variant recommends first; None without any.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole_fn.results.explained_list import ExplainedItem
        >>> item = ExplainedItem("u7", "Solaris", ["Alien"], [0.4], target="Solaris")
        >>> html = reason_table({"flip": [SimpleNamespace(explained=[item])]})
        >>> "<strong>Solaris</strong>" in html, "Alien (0.4)" in html
        (True, True)
    """
    lines = []
    for variant, jobs in variants.items():
        for one in next((job.explained for job in jobs if job.explained), []):
            reasons = [
                f"{name} ({significant(share)})" for name, share in zip(one.because, one.shares)
            ]
            is_target = one.item == one.target
            item = Markup("<strong>{}</strong>").format(one.item) if is_target else one.item
            lines.append([variant, one.user, item, ", ".join(reasons), one.target])
    return table("reasons", _REASONS, lines) if lines else None


def examples(jobs: list[JobResult]) -> list[ExtractionExample]:
    """The examples of the first job that has any.

    Example:
        >>> from types import SimpleNamespace
        >>> user = ExtractionExample("u7", ["Alien"], ["Solaris"], ["Solaris"], [])
        >>> extracted = SimpleNamespace(examples=[user])
        >>> examples([SimpleNamespace(extracted=one) for one in (None, extracted)])[0].user
        'u7'
    """
    extracted = next((job.extracted for job in jobs if job.extracted), None)
    return extracted.examples if extracted else []


def _line(variant: str, example: ExtractionExample) -> list[str]:
    """The cells of a line; an extracted item is marked if the user took it later."""
    later = {*example.valid, *example.test}
    targets = [(_shown(items), ()) for items in (example.valid, example.test)]
    columns = ((example.history, ()), (example.flipped, later), *targets)
    return [variant, example.user, *(macro("items", *column) for column in columns)]


def _shown(items: list[str]) -> list[str]:
    """The first ones, and how many more there are."""
    more = len(items) - _SHOWN
    return [*items[:_SHOWN], f"and {more} more"] if more > 0 else items
