"""Rows of each setting equal a naive loop; validation and test never change."""

import pandas as pd
import pytest
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation

from recbole_fn.data.loaders import dataset_of, sampler_of
from tests.feedback import reference
from tests.feedback.made_up import built, lines, log_of, rows_of, write
from tests.helpers.runs import SMALL, fit

SETTINGS = [(t, i) for t in ("ignore", "exclude", "negative") for i in ("positive", "all")]


def naive(rated, targets, inputs):
    """The rows of training, validation and test."""
    parts = [], [], []
    for user, events in reference.interactions_by_user(log_of(rated)).items():
        held_out = reference.leave_one_out(reference.rows_of_user(events, inputs, 6))[1:]
        train = reference.training_rows(events, targets, inputs, 6)
        for part, rows in zip(parts, (train, *held_out), strict=True):
            part += [(user, tuple(history), target) for history, target, _ in rows]
    return [sorted(part) for part in parts]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("targets", "inputs"), SETTINGS)
def test_rows_equal_a_naive_loop(seed, targets, inputs, tmp_path):
    rated = lines(seed)
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_targets=targets, fn_feedback_inputs=inputs)
    loaders = run.train_data, run.valid_data, run.test_data
    assert [rows_of(loader) for loader in loaders] == naive(rated, targets, inputs)
    assert len(dataset_of(run.test_data)) > 1


def test_validation_and_test_targets_are_the_same_in_every_setting(tmp_path):
    write(tmp_path, lines(4))
    held_out = set()
    for targets, inputs in SETTINGS:
        run = built(tmp_path, fn_feedback_targets=targets, fn_feedback_inputs=inputs)
        rows = [rows_of(loader) for loader in (run.valid_data, run.test_data)]
        held_out.add(str([[(user, target) for user, _, target in part] for part in rows]))
    assert len(held_out) == 1


SPLITS = [{"LS": "valid_and_test"}, {"RS": [0.6, 0.2, 0.2]}, {"TS": [0.6, 0.2, 0.2]}]


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_positives_only_is_recbole_on_a_file_without_the_others(split, tmp_path):
    rated = lines(5)
    write(tmp_path, rated)
    keys = {"eval_args": {"split": split, "order": "TO", "mode": "full", "group_by": "user"}}
    ours = built(tmp_path, fn_feedback_targets="exclude", fn_feedback_inputs="positive", **keys)
    write(tmp_path, [line for line in rated if line[2] in ("4", "5")])
    keys |= {"data_path": str(tmp_path), "MAX_ITEM_LIST_LENGTH": 6, "fn_whole_times": True}
    keys["train_neg_sample_args"] = None
    config = Config("SASRec", "rated", config_dict={**SMALL, **keys})
    theirs = data_preparation(config, create_dataset(config))
    for loader, expected in zip((ours.train_data, ours.valid_data, ours.test_data), theirs):
        assert rows_of(loader) == rows_of(expected)


@pytest.mark.slow
@pytest.mark.parametrize(("targets", "inputs"), SETTINGS)
@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_no_feedback_of_a_held_out_time_is_in_training(split, targets, inputs, tmp_path):
    rated = [(u, f"{u}-{n}", r, t) for n, (u, _, r, t) in enumerate(lines(6))]  # each item once
    write(tmp_path, rated)
    times = {item: time for _, item, _, time in rated}
    run = built(
        tmp_path,
        fn_feedback_targets=targets,
        fn_feedback_inputs=inputs,
        eval_args={"split": split, "order": "TO", "mode": "full", "group_by": "user"},
    )
    last = {}
    for user, history, target in rows_of(run.train_data):
        assert all(times[item] <= times[target] for item in history)
        last[user] = max(last.get(user, 0), times[target])
    held_out = rows_of(run.valid_data) + rows_of(run.test_data)
    assert all(last.get(user, 0) <= times[target] for user, _, target in held_out)


def test_times_of_all_rows_are_those_of_the_file(tmp_path):
    rated = [(u, f"{u}-{n}", r, t) for n, (u, _, r, t) in enumerate(lines(7))]
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_inputs="all", normalize_all=False)
    times = {item: time for _, item, _, time in rated}
    for loader in (run.train_data, run.valid_data, run.test_data):
        dataset = dataset_of(loader)
        rows = dataset[:]
        tokens = dataset.id2token("item_id", rows["item_id"])
        assert rows["timestamp"].tolist() == [times[token] for token in tokens]
        listed = dataset.id2token("item_id", rows["item_id_list"][:, 0])
        assert rows["timestamp_list"][:, 0].tolist() == [times[token] for token in listed]


@pytest.mark.parametrize("also", [None, ["full"]])
@pytest.mark.parametrize(("targets", "inputs"), SETTINGS)
def test_rankings_leave_out_all_that_was_had_before_the_target(targets, inputs, also, tmp_path):
    rated = lines(8)
    write(tmp_path, rated)
    keys = {"fn_feedback_targets": targets, "fn_feedback_inputs": inputs, "fn_eval_also": also}
    run = built(tmp_path, fn_eval_exclude="history", **keys)
    had, disliked = reference.interactions_by_user(log_of(rated)), 0
    for part, loader in ((-2, run.valid_data), (-1, run.test_data)):
        tokens = dataset_of(loader).field2id_token
        for rows, excluded, _, items in loader:
            if also is not None:
                excluded = loader.rankings.main.excluded(rows, items)
            pairs = list(zip(*(ids.tolist() for ids in excluded), strict=True))
            for row, user in enumerate(tokens["user_id"][rows["user_id"]]):
                events = had[user]
                place = reference.rows_of_user(events, "all", 99)[part][2]
                found = {tokens["item_id"][item] for one, item in pairs if one == row}
                assert found == {item for item, _ in events[:place]} - {events[place][0]}
                disliked += any(kind == "negative" for _, kind in events[:place])
    assert disliked > 5


@pytest.mark.parametrize("inputs", ["positive", "all"])
def test_candidates_are_items_that_the_user_has_not_even_disliked(inputs, tmp_path):
    rated = lines(8)
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_inputs=inputs, fn_eval_candidates=15)
    dataset, had = dataset_of(run.test_data), reference.interactions_by_user(log_of(rated))
    candidates, every = run.test_data.rankings.main.candidates, {f"i{n}" for n in range(15)}
    for user in dataset.inter_feat["user_id"].tolist():
        events = had[dataset.field2id_token["user_id"][user]]
        last = reference.rows_of_user(events, "all", 99)[-1][2]
        found = set(dataset.field2id_token["item_id"][candidates[user].numpy()]) - {"[PAD]"}
        assert found == every - {item for item, _ in events[: last + 1]}


def test_training_draws_negative_items_unless_they_are_targets(tmp_path):
    rated = lines(9)
    write(tmp_path, rated)
    for targets, may_draw in (("ignore", False), ("exclude", True)):
        run = built(tmp_path, fn_feedback_targets=targets, fn_feedback_inputs="all")
        dataset = dataset_of(run.train_data)
        log, until = dataset.fn_log, dataset.fn_log.until(dataset.inter_feat["fn_place"])
        negative = set(log.pairs(until & log.is_negative, dataset.item_num).tolist())
        positive = set(log.pairs(until & log.is_positive, dataset.item_num).tolist())
        known = set(sampler_of(run.train_data).histories.pairs.tolist())
        assert positive <= known
        assert (negative - positive).isdisjoint(known) is may_draw


@pytest.mark.slow
def test_a_token_column_and_lists_of_values(tmp_path):
    events = {"1": "skip", "2": "skip", "3": "half", "4": "play", "5": "like", "": ""}
    rated = lines(10)
    write(tmp_path, rated)
    path = tmp_path / "rated" / "rated.inter"
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    table["event:token"] = table.pop("rating:float").map(events)
    table.to_csv(path, sep="\t", index=False)
    for negative, neutral in ((["skip"], "== half"), ("== skip", ["half"])):
        run = built(
            tmp_path,
            fn_feedback_field="event",
            fn_feedback_negative=negative,
            fn_feedback_neutral=neutral,
            fn_feedback_targets="exclude",
            load_col={"inter": ["user_id", "item_id"]},  # the column is added
        )
        assert rows_of(run.train_data) == naive(rated, "exclude", "all")[0]


def test_off_is_off(tmp_path):
    write(tmp_path, lines(11))
    off = {"fn_feedback_field": None, "fn_feedback_negative": None, "fn_feedback_neutral": None}
    run = built(tmp_path, **off)
    dataset = dataset_of(run.train_data)
    assert type(dataset).__name__ == "FNSequentialDataset"
    assert not [field for field in dataset.inter_feat if field.startswith("fn_")]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["GRU4Rec", "BERT4Rec", "FPMC"])
def test_models_train_and_evaluate(model, tmp_path):
    write(tmp_path, lines(12, users=20))
    for targets in ("ignore", "negative"):
        run = built(tmp_path, model, fn_feedback_targets=targets)
        fit(run)
        result = run.trainer.evaluate(run.test_data, load_best_model=False)
        assert 0 <= result["ndcg@10"] <= 1
        assert torch.isfinite(next(run.model.parameters())).all()
