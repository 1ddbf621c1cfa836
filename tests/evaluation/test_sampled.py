"""Sampled candidates are fixed, leave out histories, and are what validation and test rank."""

import numpy as np
import pytest
import torch
from recbole.data.dataloader import FullSortEvalDataLoader

from recbole_fn.data.history import UserHistories
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.evaluation.rankings import Rankings
from recbole_fn.evaluation.sampled import draw_candidates
from tests.helpers.runs import ROOT, fit, pieces

RECBOLE_CE = {"fn_enabled": False, "loss_type": "CE", "train_neg_sample_args": None}
ARMS = {"flip": {}, "off": {"fn_strategy": "off"}, "recbole": RECBOLE_CE}
METRICS = {"metrics": ["Recall", "NDCG", "MRR", "GAUC"], "metric_decimal_place": 17}


def whole_histories():
    """Items of each user, read from the file."""
    lines = (ROOT / "dataset" / "tiny" / "tiny.inter").read_text().splitlines()[1:]
    histories = {}
    for line in lines:
        user, item, _ = line.split("\t")
        histories.setdefault(user, set()).add(item)
    return histories


def candidates(run, data):
    """The items that each user's target is ranked among, by their tokens, the target apart."""
    found, name = {}, run.dataset.id2token
    for interaction, others, _, positives in data:
        for user, target, hidden in zip(interaction["user_id"], positives, others, strict=False):
            ranked = set((~hidden).nonzero().squeeze(1).tolist())
            assert target.item() in ranked
            items = name("item_id", sorted(ranked - {target.item()}))
            found[name("user_id", user.item())] = set(items)
    return found


@pytest.mark.slow
def test_candidates_are_the_same_for_all_arms_seeds_and_epochs_and_leave_out_whole_histories():
    histories, found = whole_histories(), []
    for keys in ARMS.values():
        for seed in (1, 2):
            run = pieces(**keys, fn_eval_candidates=20, seed=seed)
            found += [candidates(run, data) for data in (run.valid_data, run.test_data)]
            fit(run)
            found += [candidates(run, data) for data in (run.valid_data, run.test_data)]
    assert all(other == found[0] for other in found)
    assert found[0].keys() == histories.keys()
    for user, items in found[0].items():
        assert len(items) == 20 and not items & histories[user]
    assert len(set(map(frozenset, found[0].values()))) > 70  # of 80 users


@pytest.mark.slow
@pytest.mark.parametrize("arm", ARMS)
def test_metrics_are_those_of_ranking_the_target_among_its_candidates(arm):
    keys = {**METRICS, **ARMS[arm], "fn_eval_with": "student", "eval_batch_size": 7}
    run = pieces(**keys, fn_eval_candidates=20)
    fit(run)
    found = run.trainer.evaluate(run.test_data, load_best_model=False)
    ranks = []
    run.model.eval()
    table = sampler_of(run.test_data).main.candidates
    plain = FullSortEvalDataLoader(run.config, dataset_of(run.test_data), None)
    for interaction, _, _, targets in plain:
        for row, scores in enumerate(run.model.full_sort_predict(interaction)):
            rivals = table[interaction["user_id"][row]].long()
            ranks.append(1 + int((scores[rivals] > scores[targets[row]]).sum()))
    ranks = np.array(ranks)
    top = ranks <= 10
    assert found["recall@10"] == pytest.approx(top.mean())
    assert found["ndcg@10"] == pytest.approx(np.where(top, 1 / np.log2(1 + ranks), 0).mean())
    assert found["mrr@10"] == pytest.approx(np.where(top, 1 / ranks, 0).mean())
    assert found["gauc"] == pytest.approx(1 - (ranks - 1).mean() / 20)


@pytest.mark.slow
def test_training_is_the_same_with_candidates():
    losses = []
    for number in (None, 5):
        run = pieces(fn_eval_candidates=number)
        fit(run)
        losses.append(run.trainer.train_loss_dict)
    assert losses[0] == losses[1] and len(losses[0]) == 3


def test_where_fewer_items_are_left_all_of_them_are_candidates():
    pairs = torch.tensor([7 + 1, 7 + 2, 7 + 4, 7 + 6, 2 * 7 + 5])  # of users 1 and 2, 6 items
    drawn = draw_candidates(UserHistories.from_pairs(pairs, 3, 7), 4)
    assert sorted(drawn[1].tolist()) == [0, 0, 3, 5]
    assert len(set(drawn[2].tolist()) & {1, 2, 3, 4, 6}) == 4


def test_each_free_item_is_drawn_equally_often():
    users, items, draws = 4001, 12, 3
    pairs = torch.arange(1, users) * items + 4
    drawn = draw_candidates(UserHistories.from_pairs(pairs, users, items), draws)[1:]
    counts = torch.bincount(drawn.flatten(), minlength=items)
    assert counts[0] == counts[4] == 0
    free = counts[counts > 0].double()
    expected = 4000 * draws / 10
    assert len(free) == 10 and ((free - expected).abs() < 5 * expected**0.5).all()


def test_without_the_key_nothing_is_drawn():
    run = pieces(**RECBOLE_CE)
    assert type(run.test_data) is FullSortEvalDataLoader
    assert not isinstance(sampler_of(run.test_data), Rankings)
