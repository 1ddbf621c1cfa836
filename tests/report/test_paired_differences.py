"""The picture of differences has the table's numbers."""

import pytest

from recbole_fn.report.paired_differences import difference_pictures
from recbole_fn.results.statistics import summarize
from tests.helpers.job_results import epoch_result
from tests.helpers.report_folder import job

LAST = "valid ndcg@10, last 5"


def scored(variant, seed, test, *scores):
    history = [epoch_result(e, score) for e, score in enumerate(scores)]
    return job(variant, seed, test={"ndcg@10": test}, history=history)


VARIANTS = {
    "off": [scored("off", 1, 0.2, 0.1, 0.3), scored("off", 2, 0.5, 0.4)],
    "flip": [scored("flip", 2, 0.6, 0.2), scored("flip", 1, 0.1, 0.2), scored("flip", 7, 0.9, 1)],
    "elsewhere": [scored("elsewhere", 9, 0.3, 0.3)],
}


@pytest.mark.parametrize(
    ("number", "metric", "expected"), [(0, "ndcg@10", [20, -50]), (1, LAST, [-50, 0])]
)
def test_a_mark_for_each_seed_that_the_base_has_and_the_tables_difference(number, metric, expected):
    picture = difference_pictures(VARIANTS, "off")[number]
    mean, seeds = picture.figure.data
    assert mean.name == seeds.name == "flip" and list(seeds.customdata) == [2, 1]
    assert list(seeds.x) == pytest.approx(expected)
    (row,) = [r for r in summarize(VARIANTS["flip"], VARIANTS["off"]) if r.metric == metric]
    assert list(mean.x) == pytest.approx([row.difference])


def test_the_test_comes_first_and_titles_name_the_base():
    titles = [picture.title for picture in difference_pictures(VARIANTS, "off")]
    assert titles == ["Difference to off: ndcg@10, test", f"Difference to off: {LAST}"]


def test_a_baseline_of_zero_or_none_at_all_has_no_difference():
    nothing = {"off": [scored("off", 1, 0.0, 0.0)], "flip": [scored("flip", 1, 0.1, 0.2)]}
    assert all(not picture.figure.data for picture in difference_pictures(nothing, "off"))
    del nothing["off"]
    assert all(not picture.figure.data for picture in difference_pictures(nothing, "off"))


def test_a_metric_that_no_job_has_gets_no_picture_nor_does_the_base_alone():
    keys = {"history": [], "valid_metric": "mrr@10"}
    variants = {variant: [job(variant, 1, **keys)] for variant in ("off", "flip")}
    assert difference_pictures(variants, "off") == []
    assert difference_pictures({"off": VARIANTS["off"]}, "off") == []
