"""What a run has seen so far: all that decides when extraction starts, and what it did."""

from dataclasses import dataclass, field


@dataclass
class RunState:
    """The history of a run, beside the losses that RecBole's trainer keeps.

    Attributes:
        started: The epoch at which the teacher and extraction started, from 0; None before.
        scores: Validation scores, the bigger the better.
        popularity: The validation score of recommending popular items, once measured.
        figures: For each epoch since the start, what extraction did (`ExtractionStats.figures`).
        last_result: The metrics of the last validation.
    """

    started: int | None = None
    scores: list[float] = field(default_factory=list)
    popularity: float | None = None
    figures: dict[int, dict[str, float]] = field(default_factory=dict)
    last_result: dict[str, float] = field(default_factory=dict)
