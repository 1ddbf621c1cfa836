"""Metrics of disliked held-out items equal a naive loop over users."""

import math

import pytest
import torch
from hypothesis import given, settings

from recbole_fn.config.type_checks import require_metric
from recbole_fn.data.loaders import dataset_of
from recbole_fn.feedback.held_out import HeldOutNegatives
from recbole_fn.utils.errors import InputError
from tests.feedback.made_up import built, events, lines, write
from tests.feedback.test_rows import log_of
from tests.helpers.runs import fit


def held_out_of(one, place):
    """New items with negative feedback between the target at `place` and the next positive."""
    found = []
    for later, (item, kind) in enumerate(one[place + 1 :], place + 1):
        if kind == "positive":
            break
        if kind == "negative" and item not in [earlier for earlier, _ in one[:later]]:
            found.append(item)
    return found


@given(events())
@settings(deadline=None)
def test_held_out_negatives_of_random_logs(users):
    log, begin, expected, targets = log_of(users), 0, [], []
    for one in users:
        for place, (_, kind) in enumerate(one):
            if kind == "positive":
                expected += [(len(targets), item) for item in held_out_of(one, place)]
                targets.append(begin + place)
        begin += len(one)
    rows, items = HeldOutNegatives.of(log, 7).of_targets(torch.tensor(targets).long())
    assert list(zip(rows.tolist(), items.tolist(), strict=True)) == expected


def naive_metrics(run, k):
    """All metrics by a loop over the test rows."""
    dataset = dataset_of(run.test_data)
    log, rows = dataset.fn_log, dataset[:]
    kinds = {1: "positive", 0: "neutral", -1: "negative"}
    run.model.eval()
    scores = run.model.full_sort_predict(rows).view(len(rows), -1).detach()
    scores[:, 0] = -torch.inf
    liked, disliked, wins = [], [], []
    for n, place in enumerate(rows["fn_place"].tolist()):
        of_user = log.users == log.users[place]
        begin = int(of_user.nonzero()[0])
        one = [
            (i, kinds[x]) for i, x in zip(log.items[of_user].tolist(), log.kinds[of_user].tolist())
        ]
        target = scores[n, log.items[place]]
        liked.append(1 + int((scores[n] > target).sum()))
        for item in held_out_of(one, place - begin):
            disliked.append(1 + int((scores[n] > scores[n, item]).sum()))
            wins.append(float(target > scores[n, item]))
    hit, gain = (lambda r: r <= k), (lambda r: (r <= k) / math.log2(r + 1))
    mean = lambda values: sum(values) / len(values)  # noqa: E731
    found = {"liked_above_disliked": mean(wins)}
    for name, one in (("hit", hit), ("ndcg", gain)):
        found[f"negative_{name}@{k}"] = mean([one(rank) for rank in disliked])
        found[f"{name}_difference@{k}"] = mean([one(rank) for rank in liked]) - mean(
            [one(rank) for rank in disliked]
        )
    return found


KEYS = {"metrics": ["Hit", "NDCG"], "topk": [5], "valid_metric": "NDCG@5", "fn_start": 9}


@pytest.mark.slow
def test_metrics_of_a_run_equal_a_loop(tmp_path):
    write(tmp_path, lines(30, users=40))
    run = built(tmp_path, fn_feedback_targets="exclude", metric_decimal_place=8, **KEYS)
    fit(run)
    result = run.trainer.evaluate(run.test_data, load_best_model=False)
    expected = naive_metrics(run, 5)
    assert {name: result[name] for name in expected} == pytest.approx(expected, abs=1e-6)
    for name in ("hit", "ndcg"):  # the liked items' part is RecBole's metric
        own = result[f"{name}_difference@5"] + result[f"negative_{name}@5"]
        assert own == pytest.approx(result[f"{name}@5"], abs=1e-6)


def test_beside_several_rankings_and_as_the_metric_of_validation(tmp_path):
    write(tmp_path, lines(30, users=40))
    keys = {**KEYS, "valid_metric": "liked_above_disliked", "fn_eval_also": ["unseen"]}
    run = built(tmp_path, **keys)
    score, result = fit(run)
    assert score == result["liked_above_disliked"]
    assert {"ndcg@5", "ndcg@5/unseen", "negative_hit@5"} <= set(result)


def test_disliked_items_have_ranks_in_the_main_ranking_whatever_others_there_are(tmp_path):
    write(tmp_path, lines(30, users=40))
    keys = {**KEYS, "fn_eval_exclude": "history", "metric_decimal_place": 8, "seed": 3}
    runs = [built(tmp_path, **keys, **more) for more in ({}, {"fn_eval_also": ["full", "uni5"]})]
    alone, beside = (run.trainer.evaluate(run.test_data, load_best_model=False) for run in runs)
    assert {name: beside[name] for name in alone} == alone
    for result in (alone, beside):
        own = result["hit_difference@5"] + result["negative_hit@5"]
        assert own == pytest.approx(result["hit@5"], abs=1e-6)
    assert beside["hit@5/full"] != beside["hit@5"]  # else all of it is one ranking


@pytest.mark.slow
def test_without_disliked_items_recboles_metrics_are_left(tmp_path, caplog):
    write(tmp_path, [(f"u{u}", f"i{n}", "5", n) for u in range(4) for n in range(6)])
    run = built(tmp_path, **KEYS)
    assert set(run.trainer.evaluate(run.test_data, load_best_model=False)) == {
        "hit@5",
        "ndcg@5",
        "user_coverage",
    }
    assert "No held-out target is followed by negative feedback" in caplog.text


def test_coverage_of_items_equals_a_loop_in_each_ranking(tmp_path):
    """RecBole's ItemCoverage, which divides by the items with the padding id."""
    write(tmp_path, lines(30, users=40))
    keys = {"metrics": ["ItemCoverage"], "topk": [2, 5], "metric_decimal_place": 8}
    keys |= {"valid_metric": "ItemCoverage@5", "fn_eval_also": ["unseen"], "fn_start": 9}
    run = built(tmp_path, fn_feedback_targets="exclude", **keys)
    score, best = fit(run)
    assert score == best["itemcoverage@5"]
    result = run.trainer.evaluate(run.test_data, load_best_model=False)
    dataset = dataset_of(run.test_data)
    log, rows = dataset.fn_log, dataset[:]
    run.model.eval()
    scores = run.model.full_sort_predict(rows).view(len(rows), -1).detach()
    for mark in ("", "/unseen"):
        lists = []
        for n, place in enumerate(rows["fn_place"].tolist()):
            earlier = [p for p in range(place) if log.users[p] == log.users[place]]
            had = {int(log.items[p]) for p in earlier}
            left_out = (had if mark else set()) - {int(log.items[place])}
            ranked = [i for i in range(1, dataset.item_num) if i not in left_out]
            lists.append(sorted(ranked, key=lambda i, row=scores[n]: -row[i]))
        for k in (2, 5):
            covered = {item for one in lists for item in one[:k]}
            expected = len(covered) / dataset.item_num
            assert result[f"itemcoverage@{k}{mark}"] == pytest.approx(expected, abs=1e-8)


@pytest.mark.slow
def test_coverage_of_users_counts_those_with_a_history(tmp_path):
    rated = lines(30, users=40)
    write(tmp_path, rated)
    users, found = {user for user, *_ in rated}, {}
    for inputs in ("positive", "all"):
        keys = {**KEYS, "fn_feedback_targets": "exclude", "metric_decimal_place": 8}
        run = built(tmp_path, fn_feedback_inputs=inputs, **keys)
        result = run.trainer.evaluate(run.test_data, load_best_model=False)
        found[inputs] = result["user_coverage"]
    likes = {user for user, _, rating, _ in rated if rating in ("4", "5")}
    assert found["positive"] == pytest.approx(len(likes) / len(users), abs=1e-8)
    assert found["all"] == 1 and "only-negative" in users - likes


def test_its_names_are_metrics_with_feedback_alone():
    keys = {"metrics": ["Hit"], "topk": [5], "fn_eval_also": None}
    keys["valid_metric"] = "Liked_above_disliked"
    require_metric({**keys, "fn_feedback_field": "rating"})
    with pytest.raises(InputError, match="valid_metric is 'Liked_above_disliked'; it must be"):
        require_metric({**keys, "fn_feedback_field": None})
