"""What is said below the tables."""

from dataclasses import replace

import pytest

from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.report.notes import (
    averaged_weights,
    conditions,
    detectable,
    different_epochs,
    first_extraction,
    is_rising,
    still_rising,
    without_extraction,
)
from recbole_fn.results.statistics import compare_results
from tests.helpers.job_results import epoch_result, job_result
from tests.helpers.report_folder import ranks


def job(variant, seed, best, flips):
    extraction = [None if number is None else {"flipped": number} for number in flips]
    history = [epoch_result(e, extraction=figures) for e, figures in enumerate(extraction)]
    return replace(job_result(variant, seed), best_epoch=best, history=history)


@pytest.mark.parametrize(
    ("flips", "first"), [([], None), ([None, None], None), ([None, 0, 0], None), ([None, 0, 3], 2)]
)
def test_the_first_epoch_in_which_an_item_was_extracted(flips, first):
    assert first_extraction(job("flip", 1, 0, flips)) == first


def test_checkpoints_from_before_the_first_extracted_item_are_named():
    jobs = [
        job("off", 1, 0, [None, None, None]),
        job("flip", 1, 1, [None, 0, 5]),
        job("flip", 2, 2, [None, 0, 5]),
        job("flip", 3, 0, [None, 4, 5]),
        job("drop", 1, 1, [None, 4, 5]),
    ]
    (line,) = without_extraction(jobs)
    assert line.startswith("M, d, flip, seed 1, 3: tested is a checkpoint from before")


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        (["off", "flip"], True),
        (["off", "drop", "recbole-ce"], True),
        (["off", "average", "flip"], False),
        (["flip", "drop"], False),
        (["off", "recbole-ce"], False),
    ],
)
def test_averaged_weights_are_told_apart_from_extraction(variants, said):
    jobs = [replace(job_result(variant, 1), config=VARIANTS[variant]) for variant in variants]
    assert (averaged_weights(jobs) != []) is said
    of_students = [replace(job, config={**job.config, "fn_eval_with": "student"}) for job in jobs]
    if "average" not in variants:
        assert averaged_weights(of_students) == []


def trained(variant, seed, best, epochs, every=1):
    """A job that validated every few epochs, best in an epoch that counts from 1 as `epochs`."""
    validated = [number % every == 0 for number in range(1, epochs + 1)]
    history = [epoch_result(e, 0.1 if whether else None) for e, whether in enumerate(validated)]
    return replace(job_result(variant, seed), best_epoch=best - 1, epochs=epochs, history=history)


@pytest.mark.parametrize(
    ("best", "epochs", "every", "rising"),
    [
        (98, 100, 1, True),
        (91, 100, 1, True),
        (90, 100, 1, False),
        (4, 4, 1, True),
        (3, 4, 1, False),
        (20, 25, 10, True),
        (10, 25, 10, False),
        (1, 1, 1, False),
        (10, 12, 10, False),
        (1, 2, 3, False),
    ],
)
def test_the_best_validation_lies_in_the_last_tenth(best, epochs, every, rising):
    assert is_rising(trained("flip", 1, best, epochs, every)) is rising


def test_jobs_that_were_still_rising_share_a_line():
    jobs = [trained(v, s, 96 + s, 100) for v in ("off", "flip", "drop") for s in (1, 2)]
    jobs += [trained("soft", 1, 95, 98), trained("soft", 2, 50, 98)]
    jobs.append(replace(trained("flip", 7, 10, 10), model="N"))
    first, second = still_rising(jobs)
    assert first == (
        "M, d: still rising when training stopped, so more epochs may change the order: "
        "off, flip, drop with seed 1, 2 (best validation: epoch 97 to 98 of 100); "
        "soft with seed 1 (best validation: epoch 95 of 98)."
    )
    assert second.startswith("N, d: still") and "flip with seed 7 (" in second
    assert first in conditions([replace(job, config={}) for job in jobs])
    assert still_rising([trained("off", 1, 50, 100)]) == []


def test_the_smallest_detectable_difference_is_that_of_the_table():
    def job_of(variant, seed, shift):
        tests = {"ndcg@10": 0.5 + 0.01 * shift, "hit@10": 0.5}
        return replace(job_result(variant, seed, **tests), target_ranks=ranks(shift=shift))

    jobs = [
        job_of(variant, seed, number * seed)
        for number, variant in enumerate(("off", "flip", "drop"))
        for seed in (1, 2)
    ]
    rows = compare_results(jobs, "off")
    held = [f"{row.detectable:.1f} %" for row in rows if row.metric == "ndcg@10" and row.detectable]
    (line,) = detectable(rows, jobs, "off")
    assert line == (
        f"M, d, ndcg@10: the smallest detectable difference is {min(held)} to {max(held)} of off."
    )
    assert len(held) == 2 and held[0] != held[1] and len(held[0]) == len(held[1])
    (line,) = detectable(compare_results(jobs[:4], "off"), jobs[:4], "off")
    assert f" {held[0]} of off." in line
    assert detectable(compare_results(jobs[:2], "off"), jobs[:2], "off") == []


def test_jobs_that_may_train_longer_than_others_are_told():
    jobs = [replace(job_result("off", 1), config={"epochs": number}) for number in (8, 8)]
    assert different_epochs(jobs) == []
    jobs.append(replace(job_result("flip", 1), config={"epochs": 4}))
    assert different_epochs(jobs) == ["M, d: jobs may train for different numbers of epochs: 4, 8."]
