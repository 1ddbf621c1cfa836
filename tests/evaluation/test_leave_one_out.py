"""Shares of a history equal scores of histories that are written by hand."""

import pytest
import torch
from recbole.data.interaction import Interaction

from recbole_fn.comparison.explanations import explained_items
from recbole_fn.data.loaders import dataset_of
from recbole_fn.evaluation.leave_one_out import shares
from tests.helpers.runs import pieces


@pytest.fixture(scope="module")
def run():
    run = pieces()
    run.model.eval()
    return run


def scores_of(model, history, width):
    padded = torch.tensor([history + [0] * (width - len(history))])
    rows = {"item_id_list": padded, "item_length": torch.tensor([len(history)])}
    return model.full_sort_predict(Interaction({"user_id": torch.tensor([1]), **rows}))[0]


def test_shares_are_what_naive_scores_lose(run):
    width, history = run.config["MAX_ITEM_LIST_LENGTH"], [4, 9, 4, 2]
    row = {"user_id": torch.tensor([1]), "item_length": torch.tensor([4])}
    row["item_id_list"] = torch.tensor([history + [0] * (width - 4)])
    scores, lost = shares(run.model, Interaction(row), "item_id_list", "item_length")
    whole = scores_of(run.model, history, width)
    torch.testing.assert_close(scores, whole)
    for place in range(4):
        left = scores_of(run.model, history[:place] + history[place + 1 :], width)
        torch.testing.assert_close(lost[place], whole - left, atol=1e-5, rtol=1e-4)


def test_the_items_of_users_are_the_best_new_ones(run):
    dataset, explained = dataset_of(run.test_data), explained_items(run)
    assert len({one.user for one in explained}) == 5
    width = run.config["MAX_ITEM_LIST_LENGTH"]
    for one in explained:
        user = dataset.token2id("user_id", one.user)
        (place,) = (dataset.inter_feat["user_id"] == user).nonzero()[:, 0].tolist()
        length = int(dataset.inter_feat["item_length"][place])
        history = dataset.inter_feat["item_id_list"][place][:length].tolist()
        scores = scores_of(run.model, history, width)
        scores[[0, *history]] = -torch.inf
        assert dataset.id2token("item_id", int(scores.argmax())) == one.item
        assert {*one.because} <= {dataset.id2token("item_id", item) for item in history}
        assert one.shares == sorted(one.shares, reverse=True) and min(one.shares) > 0
