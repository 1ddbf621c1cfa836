"""The yardstick of the most popular items."""

import numpy as np
import pytest
import torch

from recbole_fn.data.loaders import dataset_of
from recbole_fn.evaluation.popularity import item_counts, recommending
from tests.helpers.runs import fit, pieces


@pytest.mark.slow
def test_the_trainer_measures_what_recommending_popular_items_scores():
    run = pieces(epochs=1, fn_start="auto", metrics=["NDCG"], valid_metric="NDCG@10")
    fit(run)
    counts = item_counts(dataset_of(run.train_data))
    gains = []
    for target in dataset_of(run.valid_data).inter_feat["item_id"].tolist():
        rank = int((counts > counts[target]).sum())
        ties = int((counts == counts[target]).sum())
        gains.append((rank, rank + ties - 1, 1 / np.log2(np.arange(2, 12))))
    best = np.mean([gain[low] if low < 10 else 0 for low, _, gain in gains])
    worst = np.mean([gain[high] if high < 10 else 0 for _, high, gain in gains])
    assert worst - 1e-4 <= run.trainer.fn_state.popularity <= best + 1e-4  # ties fall either way
    assert run.trainer.fn_state.popularity > 0


@pytest.mark.parametrize("mode", ["full", "uni20"])
def test_it_works_for_full_and_sampled_ranking_and_leaves_the_model_alone(mode):
    split = {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": mode}
    run = pieces(epochs=1, fn_start="auto", eval_args=split)
    fit(run)
    assert run.trainer.fn_state.popularity > 0
    assert "full_sort_predict" not in vars(run.model)
    assert "predict" not in vars(run.model)


@pytest.mark.slow
def test_everybody_gets_the_same_scores():
    run = pieces()
    counts = item_counts(dataset_of(run.train_data))
    rows = dataset_of(run.train_data)[torch.tensor([0, 5, 9])]
    with recommending(run.model, counts):
        assert torch.equal(run.model.full_sort_predict(rows), counts.repeat(3, 1))
        assert torch.equal(run.model.predict(rows), counts[rows["item_id"]])
