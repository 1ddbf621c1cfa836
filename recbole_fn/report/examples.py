"""A few users: what they had, what was flipped for them, and what they took later."""

from html import escape
from typing import Any

from recbole_fn.report.html import table
from recbole_fn.report.reading import Arms
from recbole_fn.results.statistics import Found

_NOTHING = "none"
_COLUMNS = ("arm", "user", "history, last items", "flipped", "next: validation", "next: test")


def examples(arms: Arms) -> str:
    """The table of the first seed of each arm that has examples, as HTML; empty without any."""
    lines = [line for arm, jobs in arms.items() for line in _lines_of(arm, jobs)]
    return table("examples", _COLUMNS, lines) if lines else ""


def arms_without_examples(arms: Arms) -> list[str]:
    """The arms that have none."""
    return [arm for arm, jobs in arms.items() if not _lines_of(arm, jobs)]


def _lines_of(arm: str, jobs: list[Found]) -> list[list[str]]:
    found = next((job["extracted"] for job in jobs if job.get("extracted")), None)
    return [] if found is None else [_line(arm, example) for example in found["examples"]]


def _line(arm: str, example: dict[str, Any]) -> list[str]:
    later = {*example["valid"], *example["test"]}
    flipped = [_mark(item, item in later) for item in example["flipped"]]
    lists = [[escape(item) for item in example[name]] for name in ("history", "valid", "test")]
    cells = [", ".join(items) or _NOTHING for items in (lists[0], flipped, lists[1], lists[2])]
    return [escape(arm), escape(example["user"]), *cells]


def _mark(item: str, taken: bool) -> str:
    return f"<mark>{escape(item)}</mark>" if taken else escape(item)
