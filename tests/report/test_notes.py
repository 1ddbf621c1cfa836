"""What is said below the tables."""

from dataclasses import replace

import pytest

from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.report.notes import averaged_weights, first_extraction, without_extraction
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
