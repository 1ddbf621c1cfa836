"""The history of a run: what decides when extraction starts, and statistics since."""

from dataclasses import dataclass, field


@dataclass
class RunState:
    """The history of a run, beside the losses that RecBole's trainer keeps.

    Attributes:
        started: The epoch at which the teacher and extraction started, from 0; None before.
        scores: Validation scores; higher is better.
        popularity: The validation score of recommending popular items; None until measured.
        figures: Statistics of extraction for each epoch since the start
            (`ExtractionStats.figures`).
        last_result: The metrics of the last validation.

    Examples:
        >>> RunState(scores=[0.1, 0.2]).started is None
        True
    """

    started: int | None = None
    scores: list[float] = field(default_factory=list)
    popularity: float | None = None
    figures: dict[int, dict[str, float]] = field(default_factory=dict)
    last_result: dict[str, float] = field(default_factory=dict)
