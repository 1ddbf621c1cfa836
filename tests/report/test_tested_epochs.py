"""Notes on the epochs that the tests of a comparison are of."""

from dataclasses import replace

import pytest

from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.report.notes import conditions
from recbole_fn.report.tested_epochs import (
    epoch_of_test,
    first_extraction,
    is_rising,
    still_rising,
    without_extraction,
)
from tests.helpers.job_results import epoch_result, job_result


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


def of_rankings(variant, seed, main, sampled, flips, **config):
    """A job with the validations of two rankings."""
    extraction = [{"flipped": number} for number in flips]
    history = [
        replace(epoch_result(n, one, figures), valid={"ndcg@10": one, "ndcg@10/uni5": other})
        for n, (one, other, figures) in enumerate(zip(main, sampled, extraction, strict=True))
    ]
    result = job_result(variant, seed, **{"ndcg@10": 0.1, "hit@10": 0.2, "ndcg@10/uni5": 0.3})
    bigger = config.get("valid_metric_bigger", True)
    best = max(range(len(main)), key=lambda n: (main[n] if bigger else -main[n], n))
    return replace(result, history=history, best_epoch=best, config=config)


@pytest.mark.parametrize(
    ("bigger", "sampled", "tested"),
    [
        (True, [0.5, 0.9, 0.9, 0.1], 2),
        (True, [0.9, 0.5, 0.9, 0.9], 3),
        (False, [0.5, 0.1, 0.9, 0.1], 3),
        (False, [0.1, 0.2, 0.3, 0.4], 0),
        (True, [None, 0.2, None, 0.1], 1),
        (True, [None] * 4, 1),
    ],
)
def test_a_ranking_is_tested_with_its_own_best_epoch(bigger, sampled, tested):
    main = [0.1, 0.4, 0.3, 0.2] if bigger else [0.4, 0.1, 0.2, 0.3]
    one = of_rankings("flip", 1, main, sampled, [0] * 4, valid_metric_bigger=bigger)
    assert (epoch_of_test(one, "ndcg@10"), epoch_of_test(one, "ndcg@10/uni5")) == (1, tested)


def test_each_ranking_has_its_own_note_on_its_checkpoint():
    rising, falling = [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]
    jobs = [
        of_rankings("flip", 1, rising, falling, [0, 4, 5]),
        of_rankings("flip", 2, rising, falling, [0, 4, 5]),
        of_rankings("drop", 1, falling, rising, [0, 4, 5]),
        of_rankings("soft", 1, falling, falling, [0, 4, 5]),
        of_rankings("late", 1, rising, rising, [0, 4, 5]),
    ]
    starts = [
        line.partition(": tested is a checkpoint from before")[0]
        for line in without_extraction(jobs)
    ]
    assert starts == [
        "M, d, flip, ndcg@10/uni5, seed 1, 2",
        "M, d, drop, ndcg@10, seed 1",
        "M, d, soft, ndcg@10, seed 1",
        "M, d, soft, ndcg@10/uni5, seed 1",
    ]


def test_jobs_that_extracted_nothing_are_named():
    def of(variant, seed, flips):
        return replace(job(variant, seed, 0, flips), config=VARIANTS[variant])

    nothing, something = [None, 0, 0], [3, 4, 5]
    jobs = [of(v, s, nothing) for v in ("off", "average", "flip", "recbole-ce") for s in (1, 2)]
    jobs += [of("drop", 1, nothing), of("drop", 2, something), of("flip", 3, [])]
    assert without_extraction(jobs) == [
        f"M, d, {where}: nothing was extracted, so the job says nothing of extraction."
        for where in ("flip, seed 1, 2", "drop, seed 1")
    ]


def trained(variant, seed, best, epochs, every=1):
    """A job that validated every few epochs, best in an epoch that counts from 1 as `epochs`."""
    validated = [number % every == 0 for number in range(1, epochs + 1)]
    scores = [0.2 if number == best else 0.1 for number in range(1, epochs + 1)]
    history = [
        epoch_result(e, scores[e] if whether else None) for e, whether in enumerate(validated)
    ]
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


@pytest.mark.parametrize("number", [2, 20, 100])
def test_a_flat_curve_is_not_rising(number):
    """RecBole keeps the last of equal validations."""
    history = [epoch_result(epoch, 0.1) for epoch in range(number)]
    flat = replace(job_result("off", 1), best_epoch=number - 1, epochs=number, history=history)
    assert not is_rising(flat) and still_rising([flat]) == []
    late = [epoch_result(epoch, 0.1 + (epoch == number - 1)) for epoch in range(number)]
    assert is_rising(replace(flat, history=late))


def test_jobs_that_were_still_rising_share_a_line():
    jobs = [trained(v, s, 96 + s, 100) for v in ("off", "flip", "drop") for s in (1, 2)]
    jobs += [trained("soft", 1, 95, 98), trained("soft", 2, 50, 98)]
    jobs.append(replace(trained("flip", 7, 10, 10), model="N"))
    first, second = still_rising(jobs)
    assert first == (
        "M, d: still rising when training stopped, so more epochs may change the order: "
        "off, flip, drop with seed 1, 2 (best validation: epoch 96 to 97, last epoch 99); "
        "soft with seed 1 (best validation: epoch 94, last epoch 97)."
    )
    assert second.startswith("N, d: still") and "flip with seed 7 (" in second
    assert first in conditions([replace(job, config={}) for job in jobs])
    assert still_rising([trained("off", 1, 50, 100)]) == []
