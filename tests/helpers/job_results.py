"""Made-up results of jobs."""

import numpy as np

from recbole_fn.results.epoch_result import EpochResult
from recbole_fn.results.job_result import JobResult


def job_result(variant, seed, seconds=1.0, memory=100, **metrics):
    """The result of a job with some metrics of its test, and no epochs."""
    return JobResult(
        dataset="d",
        model="M",
        variant=variant,
        seed=seed,
        keys={"seed": seed},
        config={},
        valid={},
        test=metrics,
        valid_metric="ndcg@10",
        best_epoch=0,
        epochs=0,
        extraction_started=None,
        seconds_per_epoch=seconds,
        seconds=seconds,
        peak_memory_bytes=memory,
        peak_gpu_memory_bytes=None,
        num_parameters=1,
        history=[],
        training_set="t",
        ranks=None,
    )


def epoch_result(epoch, valid_score=None, extraction=None, train_loss=1.0):
    """An epoch of one second."""
    return EpochResult(epoch, 1.0, train_loss, valid_score, extraction)


def made_up(variant, number=5, shift=0.0):
    """Results of some seeds."""
    chance = np.random.default_rng([len(variant), number])
    values = 0.1 + shift + 0.01 * chance.random(number)
    costs = chance.random(number) + 1
    hits = 2 * shift + 0.001 * shift * chance.random(number)  # off has none
    return [
        job_result(
            variant, seed, costs[seed], int(1e9 * costs[seed]), ndcg=values[seed], hit=hits[seed]
        )
        for seed in range(number)
    ]
