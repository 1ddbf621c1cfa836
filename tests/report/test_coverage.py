"""Coverage and Gini index are RecBole's."""

import numpy as np
import pytest

from recbole_fn.comparison.rank_notes import RankNotes
from recbole_fn.evaluation.popularity import item_users
from recbole_fn.report.coverage import coverage, coverage_pictures, gini
from recbole_fn.results.target_ranks import TargetRanks
from tests.helpers.report_folder import job
from tests.helpers.runs import pieces


@pytest.mark.slow
def test_they_are_recboles_but_that_the_padding_is_no_item(own_folder):
    exact = {"metrics": ["ItemCoverage", "GiniIndex"], "metric_decimal_place": 17, "topk": [10]}
    run = pieces(**exact, valid_metric="ItemCoverage@10", eval_batch_size=7)
    run.trainer.eval_collector.data_collect(run.train_data)
    with RankNotes(run.trainer, run.test_data) as notes:
        metrics = run.trainer.evaluate(run.test_data, load_best_model=False)
    notes.target_ranks(item_users(run.train_data)).save(own_folder / "ranks.npz")
    counts = TargetRanks.load(own_folder / "ranks.npz").recommended
    with_padding = np.insert(counts, 0, 0)
    assert len(with_padding) == run.dataset.item_num and counts.sum() == 10 * 80
    assert coverage(with_padding) == pytest.approx(metrics["itemcoverage@10"], abs=1e-12)
    assert gini(with_padding) == pytest.approx(metrics["giniindex@10"], abs=1e-12)


def test_extremes():
    assert gini(np.ones(7)) == pytest.approx(0) and coverage(np.ones(7)) == 1
    assert gini(np.array([0] * 99 + [50])) == pytest.approx(0.99)


def test_bars_are_means_over_seeds_and_a_variant_without_lists_has_none():
    variants = {
        "off": [job("off", 0), job("off", 1)],
        "other": [job("other", 0, target_ranks=None)],
    }
    covered, concentrated = coverage_pictures(variants)
    (bar,) = covered.figure.data
    assert (bar.name, list(bar.y)) == ("off", [0.75])
    (bar,) = concentrated.figure.data
    assert list(bar.y) == pytest.approx([(-3 * 0 - 1 * 1 + 1 * 3 + 3 * 4) / (4 * 8)])
