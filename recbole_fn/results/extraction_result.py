"""What extraction holds at the end of a job."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeldOutRate:
    """How many extracted pairs of a user and an item turn out to be held-out interactions.

    Attributes:
        pairs: Number of distinct pairs.
        rate: Fraction of the pairs that is held out; None without pairs.
        random_rate: The same fraction for random items of the same users.

    Example:
        >>> flipped = HeldOutRate(pairs=8, rate=0.2, random_rate=0.05)
        >>> round(flipped.rate / flipped.random_rate)  # four times more often than by chance
        4
    """

    pairs: int
    rate: float | None
    random_rate: float | None


@dataclass(frozen=True)
class ExtractionExample:
    """One user as an example: tokens of items.

    Attributes:
        user: Token of the user.
        history: The user's last training items, in time order.
        flipped: The user's flipped items, the most often remembered first.
        valid: Targets of the validation.
        test: Targets of the test.

    Example:
        >>> user = ExtractionExample("u7", ["Alien"], ["Solaris"], valid=["Solaris"], test=[])
        >>> {*user.flipped} & {*user.valid, *user.test}  # false negatives indeed
        {'Solaris'}
    """

    user: str
    history: list[str]
    flipped: list[str]
    valid: list[str]
    test: list[str]


@dataclass(frozen=True)
class ExtractionResult:
    """What extraction holds at the end of training; a pair is a training row and an item.

    Attributes:
        visits: Number of pairs by the number of visits in which the row remembered the item,
            from 0.
        popularity: Counts by tenth of the catalogue, the most popular items first:
            `interactions` of training, `flipped` pairs, and `hard` pairs that are not flipped.
        held_out: Held-out rates of `flipped` and of `hard` pairs.
        examples: A few users.

    Example:
        >>> rates = {"flipped": HeldOutRate(8, 0.2, 0.05), "hard": HeldOutRate(0, None, None)}
        >>> result = ExtractionResult(visits=[5, 3], popularity={}, held_out=rates, examples=[])
        >>> sum(result.visits)  # pairs that rows remember
        8
    """

    visits: list[int]
    popularity: dict[str, list[int]]
    held_out: dict[str, HeldOutRate]
    examples: list[ExtractionExample]
