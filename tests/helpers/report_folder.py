"""Made-up findings of jobs, as a report reads them."""

import numpy as np

from tests.helpers.job_results import found

ROWS = 40


def epochs(seed, number, extracts):
    """A history of some epochs, whose numbers can be told from each other."""
    return [
        {
            "epoch": epoch,
            "seconds": 1.0,
            "train_loss": 100.0 + 10 * seed - epoch,
            "valid_score": None if epoch == 0 else 0.1 * epoch + 0.01 * seed,
            "extraction": {"hard": 50 + seed, "flipped": 7 * epoch, "flipped_share": 0.01 * epoch}
            if extracts and epoch > 0
            else None,
        }
        for epoch in range(number)
    ]


def extracted():
    """What extraction found."""
    share = {"pairs": 8, "share": 0.2, "random": 0.05}
    return {
        "visits": [5, 3, 0, 2],
        "popularity": {
            "interactions": [10, 8, 6, 4, 4, 4, 2, 1, 1, 0],
            "flipped": [0, 0, 0, 0, 1, 0, 0, 0, 0, 3],
            "hard": [1] * 10,
        },
        "held_out": {"flipped": share, "hard": {"pairs": 0, "share": None, "random": None}},
        "examples": [
            {
                "user": "u<1>",
                "history": ["a", "b"],
                "flipped": ["c", "d"],
                "valid": ["d"],
                "test": ["e"],
            }
        ],
    }


def ranks(shift=0):
    """Arrays of a file of ranks; popularity and history length rise with the row."""
    rows = np.arange(ROWS)
    return {
        "users": rows.astype(str),
        "items": rows.astype(str),
        "ranks": 1 + (rows + shift) % 12,
        "popularity": rows // 2,
        "history_lengths": 1 + rows % 3,
        "recommended": np.array([4, 0, 3, 1]),
    }


def job(variant, seed, extracts=False, number=4, **more):
    """What a job of a variant found."""
    result = found(variant, seed, **{"ndcg@10": 0.1 * (1 + seed)})
    result |= {"history": epochs(seed, number, extracts), "config": {}}
    result |= {"ranks": ranks(), "extracted": extracted() if extracts else None}
    return {**result, **more}
