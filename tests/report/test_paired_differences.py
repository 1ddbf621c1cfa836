"""The picture of differences has the table's numbers."""

import pytest

from recbole_fn.report.paired_differences import difference_pictures
from recbole_fn.results.statistics import compare_results
from tests.helpers.job_results import epoch_result
from tests.helpers.report_folder import job, ranks

LAST = "valid ndcg@10, last 5"


def scored(variant, seed, test, *scores):
    history = [epoch_result(e, score) for e, score in enumerate(scores)]
    keys = {"history": history, "target_ranks": ranks(shift=seed * len(variant))}
    return job(variant, seed, test={"ndcg@10": test}, **keys)


def rows_of(variants):
    return compare_results([job for jobs in variants.values() for job in jobs], "off")


def pictures_of(variants):
    return difference_pictures(variants, "off", rows_of(variants))


VARIANTS = {
    "off": [scored("off", 1, 0.2, 0.1, 0.3), scored("off", 2, 0.5, 0.4)],
    "flip": [scored("flip", 2, 0.6, 0.2), scored("flip", 1, 0.1, 0.2), scored("flip", 7, 0.9, 1)],
    "elsewhere": [scored("elsewhere", 9, 0.3, 0.3)],
}


@pytest.mark.parametrize(
    ("number", "metric", "expected"), [(0, "ndcg@10", [20, -50]), (1, LAST, [-50, 0])]
)
def test_a_mark_for_each_seed_that_the_base_has_and_the_tables_difference(number, metric, expected):
    bar, mean, seeds = pictures_of(VARIANTS)[number].figure.data
    assert mean.name == seeds.name == bar.name == "flip" and list(seeds.customdata) == [2, 1]
    assert list(seeds.x) == pytest.approx(expected)
    (row,) = [r for r in rows_of(VARIANTS) if (r.variant, r.metric) == ("flip", metric)]
    assert list(mean.x) == pytest.approx([row.difference])
    assert row.difference + mean.error_x.array[0] == pytest.approx(row.difference_high)
    assert row.difference - mean.error_x.arrayminus[0] == pytest.approx(row.difference_low)
    assert (bar.base[0], bar.base[0] + bar.x[0]) == pytest.approx((-row.detectable, row.detectable))


def test_a_seed_that_gains_over_a_negative_baseline_stands_right_of_zero():
    tests = {"off": -0.2, "on": -0.1}
    variants = {name: [scored(name, 1, value, 0.1)] for name, value in tests.items()}
    *_, mean, seeds = pictures_of(variants)[0].figure.data
    assert list(seeds.x) == list(mean.x) == pytest.approx([50])


def test_without_a_test_there_is_no_interval_and_no_bar():
    variants = {name: [scored(name, 1, value, 0.1)] for name, value in (("off", 0.2), ("on", 0.3))}
    mean, _ = pictures_of(variants)[1].figure.data
    assert mean.error_x.array is None and list(mean.x) == pytest.approx([0])


def test_the_test_comes_first_and_titles_name_the_base():
    titles = [picture.title for picture in pictures_of(VARIANTS)]
    assert titles == ["Difference to off: ndcg@10, test", f"Difference to off: {LAST}"]


def test_a_baseline_of_zero_or_none_at_all_has_no_difference():
    nothing = {"off": [scored("off", 1, 0.0, 0.0)], "flip": [scored("flip", 1, 0.1, 0.2)]}
    assert all(not picture.figure.data for picture in pictures_of(nothing))
    del nothing["off"]
    assert all(not picture.figure.data for picture in pictures_of(nothing))


def test_a_metric_that_no_job_has_gets_no_picture_nor_does_the_base_alone():
    keys = {"history": [], "valid_metric": "mrr@10"}
    variants = {variant: [job(variant, 1, **keys)] for variant in ("off", "flip")}
    assert pictures_of(variants) == []
    assert pictures_of({"off": VARIANTS["off"]}) == []
