"""Lists equal RecBole's and a naive loop's; exclusion, ties and shorter lists."""

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from recbole.utils.case_study import full_sort_topk

import recbole_fn
from recbole_fn.recommendation import ranking
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.neighbours import similar
from tests.helpers.runs import ROOT, pieces
from tests.helpers.saved_runs import (
    lists,
    naive_list,
    saved_run,
    scores_of,
    tokens,
    whole_history,
)

FILE = ROOT / "dataset" / "tiny" / "tiny.inter"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run, path = saved_run(tmp_path_factory.mktemp("saved"), MAX_ITEM_LIST_LENGTH=8)
    run.trainer.fn_load_weights(path)
    return run, path, Loaded.from_file(path)


@pytest.mark.slow
def test_lists_until_validation_equal_those_of_recbole(trained):
    run, _, loaded = trained
    data = run.dataset
    users = data.token2id(data.uid_field, [f"u{n}" for n in range(80)])
    _values, items = full_sort_topk(users, run.model, run.test_data, k=7)
    ours = recbole_fn.recommend(loaded, k=7, exclude="none", until="valid")
    by_user = lists(ours)
    for row, user in enumerate(run.test_data.dataset.inter_feat[data.uid_field]):
        assert by_user[data.id2token(data.uid_field, int(user))] == tokens(run, items[row])
    assert len(by_user) == 80


def test_whole_histories_give_what_a_naive_loop_gives(trained):
    run, _, loaded = trained
    ours = recbole_fn.recommend(loaded, k=5)
    assert list(ours.columns) == ["user", "rank", "item", "score"]
    for user, got in lists(ours).items():
        history = whole_history(FILE, user)
        ids = list(run.dataset.token2id(run.dataset.iid_field, history))
        expected = naive_list(scores_of(run, ids), 5, excluded=ids)
        assert got == tokens(run, expected), user


def test_screening_gives_the_same_frames(trained, monkeypatch):
    _, _, loaded = trained
    options = [{}, {"exclude": "none", "k": 60}, {"items": ["i3", "i9", "i30"]}]
    options.append({"histories": {"a": ["i1"], "b": ["x"]}, "cold": "popular"})
    plain = [recbole_fn.recommend(loaded, **each) for each in options]
    monkeypatch.setattr(ranking, "is_worth_it", lambda num_items: True)
    for each, expected in zip(options, plain, strict=True):
        pd.testing.assert_frame_equal(recbole_fn.recommend(loaded, **each), expected, atol=1e-6)


def test_ranks_are_those_of_evaluation(trained):
    run, path, loaded = trained
    run.trainer.fn_load_weights(path)
    expected = run.trainer.evaluate(run.test_data, load_best_model=False)
    ours = lists(recbole_fn.recommend(loaded, k=10, exclude="none", until="valid"))
    targets = {user: whole_history(FILE, user)[-1] for user in ours}
    hits = [targets[user] in items for user, items in ours.items()]
    assert expected["recall@10"] == pytest.approx(np.mean(hits), abs=1e-4)


@pytest.mark.parametrize(("until", "kept"), [("train", -2), ("valid", -1), ("test", None)])
def test_histories_end_where_they_are_asked_to(trained, until, kept):
    _, _, loaded = trained
    queries = loaded.queries(until)
    for place, user in enumerate(loaded.user_tokens[queries.users]):
        _, items = queries.items_of(torch.tensor([place]))
        expected = whole_history(FILE, user)[:kept]
        assert list(loaded.item_tokens[items]) == expected


@pytest.mark.parametrize("group_by", ["user", "none"])
def test_until_validation_is_what_the_first_test_row_has_before_it(group_by):
    split = {"split": {"RS": [0.6, 0.2, 0.2]}, "group_by": group_by, "order": "TO", "mode": "full"}
    run = pieces(eval_args=split, MAX_ITEM_LIST_LENGTH=30)
    loaded = Loaded.of_model(run.config, run.model)
    queries, data = loaded.queries("valid"), run.test_data.dataset
    first = {}
    for row in range(len(data)):
        interaction = data[torch.tensor([row])]
        user, length = int(interaction[data.uid_field]), int(interaction["item_length"])
        if user not in first or length < len(first[user]):
            first[user] = interaction["item_id_list"][0, :length].tolist()
    ours = {int(user): n for n, user in enumerate(queries.users)}
    for user, items in first.items():
        assert queries.items_of(torch.tensor([ours[user]]))[1].tolist() == items
    assert len(first) > 40


def test_a_users_own_history_gives_the_users_list(trained):
    _, _, loaded = trained
    history = whole_history(FILE, "u3")
    theirs = recbole_fn.recommend(loaded, users=["u3"], k=4)
    given = {"u3": history, "new": [*history, "nothing"]}
    ours = recbole_fn.recommend(loaded, histories=given, k=4)
    assert lists(ours)["u3"] == lists(ours)["new"] == lists(theirs)["u3"]


def test_a_table_of_histories_is_in_the_order_of_its_times(trained):
    _, _, loaded = trained
    items = ["i1", "i4", "i9"]
    expected = lists(recbole_fn.recommend(loaded, histories={"s": items}, k=4))["s"]
    rows = {"user_id": "s", "item_id": items[::-1], "timestamp": ["100", "20", "3"]}
    pd.DataFrame(rows).to_csv("sessions.csv", index=False)
    assert lists(recbole_fn.recommend(loaded, histories="sessions.csv", k=4))["s"] == expected


def test_a_time_that_is_no_number_is_named_and_does_not_change_the_order_of_others(trained):
    _, _, loaded = trained
    rows = {"user_id": list("sst"), "item_id": ["i1", "i4", "i9"], "timestamp": ["10", "9", ""]}
    with pytest.raises(recbole_fn.InputError, match="1 of 3 times that are no numbers"):
        recbole_fn.recommend(loaded, histories=pd.DataFrame(rows))


def test_unknown_items_to_leave_out_are_counted(trained, caplog):
    _, _, loaded = trained
    expected = lists(recbole_fn.recommend(loaded, k=5, exclude=pd.DataFrame({"item": ["i1"]})))
    table = pd.DataFrame({"item": ["i1", "I17"]})
    assert lists(recbole_fn.recommend(loaded, k=5, exclude=table)) == expected
    assert "1 of 2 items of exclude are not in the data set, the first 'I17'" in caplog.text
    with pytest.raises(recbole_fn.InputError, match="2 of 2 items of exclude are not in the"):
        recbole_fn.recommend(loaded, exclude=pd.DataFrame({"item": ["I17", "I18"]}))


@pytest.mark.parametrize("k", [np.int64(2), np.uint8(2)])
def test_k_may_be_an_integer_of_numpy(trained, k):
    _, _, loaded = trained
    ours = recbole_fn.recommend(loaded, k=k)
    pd.testing.assert_frame_equal(ours, recbole_fn.recommend(loaded, k=2))
    pd.testing.assert_frame_equal(similar(loaded, "i7", k), similar(loaded, "i7", 2))


@pytest.mark.parametrize("k", [np.int64(0), np.float64(2), np.bool_(True), True, "2", None])
def test_k_that_is_no_integer_from_1_is_named(trained, k):
    for ask in (recbole_fn.recommend, partial(similar, item="i7")):
        with pytest.raises(recbole_fn.InputError, match=f"^k is {re.escape(repr(k))}; it must be"):
            ask(trained[2], k=k)


def test_users_come_in_the_order_that_they_are_asked_for(trained):
    _, _, loaded = trained
    assert list(lists(recbole_fn.recommend(loaded, users=["u7", "u1", "u7"]))) == ["u7", "u1"]


def test_items_and_exclusions(trained):
    _, _, loaded = trained
    all_items = [f"i{n}" for n in range(50)]
    whole = lists(recbole_fn.recommend(loaded, k=50, exclude="none"))
    pairs = pd.DataFrame({"user": ["u0", "nobody"], "item": [whole["u0"][0], "i1"]})
    pairs.to_csv("pairs.csv", index=False)
    without = lists(recbole_fn.recommend(loaded, k=50, exclude="pairs.csv"))
    assert without["u0"] == whole["u0"][1:] and without["u1"] == whole["u1"]
    assert len(whole["u0"]) == len(all_items)  # k may be larger than what is left
    few = lists(recbole_fn.recommend(loaded, k=50, exclude="none", items=["i3", "i9"]))
    assert few["u5"] == [item for item in whole["u5"] if item in ("i3", "i9")]
    pd.DataFrame({"item_id": whole["u0"][:40]}).to_parquet("sold_out.parquet")
    both = lists(recbole_fn.recommend(loaded, k=50, exclude="history,sold_out.parquet"))
    had = set(whole_history(FILE, "u0"))
    assert both["u0"] == [item for item in whole["u0"][40:] if item not in had]


def test_equal_scores_come_in_the_order_of_ids(trained):
    _, _, loaded = trained
    weight = loaded.model.item_embedding.weight
    before = weight.detach().clone()
    with torch.no_grad():
        weight[1:] = weight[1]
    ours = recbole_fn.recommend(loaded, users=["u0"], k=6, exclude="none")
    with torch.no_grad():
        weight.copy_(before)
    assert list(ours["item"]) == list(loaded.item_tokens[1:7]) and ours["score"].nunique() == 1


def test_a_cold_history_gets_popular_items_if_asked_for(trained, caplog):
    _, _, loaded = trained
    given = {"cold": ["x", "y"], "warm": ["i1", "z"]}
    ours = recbole_fn.recommend(loaded, histories=given, k=3, cold="popular")
    counts = pd.read_csv(FILE, sep="\t")["item_id:token"].value_counts()
    cold = ours[ours["user"] == "cold"]
    assert list(cold["score"]) == sorted(counts, reverse=True)[:3]
    assert list(counts[cold["item"]]) == list(cold["score"])
    assert "3 items of the histories are unknown: left out" in caplog.text
    only_cold = recbole_fn.recommend(loaded, histories={"cold": ["x"]}, k=3, cold="popular")
    assert list(only_cold["item"]) == list(cold["item"])


def test_a_history_without_items_is_cold(trained):
    _, _, loaded = trained
    given = {"none": [], 7: ["i1"], "unknown": ["x"], "7": ["i2"]}
    ours = recbole_fn.recommend(loaded, histories=given, k=3, cold="popular", exclude="none")
    assert list(lists(ours)) == ["none", "7", "unknown"]
    assert lists(ours)["none"] == lists(ours)["unknown"]
    both = recbole_fn.recommend(loaded, histories={"7": ["i1", "i2"]}, k=3, exclude="none")
    assert lists(ours)["7"] == lists(both)["7"]
    alone = recbole_fn.recommend(loaded, histories={"none": []}, k=3, cold="popular")
    assert lists(alone)["none"] == lists(ours)["none"]
    with pytest.raises(recbole_fn.InputError, match="1 of 2 histories .* the first 'none'; cold"):
        recbole_fn.recommend(loaded, histories={"a": ["i1"], "none": []})


@pytest.mark.slow
def test_a_prior_is_part_of_the_scores(tmp_path):
    keys = {"fn_prior": "followers", "fn_prior_args": {"weight": 3.0, "learn": False}}
    run, path = saved_run(tmp_path, epochs=1, **keys)
    data = run.test_data.dataset
    run.trainer.fn_load_weights(path)
    users = data.inter_feat[data.uid_field]
    _, items = full_sort_topk(users.numpy(), run.model, run.test_data, k=5)
    ours = lists(recbole_fn.recommend(path, k=5, exclude="none", until="valid"))
    with run.model.fn_own_scores():
        _, alone = full_sort_topk(users.numpy(), run.model, run.test_data, k=5)
    names = data.id2token(data.uid_field, users)
    assert [ours[name] for name in names] == [tokens(run, row) for row in items]
    assert not torch.equal(items, alone)


def test_cosines_are_the_scores_of_a_model_trained_by_them(tmp_path):
    run, path = saved_run(tmp_path, epochs=1, fn_score="cosine", fn_temperature=0.1)
    data = run.test_data.dataset
    run.trainer.fn_load_weights(path)
    users = data.inter_feat[data.uid_field]
    _, items = full_sort_topk(users.numpy(), run.model, run.test_data, k=5)
    ours = lists(recbole_fn.recommend(path, k=5, exclude="none", until="valid"))
    with run.model.fn_own_scores():
        _, dots = full_sort_topk(users.numpy(), run.model, run.test_data, k=5)
    names = data.id2token(data.uid_field, users)
    assert [ours[name] for name in names] == [tokens(run, row) for row in items]
    assert not torch.equal(items, dots)


@pytest.mark.slow
def test_a_checkpoint_of_plain_recbole_recommends(tmp_path):
    run, path = saved_run(tmp_path, epochs=1, fn_enabled=False, train_neg_sample_args=None)
    data = run.test_data.dataset
    run.model.load_state_dict(recbole_fn.checkpoint.load(path)["state_dict"])
    users = data.inter_feat[data.uid_field]
    _, items = full_sort_topk(users.numpy(), run.model, run.test_data, k=5)
    ours = lists(recbole_fn.recommend(path, k=5, exclude="none", until="valid"))
    names = data.id2token(data.uid_field, users)
    assert [ours[name] for name in names] == [tokens(run, row) for row in items]
    again = recbole_fn.recommend(recbole_fn.load_data_and_model(path), k=5)
    pd.testing.assert_frame_equal(again, recbole_fn.recommend(path, k=5))
