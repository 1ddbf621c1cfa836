"""A user's own items are left out of validation and test, and nothing else is."""

import numpy as np
import pytest
from recbole.data.dataloader import FullSortEvalDataLoader

from recbole_fn.data.loaders import dataset_of
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ROOT, fit, pieces

RECBOLE_CE = {"fn_enabled": False, "loss_type": "CE", "train_neg_sample_args": None}
ARMS = {"flip": {}, "off": {"fn_strategy": "off"}, "recbole": RECBOLE_CE}
METRICS = {"metrics": ["Recall", "NDCG", "MRR"], "metric_decimal_place": 17}


def whole_histories():
    """Items of each user in the order of time, read from the file."""
    lines = (ROOT / "dataset" / "tiny" / "tiny.inter").read_text().splitlines()[1:]
    rows = sorted((line.split("\t") for line in lines), key=lambda row: float(row[2]))
    histories = {}
    for user, item, _ in rows:
        histories.setdefault(user, []).append(item)
    return histories


def hidden(run, data):
    """The items that are hidden from each user's ranking, by tokens."""
    found, name = {}, run.dataset.id2token
    for interaction, (rows, items), _, _ in data:
        for row, user in enumerate(interaction["user_id"]):
            of_user = items[rows == row].tolist()
            found[name("user_id", user.item())] = sorted(name("item_id", of_user))
    return found


@pytest.mark.parametrize("arm", ARMS)
def test_what_is_hidden_is_what_the_user_had_before(arm):
    run = pieces(**ARMS[arm], fn_eval_exclude="history", eval_batch_size=7)
    histories = whole_histories()
    for data, last in ((run.valid_data, 2), (run.test_data, 1)):
        found = hidden(run, data)
        assert found.keys() == histories.keys()
        for user, items in histories.items():
            assert found[user] == sorted(set(items[:-last]) - {items[-last]})


@pytest.mark.slow
@pytest.mark.parametrize("arm", ARMS)
def test_metrics_are_those_of_ranking_what_the_user_has_not_had(arm):
    keys = {**METRICS, **ARMS[arm], "fn_eval_with": "student"}
    run = pieces(**keys, fn_eval_exclude="history")
    fit(run)
    found = run.trainer.evaluate(run.test_data, load_best_model=False)
    assert run.trainer.evaluate(run.valid_data, load_best_model=False) != found
    ids, ranks = run.dataset.field2token_id["item_id"], []
    histories = {user: [ids[item] for item in had] for user, had in whole_histories().items()}
    run.model.eval()
    for interaction, _, _, targets in FullSortEvalDataLoader(
        run.config, dataset_of(run.test_data), None
    ):
        users = run.dataset.id2token("user_id", interaction["user_id"])
        for user, target, scores in zip(
            users, targets, run.model.full_sort_predict(interaction), strict=False
        ):
            rivals = sorted(set(range(1, len(ids))) - set(histories[user]))
            ranks.append(1 + int((scores[rivals] > scores[target]).sum()))
    ranks = np.array(ranks)
    top = ranks <= 10
    assert found["recall@10"] == pytest.approx(top.mean())
    assert found["ndcg@10"] == pytest.approx(np.where(top, 1 / np.log2(1 + ranks), 0).mean())
    assert found["mrr@10"] == pytest.approx(np.where(top, 1 / ranks, 0).mean())


@pytest.mark.slow
def test_training_is_the_same_whatever_the_evaluation_leaves_out():
    losses = []
    for excluded in (None, "history"):
        run = pieces(fn_eval_exclude=excluded, fn_start=1)
        fit(run)
        losses.append(run.trainer.train_loss_dict)
    assert losses[0] == losses[1] and len(losses[0]) == 3


@pytest.mark.slow
def test_candidates_leave_histories_out_already():
    scores = []
    for excluded in (None, "history"):
        run = pieces(fn_eval_candidates=9, fn_eval_exclude=excluded)
        fit(run)
        scores.append(run.trainer.evaluate(run.test_data, load_best_model=False))
    assert scores[0] == scores[1]


@pytest.mark.parametrize("keys", [{}, RECBOLE_CE])
@pytest.mark.parametrize("hiding", [{"fn_eval_candidates": 5}, {"fn_eval_exclude": "history"}])
def test_a_mode_that_samples_by_itself_is_refused(keys, hiding):
    args = {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "uni10"}
    ((key, value),) = hiding.items()
    with pytest.raises(InputError, match=f"{key} is {value} .*uni10.*the mode must be full"):
        pieces(**keys, **hiding, eval_args=args)


def test_without_the_key_recboles_loader_stays():
    run = pieces(**RECBOLE_CE)
    assert type(run.test_data) is FullSortEvalDataLoader
