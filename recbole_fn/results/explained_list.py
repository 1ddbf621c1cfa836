"""Why a user gets what a job recommends."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExplainedItem:
    """The item that a job recommends first to a user, and the items that it comes from.

    Attributes:
        user: Token of the user.
        item: Token of the first item that the user had not had before the target.
        because: Tokens of the items of the history without which it scores least.
        shares: What its score loses without each of them, the largest first.
        target: Token of the test target.

    Example:
        >>> ExplainedItem("u7", "Solaris", ["Alien"], [0.4], target="Solaris").because
        ['Alien']
    """

    user: str
    item: str
    because: list[str]
    shares: list[float]
    target: str
