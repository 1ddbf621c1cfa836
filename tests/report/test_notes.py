"""What is said below the tables."""

from dataclasses import replace

import pytest

from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.report.notes import (
    averaged_weights,
    conditions,
    detectable,
    different_epochs,
    sampled_modes,
)
from recbole_fn.results.statistics import compare_results
from tests.helpers.job_results import job_result
from tests.helpers.report_folder import ranks


def test_a_target_among_items_that_recbole_samples_is_told():
    def of(**modes):
        return replace(job_result("off", 1), config={"eval_args": {"mode": modes}})

    text = (
        "{} a target is ranked among {} items that RecBole samples (eval_args.mode {}), not among "
        "all."
    )
    assert sampled_modes([of(valid="full", test="full"), job_result("off", 1)]) == []
    assert sampled_modes([of(valid="labeled", test="labeled")]) == []
    both = [of(valid="uni20", test="uni20")] * 2
    assert sampled_modes(both) == [text.format("In validation and the test", 20, "uni20")]
    assert sampled_modes([of(valid="uni20", test="pop7")]) == [
        text.format("In validation", 20, "uni20"),
        text.format("In the test", 7, "pop7"),
    ]
    assert sampled_modes(both)[0] in conditions(both)


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
