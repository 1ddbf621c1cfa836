"""A few users: what they had, what was flipped for them, and what they took later."""

from html import escape

from recbole_fn.report.html import table
from recbole_fn.report.reading import ByVariant
from recbole_fn.results.extraction_result import ExtractionExample
from recbole_fn.results.job_result import JobResult

_NOTHING = "none"
_COLUMNS = ("variant", "user", "history, last items", "flipped", "next: validation", "next: test")


def examples(variants: ByVariant) -> str:
    """The table of the first seed of each variant that has examples, as HTML; empty without any."""
    lines = [line for variant, jobs in variants.items() for line in _lines_of(variant, jobs)]
    return table("examples", _COLUMNS, lines) if lines else ""


def variants_without_examples(variants: ByVariant) -> list[str]:
    """The variants that have none."""
    return [variant for variant, jobs in variants.items() if not _lines_of(variant, jobs)]


def _lines_of(variant: str, jobs: list[JobResult]) -> list[list[str]]:
    extracted = next((job.extracted for job in jobs if job.extracted), None)
    return [_line(variant, example) for example in extracted.examples] if extracted else []


def _line(variant: str, example: ExtractionExample) -> list[str]:
    later = {*example.valid, *example.test}
    flipped = [_mark(item, item in later) for item in example.flipped]
    named = (example.history, example.valid, example.test)
    lists = [[escape(item) for item in items] for items in named]
    cells = [", ".join(items) or _NOTHING for items in (lists[0], flipped, lists[1], lists[2])]
    return [escape(variant), escape(example.user), *cells]


def _mark(item: str, taken: bool) -> str:
    return f"<mark>{escape(item)}</mark>" if taken else escape(item)
