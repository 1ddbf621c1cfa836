"""What a check has found, and examples of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from recbole_fn.checking.subject import Subject

_EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One line of a check.

    Attributes:
        name: What was looked at.
        found: What was found, in words.
        alters: Whether a run therefore gives other results than the files say.
        examples: At most three, with lines or ids.

    Example:
        >>> Finding("duplicates", "2 of 90 interactions", examples=("line 7 repeats line 3",))
        Finding(name='duplicates', found='2 of 90 interactions', alters=False, examples=('line 7
        repeats line 3',))
    """

    name: str
    found: str
    alters: bool = False
    examples: tuple[str, ...] = ()


Look: TypeAlias = Callable[[Subject], Finding | None]
"""Looks at one thing; None where there is nothing to say."""


def examples(words: Iterable[str]) -> tuple[str, ...]:
    """The first three of some examples; the others are not made.

    Example:
        >>> examples(f"line {line}" for line in range(2, 99))
        ('line 2', 'line 3', 'line 4')
    """
    return tuple(islice(words, _EXAMPLES))


def share(part: int, whole: int, words: str = "") -> str:
    """A number of a whole with its share, and what is said of it.

    Example:
        >>> share(12, 1600, "interactions repeat another"), share(0, 1600, "repeat another")
        ('12 of 1,600 (0.75 %) interactions repeat another', 'none')
    """
    if part == 0:
        return "none"
    return f"{part:,} of {whole:,} ({100 * part / whole:.2g} %) {words}".rstrip()
