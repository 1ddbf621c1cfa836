"""Ranks of targets, and the metrics that follow from them."""

import numpy as np
import pytest

from recbole_fn.comparison.rank_notes import RankNotes
from recbole_fn.data.loaders import dataset_of
from recbole_fn.evaluation.popularity import item_users
from recbole_fn.results.target_ranks import TargetRanks, of_rows
from tests.helpers.runs import fit, pieces

METRICS = ["NDCG", "MRR", "MAP", "Recall", "Hit", "Precision", "GAUC"]


@pytest.mark.slow
@pytest.mark.parametrize("keys", [{}, {"fn_enabled": False, "train_neg_sample_args": None}])
def test_the_mean_over_rows_is_recboles_metric(keys, own_folder):
    exact = {"metrics": METRICS, "metric_decimal_place": 17, "topk": [1, 5, 10]}
    run = pieces(**exact, eval_batch_size=7, **keys)
    fit(run)
    plain = run.trainer.evaluate(run.test_data, load_best_model=False)
    with RankNotes(run.trainer, run.test_data) as notes:
        noted = run.trainer.evaluate(run.test_data, load_best_model=False)
    assert noted == plain
    notes.target_ranks(item_users(run.train_data)).save(own_folder / "ranks.npz")
    ranks = TargetRanks.load(own_folder / "ranks.npz").ranks
    assert len(ranks) == 80 and ranks.min() >= 1
    for metric, value in plain.items():
        rows = of_rows(metric, ranks)
        if metric == "gauc":
            assert rows is None
        else:
            assert rows.mean() == pytest.approx(value, abs=1e-12)
    saved = np.load(own_folder / "ranks.npz")
    rows = dataset_of(run.test_data).inter_feat
    pairs = {
        (run.dataset.id2token("user_id", user), run.dataset.id2token("item_id", item))
        for user, item in zip(rows["user_id"].tolist(), rows["item_id"].tolist(), strict=False)
    }
    assert set(zip(saved["users"], saved["items"], strict=False)) == pairs


def test_files_are_paired_by_user_and_item(own_folder):
    users, items, ranks = np.array(["u2", "u1", "u1"]), np.array(["a", "b", "a"]), [3, 2, 1]
    for name, order in (("x", [0, 1, 2]), ("y", [2, 0, 1])):
        columns = {"users": users[order], "items": items[order], "ranks": np.array(ranks)[order]}
        np.savez(own_folder / f"{name}.npz", **columns)
    x, y = (TargetRanks.load(own_folder / f"{name}.npz").ranks.tolist() for name in "xy")
    assert x == y == [1, 2, 3]
