"""Made-up findings of jobs."""

import numpy as np


def found(variant, seed, seconds=1.0, memory=100, **metrics):
    """What a job's file holds, as far as statistics read it."""
    return {
        "dataset": "d",
        "model": "M",
        "variant": variant,
        "seed": seed,
        "test": metrics,
        "seconds_per_epoch": seconds,
        "peak_memory_bytes": memory,
        "ranks": f"{variant}{seed}",
        "valid_metric": "ndcg@10",
        "history": [],
        "extracted": None,
    }


def made_up(variant, number=5, shift=0.0):
    """Findings of some seeds."""
    chance = np.random.default_rng([len(variant), number])
    values = 0.1 + shift + 0.01 * chance.random(number)
    costs = chance.random(number) + 1
    return [
        found(variant, seed, costs[seed], int(1e9 * costs[seed]), ndcg=values[seed], hit=2 * shift)
        for seed in range(number)
    ]
