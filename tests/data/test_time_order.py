"""Interactions are in the order of their whole timestamps; ties keep the order of lines."""

import logging

import numpy as np
import pytest
import recbole.data
import torch
from recbole.config import Config

import recbole_fn
from tests.helpers.runs import ON, SMALL

HEAD = "user_id:token\titem_id:token\ttimestamp:float\n"
UNITS = {
    "seconds": lambda t: str(1_700_000_000 + t),
    "milliseconds": lambda t: str(1_700_000_000_000 + t),
    "microseconds": lambda t: str(1_700_000_000_000_000 + t),
    "nanoseconds": lambda t: str(1_700_000_000_000_000_000 + t),
    "fractions": lambda t: f"1700000000.1234{t:05d}",
    "exponents": lambda t: f"{1_700_000_000 + t}e-3",
    "negative": lambda t: str(t - 1_700_000_000),
}
LEAVE_ONE_OUT = {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full"}
BY_TIME = {"split": {"TS": [0.8, 0.1, 0.1]}, "order": "TO", "mode": "full"}
BY_RATIO = {"split": {"RS": [0.8, 0.1, 0.1]}, "order": "TO", "group_by": None, "mode": "full"}


def clicks(seed=0, users=40):
    """Lines (user, item, steps), out of order, with ties."""
    random = np.random.default_rng(seed)
    rows = [
        (f"u{user}", f"i{random.integers(30)}", int(step))
        for user in range(users)
        for step in random.integers(60, size=random.integers(4, 12))
    ]
    return [rows[at] for at in random.permutation(len(rows))]


def write(folder, rows, as_text):
    (folder / "own").mkdir(exist_ok=True)
    lines = [f"{user}\t{item}\t{as_text(step)}\n" for user, item, step in rows]
    (folder / "own" / "own.inter").write_text(HEAD + "".join(lines))


def splits(folder, model="SASRec", **keys):
    recbole_fn.register()
    base = {**SMALL, **ON, "data_path": str(folder), "state": "ERROR", **keys}
    return recbole.data.create_dataset(Config(model, "own", config_dict=base)).build()


def tokens_of(split):
    """For each row of a split: user, history and target, as tokens."""
    users, items = (split.field2id_token[field] for field in ("user_id", "item_id"))
    rows = split[torch.arange(len(split))]
    fields = ("user_id", "item_id_list", "item_length", "item_id")
    lists = zip(*(rows[field].numpy() for field in fields))
    return [
        (users[user], tuple(items[history[:length]]), items[target])
        for user, history, length, target in lists
    ]


def naive(rows, longest=SMALL["MAX_ITEM_LIST_LENGTH"]):
    """By a loop over the lines: each user's rows (history, target, steps) in order of time."""
    of_users = {}
    for user, item, step in rows:
        of_users.setdefault(user, []).append((step, item))
    built = {}
    for user, events in of_users.items():
        events.sort(key=lambda event: event[0])  # stable
        items = [item for _, item in events]
        built[user] = [
            (user, tuple(items[max(0, at - longest) : at]), items[at], events[at][0])
            for at in range(1, len(items))
        ]
    return built


def naive_leave_one_out(rows):
    parts = [], [], []
    for of_user in naive(rows).values():
        cut = [row[:3] for row in of_user]
        left_out = min(2, len(cut) - 1)
        parts[0].extend(cut[: len(cut) - left_out])
        for part, row in zip(parts[3 - left_out :], cut[len(cut) - left_out :]):
            part.append(row)
    return parts


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("normalize", [{}, {"normalize_all": True}])
def test_histories_and_targets_are_in_the_order_of_time(unit, normalize, tmp_path):
    rows = clicks()
    write(tmp_path, rows, UNITS[unit])
    for split, expected in zip(splits(tmp_path, **normalize), naive_leave_one_out(rows)):
        assert sorted(tokens_of(split)) == sorted(expected)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["seconds", "nanoseconds", "fractions"])
@pytest.mark.parametrize("model", ["SASRec", "DIEN", "GRU4RecF"])
def test_models_with_other_data_sets_and_losses(unit, model, tmp_path):
    rows = clicks(1)
    write(tmp_path, rows, UNITS[unit])
    keys = {"fn_enabled": False, "fn_whole_times": True, "train_neg_sample_args": None}
    kinds = "".join(f"i{n}\tk{n % 3}\n" for n in range(30))
    (tmp_path / "own" / "own.item").write_text("item_id:token\tclass:token\n" + kinds)
    for split, expected in zip(splits(tmp_path, model, **keys), naive_leave_one_out(rows)):
        assert sorted(tokens_of(split)) == sorted(expected)


@pytest.mark.parametrize("unit", ["seconds", "nanoseconds", "fractions"])
def test_a_split_at_a_time_is_at_that_time(unit, tmp_path):
    rows = clicks(2)
    write(tmp_path, rows, UNITS[unit])
    whole = [row for of_user in naive(rows).values() for row in of_user]
    border = np.percentile([row[3] for row in whole], 90)
    test = splits(tmp_path, eval_args=BY_TIME)[2]
    assert sorted(tokens_of(test)) == sorted(row[:3] for row in whole if row[3] > border)


@pytest.mark.parametrize("unit", ["seconds", "nanoseconds"])
def test_a_split_of_all_interactions_by_ratio_is_in_the_order_of_time(unit, tmp_path):
    rows = [(user, item, 60 * n + step) for n, (user, item, step) in enumerate(clicks(3))]
    rows = rows[::-1]
    write(tmp_path, rows, UNITS[unit])
    whole = [row for of_user in naive(rows).values() for row in of_user]
    expected = [row[:3] for row in sorted(whole, key=lambda row: row[3])]
    assert [row for split in splits(tmp_path, eval_args=BY_RATIO) for row in tokens_of(split)] == (
        expected
    )


def test_a_filter_by_time_and_others_leave_the_order_of_lines(tmp_path):
    rows = clicks(4)
    write(tmp_path, rows, UNITS["seconds"])
    kept = [row for row in rows if 5 <= row[2] < 50]
    built = splits(tmp_path, val_interval={"timestamp": "[1700000005,1700000050)"})
    for split, expected in zip(built, naive_leave_one_out(kept)):
        assert sorted(tokens_of(split)) == sorted(expected)


def test_ties_keep_the_order_of_lines_where_duplicates_are_dropped(tmp_path):
    rows = [(f"u{n % 9}", f"i{n // 9}", n // 90) for n in range(900)]
    write(tmp_path, rows, UNITS["seconds"])
    for split, expected in zip(splits(tmp_path, rm_dup_inter="first"), naive_leave_one_out(rows)):
        assert sorted(tokens_of(split)) == sorted(expected)


def test_a_numerical_feature_keeps_its_order_and_pairs(tmp_path):
    rows = clicks(5)
    write(tmp_path, rows, UNITS["seconds"])
    keys = {
        "numerical_features": ["timestamp"],
        "discretization": {"timestamp": {"method": "ED", "bucket": 5}},
    }
    built = splits(tmp_path, **keys)
    for split, expected in zip(built, naive_leave_one_out(rows)):
        assert sorted(tokens_of(split)) == sorted(expected)
    pairs = built[0].inter_feat["timestamp"]
    assert pairs.shape == (len(built[0]), 2) and set(pairs[:, 0].tolist()) == {1.0}


@pytest.mark.parametrize("eval_args", [LEAVE_ONE_OUT, BY_TIME, BY_RATIO])
@pytest.mark.parametrize("model", ["SASRec", "DIEN"])
def test_where_float32_holds_the_times_each_column_equals_recboles(model, eval_args, tmp_path):
    write(tmp_path, clicks(6), str)
    keys = {"eval_args": eval_args, "fn_enabled": False, "train_neg_sample_args": None}
    ours, theirs = (splits(tmp_path, model, **keys, fn_whole_times=on) for on in (True, False))
    for split, expected in zip(ours, theirs):
        for field, column in expected.inter_feat.interaction.items():
            if "neg" not in field:  # drawn anew
                assert split.inter_feat[field].dtype == column.dtype
                assert torch.equal(split.inter_feat[field], column), field


def test_plain_recbole_is_as_it_was_and_warns_once(tmp_path, caplog):
    rows = [("u0", f"i{n}", -n) for n in range(9)] + [("u1", f"i{n}", 200 * n) for n in range(9)]
    write(tmp_path, rows, UNITS["seconds"])
    keys = {"fn_enabled": False, "train_neg_sample_args": None}
    with caplog.at_level(logging.WARNING):
        plain = splits(tmp_path, **keys)
    warnings = [record.message for record in caplog.records if "float32" in record.message]
    assert len(warnings) == 1 and "1 users" in warnings[0]
    assert tokens_of(plain[2])[0][2] == "i8"  # the last line, which is the earliest click
    assert tokens_of(splits(tmp_path)[2])[0][2] == "i0"
