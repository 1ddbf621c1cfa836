"""Made-up results of jobs as a report reads them, and the folder that holds them."""

from dataclasses import replace

import numpy as np

from recbole_fn.results.comparison_file import ComparisonFile
from recbole_fn.results.extraction_result import ExtractionExample, ExtractionResult, HeldOutRate
from recbole_fn.results.target_ranks import TargetRanks
from tests.helpers.job_results import epoch_result, job_result

ROWS = 40


def epochs(seed, number, extracts):
    """A history of some epochs, whose numbers can be told from each other."""
    figures = [
        {"hard": 50 + seed, "flipped": 7 * epoch, "flipped_share": 0.01 * epoch}
        if extracts and epoch > 0
        else None
        for epoch in range(number)
    ]
    scores = [None if epoch == 0 else 0.1 * epoch + 0.01 * seed for epoch in range(number)]
    return [
        epoch_result(epoch, scores[epoch], figures[epoch], 100.0 + 10 * seed - epoch)
        for epoch in range(number)
    ]


def extracted(visits=(5, 3, 0, 2)):
    """What extraction holds at the end."""
    return ExtractionResult(
        visits=list(visits),
        popularity={
            "interactions": [10, 8, 6, 4, 4, 4, 2, 1, 1, 0],
            "flipped": [0, 0, 0, 0, 1, 0, 0, 0, 0, 3],
            "hard": [1] * 10,
        },
        held_out={"flipped": HeldOutRate(8, 0.2, 0.05), "hard": HeldOutRate(0, None, None)},
        examples=[ExtractionExample("u<1>", ["a", "b"], ["c", "d"], ["d"], ["e"])],
    )


def ranks(shift=0, **more):
    """Ranks of some rows; popularity and history length rise with the row."""
    rows = np.arange(ROWS)
    arrays = {
        "users": rows.astype(str),
        "items": rows.astype(str),
        "ranks": 1 + (rows + shift) % 12,
        "popularity": rows // 2,
        "history_lengths": 1 + rows % 3,
        "recommended": np.array([4, 0, 3, 1]),
    }
    return TargetRanks(**{**arrays, **more})


def job(variant, seed, extracts=False, number=4, test=None, **more):
    """The result of a job of a variant."""
    result = replace(
        job_result(variant, seed, **(test or {"ndcg@10": 0.1 * (1 + seed)})),
        history=epochs(seed, number, extracts),
        target_ranks=ranks(),
        extracted=extracted() if extracts else None,
    )
    return replace(result, **more)


def write_folder(folder, jobs, notes=(), planned=()):
    """Writes what a comparison leaves, with more jobs that are planned and have not finished."""
    (folder / "jobs").mkdir(parents=True)
    names = [f"{one.variant}-{one.seed}" for one in jobs]
    for name, one in zip(names, jobs, strict=True):
        file = None
        if one.target_ranks is not None:
            file = f"{name}.npz"
            one.target_ranks.save(folder / "jobs" / file)
        (folder / "jobs" / f"{name}.json").write_text(replace(one, ranks=file).to_json())
    ComparisonFile("off", list(notes), [*names, *planned]).write(folder)
